"""What somebody else does to the container of a case is no fault of the container."""

from __future__ import annotations

import dataclasses

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.container import HOST_PID
from runner.model.engine_facts import EngineLost, EngineSent, InitEnded, Paused
from runner.model.expectation import InitIs, InitState
from runner.model.kernel_facts import ProcessExited, SignalGenerated
from runner.model.observation import EngineAnswered, Observation, TraceReached
from runner.model.step import Sender
from runner.model.verdict import Errored, Failed
from tests.support.cases import expect, pause
from tests.support.decided import STOPS, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, PROBE, RUNTIME, WORKER, generated, sent

RUNNING = expect(InitIs(InitState.RUNNING), within=1.0, stays=1.0)
END = 9_000
SENT = acts(sent("TERM", pid=7))
BY_HOST = generated("KILL", sender=RUNTIME, at_ms=1100)
ENDS = (ProcessExited(1110 * MS, INIT), InitEnded(1200 * MS, 137))
KNOWN = (TraceReached(END * MS), EngineAnswered(END * MS))


def said(*facts: Observation, **keys: object) -> str:
    """Return why the case cannot be judged; "" if it failed."""
    verdict = judged(END, RUNNING, *before(), *facts, *ENDS, *KNOWN, **keys).verdict  # type: ignore[arg-type]
    assert isinstance(verdict, Errored | Failed)
    return verdict.what if isinstance(verdict, Errored) else ""


@pytest.mark.parametrize("signal", [SIGTERM, SIGKILL])
def test_a_signal_that_no_step_has_sent_through_the_engine_is_somebody_elses(
    signal: type[SIGTERM],
) -> None:
    """As by `docker stop`, `docker kill` and `docker rm -f`."""
    found = said(*SENT, EngineSent(1100 * MS, signal))

    words = f"somebody else has sent {signal} to init from outside the container"
    assert found == f"this cannot be judged: {words}"


def test_the_signals_of_a_stop_and_of_a_signal_step_are_ours() -> None:
    """The stop signal, and SIGKILL after the grace period."""
    one = acts(sent("TERM", sender=Sender.HOST))
    two = (EngineSent(1001 * MS, SIGTERM), EngineSent(1100 * MS, SIGKILL))

    assert said(*one, EngineSent(1001 * MS, SIGTERM)) == ""
    assert said(*STOPS, *two) == ""


def test_what_comes_on_top_of_them_is_not() -> None:
    """Two signals after one, and three of a stop."""
    one = acts(sent("TERM", sender=Sender.HOST))
    two = (EngineSent(1001 * MS, SIGTERM), EngineSent(1100 * MS, SIGKILL))

    assert "SIGKILL" in said(*one, *two)
    assert "SIGTERM" in said(*STOPS, *two, EngineSent(1101 * MS, SIGTERM))


def test_a_process_of_the_host_that_kills_init_is_somebody_else() -> None:
    """Where no step has asked for it: the end of a shim makes the engine do so."""
    assert "somebody else has sent SIGKILL" in said(*SENT, BY_HOST)


@pytest.mark.parametrize(
    "fact",
    [
        generated("KILL", sender=PROBE, at_ms=1100),
        generated("KILL", sender=WORKER, at_ms=1100),
        generated("TERM", sender=RUNTIME, target=WORKER, at_ms=1100),
        generated("KILL", sender=RUNTIME, code=0x80, at_ms=1100),
        dataclasses.replace(BY_HOST, at_ns=1),
    ],
    ids=["probe", "inside", "to-another", "kernel", "before-the-start"],
)
def test_other_signals_are_not(fact: SignalGenerated) -> None:
    """From inside, to others, of the kernel, or of the runtime on its way in."""
    assert said(*SENT, fact) == ""


def test_what_comes_to_an_init_that_has_exited_is_not() -> None:
    """A runtime kills what may be left."""
    late = dataclasses.replace(BY_HOST, at_ns=1300 * MS)

    assert isinstance(
        judged(END, RUNNING, *before(), *SENT, *ENDS, late, *KNOWN).verdict,
        Failed,
    )


def test_the_signal_of_a_step_that_is_just_acting_is_ours() -> None:
    """The trace may be quicker than the engine's answer."""
    began, own, acted = acts(sent("KILL", sender=Sender.HOST))

    assert said(began, generated("KILL", sender=RUNTIME, at_ms=999), own, acted) == ""


def test_a_container_in_the_pid_namespace_of_the_host_may_send_signals_to_others() -> None:
    """Then the sender on the host may be one of the case."""
    assert said(*SENT, BY_HOST, pid=HOST_PID) == ""


def test_that_the_container_is_gone_comes_of_its_removal() -> None:
    """The engine does not know it any more; the cause is told."""
    kill = EngineSent(1100 * MS, SIGKILL)
    lost = EngineLost(1300 * MS, "cannot inspect the container: No such container", "")

    assert "somebody else has sent SIGKILL" in said(*SENT, kill, lost)


def test_a_pause_that_no_step_has_asked_for_is_somebody_elses() -> None:
    """One of a pause step is ours."""
    facts = (*before(traced=False), *SENT, look(at_ms=1010, until_ms=1100), Paused(1100 * MS))

    other, own = decided(1200, RUNNING, *facts), decided(END, pause(RUNNING), *facts)

    assert isinstance(other, Errored)
    assert other.what == "this cannot be judged: somebody else has paused the container"
    assert isinstance(own, Failed)
