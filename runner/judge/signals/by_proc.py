"""
What became of a signal where the kernel trace is not read: masks and states, where they decide.
"""

from __future__ import annotations

from runner.judge.signals.evidence_after import EvidenceAfter
from runner.judge.signals.inferred_outcome import InferredOutcome
from runner.judge.signals.predicted_signal import PredictedSignal
from runner.kernel.masks import holds
from runner.kernel.prediction import Confidence, Outcome
from runner.model.process import Process
from runner.model.step import Sender
from runner.model.verdict import Evidence

_NOTHING = {Outcome.DROPPED_INIT, Outcome.IGNORED}
_END = {Outcome.TERMINATED, Outcome.CORE_DUMPED}


def outcome_by_snapshots(predicted: PredictedSignal, after: EvidenceAfter) -> InferredOutcome:
    """
    Return what became of a signal: what was predicted for sure, where what is seen now fits it.
    """
    prediction = predicted.prediction
    # That one is not pending any more does not say who has taken it, nor how.
    if (
        prediction is None
        or prediction.confidence is Confidence.UNKNOWN
        or prediction.outcome is Outcome.CONSUMED
    ):
        seen = "masks and states in /proc do not show it"
        return InferredOutcome(None, seen, Evidence.PROC, after.now_ns, final=True)
    outcome = prediction.outcome
    now = _now(predicted, after)
    if outcome in _END:
        return _end(predicted, outcome, after)
    if outcome is Outcome.HANDLER_RUNS:
        seen = f"{predicted.signal} was caught and not blocked when it was sent"
        return InferredOutcome(outcome, seen, Evidence.PROC, predicted.sent.at_ns, final=True)
    if now is None:
        gone = after.ended is not None
        return InferredOutcome(None, "its target is gone", Evidence.PROC, after.now_ns, final=gone)
    return _still_there(predicted, outcome, now, after)


def _now(predicted: PredictedSignal, after: EvidenceAfter) -> Process | None:
    """Return the target as it was last seen alive since; None where it may have ended by it."""
    ended = after.ended
    if ended is not None and ended.exit_code == 128 + predicted.signal:
        return None
    return after.alive(predicted.pid, predicted.sent.answered_ns)


def _end(predicted: PredictedSignal, outcome: Outcome, after: EvidenceAfter) -> InferredOutcome:
    ended = after.ended
    of_init = predicted.is_init or predicted.sent.sender is Sender.HOST
    if of_init and ended is not None and ended.exit_code == 128 + predicted.signal:
        seen = f"init exited {ended.exit_code}, with the default disposition for {predicted.signal}"
        return InferredOutcome(outcome, seen, Evidence.PROC, ended.at_ns, final=True)
    answered_ns = predicted.sent.answered_ns
    looked = after.snapshot is not None and after.snapshot.until_ns >= answered_ns
    if not of_init and looked and after.alive(predicted.pid, answered_ns) is None:
        seen = "it is gone, with the default disposition for " + str(predicted.signal)
        return InferredOutcome(outcome, seen, Evidence.PROC, after.now_ns, final=True)
    if ended is None:
        return InferredOutcome(None, "its target has not ended yet", Evidence.PROC, after.now_ns)
    seen = f"init exited {ended.exit_code}"
    if not of_init:
        seen += ", and its target was not seen to end before"
    return InferredOutcome(None, seen, Evidence.PROC, after.now_ns, final=True)


def _still_there(
    predicted: PredictedSignal, outcome: Outcome, now: Process, after: EvidenceAfter
) -> InferredOutcome:
    signal, at_ns, final = predicted.signal, predicted.sent.at_ns, after.ended is not None
    if outcome in _NOTHING:
        how = "ignored" if outcome is Outcome.IGNORED else "default, and init is spared"
        seen = f"{signal} was {how} when it was sent"
        return InferredOutcome(outcome, seen, Evidence.PROC, at_ns, final=final)
    fits = {
        Outcome.PENDING: holds(now.pending_anywhere, signal),
        Outcome.STOPPED: now.state.stopped,
        Outcome.CONTINUED: not now.state.stopped,
    }
    if fits.get(outcome):
        state = "pending" if outcome is Outcome.PENDING else f"in state {now.state.value}"
        seen = f"{signal}: it is {state}"
        return InferredOutcome(outcome, seen, Evidence.PROC, at_ns, final=final)
    seen = f"it is in state {now.state.value}"
    return InferredOutcome(None, seen, Evidence.PROC, after.now_ns, final=final)
