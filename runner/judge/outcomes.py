"""
The nouns `delivered` and `outcome`: what became of the signals that were sent last.
"""

from __future__ import annotations

from runner.history.container_history import ContainerHistory
from runner.judge.aftermath import Aftermath
from runner.judge.fates import fates_of
from runner.judge.proc_fate import ADVICE
from runner.judge.sight import Sight, View
from runner.kernel.prediction import Outcome
from runner.kernel.signals import Signal
from runner.model.expectation import DeliveredWas, OutcomeWas
from runner.model.fate import SignalFate
from runner.model.verdict import Evidence

LASTING = {Outcome.DROPPED_INIT, Outcome.IGNORED, Outcome.PENDING, Outcome.REJECTED}
"""Outcomes that are seen by nothing happening."""


def aftermath(history: ContainerHistory, now_ns: int) -> Aftermath:
    """Give what is known of a container since it was acted on last."""
    span = history.signal_span
    return Aftermath(
        record=history.record if history.recorded else None,
        look=history.look if span is None else span.look,
        ended=history.ended if span is None else span.ended,
        now_ns=now_ns,
        processes=history.processes,
        shares_host=history.shares_host,
        complete=history.record_is_whole,
        record_ns=history.record_ns,
        system_calls=history.system_calls,
    )


def sight_of_delivery(check: DeliveredWas, view: View) -> Sight:
    """Hold `delivered` against what became of the signals."""
    fates = _fates(view, check.signal)
    if not fates:
        return _nothing_sent(view, check.signal)
    return _sight(fates, view, [one.delivered is check.delivered for one in fates])


def sight_of_outcome(check: OutcomeWas, view: View) -> Sight:
    """Hold `outcome` against what became of the signals, or that against what was foretold."""
    fates = _fates(view, check.signal)
    if not fates:
        return _nothing_sent(view, check.signal)
    if check.outcome is not None:
        return _sight(fates, view, [one.outcome is check.outcome for one in fates])
    unforetold = next((one for one in fates if one.predicted is None), None)
    if unforetold is not None:
        seen = f"nothing was foretold of {unforetold.signal}: its target was not looked at"
        return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)
    return _sight(fates, view, [one.as_predicted for one in fates])


def words_of_delivery(check: DeliveredWas) -> str:
    """Say what is expected."""
    what = str(check.signal) if check.signal is not None else "the signal"
    return f"{what} {'' if check.delivered else 'not '}delivered"


def words_of_outcome(check: OutcomeWas) -> str:
    """Say what is expected."""
    of = f" of {check.signal}" if check.signal is not None else ""
    return f"the outcome{of} " + (check.outcome.value if check.outcome else "that was foretold")


def _fates(view: View, signal: Signal | None) -> list[SignalFate]:
    """
    Give the fates of one signal of the step; None means those that were asked for.

    What an engine sends when the grace period is over was not.
    """
    sent = view.history.sent
    fates = fates_of(sent, aftermath(view.history, view.now_ns))
    ours = [one for one in sent if one.fact.pid > 0]
    pairs = zip(ours, fates, strict=True)
    return [
        fate for one, fate in pairs if (one.asked_for if signal is None else fate.signal == signal)
    ]


def _nothing_sent(view: View, signal: Signal | None = None) -> Sight:
    span = view.history.signal_span
    # What the engine sends in a stop is reported later than the stop is asked for.
    by_stop = span is not None and span.asked is not None and span.ended is None
    seen = f"no {signal or 'signal'} was sent to one process"
    return Sight(False, seen, Evidence.PROC, view.now_ns, final=not by_stop, known=False)


def _sight(fates: list[SignalFate], view: View, right: list[bool]) -> Sight:
    unknown = next((one for one in fates if one.outcome is None), None)
    if unknown is not None:
        final = unknown.final
        advice = f" ({ADVICE})" if final else ""
        seen = f"{unknown.signal}: {unknown.seen}{advice}"
        return Sight(False, seen, unknown.evidence, view.now_ns, final=final, known=False)
    wrong = next((one for one, fits in zip(fates, right, strict=True) if not fits), None)
    told = wrong or fates[-1]
    outcome = told.outcome.value if told.outcome else ""
    seen = f"{told.seen} ({outcome})"
    if wrong is not None:
        return Sight(False, seen, told.evidence, told.at_ns, final=told.final)
    final = all(one.final for one in fates)
    return Sight(True, seen, told.evidence, max(one.at_ns for one in fates), final=final)
