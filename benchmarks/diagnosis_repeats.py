"""
Each diagnosis again and again on a busy machine, as `make repeats`.

The steps of each cure, asked of the container with the mistake, must fail with the number of the
diagnosis as the one reason; the scenarios of scenarios/mistakes, the cures among them, must pass.
Prints what was not so, and 1 if there is any; and reasons that are said in more than one way.

    python -m benchmarks.diagnosis_repeats --repeat 10 --evidence kernel --evidence proc
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.load import busy_loops
from tests.support.mistakes import MISTAKES, Mistake, decidable_by, mistake_of
from tests.support.twins import ROOT

_PASSED: Final = {"passed", "skipped"}


def claims(mistakes: list[Mistake], evidence: str) -> Iterator[dict[str, Any]]:
    """Yield what must fail, with the number at the beginning of its name."""
    for one in mistakes:
        if evidence in decidable_by(one.number):
            for turn, document in enumerate(one.claims_of_the_fixed(), start=1):
                yield {**document, "name": f"{one.number} {one.path.stem} {turn}"}


def run(folder: Path, repeat: int, evidence: str, *paths: Path) -> list[Mapping[str, Any]]:
    """Run scenarios so many times, and return the cases."""
    options = ["--evidence", evidence, "--repeat", str(repeat), "--report-dir", str(folder)]
    command = [sys.executable, "-m", "runner", *options, *map(str, paths)]
    subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
    stored = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    cases: list[Mapping[str, Any]] = stored["cases"]
    return cases


def wrong_of_claim(case: Mapping[str, Any]) -> str:
    """Return what is wrong with a case that must fail for one reason; "" if nothing is."""
    number = case["name"].split()[0]
    kind = case["verdict"]["kind"]
    if kind != "failed":
        return f"{kind}, not failed"
    found = [one["diagnosis"] for one in case["explanations"]]
    return "" if found == [number] else f"reasons {found}"


def reworded(cases: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each reason that is not always said in the same words, but for numbers."""
    texts: dict[str, set[str]] = {}
    for one in cases:
        said = "; ".join(" ".join(reason["sentences"]) for reason in one["explanations"])
        texts.setdefault(_plain(one), set()).add(re.sub(r"\d+(\.\d+)?", "N", said))
    for name, found in texts.items():
        if len(found) > 1:
            yield f"  said in {len(found)} ways: {name}"
            yield from (f"    {text}" for text in sorted(found))


def wrong_of_pair(case: Mapping[str, Any]) -> str:
    """Return what is wrong with a case that must pass; "" if nothing is."""
    kind = case["verdict"]["kind"]
    return "" if kind in _PASSED else f"{kind}, not passed"


def report(what: str, wrong: list[tuple[str, str]]) -> int:
    """Print how many were right and what was not; return how many were not."""
    false = Counter(one for one in wrong if one[1])
    print(f"{what}: {len(wrong) - false.total()} of {len(wrong)} right", flush=True)
    for (name, words), times in false.items():
        print(f"  {times} x {name}: {words}", flush=True)
    return false.total()


def main() -> int:
    """Run both kinds with each level of evidence; 1 if anything was false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--evidence", action="append", choices=["kernel", "proc", "engine"])
    parser.add_argument("--quiet", action="store_true", help="without two busy loops")
    parser.add_argument("files", nargs="*", type=Path, help="of scenarios/mistakes; default: all")
    asked = parser.parse_args()
    paths = [one.resolve() for one in asked.files] or MISTAKES
    mistakes = [mistake_of(path) for path in paths]
    false = 0
    with nullcontext() if asked.quiet else busy_loops(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").symlink_to(ROOT / "images")
        for evidence in asked.evidence or ["kernel", "proc", "engine"]:
            documents = list(claims(mistakes, evidence))
            if documents:
                claimed = folder / f"{evidence}.yml"
                claimed.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
                cases = run(folder / "claims", asked.repeat, evidence, claimed)
                wrong = [(_plain(one), wrong_of_claim(one)) for one in cases]
                false += report(f"{evidence}: mistakes that must fail", wrong)
                for line in reworded(cases):
                    print(line, flush=True)
        cases = run(folder / "pairs", asked.repeat, "auto", *paths)
        wrong = [(_plain(one), wrong_of_pair(one)) for one in cases]
        false += report("mistakes as they are shown, and cures", wrong)
    return 1 if false else 0


def _plain(case: Mapping[str, Any]) -> str:
    return str(case["name"]).split(" (run ")[0]


if __name__ == "__main__":
    sys.exit(main())
