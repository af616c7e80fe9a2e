"""
Carrying out one step on a container.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from runner.errors import EngineError, EngineUnreachable, StepError
from runner.execute.live_container import LiveContainer
from runner.execute.probe_line import ProbeLine
from runner.execute.session import CaseSession
from runner.execute.targets import pids_for_kill
from runner.kernel.signals import Signal
from runner.model.expectation import ProcessCount
from runner.model.observation import (
    ExecStarted,
    InputWritten,
    ProcessSnapshot,
    RestartRequested,
    SignalSent,
    StepActed,
    StopRequested,
)
from runner.model.process import INIT_PID
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    Look,
    Pause,
    Restart,
    Sender,
    SendSignals,
    Start,
    Stop,
    Target,
    Unpause,
    Wait,
    Write,
)

_TO_ALL = -1
_ASK_AGAIN_NS = 10_000_000
_MOST_PREDICTED = 100
"""Signals of one step after these are sent without a snapshot before each."""


def act(session: CaseSession, live: LiveContainer, number: int) -> None:
    """
    Do what the step does and record that it has acted.

    Raises:
        StepError: it cannot be done, or doing it would prove nothing.
        EngineError: the engine refuses.
        CaseAborted: the case cannot go on.
    """
    step = session.case.all_steps[number]
    if step.needs_init and not session.init_running(live):
        raise StepError(
            f"this step needs a running init, but {session.history(live).why_gone}",
            advice="is init right, and does it stay? expect its end only after all that needs it",
        )
    acted_ns = ACTS[type(step.action)](session, live, number, step.action)
    session.append(StepActed(acted_ns, number))


def snapshot_before(session: CaseSession, live: LiveContainer, number: int) -> None:
    """Look at the processes first, where the step is to be compared with how things were."""
    expectation = session.case.all_steps[number].expect
    compares = expectation is not None and any(
        isinstance(check, ProcessCount) and check.unchanged for check in expectation.checks
    )
    if compares and session.init_running(live):
        probe = session.open_probe(live)
        if probe is not None:
            _fresh_snapshot(session, probe)


def _send_signals(
    session: CaseSession, live: LiveContainer, number: int, action: SendSignals
) -> int:
    send = _send_from_host if action.sender is Sender.HOST else _send_from_inside
    acted_ns = session.now_ns()
    for turn, signal in enumerate(action.signals * action.times):
        if turn and action.every_s:
            pause_until_ns = session.now_ns() + round(action.every_s * 1e9)
            while session.now_ns() < pause_until_ns:
                session.dispatch(pause_until_ns)
        if turn < _MOST_PREDICTED:
            _snapshot_before_sending(session, live)
        acted_ns = send(session, live, number, signal, action.to)
    return acted_ns


def _snapshot_before_sending(session: CaseSession, live: LiveContainer) -> None:
    """Look at the targets, so that what must become of the signal can be predicted."""
    if session.history(live).paused is not None or not session.snapshots:
        return  # our probe is frozen, too, or there is none
    probe = session.open_probe(live)
    if probe is not None:
        session.take_snapshot(probe)


def _send_from_host(
    session: CaseSession, live: LiveContainer, number: int, signal: Signal, _to: Target
) -> int:
    asked = _asked(session, live.name, number, signal, INIT_PID, Sender.HOST)
    try:
        live.container.kill(signal)
    except EngineUnreachable:
        raise
    except EngineError as error:
        if session.init_running(live) and not live.container.inspect().running:
            raise StepError(f"init had ended when {signal} was sent: {error.what}") from error
        raise
    session.append(replace(asked, answered_ns=session.now_ns()))
    return asked.at_ns


def _send_from_inside(
    session: CaseSession, live: LiveContainer, number: int, signal: Signal, to: Target
) -> int:
    probe = session.open_probe(live)
    if probe is None:
        raise StepError(f"init had ended before {signal} could be sent")
    sent_ns = session.now_ns()
    for pid in _target_pids(session, probe, to):
        sent_ns = _kill(session, probe, number, signal=signal, pid=pid)
    return sent_ns


def _kill(session: CaseSession, probe: ProbeLine, number: int, *, signal: Signal, pid: int) -> int:
    asked = _asked(session, probe.container, number, signal, pid, Sender.INSIDE)
    request = probe.kill(pid, signal)
    session.dispatch_until(lambda: probe.kill_is_over(request))
    sent = probe.sent(request, asked)
    if sent is None:
        raise StepError(f"the probe did not answer whether it has sent {signal}")
    session.append(sent)
    return sent.at_ns


def _asked(
    session: CaseSession, name: str, number: int, signal: Signal, pid: int, sender: Sender
) -> SignalSent:
    """Return a signal that is about to be sent to the container of that name."""
    now_ns = session.now_ns()
    return SignalSent(now_ns, now_ns, number, signal, pid, sender, errno="", container=name)


def _target_pids(session: CaseSession, probe: ProbeLine, to: Target) -> list[int]:
    if to is Addressee.INIT and not session.case.containers[probe.container].plan.pid:
        return [INIT_PID]
    if to is Addressee.ALL:
        return [_TO_ALL]
    return pids_for_kill(_fresh_snapshot(session, probe), to)


def _fresh_snapshot(session: CaseSession, probe: ProbeLine) -> ProcessSnapshot:
    session.take_snapshot(probe)
    if probe.snapshot_asked or probe.last_snapshot is None:
        raise StepError("the processes of the container could not be looked at")
    return probe.last_snapshot


def _stop(session: CaseSession, live: LiveContainer, number: int, action: Stop) -> int:
    grace_s = live.plan.stop_grace_s if action.grace_s is None else action.grace_s
    _snapshot_before_sending(session, live)
    now_ns = session.now_ns()
    session.append(StopRequested(now_ns, number, grace_s, action.signal, container=live.name))
    live.container.request_stop(grace_s, action.signal)
    return now_ns


def _restart(session: CaseSession, live: LiveContainer, number: int, action: Restart) -> int:
    grace_s = live.plan.stop_grace_s if action.grace_s is None else action.grace_s
    if session.init_running(live):
        # Without a snapshot nothing is predicted for the stop signal; a new init gets a new probe.
        with contextlib.suppress(StepError):
            _snapshot_before_sending(session, live)
    starts = live.starts
    session.append(RestartRequested(session.now_ns(), number, grace_s, container=live.name))
    live.container.request_restart(grace_s)
    _await_stop(session, live)
    return _await_start(session, live, after=starts)


def _start(session: CaseSession, live: LiveContainer, _number: int, _action: Start) -> int:
    _await_stop(session, live)
    if session.history(live).never_started is not None:
        raise StepError(
            f"{session.history(live).why_gone}: it cannot be started again",
            advice="a start is for a container that has ended",
        )
    if live.container.inspect().running:
        raise StepError(
            "init still runs, so there is nothing to start",
            advice="let the step before it expect the end: init: {exited: ...}; or use a restart",
        )
    # Only then is the next start that is reported the one that is asked for here, and all that
    # the init before has printed is taken for older than the step.
    if not session.dispatch_until(lambda: live.has_ended and session.history(live).logs_ended):
        raise StepError("the engine has not reported the end of init, and of its output, in time")
    starts = live.starts
    refused = live.container.start()
    if refused is not None:
        raise StepError(f"init could not be started: {refused.reason}")
    return _await_start(session, live, after=starts)


def _await_stop(session: CaseSession, live: LiveContainer) -> None:
    while not session.history(live).stop_answered:
        session.dispatch(session.deadline_ns)


def _await_start(session: CaseSession, live: LiveContainer, *, after: int) -> int:
    """Let the step have acted once a start is reported: what is expected is of the new init."""
    if not session.dispatch_until(lambda: live.starts > max(after, 1)):
        raise StepError("the engine has not reported the restart of init")
    session.catch_up_with_kernel(live)
    return session.now_ns()


def _write(session: CaseSession, live: LiveContainer, number: int, action: Write) -> int:
    live.container.write_input(action.text.encode(), end=action.close)
    # The engine passes it on: when it answers something else, it has got it.
    live.container.inspect()
    now_ns = session.now_ns()
    session.append(InputWritten(now_ns, number, action.text, action.close, container=live.name))
    return now_ns


def _pause(session: CaseSession, live: LiveContainer, _number: int, _action: Pause) -> int:
    live.container.pause()
    return session.now_ns()


def _unpause(session: CaseSession, live: LiveContainer, _number: int, _action: Unpause) -> int:
    live.container.unpause()
    return session.now_ns()


def _look(session: CaseSession, _live: LiveContainer, _number: int, _action: Wait | Look) -> int:
    return session.now_ns()


def _exec(session: CaseSession, live: LiveContainer, number: int, action: Exec) -> int:
    began_ns = session.now_ns()
    run = live.exec(number, action)
    session.append(ExecStarted(began_ns, number, action.argv, container=live.name))
    while not (run.started if action.detach else run.ended):
        ask_again_ns = session.now_ns() + _ASK_AGAIN_NS
        session.dispatch(ask_again_ns if action.detach else session.deadline_ns)
    return session.now_ns()


ACTS: Final[Mapping[type[Action], Callable[[CaseSession, LiveContainer, int, Any], int]]] = {
    SendSignals: _send_signals,
    Stop: _stop,
    Restart: _restart,
    Start: _start,
    Exec: _exec,
    Write: _write,
    Pause: _pause,
    Unpause: _unpause,
    Wait: _look,
    Look: _look,
}
"""How each kind of step is carried out; it gives when the step has acted."""
