"""
The noun `init`: what PID 1 is, how it ended, what it shows; and whether it has settled.
"""

from __future__ import annotations

from runner.history.container_history import NEVER, ContainerHistory
from runner.judge.process_facts import cannot_tell, facts_words, mismatches
from runner.judge.process_record import sight_on_record, split
from runner.judge.sight import Sight, View
from runner.kernel.processes import RUNTIME_COMM, ProcessState
from runner.kernel.signals import Signal, UnknownSignal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    InitExited,
    InitIs,
    InitSettled,
    InitShows,
    InitState,
    Selector,
)
from runner.model.kernel_facts import Told
from runner.model.process import Process
from runner.model.verdict import Evidence

_STOPPED = {ProcessState.STOPPED, ProcessState.TRACED}
_STATE_WORDS = {InitState.STOPPED: "init is stopped", InitState.RUNNING: "init is running"}
_ASLEEP = {ProcessState.SLEEPING, ProcessState.IDLE}


def sight_of_state(check: InitIs, view: View) -> Sight:
    """Hold `init: running|stopped|never_started` against the facts."""
    history = view.history
    gone = _sight_of_gone(view)
    if gone is not None:
        holds = check.state is InitState.NEVER_STARTED and history.never_started is not None
        return Sight(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    if history.started and check.state is InitState.NEVER_STARTED:
        seen = "init was started"
        return Sight(False, seen, Evidence.ENGINE, history.started.at_ns, final=True)
    if history.init_exited is not None:
        # A look still shows a process that is ending; the record says that it has ended.
        seen, at_ns = "init has ended", history.init_exited.at_ns
        return Sight(False, seen, Evidence.KERNEL, at_ns, final=not history.may_restart)
    if history.paused is not None:
        holds = check.state is InitState.PAUSED
        at_ns = max(history.paused.at_ns, view.since_ns)
        return Sight(holds, "init is paused", Evidence.ENGINE, at_ns)
    init, look = _fresh_init(view), history.look
    told_ns = history.init_told.at_ns if history.init_told is not None else NEVER
    if init is None or look is None or told_ns > look.until_ns:
        return _sight_on_record(check, view)
    state = InitState.STOPPED if init.state in _STOPPED else InitState.RUNNING
    holds = state is check.state and init.state.alive
    return Sight(holds, _STATE_WORDS[state], Evidence.PROC, _look_ns(view))


def _sight_on_record(check: InitIs, view: View) -> Sight:
    """Where no look has come in time: the record has each stop and each resumption."""
    history, told = view.history, view.history.init_told
    start = history.restarted or history.started
    if start is None or (told is None and not history.recorded_from_birth):
        return _not_looked_yet(view)
    stopped = told is not None and told.told is Told.STOPPED
    state = InitState.STOPPED if stopped else InitState.RUNNING
    at_ns = max(told.at_ns if told is not None else start.at_ns, view.since_ns)
    return Sight(state is check.state, _STATE_WORDS[state], Evidence.KERNEL, at_ns)


def sight_of_exit(check: InitExited, view: View) -> Sight:
    """Hold `init: {exited: ...}` against the facts."""
    gone = _sight_of_gone(view)
    if gone is not None:
        ended = view.history.ended
        holds = ended is not None and ended.exit_code in check.codes
        return Sight(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    init = _fresh_init(view)
    stopped = init is not None and init.state in _STOPPED
    seen = "init is stopped (T)" if stopped else "init is still running"
    return Sight(False, seen, Evidence.ENGINE, view.now_ns)


def sight_of_facts(check: InitShows, view: View) -> Sight:
    """Hold facts of PID 1 against the last look."""
    gone = _sight_of_gone(view)
    if gone is not None:
        return gone
    init = _fresh_init(view)
    if init is None or view.history.look is None:
        return _not_looked_yet(view)
    on_record, facts = split(check.facts)
    if on_record is not None:
        sight = sight_on_record(Selector(pid=init.pid), on_record, view)
        if not sight.holds:
            return sight
    wrong = mismatches(facts, init, view.history.look)
    seen = "init has " + (", ".join(wrong) if wrong else facts_words(check.facts))
    known = not cannot_tell(facts, init)
    return Sight(not wrong, seen, Evidence.PROC, _look_ns(view), known=known)


def sight_of_settling(check: InitSettled, view: View) -> Sight:
    """Say whether init has exec'd its program and come to rest."""
    gone = _sight_of_gone(view)
    if gone is not None:
        return Sight(True, gone.seen, gone.evidence, gone.at_ns, final=True)
    init, look = _fresh_init(view), view.history.look
    if init is None or look is None:
        return _not_looked_yet(view)
    still_s = (look.until_ns - view.history.init_still_since_ns) / 1e9
    need_s = check.asleep_s if init.state in _ASLEEP else check.awake_s
    holds = still_s >= need_s and not init.comm.startswith(RUNTIME_COMM)
    return Sight(holds, f"init is {init.comm}, state {init.state.value}", Evidence.PROC, look.at_ns)


def words_of_state(check: InitIs) -> str:
    """Say what is expected."""
    return {
        InitState.RUNNING: "init running",
        InitState.STOPPED: "init stopped",
        InitState.PAUSED: "init paused",
        InitState.NEVER_STARTED: "init never started",
    }[check.state]


def words_of_exit(check: InitExited) -> str:
    """Say what is expected."""
    return "init exited " + " or ".join(map(str, check.codes))


def words_of_facts(check: InitShows) -> str:
    """Say what is expected."""
    return f"init with {facts_words(check.facts)}"


def end_words(ended: InitEnded) -> str:
    """Say how init ended: `exited 137 (128 + 9, as SIGKILL gives)`."""
    code = ended.exit_code
    try:
        hint = f" (128 + {code - 128}, as {Signal(code - 128)} gives)"
    except UnknownSignal:
        hint = ""  # below 128, or above the last signal
    return f"init exited {code}{hint}"


def gone_words(history: ContainerHistory) -> str:
    """Say why init is not there: it never started, or how it ended; "" while it runs."""
    if history.never_started is not None:
        return f"init never started: {history.never_started.reason}"
    return end_words(history.ended) if history.ended is not None else ""


def _sight_of_gone(view: View) -> Sight | None:
    history = view.history
    if history.gone_ns is None:
        return None
    seen, final = gone_words(history), history.gone_for_good
    return Sight(False, seen, Evidence.ENGINE, history.gone_ns, final=final)


def _fresh_init(view: View) -> Process | None:
    look = view.history.look
    return look.init if look is not None and look.until_ns >= view.since_ns else None


def _look_ns(view: View) -> int:
    look = view.history.look
    return max(look.at_ns, view.since_ns) if look else view.now_ns


def _not_looked_yet(view: View) -> Sight:
    return Sight(False, "init was not looked at yet", Evidence.PROC, view.now_ns, known=False)
