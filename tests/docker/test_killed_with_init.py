"""What is killed when init ends, on a real kernel: notes, `killed`, and `--strict-shutdown`."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.engine.docker.engine import DockerEngine
from runner.errors import TraceUnavailable
from runner.model.result import CaseResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Evidence, Failed, Passed
from runner.plan.load import load_cases
from runner.report.notes import notes
from runner.run.pipeline import new_run_id, run
from tests.docker.test_kernel_conditions import ROOT, Quiet

pytestmark = pytest.mark.docker

SCENARIO = """
name: {name}
container:
  build: {root}/images/field
  init: [tini, --, bash, -c, "{script}"]
  ready: {{logs: app ready}}
steps:
  - {step}: 5s
    expect: {{init: {init}, shutdown: {{escalated: false}}}}
"""
UNHEARD = "trap 'exit 0' TERM; /app & wait"
HEARD = "trap 'kill $!; exit 0' TERM; /app --ignore & wait"
EXECS = "exec /app"
GRACEFUL = "trap 'kill $!; wait; exit 0' TERM; /app --drain 200 & wait"


def stopped(
    script: str,
    folder: Path,
    address: str,
    *,
    strict: bool = False,
    evidence: Evidence = Evidence.KERNEL,
    step: str = "stop",
) -> CaseResult:
    """Stop or restart a container with a shell of that script below tini, and give the result."""
    path = folder / "stopped.yml"
    init = "{exited: 0}" if step == "stop" else "running"
    path.write_text(SCENARIO.format(name=step, root=ROOT, script=script, step=step, init=init))
    settings = Settings(run_id=new_run_id(), evidence=evidence, strict_shutdown=strict)
    engine = DockerEngine(address, settings.run_id)
    cases = load_cases([str(path)])
    try:
        ran = run(cases, engine=engine, settings=settings, forks=1, listener=Quiet())
    except TraceUnavailable as error:
        pytest.skip(error.what)
    finally:
        engine.close()
    return ran.cases[0]


@pytest.mark.parametrize("step", ["stop", "restart"])
def test_a_child_that_is_left_unheard_is_noted(
    step: str, tmp_path: Path, docker_address: str
) -> None:
    """Though all that was expected has come."""
    result = stopped(UNHEARD, tmp_path, docker_address, step=step)

    assert isinstance(result.verdict, Passed)
    killed = result.steps[0].killed
    assert killed is not None
    assert [(one.comm, one.argv, one.received) for one in killed.processes] == [
        ("app", "/app", False)
    ]
    (note,) = notes(result.steps[0])
    assert note.startswith("note: 1 process was killed when init ended (R14): ")
    assert note.endswith(" app. It had never received SIGTERM.")


def test_one_that_was_sent_the_signal_had_heard_it(tmp_path: Path, docker_address: str) -> None:
    """And lives on: then it is killed all the same."""
    killed = stopped(HEARD, tmp_path, docker_address).steps[0].killed

    assert killed is not None
    assert [(one.comm, one.received) for one in killed.processes] == [("app", True)]


@pytest.mark.parametrize("script", [EXECS, GRACEFUL], ids=["exec", "waits"])
def test_what_ends_by_itself_was_not_killed(
    script: str, tmp_path: Path, docker_address: str
) -> None:
    """In place of the shell, or awaited by it: no note, and strict or not it passes."""
    result = stopped(script, tmp_path, docker_address, strict=True)

    assert isinstance(result.verdict, Passed)
    assert list(notes(result.steps[0])) == []


@pytest.mark.parametrize("step", ["stop", "restart"])
def test_with_strict_shutdown_what_is_left_fails(
    step: str, tmp_path: Path, docker_address: str
) -> None:
    """Of a stop and of a restart."""
    verdict = stopped(UNHEARD, tmp_path, docker_address, strict=True, step=step).verdict

    assert isinstance(verdict, Failed)
    wrong = [one.expected for one in verdict.findings if not one.holds]
    assert wrong == ["shutdown with 0 processes killed (--strict-shutdown)"]


@pytest.mark.parametrize("script", [UNHEARD, EXECS, GRACEFUL], ids=["unheard", "exec", "waits"])
def test_without_the_trace_nothing_is_guessed(
    script: str, tmp_path: Path, docker_address: str
) -> None:
    """No note after an end that is not by SIGKILL; with `--strict-shutdown` it is errored."""
    plain = stopped(script, tmp_path, docker_address, evidence=Evidence.PROC)
    strict = stopped(script, tmp_path, docker_address, evidence=Evidence.PROC, strict=True)

    assert isinstance(plain.verdict, Passed)
    assert list(notes(plain.steps[0])) == []
    assert isinstance(strict.verdict, Errored)
    assert "--strict-shutdown" in strict.verdict.what
