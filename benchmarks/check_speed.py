"""
How fast files are checked.

1,000 generated files of 30 lines: `scenario-run --syntax-check` against check-jsonschema with our
published schema, in turn in one run. Goal: at most the same time. Against a bare parse of them by
PyYAML's C loader. Goal: at most 3 times the time. And `--version` against
`python -c "import yaml, pydantic"`. Goal: at most 1.5 times the time. No engine is needed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
BARE_PARSE = """\
import sys, yaml
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        yaml.load(file, yaml.CSafeLoader)
"""
TEXT = """\
name: scenario {number}
why: A stop must not take the whole grace period.
source: [signal(7), pid_namespaces(7)]
tags: [stop, generated]
container:
  image: debian:bookworm-slim
  init: [bash, -c, "trap 'exit 0' TERM; sleep 100 & wait"]
  environment:
    LOG_LEVEL: debug
    NUMBER: {number}
  stop_grace_period: 5s
  ready: {{logs: ready}}
steps:
  - name: nothing from inside ends it
    signal: {{send: SIGKILL, to: init, from: inside}}
    expect:
      accepted: true
      init: running
      for: 200ms
  - name: the list
    exec: [ps, -e]
    expect: {{exec: {{exit: 0, stdout: bash}}}}
  - name: zombies
    expect:
      processes: {{alive: {{at_least: 1, at_most: 5}}, zombies: 0}}
  - name: stop
    stop: {{grace: 5s}}
    expect:
      init: {{exited: [0, 143]}}
      shutdown: {{at_most: 2s, escalated: false}}
"""


def seconds(*command: object) -> float:
    """Run a command; give how long it took."""
    began_s = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return time.monotonic() - began_s


def compare(name: str, ours: list[object], theirs: list[object], *, rounds: int) -> float:
    """Measure two commands in turn; give the median of our time divided by theirs."""
    ratios: list[float] = []
    for _ in range(rounds):
        theirs_s, ours_s = seconds(*theirs), seconds(*ours)
        ratios.append(ours_s / theirs_s)
        print(f"  {name}: ours {ours_s:.3f} s, theirs {theirs_s:.3f} s, ratio {ratios[-1]:.2f}")
    return statistics.median(ratios)


def main() -> int:
    """Measure, print, and say whether the goals are reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    schema = ROOT / "schemas" / "scenario.v1.json"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(given.files):
            text = TEXT.format(number=number)
            (folder / f"{number:04}.yml").write_text(text, encoding="utf-8")
        check = compare(
            f"{given.files} files",
            [BIN / "scenario-run", "--syntax-check", folder],
            [BIN / "check-jsonschema", "--schemafile", schema, *sorted(folder.iterdir())],
            rounds=given.rounds,
        )
        parse = compare(
            f"a bare parse of {given.files} files",
            [BIN / "scenario-run", "--syntax-check", folder],
            [sys.executable, "-c", BARE_PARSE, *sorted(folder.iterdir())],
            rounds=given.rounds * 3,
        )
    version = compare(
        "--version",
        [BIN / "scenario-run", "--version"],
        [sys.executable, "-c", "import yaml, pydantic"],
        rounds=given.rounds * 3,
    )
    print(
        f"median ratios: {check:.2f} (goal: at most 1), {parse:.2f} (goal: at most 3), "
        f"{version:.2f} (goal: at most 1.5)"
    )
    return 0 if check <= 1 and parse <= 3 and version <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
