"""What the kernel did with signals: what is wrong fails, and never passes with less evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runner.engine.docker.engine import DockerEngine
from runner.errors import TraceUnavailable
from runner.model.result import CaseResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Evidence, Failed
from runner.plan.load import load_cases
from runner.run.pipeline import new_run_id, run

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
SIG_PROC = f"build: {ROOT}/images/sig-proc, ready: {{logs: ready}}"
NOSIG = f"{{{SIG_PROC}, init: [/c-init-nosig]}}"


def shell(script: str) -> str:
    """Give a container whose init is bash with that script."""
    return f'{{{SIG_PROC}, init: [bash, -c, "{script}"]}}'


BELOW = shell("/c-init-nosig; sleep 0.3; exit 143")
FORWARDS = shell("trap 'kill -TERM $!; wait; exit 0' TERM; /c-init-sig & wait")
EXITS = shell("trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done")
INSIDE = "{send: SIGTERM, from: inside}"
KID = "{send: SIGTERM, to: {comm: c-init-nosig}}"

# What is expected wrongly: the container, the signal, the condition, and what must be said instead.
WRONG = {
    "delivered, though dropped": (NOSIG, INSIDE, "delivered: true", "discarded when it was sent"),
    "the host's, though dropped": (NOSIG, "SIGTERM", "delivered: true", "dropped_init"),
    "not delivered, though its handler ran": (
        FORWARDS,
        "SIGTERM",
        "delivered: false",
        "delivered to its handler",
    ),
    "init terminated, though dropped": (NOSIG, INSIDE, "outcome: terminated", "dropped_init"),
    "a child's, as init's": (BELOW, KID, "outcome: dropped_init", "(terminated)"),
    "terminated by a handler": (EXITS, "SIGTERM", "outcome: terminated", "(handler_runs)"),
    "forwarded, though nothing is": (
        NOSIG,
        "SIGTERM",
        "forwarded: SIGTERM",
        "not forwarded SIGTERM",
    ),
    "forwarded twice": (
        FORWARDS,
        "SIGTERM",
        "forwarded: {SIGTERM: {times: 2}}",
        "forwarded SIGTERM once",
    ),
    "forwarded to another": (
        FORWARDS,
        "SIGTERM",
        "forwarded: {SIGTERM: {to: {comm: nobody}}}",
        "not forwarded SIGTERM",
    ),
    "not forwarded, though it is": (
        FORWARDS,
        "SIGTERM",
        "forwarded: {SIGTERM: {times: 0}}, for: 1s",
        "SIGTERM once: to ",
    ),
    "killed, though it exited 143": (
        EXITS,
        "SIGTERM",
        "init: {killed_by: SIGTERM}",
        "exited by itself, with 143",
    ),
    "killed, though its child was": (
        BELOW,
        KID,
        "init: {killed_by: SIGTERM}",
        "exited by itself, with 143",
    ),
    "killed by another": (NOSIG, "SIGKILL", "init: {killed_by: SIGTERM}", "SIGKILL has ended init"),
    "received by init, which drops it": (
        NOSIG,
        INSIDE,
        "process: {pid: 1, received: SIGTERM}",
        "1 c-init-nosig has received nothing",
    ),
    "received by a child that nobody sent it": (
        BELOW,
        "SIGTERM",
        "process: {comm: c-init-nosig, received: SIGTERM}",
        "has received nothing",
    ),
    "nothing received, though it was": (
        BELOW,
        KID,
        "process: {comm: c-init-nosig, received: []}, for: 1s",
        "has received SIGTERM",
    ),
    "received another": (
        FORWARDS,
        "SIGTERM",
        "process: {comm: c-init-sig, received: SIGHUP}",
        "has received SIGTERM",
    ),
    "received it, but in another state": (
        EXITS.replace("exit 143", "echo caught"),
        "SIGTERM",
        "process: {pid: 1, received: SIGTERM, state: T}",
        "1 bash has state ",
    ),
}


class Quiet:
    """A listener that says nothing."""

    def note(self, line: str) -> None:
        """As `Listener.note`."""

    def progress(self, line: str) -> None:
        """As `Listener.progress`."""

    def started(self, case: object) -> None:
        """As `Listener.started`."""

    def finished(self, case: object) -> None:
        """As `Listener.finished`."""

    def result(self, result: object) -> None:
        """As `Listener.result`."""


def results(paths: Sequence[Path], address: str, evidence: Evidence) -> dict[str, CaseResult]:
    """Run files with a level of evidence; skip where that cannot be had."""
    run_id = new_run_id()
    engine = DockerEngine(address, run_id)
    settings = Settings(run_id=run_id, evidence=evidence)
    cases = load_cases([str(path) for path in paths])
    try:
        ran = run(cases, engine=engine, settings=settings, forks=4, listener=Quiet())
    except TraceUnavailable as error:
        pytest.skip(error.what)
    finally:
        engine.close()
    return {one.case.name: one for one in ran.cases}


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A file with all that is wrong, one scenario each."""
    path = tmp_path / "wrong.yml"
    path.write_text(
        "\n---\n".join(
            f'name: "{name}"\ncontainer: {container}\n'
            f"steps:\n  - signal: {signal}\n    expect: {{{condition}, within: 1s}}\n"
            for name, (container, signal, condition, _) in WRONG.items()
        ),
        encoding="utf-8",
    )
    return path


