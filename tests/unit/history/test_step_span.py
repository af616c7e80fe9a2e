"""A step and what came of it: when it took effect, and whether a stop escalated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.step_span import StepSpan, with_fact, with_kernel_fact
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import EngineSent, InitEnded, StopAnswered
from runner.model.kernel_facts import Role, SignalGenerated
from runner.model.observation import Observation, StepActed, StopRequested
from runner.model.step import Sender
from tests.support.facts import (
    INIT,
    MS,
    PROBE,
    RUNTIME,
    WORKER,
    generated,
    process,
    sent,
    snapshot,
)

STOP = StopRequested(1000 * MS, 0, 5.0, None)


def span(*facts: Observation, traced: bool = True) -> StepSpan:
    """Fold facts into a step that began at 990 ms."""
    one = StepSpan(0, 990 * MS, sends=True, traced=traced)
    for fact in facts:
        by_trace = isinstance(fact, SignalGenerated)
        one = with_kernel_fact(one, fact) if by_trace else with_fact(one, fact, None)
    return one


@pytest.mark.parametrize(
    ("signals", "escalated"),
    [((SIGTERM,), False), ((SIGTERM, SIGKILL), True), ((SIGKILL,), False)],
)
def test_a_stop_escalates_with_its_second_signal(
    signals: tuple[Signal, ...], *, escalated: bool
) -> None:
    """SIGKILL as the stop signal is what was asked for."""
    reports = [EngineSent((1001 + at) * MS, one) for at, one in enumerate(signals)]

    one = span(STOP, *reports)

    assert one.escalated is escalated
    assert [one.asked_for for one in one.sent] == [True, False][: len(signals)]


def test_a_sigkill_of_ones_own_is_no_escalation() -> None:
    """Nobody has asked for a stop, whatever the engine reports."""
    one = span(sent("KILL", sender=Sender.HOST), EngineSent(1001 * MS, SIGKILL))

    assert not one.escalated


def test_a_signal_takes_effect_when_it_is_generated() -> None:
    """A slow engine may be asked long before that, and answer long after."""
    asked = sent("TERM", sender=Sender.HOST)
    acted = StepActed(asked.at_ns, 0)
    by_trace = generated("TERM", sender=RUNTIME, at_ms=1000.5)

    assert span(asked, acted, by_trace).effective_ns == by_trace.at_ns
    assert span(asked, acted).effective_ns == asked.answered_ns
    assert span(asked, acted, by_trace, traced=False).effective_ns == asked.answered_ns


def test_the_last_of_several_signals_counts() -> None:
    """Before it was sent, the step had not acted."""
    first, second = sent("TERM", at_ms=1000), sent("INT", at_ms=1100)
    record = (generated("TERM", at_ms=1000.1), generated("INT", at_ms=1100.1))
    again = (generated("INT", at_ms=1090.1), generated("INT", at_ms=1100.1))

    assert span(first, second, StepActed(0, 0), *record).effective_ns == record[1].at_ns
    assert span(second, second, StepActed(0, 0), *again).effective_ns == again[1].at_ns
    assert span(first, second).effective_ns is None


def test_a_stop_takes_effect_when_its_signal_was_sent() -> None:
    """By the record, by the engine's report; or when there was nothing to stop any more."""
    reported = EngineSent(1300 * MS, SIGTERM)
    by_trace = generated("TERM", sender=RUNTIME, at_ms=1290)

    assert span(STOP, StepActed(1000 * MS, 0)).effective_ns is None
    assert span(STOP, by_trace, reported).effective_ns == by_trace.at_ns
    assert span(STOP, reported).effective_ns == reported.at_ns
    assert span(STOP, InitEnded(1200 * MS, 0)).effective_ns == 1200 * MS
    assert span(STOP, StopAnswered(1400 * MS)).effective_ns == 1400 * MS


def test_without_the_record_the_last_signals_answer_counts() -> None:
    """And of a step that sends nothing, that it has acted."""
    first, second = sent("TERM", at_ms=1000), sent("INT", at_ms=1100)

    one = span(first, second, StepActed(1101 * MS, 0), traced=False)

    assert one.effective_ns == second.answered_ns
    assert span(StepActed(1101 * MS, 0)).effective_ns == 1101 * MS
    assert span(StepActed(1101 * MS, 1)).effective_ns is None


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"at_ns": STOP.at_ns}, True),
        ({"at_ns": STOP.at_ns - 1}, False),
        ({"code": -6}, True),
        ({"code": 1}, False),
        ({"sender": PROBE}, False),
        ({"sender": INIT}, False),
        ({"target": WORKER}, False),
    ],
)
def test_only_the_engines_signal_to_init_is_that_of_a_stop(
    change: dict[str, object], *, counts: bool
) -> None:
    """Not that of the probe, one to a child, one that the kernel sends, or one from before."""
    by_trace = generated("TERM", sender=RUNTIME, at_ms=1290)
    fact = replace(by_trace, **change)  # type: ignore[arg-type]
    reported = EngineSent(1300 * MS, SIGTERM)

    assert RUNTIME.role is Role.HOST
    assert span(STOP, fact, reported).effective_ns == (fact if counts else reported).at_ns
    assert span(STOP, fact, reported, traced=False).effective_ns == reported.at_ns


def test_of_a_stop_whichever_news_is_first_counts() -> None:
    """Init may have ended before the engine reports its signal, or answers."""
    news = (StopAnswered(1400 * MS), EngineSent(1300 * MS, SIGTERM), InitEnded(1200 * MS, 0))

    assert span(STOP, *news[:1]).effective_ns == 1400 * MS
    assert span(STOP, *news[:2]).effective_ns == 1300 * MS
    assert span(STOP, *news).effective_ns == 1200 * MS
    assert span(STOP, *news[:2], EngineSent(1350 * MS, SIGKILL)).effective_ns == 1300 * MS


def test_the_record_may_be_quicker_than_the_news_that_a_signal_was_sent() -> None:
    """The last one of several that are in the trace is that."""
    signal = sent("TERM", at_ms=1000)
    first, last = generated("TERM", at_ms=1000.1), generated("TERM", at_ms=1000.3)
    others = (generated("HUP", at_ms=1000.2), generated("HUP", at_ms=1000.4))

    one = span(first, others[0], last, others[1], signal, StepActed(0, 0))

    assert one.generated == last
    assert one.effective_ns == last.at_ns
    assert span(signal, last, others[1], StepActed(0, 0)).effective_ns == last.at_ns


def test_the_first_end_since_a_step_began_is_its_own() -> None:
    """A later one is that of an init that was started anew."""
    first, second = InitEnded(1100 * MS, 143), InitEnded(1900 * MS, 0)

    assert span(first, second).ended == first


def test_the_last_look_with_a_living_init_is_kept() -> None:
    """One with a zombie in its place, or without init, says nothing of what it has done."""
    living = snapshot(process(), at_ms=1000)
    dead = snapshot(process(state=ProcessState.ZOMBIE), at_ms=1100)
    without = snapshot(process(7, foreign=True), at_ms=1200)

    assert span(living, dead, without).snapshot == living
