"""
What became of a signal where the kernel's record is not read: masks and states, where they decide.
"""

from __future__ import annotations

from runner.judge.aftermath import Aftermath, Answer, Question
from runner.kernel.masks import holds
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.model.process import Process
from runner.model.step import Sender
from runner.model.verdict import Evidence

_NOTHING = {Outcome.DROPPED_INIT, Outcome.IGNORED}
_END = {Outcome.TERMINATED, Outcome.CORE_DUMPED}
_STOPPED = {ProcessState.STOPPED, ProcessState.TRACED}

ADVICE = "only the kernel's own record tells this: run as root on the engine's machine"


def answer_of_looks(question: Question, after: Aftermath) -> Answer:
    """
    Say what became of a signal: what was foretold for sure, where what is seen now fits it.
    """
    prediction = question.prediction
    # That one is not pending any more does not say who has taken it, nor how.
    if (
        prediction is None
        or prediction.confidence is Confidence.UNKNOWN
        or prediction.outcome is Outcome.CONSUMED
    ):
        return Answer(None, "masks and states do not tell", Evidence.PROC, after.now_ns, final=True)
    outcome = prediction.outcome
    now = _now(question, after)
    if outcome in _END:
        return _end(question, outcome, after)
    if outcome is Outcome.HANDLER_RUNS:
        seen = f"{question.signal} was caught and not blocked when it was sent"
        return Answer(outcome, seen, Evidence.PROC, question.sent.at_ns, final=True)
    if now is None:
        gone = after.ended is not None
        return Answer(None, "its target is gone", Evidence.PROC, after.now_ns, final=gone)
    return _still_there(question, outcome, now, after)


def _now(question: Question, after: Aftermath) -> Process | None:
    """Give the target as it was last seen alive since; None where it may have ended by it."""
    ended = after.ended
    if ended is not None and ended.exit_code == 128 + question.signal:
        return None
    return _in_look(question, after)


def _in_look(question: Question, after: Aftermath) -> Process | None:
    look = after.look
    if look is None or look.until_ns < question.sent.answered_ns:
        return None
    pid = question.target.pid if question.target is not None else question.sent.pid
    found = next((one for one in look.processes if one.pid == pid), None)
    return found if found is not None and found.state.alive else None


def _end(question: Question, outcome: Outcome, after: Aftermath) -> Answer:
    ended = after.ended
    of_init = question.is_init or question.sent.sender is Sender.HOST
    if of_init and ended is not None and ended.exit_code == 128 + question.signal:
        seen = f"init exited {ended.exit_code}, with the default disposition for {question.signal}"
        return Answer(outcome, seen, Evidence.PROC, ended.at_ns, final=True)
    looked = after.look is not None and after.look.until_ns >= question.sent.answered_ns
    if not of_init and looked and _in_look(question, after) is None:
        seen = "it is gone, with the default disposition for " + str(question.signal)
        return Answer(outcome, seen, Evidence.PROC, after.now_ns, final=True)
    if ended is None:
        return Answer(None, "its target has not ended yet", Evidence.PROC, after.now_ns)
    seen = f"init exited {ended.exit_code}"
    if not of_init:
        seen += ", and its target was not seen to end before"
    return Answer(None, seen, Evidence.PROC, after.now_ns, final=True)


def _still_there(question: Question, outcome: Outcome, now: Process, after: Aftermath) -> Answer:
    signal, at_ns, final = question.signal, question.sent.at_ns, after.ended is not None
    if outcome in _NOTHING:
        how = "ignored" if outcome is Outcome.IGNORED else "default, and init is spared"
        seen = f"{signal} was {how} when it was sent"
        return Answer(outcome, seen, Evidence.PROC, at_ns, final=final)
    fits = {
        Outcome.PENDING: holds(now.pending_anywhere, signal),
        Outcome.STOPPED: now.state in _STOPPED,
        Outcome.CONTINUED: now.state not in _STOPPED,
    }
    if fits.get(outcome, False):
        state = "pending" if outcome is Outcome.PENDING else f"in state {now.state.value}"
        return Answer(outcome, f"{signal}: it is {state}", Evidence.PROC, at_ns, final=final)
    seen = f"it is in state {now.state.value}"
    return Answer(None, seen, Evidence.PROC, after.now_ns, final=final)
