"""
What the runner costs on top of the engine.

Two measurements, each against the same engine in the same run:

1. Single-signal cases (create, start, one exec, one signal, end, remove; no quiet period): once
   through raw docker-py calls, once through the whole of scenario-run, reports included. The two
   take turns, so that noise hits both. Goal: the runner reaches at least 0.9 of the raw rate.
2. One case with 40 signals against one `docker exec kill` for each signal. Goal: at least 3
   times faster.

Run it with an engine that answers: `make bench`. It prints ratios; absolute times vary with the
machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from docker.api.client import APIClient

from runner.cli import main as cli
from runner.engine.docker.address import engine_address, open_client
from runner.engine.docker.images import ensure_image
from runner.model.container import BuiltImage

IMAGES = Path(__file__).parent.parent / "images"
SINGLE_SIGNAL = """\
name: single signal {number}
container: {{build: {image}, init: [/c-init-sig]}}
steps:
  - signal: SIGTERM
    expect: {{init: {{exited: 0}}}}
"""
MANY_SIGNALS = """\
name: forty signals
container: {{build: {image}, init: [/c-init-nosig]}}
steps:
  - signal: {{send: SIGTERM, from: inside, times: {count}}}
    expect: {{accepted: true}}
"""


def raw_case(client: APIClient, image: str) -> None:
    """One single-signal case by the engine's calls alone."""
    host_config = client.create_host_config(network_mode="none")
    made = client.create_container(image, entrypoint=["/c-init-sig"], host_config=host_config)
    try:
        client.start(made)
        started = client.exec_create(made, ["true"])
        client.exec_start(started["Id"])
        client.kill(made, 15)
        if client.wait(made)["StatusCode"] != 0:
            sys.exit("the raw case did not end as it should")
    finally:
        client.remove_container(made, force=True)


def raw_round(client: APIClient, image: str, *, cases: int, workers: int) -> float:
    """Run that many raw cases; give the seconds."""
    began_s = time.monotonic()
    with ThreadPoolExecutor(workers) as executor:
        list(executor.map(lambda _: raw_case(client, image), range(cases)))
    return time.monotonic() - began_s


def runner_round(folder: Path, *, workers: int) -> float:
    """Run the files of the folder through the whole program; give the seconds."""
    began_s = time.monotonic()
    arguments = [str(folder), "--forks", str(workers), "--report-dir", str(folder / "reports")]
    code = cli.main(arguments)
    if code != 0:
        sys.exit(f"scenario-run ended with {code}")
    return time.monotonic() - began_s


def raw_execs(client: APIClient, image: str, *, count: int) -> float:
    """One container, and one exec for each signal."""
    host_config = client.create_host_config(network_mode="none")
    made = client.create_container(image, entrypoint=["/c-init-nosig"], host_config=host_config)
    began_s = time.monotonic()
    try:
        client.start(made)
        for _ in range(count):
            one = client.exec_create(made, ["kill", "-TERM", "1"])
            client.exec_start(one["Id"])
    finally:
        client.remove_container(made, force=True)
    return time.monotonic() - began_s


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the program's own output away from the figures."""
    real, sys.stdout = sys.stdout, open("/dev/null", "w")  # noqa: PTH123, SIM115
    try:
        yield
    finally:
        sys.stdout.close()
        sys.stdout = real


def in_turn(rounds: int, raw: Callable[[], float], runner: Callable[[], float]) -> list[float]:
    """Measure both in turn; give raw time / runner time of each round."""
    ratios = []
    for number in range(rounds):
        # The one that goes first changes, so that neither always meets the warmer machine.
        if number % 2:
            runner_s, raw_s = runner(), raw()
        else:
            raw_s, runner_s = raw(), runner()
        ratios.append(raw_s / runner_s)
        print(f"  raw {raw_s:6.2f} s   scenario-run {runner_s:6.2f} s   ratio {ratios[-1]:.2f}")
    return ratios


def single_signals(
    client: APIClient, image: str, *, cases: int, rounds: int, workers: int
) -> float:
    """Compare single-signal cases; give the median ratio of the rates."""
    print(f"{cases} single-signal cases, {workers} at a time:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = "---\n".join(
            SINGLE_SIGNAL.format(number=number, image=IMAGES / "sig-proc")
            for number in range(cases)
        )
        (folder / "single.yml").write_text(text, encoding="utf-8")

        def runner() -> float:
            with quiet():
                return runner_round(folder, workers=workers)

        ratios = in_turn(
            rounds, lambda: raw_round(client, image, cases=cases, workers=workers), runner
        )
    return statistics.median(ratios)


def many_signals(client: APIClient, image: str, *, count: int, rounds: int) -> float:
    """Compare one case of many signals with one exec a signal; give the median ratio."""
    print(f"one case of {count} signals, against one exec for each:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = MANY_SIGNALS.format(count=count, image=IMAGES / "sig-proc")
        (folder / "many.yml").write_text(text, encoding="utf-8")

        def runner() -> float:
            with quiet():
                return runner_round(folder, workers=1)

        ratios = in_turn(rounds, lambda: raw_execs(client, image, count=count), runner)
    return statistics.median(ratios)


def main() -> int:
    """Measure, print, and say whether the goals are reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--cases", type=int, default=40, help="cases a round (default: 40)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: 5)")
    arguments = parser.parse_args()
    client = open_client(engine_address())
    image = ensure_image(client, BuiltImage("sig-proc", str(IMAGES / "sig-proc")), print)
    reached = True
    for workers in (1, 4):
        ratio = single_signals(
            client, image, cases=arguments.cases, rounds=arguments.rounds, workers=workers
        )
        reached &= ratio >= 0.9
        print(f"  median ratio at {workers}: {ratio:.2f} (goal: at least 0.90)\n")
    speedup = many_signals(client, image, count=40, rounds=arguments.rounds)
    reached &= speedup >= 3
    print(f"  median: {speedup:.1f} times faster (goal: at least 3)\n")
    print("all goals reached" if reached else "NOT all goals reached")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