def test_what_is_wrong_fails_by_the_kernels_record(wrong: Path, docker_address: str) -> None:
    """It is neither passed nor errored, and what is said is what was seen."""
    told = results([wrong], docker_address, Evidence.KERNEL)

    for name, (*_, words) in WRONG.items():
        verdict = told[name].verdict
        assert isinstance(verdict, Failed), (name, verdict)
        seen = "; ".join(one.seen for one in verdict.findings if not one.holds)
        assert words in seen, name


def test_what_is_wrong_never_passes_without_the_record(wrong: Path, docker_address: str) -> None:
    """It fails, or is errored with advice."""
    told = results([wrong], docker_address, Evidence.PROC)

    for name in WRONG:
        verdict = told[name].verdict
        assert isinstance(verdict, Failed | Errored), (name, verdict)
        if isinstance(verdict, Errored):
            assert "run as root on the engine's machine" in verdict.what, (name, verdict)


SLICE = [
    "01-permission",
    "20-what-fork-and-exec-keep",
    "21-a-stopped-init",
    "25-waiting-for-a-signal-without-a-handler",
    "30-without-a-pid-namespace-of-its-own",
]


# Of another user's process nothing tells whether it waits for the signal: it may have taken it, and
# have ended by itself.
ONLY_BY_THE_RECORD = {"root with CAP_KILL may send signals to other users"}


@pytest.mark.parametrize("file", SLICE)
def test_what_passes_without_the_record_passes_with_it(file: str, docker_address: str) -> None:
    """A slice of the suite: less evidence may decide less, and nothing else."""
    path = ROOT / "scenarios" / "kernel" / f"{file}.yml"
    strong = results([path], docker_address, Evidence.KERNEL)
    weak = results([path], docker_address, Evidence.PROC)

    for name, one in weak.items():
        assert strong[name].verdict.kind == "passed", (name, strong[name].verdict)
        if name in ONLY_BY_THE_RECORD:
            assert isinstance(one.verdict, Errored), (name, one.verdict)
            assert "run as root on the engine's machine" in one.verdict.what
            continue
        assert one.verdict.kind == "passed", (name, one.verdict)
        for less, more in zip(one.steps, strong[name].steps, strict=True):
            skipped = less.verdict.kind == "skipped"
            assert (less.verdict.kind == more.verdict.kind) or skipped, (name, less.verdict)
            rests_on = {found.evidence for found in getattr(less.verdict, "findings", ())}
            assert Evidence.KERNEL not in rests_on
