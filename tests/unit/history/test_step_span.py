"""A step and what came of it: when it took effect, and whether a stop escalated."""

from __future__ import annotations

import pytest

from runner.history.step_span import StepSpan, with_fact, with_kernel_fact
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import EngineSent, InitEnded, StopAnswered
from runner.model.kernel_facts import SignalGenerated
from runner.model.observation import Observation, StepActed, StopRequested
from runner.model.step import Sender
from tests.support.facts import MS, RUNTIME, generated, sent

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
