"""Signals in a row, and what is pending between them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.kernel.pending import Pending, bit
from runner.kernel.prediction import Outcome, Prediction
from runner.kernel.processes import ProcessState
from runner.kernel.rules import Rule
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.kernel.target import SIGCONT, SIGSTOP, Freezer, Sending, TargetView, ThreadView
from tests.support.kernel import MASKS, SENDINGS, TARGETS
from tests.support.kernel_sequence import after, block, send, settle, thaw, unblock

_ALL = (1 << 64) - 1
_TSTP, _USR1, _RT = Signal(20), Signal(10), Signal(36)
INIT = TargetView(leader=ThreadView(1), is_init=True)
APP = TargetView(leader=ThreadView(1), orphaned_group=False)


def sent(target: TargetView, *signals: Signal, to_thread: int | None = None) -> TargetView:
    """Send from outside, one after the other, and give the target after the last."""
    for signal in signals:
        sending = Sending(signal, from_ancestor=True, permitted=True, to_thread=to_thread)
        _, target = send(target, sending)
    return target


def came(target: TargetView) -> list[tuple[str, str]]:
    """Settle, and give each signal with its outcome."""
    taken, _ = settle(target)
    return [(str(signal), prediction.outcome.value) for signal, prediction in taken]


def test_blocked_signals_coalesce_or_queue() -> None:
    """Two SIGTERM run the handler once, three real-time signals run it three times (R7)."""
    blocking = replace(block(INIT, _ALL), caught=_ALL)
    waiting = sent(blocking, SIGTERM, SIGTERM, _RT, _RT, _RT)

    assert waiting.pending == Pending(bit(SIGTERM) | bit(_RT), ((_RT, 2),))
    assert came(waiting) == []
    assert came(unblock(waiting, _ALL)) == [
        ("SIGTERM", "handler_runs"),
        *[("SIGRTMIN+2", "handler_runs")] * 3,
    ]
    assert settle(unblock(waiting, _ALL))[1].pending == Pending()


def test_init_drops_what_it_unblocks() -> None:
    """Blocked SIGTERM to an init without a handler is gone when it unblocks it (R9)."""
    waiting = sent(block(INIT, _ALL), SIGTERM)

    assert settle(unblock(waiting, _ALL)) == (
        ((SIGTERM, Prediction(Outcome.DROPPED_INIT, Rule.R9)),),
        INIT,
    )


def test_a_stop_keeps_signals_until_cont() -> None:
    """SIGTERM waits for a stopped process to be resumed, and then ends it (R19, R11)."""
    stopped = sent(APP, SIGSTOP, SIGTERM)
    resumed = sent(stopped, SIGCONT)

    assert (stopped.state, came(stopped)) == (ProcessState.STOPPED, [])
    assert (resumed.state, resumed.pending.signals()) == (ProcessState.SLEEPING, (SIGTERM,))
    assert came(resumed) == [("SIGTERM", "terminated")]
    assert settle(resumed)[1].state is ProcessState.ZOMBIE


def test_stop_and_cont_delete_each_other() -> None:
    """A pending SIGCONT goes with a stop signal, pending stop signals with SIGCONT (R2)."""
    blocking = block(APP, bit(SIGCONT) | bit(_TSTP))

    assert sent(blocking, SIGCONT).pending.signals() == (SIGCONT,)
    assert sent(blocking, SIGCONT, _TSTP).pending.signals() == (_TSTP,)
    assert sent(blocking, SIGCONT, _TSTP, SIGCONT).pending.signals() == (SIGCONT,)
    # As measured: stopped, SIGCONT resumes though it is blocked, and stays pending.
    resumed = sent(blocking, SIGSTOP, _TSTP, SIGCONT)
    assert (resumed.state, resumed.pending.signals()) == (ProcessState.SLEEPING, (SIGCONT,))


def test_a_stop_ends_the_taking_of_signals() -> None:
    """What comes after a stop signal waits again."""
    waiting = sent(block(APP, _ALL), _TSTP, _RT)
    taken, stopped = settle(unblock(waiting, _ALL))

    assert [signal for signal, _ in taken] == [_TSTP]
    assert (stopped.state, stopped.pending.signals()) == (ProcessState.STOPPED, (_RT,))


def test_the_first_end_is_the_last_signal() -> None:
    """Nothing is taken by a process that has ended."""
    waiting = sent(block(APP, _ALL), SIGTERM, _RT, _RT)

    assert came(unblock(waiting, _ALL)) == [("SIGTERM", "terminated")]
    assert sent(sent(APP, SIGKILL), _RT).pending == Pending()


def test_signals_of_faults_go_first() -> None:
    """SIGSYS (31) ends the process before the handler of SIGPWR (30) runs (next_signal)."""
    pwr, sys = Signal(30), Signal(31)
    waiting = sent(block(replace(APP, caught=bit(pwr)), _ALL), pwr, sys)

    assert came(unblock(waiting, _ALL)) == [("SIGSYS", "core_dumped")]


def test_an_end_comes_before_handlers() -> None:
    """Taken in one go, a signal that ends the process leaves no handler time to run."""
    waiting = sent(block(replace(APP, caught=bit(_USR1)), _ALL), _USR1, SIGTERM)

    assert came(unblock(waiting, _ALL)) == [("SIGTERM", "terminated")]
    assert came(unblock(waiting, bit(_USR1))) == [("SIGUSR1", "handler_runs")]


def test_a_frozen_process_is_doomed() -> None:
    """Version 1: SIGTERM decides the end, later signals are thrown away, the thaw ends it (R19)."""
    frozen = sent(replace(APP, freezer=Freezer.V1), SIGTERM, _USR1, SIGKILL)

    assert frozen.pending.signals() == (SIGTERM,)
    assert frozen.leader.pending.signals() == (SIGKILL,)
    assert came(frozen) == []
    assert came(thaw(frozen)) == [("SIGKILL", "terminated")]
    assert came(thaw(sent(replace(APP, freezer=Freezer.V1), SIGKILL))) == [
        ("SIGKILL", "terminated")
    ]


def test_each_thread_has_a_queue() -> None:
    """A signal to a thread waits there, and goes before those of the process."""
    app = replace(block(APP, _ALL), others=(ThreadView(2, _ALL),), caught=_ALL)
    waiting = sent(sent(app, SIGTERM), _USR1, to_thread=2)

    assert [queue.signals() for queue in waiting.queues] == [(SIGTERM,), (), (_USR1,)]
    assert came(unblock(waiting, _ALL, tid=2)) == [
        ("SIGUSR1", "handler_runs"),
        ("SIGTERM", "handler_runs"),
    ]
    assert came(unblock(waiting, _ALL, tid=1)) == [("SIGTERM", "handler_runs")]
    assert unblock(block(app, 0, tid=1), 0) == app


def test_what_is_refused_changes_nothing() -> None:
    """EPERM leaves even a pending SIGCONT alone (R0)."""
    waiting = sent(block(APP, _ALL), SIGCONT)
    refused = Sending(SIGSTOP, from_ancestor=False, permitted=False)

    assert send(waiting, refused) == (Prediction(Outcome.REJECTED, Rule.R0), waiting)


@settings(deadline=None)
@given(TARGETS, st.lists(SENDINGS, max_size=6))
def test_any_walk_keeps_to_the_rules(target: TargetView, walk: list[Sending]) -> None:
    """No walk raises; what is pending stays so; a standard signal is never pending twice."""
    for sending in walk:
        doomed = target.doomed
        prediction, target = send(target, sending)
        queue = target.pending
        if sending.to_thread is not None:
            thread = target.thread(sending.to_thread)
            queue = thread.pending if thread else queue
        # SIGKILL that was pending for one thread dooms the process: a second is thrown away.
        if prediction.outcome is Outcome.PENDING and not doomed:
            assert queue.holds(sending.signal)
        for one in target.queues:
            assert all(one.count(signal) == 1 for signal in one.signals() if signal < 32)


@settings(deadline=None)
@given(TARGETS, MASKS)
def test_settling_is_done_once(target: TargetView, mask: int) -> None:
    """What can be taken is taken at once: a second time there is nothing left."""
    _, settled = settle(unblock(target, mask))

    assert settle(settled) == ((), settled)


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_after_agrees_with_the_states(target: TargetView, sending: Sending) -> None:
    """STOPPED and the ends show as states; CONTINUED leaves state T; the rest leaves the state."""
    prediction, later = send(target, sending)

    match prediction.outcome:
        case Outcome.TERMINATED | Outcome.CORE_DUMPED:
            expected = ProcessState.ZOMBIE
        case Outcome.STOPPED:
            expected = ProcessState.STOPPED
        case Outcome.CONTINUED:
            expected = ProcessState.SLEEPING
        case _:
            expected = target.state
    assert later.state is expected
    assert after(target, sending, prediction) == later
