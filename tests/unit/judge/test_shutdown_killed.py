"""What `shutdown` says of the processes that the end of init has killed, and when."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import judge
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.case import Case
from runner.model.engine_facts import EngineSent, InitEnded, InitRestarted
from runner.model.expectation import Bounds, ShutdownWas
from runner.model.kernel_facts import Task
from runner.model.observation import (
    RestartRequested,
    StepActed,
    StepBegan,
    StepEnded,
    TraceReached,
)
from runner.model.step import Restart, Sender
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, execute, expect, send, step, stop
from tests.support.decided import STOPS, acts, before, decided, look
from tests.support.facts import MS, WORKER, process, sent
from tests.support.killed import DIES, ENDED, KNOWN, LEFT, NONE_KILLED, OTHER, teardown

ESCALATES = EngineSent(6001 * MS, SIGKILL)


@pytest.mark.parametrize(
    ("wanted", "number", "kind"),
    [
        (Bounds(0, 0), 0, Passed),
        (Bounds(0, 0), 1, Failed),
        (Bounds(1, 1), 0, Failed),
        (Bounds(1, 1), 1, Passed),
        (Bounds(1, 1), 2, Failed),
        (Bounds(at_most=1), 1, Passed),
        (Bounds(at_most=1), 2, Failed),
        (Bounds(at_least=2), 1, Failed),
        (Bounds(at_least=2), 2, Passed),
    ],
)
def test_the_number_of_the_killed_is_held_against_bounds(
    wanted: Bounds, number: int, kind: type
) -> None:
    """As any count; it is final once the trace is read past the end."""
    left = tuple(map(teardown, (WORKER, OTHER)[:number]))

    decision = decided(
        1130,
        stop(5.0, expect(ShutdownWas(killed=wanted))),
        *before(),
        *STOPS,
        *DIES,
        *left,
        *ENDED,
        KNOWN,
    )
    assert isinstance(decision, kind)


def test_killed_is_not_decided_before_the_trace_is_read_past_the_end() -> None:
    """None is not proof of none: what is missing is asked for. Too many are too many at once."""
    what = stop(5.0, expect(NONE_KILLED))
    facts = (*before(), *STOPS, *DIES, *ENDED)

    early = decided(1130, what, *facts, TraceReached(1105 * MS))
    assert isinstance(early, Undecided)
    assert early.trace_ns == 1110 * MS
    assert isinstance(decided(1130, what, *facts, KNOWN), Passed)
    assert isinstance(decided(1130, what, *facts, teardown(WORKER)), Failed)
    some = stop(5.0, expect(ShutdownWas(killed=Bounds(at_least=1))))
    assert isinstance(decided(1130, some, *facts, teardown(WORKER)), Undecided)


def test_of_a_restart_the_trace_is_asked_for_past_the_old_end() -> None:
    """Also where nothing of it has arrived yet that happened after what is known."""
    begun = (StepBegan(995 * MS, 0), RestartRequested(1000 * MS, 0, 5.0))
    anew = (InitEnded(1110 * MS, 0), InitRestarted(1200 * MS, 0), StepActed(1250 * MS, 0))
    what = step(Restart(5.0), expect(NONE_KILLED))

    early = decided(1300, what, *before(), *begun, *DIES, *anew, TraceReached(1105 * MS))
    assert isinstance(early, Undecided)
    assert early.trace_ns == 1110 * MS
    late = decided(1300, what, *before(), *begun, *DIES, *anew, TraceReached(1260 * MS))
    assert isinstance(late, Passed)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (ShutdownWas(killed=Bounds(0, 0), escalated=True), "not escalated"),
        (ShutdownWas(killed=Bounds(0, 0), took_s=Bounds(at_most=0.05)), "0.100 s, by the kernel's"),
        (NONE_KILLED, "not escalated, 1 process killed with init: 7 worker"),
    ],
)
def test_what_is_wrong_of_a_shutdown_is_said(check: ShutdownWas, words: str) -> None:
    """The others first."""
    decision = decided(1130, stop(5.0, expect(check)), *before(), *STOPS, *LEFT)

    assert isinstance(decision, Failed)
    assert words in decision.findings[0].seen


def test_only_so_many_names_are_said() -> None:
    """The others are counted."""
    many = [dataclasses.replace(WORKER, pid=one, host_pid=4000 + one) for one in range(10, 17)]
    facts = (*DIES, *map(teardown, many), *ENDED, KNOWN)
    decision = decided(1130, stop(5.0, expect(NONE_KILLED)), *before(), *STOPS, *facts)

    assert isinstance(decision, Failed)
    assert "7 processes killed with init: 10 worker, 11 worker" in decision.findings[0].seen
    assert decision.findings[0].seen.endswith("14 worker and 2 more")


def test_without_the_trace_killed_cannot_be_known() -> None:
    """A process may be born after any snapshot; but an escalation that must not be is wrong."""
    facts = (*before(traced=False), *STOPS, EngineSent(1001 * MS, SIGTERM))
    dead = (*facts, look(process(), at_ms=1050), InitEnded(1110 * MS, 0), KNOWN)

    decision = decided(3000, stop(5.0, expect(NONE_KILLED)), *dead)
    assert isinstance(decision, Errored)
    assert "run as root on the engine's machine" in decision.what
    both = stop(5.0, expect(ShutdownWas(killed=Bounds(0, 0), escalated=False)))
    assert isinstance(decided(9000, both, *facts, ESCALATES), Failed)


def test_where_the_trace_has_no_end_of_init_killed_cannot_be_known() -> None:
    """Though it was read past the engine's report of that."""
    what = stop(5.0, expect(NONE_KILLED))

    assert isinstance(decided(3000, what, *before(), *STOPS, *ENDED, KNOWN), Errored)


def test_an_end_after_another_step_counts_since_the_signal() -> None:
    """What was killed then is of the step that has asked init to end."""
    asks = acts(sent("TERM", sender=Sender.HOST))
    other = (StepBegan(1060 * MS, 1), StepActed(1061 * MS, 1))
    facts = (*before(), *asks, DIES[1], *other, DIES[2], teardown(WORKER), *ENDED, KNOWN)
    signal = asked_and_then_another()
    result = judge(signal, (*facts, StepEnded(1130 * MS, 1)), SETTINGS)

    assert isinstance(result.steps[1].verdict, Passed)
    before_it, at_it = (one.killed for one in result.steps)
    assert before_it is None
    assert at_it is not None
    assert [str(one) for one in at_it.processes] == ["7 worker"]


def asked_and_then_another() -> Case:
    """A signal to init, and a program that is executed while it ends."""
    counted = expect(ShutdownWas(killed=Bounds(1, 1)))
    return case(send("TERM"), execute("true", expectation=counted))


@pytest.mark.parametrize(
    ("left", "words"), [((), "0 processes killed with init"), ((WORKER,), "with init: 7 worker")]
)
def test_what_was_killed_is_named_where_there_is_any(left: tuple[Task, ...], words: str) -> None:
    """After how long the shutdown took."""
    what = stop(5.0, expect(ShutdownWas(killed=Bounds(0, 1))))
    facts = (*before(), *STOPS, *DIES, *map(teardown, left), *ENDED, KNOWN)

    decision = decided(1130, what, *facts)

    assert isinstance(decision, Passed)
    assert decision.findings[0].seen.endswith(words)
