"""The oracle: the kernel's decisions, row by row and rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from runner.kernel.oracle import predict
from runner.kernel.pending import Pending, bit
from runner.kernel.prediction import Confidence, Outcome, Prediction, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.rules import Rule
from runner.kernel.signals import ALL_SIGNALS, SIGKILL, SIGTERM, DefaultAction, Signal
from runner.kernel.target import SIGCONT, SIGSTOP, Freezer, Sending, TargetView, ThreadView

_ALL = (1 << 64) - 1
INIT = TargetView(leader=ThreadView(1), is_init=True)
APP = TargetView(leader=ThreadView(1), orphaned_group=False)
STOPPED = ProcessState.STOPPED
_CATCHABLE = [one for one in ALL_SIGNALS if one not in {SIGKILL, SIGSTOP}]
_TSTP, _QUIT, _USR1, _CHLD, _RT = (Signal(number) for number in (20, 3, 10, 17, 36))


def inside(signal: Signal, *, to_thread: int | None = None) -> Sending:
    """A sender in the same PID namespace."""
    return Sending(signal, from_ancestor=False, permitted=True, to_thread=to_thread)


def outside(signal: Signal) -> Sending:
    """A sender in an ancestor namespace, such as the engine."""
    return Sending(signal, from_ancestor=True, permitted=True)


Send = Callable[[Signal], Sending]
BOTH = pytest.mark.parametrize("send", [inside, outside])


def said(target: TargetView, sending: Sending) -> tuple[str, str, str]:
    """Give outcome, rule and confidence in words."""
    prediction = predict(target, sending)
    return prediction.outcome.value, prediction.rule.name, prediction.confidence.value


@pytest.mark.parametrize("signal", ALL_SIGNALS)
def test_init_without_handlers_gets_nothing_from_inside(signal: Signal) -> None:
    """Default in init, from its own namespace: dropped, SIGKILL and SIGSTOP too (R5)."""
    assert said(INIT, inside(signal)) == ("dropped_init", "R5", "certain")


@pytest.mark.parametrize("signal", _CATCHABLE)
def test_init_without_handlers_gets_no_more_from_outside(signal: Signal) -> None:
    """Default in init, from an ancestor namespace: dropped, SIGTSTP too (R5)."""
    assert said(INIT, outside(signal)) == ("dropped_init", "R5", "certain")


def test_kill_and_stop_from_outside_act_on_init() -> None:
    """They are the two that an ancestor namespace can always send (R1)."""
    assert said(INIT, outside(SIGKILL)) == ("terminated", "R11", "certain")
    assert said(INIT, outside(SIGSTOP)) == ("stopped", "R10", "certain")


@BOTH
@pytest.mark.parametrize("init", [INIT, replace(INIT, ignored=_ALL), replace(INIT, caught=_ALL)])
@pytest.mark.parametrize("blocked", [0, _ALL])
def test_cont_resumes_whatever_is_chosen(init: TargetView, send: Send, blocked: int) -> None:
    """A stopped init resumes though SIGCONT is default, ignored, caught or blocked (R2)."""
    stopped = replace(init, state=STOPPED, leader=ThreadView(1, blocked))
    prediction = predict(stopped, send(SIGCONT))

    assert (prediction.outcome, prediction.rule) == (Outcome.CONTINUED, Rule.R2)
    assert prediction.side_effects[0] is SideEffect.RESUMES
    assert (SideEffect.STAYS_PENDING in prediction.side_effects) == bool(blocked)
    runs = SideEffect.RUNS_HANDLER in prediction.side_effects
    assert runs == (bool(init.caught) and not blocked)
    assert (prediction.confidence is Confidence.UP_TO_HANDLER) == runs


@BOTH
@pytest.mark.parametrize("signal", _CATCHABLE)
def test_ignored_signals_vanish(signal: Signal, send: Send) -> None:
    """SIG_IGN drops it at once, whoever sends, in init or not (R6)."""
    for target in (INIT, APP):
        sending = send(signal)

        assert said(replace(target, ignored=_ALL), sending) == ("ignored", "R6", "certain")


@BOTH
@pytest.mark.parametrize("signal", _CATCHABLE)
def test_a_caught_signal_runs_its_handler(signal: Signal, send: Send) -> None:
    """What the handler does is left open (R8)."""
    caught = replace(INIT, caught=_ALL)

    assert said(caught, send(signal)) == ("handler_runs", "R8", "up_to_handler")


@BOTH
@pytest.mark.parametrize("signal", _CATCHABLE)
@pytest.mark.parametrize("chosen", [{}, {"ignored": _ALL}, {"caught": _ALL}])
def test_a_blocked_signal_waits(signal: Signal, send: Send, chosen: dict[str, int]) -> None:
    """Default, ignored or caught: blocked, it is pending (R3)."""
    init = replace(INIT, leader=ThreadView(1, _ALL), **chosen)  # type: ignore[arg-type]

    assert said(init, send(signal)) == ("pending", "R3", "certain")


def test_a_second_standard_signal_is_lost() -> None:
    """SIGTERM is pending already (R7)."""
    init = replace(INIT, caught=_ALL, leader=ThreadView(1, _ALL), pending=Pending(bit(SIGTERM)))

    assert predict(init, inside(SIGTERM)) == Prediction(
        Outcome.PENDING, Rule.R7, side_effects=(SideEffect.COALESCED,)
    )


def test_real_time_signals_queue() -> None:
    """A pending real-time signal does not keep the next from being queued (R7)."""
    init = replace(INIT, caught=_ALL, leader=ThreadView(1, _ALL), pending=Pending(bit(_RT)))

    assert said(init, inside(_RT)) == ("pending", "R3", "certain")


@pytest.mark.parametrize("signal", [SIGKILL, SIGSTOP])
def test_masks_do_not_hold_kill_and_stop(signal: Signal) -> None:
    """They are neither blocked, nor caught, nor ignored, nor waited for (signal(7))."""
    leader = ThreadView(1, _ALL, waits_for=_ALL, waits_unknown=True)
    target = replace(INIT, leader=leader, caught=_ALL, ignored=_ALL, signalfd=_ALL)

    assert said(target, inside(signal)) == ("dropped_init", "R5", "certain")


def test_a_stopped_init_keeps_what_is_caught() -> None:
    """SIGTERM for its handler waits until the process is resumed (R19)."""
    assert said(replace(INIT, state=STOPPED, caught=_ALL), outside(SIGTERM)) == (
        "pending",
        "R19",
        "certain",
    )


@pytest.mark.parametrize("signal", _CATCHABLE)
def test_a_stopped_init_drops_what_it_would_drop(signal: Signal) -> None:
    """A stop keeps nothing alive that is dropped when sent (R5); SIGCONT resumes besides."""
    expected = "continued" if signal == SIGCONT else "dropped_init"

    assert predict(replace(INIT, state=STOPPED), outside(signal)).outcome.value == expected


def test_kill_acts_on_a_stopped_process() -> None:
    """SIGKILL does not wait for SIGCONT; from inside it is dropped as ever (R19, R5)."""
    stopped = replace(INIT, state=STOPPED)

    assert said(stopped, outside(SIGKILL)) == ("terminated", "R19", "certain")
    assert said(stopped, inside(SIGKILL)) == ("dropped_init", "R5", "certain")


def test_a_second_stop_waits() -> None:
    """A stopped process queues stop signals, until SIGCONT deletes them (R19, R2)."""
    stopped = replace(APP, state=STOPPED)
    prediction = predict(replace(stopped, pending=Pending(bit(SIGSTOP))), inside(SIGCONT))

    assert said(stopped, inside(SIGSTOP)) == ("pending", "R19", "certain")
    assert prediction.side_effects == (SideEffect.RESUMES, SideEffect.DELETES_STOPS)


def test_cont_releases_what_waits() -> None:
    """SIGTERM that waited for the stop to end is taken after SIGCONT (R2)."""
    stopped = replace(APP, state=STOPPED, pending=Pending(bit(SIGTERM)))

    assert SideEffect.RELEASES_PENDING in predict(stopped, inside(SIGCONT)).side_effects


def test_cont_may_be_waited_for_by_a_thread() -> None:
    """It resumes all the same, and whoever waits for it has it (R2, R3)."""
    waiter = ThreadView(2, waits_for=bit(SIGCONT))
    stopped = replace(APP, state=STOPPED, leader=ThreadView(1, bit(SIGCONT)), others=(waiter,))

    prediction = predict(stopped, inside(SIGCONT))

    assert prediction.outcome is Outcome.CONTINUED
    assert prediction.side_effects == (SideEffect.RESUMES, SideEffect.IS_CONSUMED)


@pytest.mark.parametrize("signal", [SIGSTOP, _TSTP, Signal(21), Signal(22)])
def test_stop_signals_delete_a_pending_cont(signal: Signal) -> None:
    """Even where they are dropped themselves (R2)."""
    init = replace(INIT, leader=ThreadView(1, bit(SIGCONT), Pending(bit(SIGCONT))))

    assert predict(init, inside(signal)) == Prediction(
        Outcome.DROPPED_INIT, Rule.R5, side_effects=(SideEffect.DELETES_CONT,)
    )


@pytest.mark.parametrize("signal", ALL_SIGNALS)
def test_defaults_act_on_what_is_not_init(signal: Signal) -> None:
    """With --pid=host, below tini, or in any child: the default action (R6, R10, R11)."""
    expected = {
        DefaultAction.TERM: ("terminated", "R11", "certain"),
        DefaultAction.CORE: ("core_dumped", "R11", "certain"),
        DefaultAction.STOP: ("stopped", "R10", "certain"),
        DefaultAction.CONT: ("ignored", "R6", "certain"),
        DefaultAction.IGN: ("ignored", "R6", "certain"),
    }

    assert said(APP, inside(signal)) == expected[signal.default_action]


@pytest.mark.parametrize(
    ("orphaned", "expected"),
    [
        (True, ("ignored", "R10", "certain")),
        (False, ("stopped", "R10", "certain")),
        (None, ("stopped", "R10", "unknown")),
    ],
)
def test_terminal_stops_spare_orphaned_groups(
    orphaned: bool | None,  # noqa: FBT001 - a column of the table
    expected: tuple[str, str, str],
) -> None:
    """SIGTSTP does nothing there, SIGSTOP stops always (R10)."""
    target = replace(APP, orphaned_group=orphaned)

    assert said(target, inside(_TSTP)) == expected
    assert said(target, inside(SIGSTOP)) == ("stopped", "R10", "certain")


@pytest.mark.parametrize(
    ("signal", "taken"),
    [
        (_QUIT, ("dropped_init", "R9", "certain")),
        (_TSTP, ("dropped_init", "R9", "certain")),
        (SIGTERM, ("terminated", "R11", "unknown")),
        (_USR1, ("terminated", "R11", "unknown")),
        (_RT, ("terminated", "R11", "unknown")),
    ],
)
def test_the_main_thread_decides_what_init_drops(signal: Signal, taken: tuple[str, ...]) -> None:
    """
    Blocked by the main thread only: queued, and taken by another thread.

    There it is dropped (R9), but for one that terminates: complete_signal() ends the process before
    anybody asks whether it is init. Kernels before 4.15 did not, so that this is not certain.
    """
    main_blocks = replace(INIT, leader=ThreadView(1, _ALL), others=(ThreadView(2),))
    other_blocks = replace(INIT, others=(ThreadView(2, _ALL),))
    both_block = replace(INIT, leader=ThreadView(1, _ALL), others=(ThreadView(2, _ALL),))

    assert said(main_blocks, inside(signal)) == taken
    assert said(other_blocks, inside(signal)) == ("dropped_init", "R5", "certain")
    assert said(both_block, inside(signal)) == ("pending", "R3", "certain")


def test_a_blocking_main_thread_leaves_signals_to_others() -> None:
    """What another thread takes is ignored, caught, or ends the process, as ever."""
    others = (ThreadView(2),)
    app = replace(APP, leader=ThreadView(1, _ALL), others=others)

    assert said(app, inside(SIGTERM)) == ("terminated", "R11", "certain")
    assert said(replace(app, ignored=_ALL), inside(SIGTERM)) == ("ignored", "R6", "certain")
    assert said(app, inside(_CHLD)) == ("ignored", "R6", "certain")
    assert predict(replace(app, caught=_ALL), inside(SIGTERM)).outcome is Outcome.HANDLER_RUNS


def test_a_thread_is_asked_alone() -> None:
    """A signal to one thread looks at the mask and the queue of that thread only."""
    blocking = ThreadView(2, _ALL, Pending(bit(_USR1)))
    init = replace(INIT, others=(blocking,))

    assert said(init, inside(SIGTERM, to_thread=2)) == ("pending", "R3", "certain")
    assert said(init, inside(_USR1, to_thread=2)) == ("pending", "R7", "certain")
    assert said(init, inside(SIGTERM, to_thread=1)) == ("dropped_init", "R5", "certain")
    assert said(init, inside(SIGTERM, to_thread=3)) == ("rejected", "R0", "certain")


def test_a_debugger_gets_what_init_would_drop() -> None:
    """It is queued for the tracer and dropped after it was passed on (R4, R9)."""
    traced = replace(INIT, traced=True)

    assert predict(traced, inside(SIGTERM)) == Prediction(
        Outcome.DROPPED_INIT, Rule.R9, Confidence.UNKNOWN, (SideEffect.TRACER_SEES,)
    )
    assert said(traced, inside(SIGKILL)) == ("dropped_init", "R5", "certain")
    assert said(replace(traced, ignored=_ALL), inside(SIGTERM)) == ("ignored", "R6", "unknown")


def test_a_process_that_a_debugger_stopped_waits() -> None:
    """It takes signals when the tracer lets it run; SIGKILL at once (R4)."""
    traced = replace(APP, state=ProcessState.TRACED)

    assert said(traced, inside(SIGTERM)) == ("pending", "R4", "certain")
    assert said(traced, inside(SIGKILL)) == ("terminated", "R11", "certain")


def test_a_debugger_makes_resuming_unsure() -> None:
    """SIGCONT to a stopped tracee is the tracer's business too."""
    stopped = replace(APP, state=STOPPED, traced=True)

    assert said(stopped, inside(SIGCONT)) == ("continued", "R2", "unknown")


@pytest.mark.parametrize(
    ("thread", "expected"),
    [
        (ThreadView(1, waits_for=bit(SIGTERM)), ("consumed", "R3", "up_to_handler")),
        (ThreadView(1, _ALL, waits_for=bit(SIGTERM)), ("consumed", "R3", "up_to_handler")),
        (ThreadView(1, waits_for=bit(_USR1)), ("dropped_init", "R5", "certain")),
        (ThreadView(1, waits_unknown=True), ("consumed", "R3", "unknown")),
        (ThreadView(1, _ALL, waits_unknown=True), ("pending", "R3", "certain")),
    ],
)
def test_a_waiting_thread_consumes(thread: ThreadView, expected: tuple[str, str, str]) -> None:
    """An init in sigtimedwait shows an empty mask, and yet gets the signal: tini does."""
    assert said(replace(INIT, leader=thread), inside(SIGTERM)) == expected


def test_waiting_for_an_unknown_set_makes_other_answers_unsure() -> None:
    """What is caught or ignored is most likely not waited for; but that is a guess."""
    init = replace(INIT, leader=ThreadView(1, waits_unknown=True))

    assert said(replace(init, caught=_ALL), inside(SIGTERM)) == ("handler_runs", "R8", "unknown")
    assert said(replace(init, ignored=_ALL), inside(SIGTERM)) == ("ignored", "R6", "unknown")


def test_one_waiting_thread_of_many_is_a_guess() -> None:
    """Any thread that does not block the signal may take it."""
    waiting, free = ThreadView(2, waits_for=bit(SIGTERM)), ThreadView(3)
    app = replace(APP, leader=ThreadView(1, _ALL), others=(waiting, free))

    assert said(app, inside(SIGTERM)) == ("consumed", "R3", "unknown")
    assert said(replace(app, others=(waiting,)), inside(SIGTERM)) == (
        "consumed",
        "R3",
        "up_to_handler",
    )


def test_a_signalfd_gets_what_all_threads_block() -> None:
    """Catatonit blocks and reads; while it is stopped the signal waits (R3, R19)."""
    init = replace(INIT, leader=ThreadView(1, _ALL), signalfd=bit(SIGTERM))

    assert said(init, inside(SIGTERM)) == ("consumed", "R3", "up_to_handler")
    assert said(init, inside(SIGTERM, to_thread=1)) == ("consumed", "R3", "unknown")
    assert said(init, inside(_USR1)) == ("pending", "R3", "certain")
    assert said(replace(init, state=STOPPED), inside(SIGTERM)) == ("pending", "R19", "certain")
    assert said(replace(INIT, signalfd=_ALL), inside(SIGTERM)) == ("dropped_init", "R5", "certain")


@pytest.mark.parametrize("signal", _CATCHABLE)
def test_a_frozen_process_takes_no_handler_signal(signal: Signal) -> None:
    """Neither freezer lets a handler run (R19)."""
    for freezer in (Freezer.V1, Freezer.V2):
        frozen = replace(INIT, freezer=freezer, caught=_ALL)

        assert said(frozen, outside(signal)) == ("pending", "R19", "certain")


@pytest.mark.parametrize(
    ("freezer", "signal", "outcome", "effects"),
    [
        (Freezer.V1, SIGKILL, Outcome.PENDING, (SideEffect.DOOMS,)),
        (Freezer.V1, SIGTERM, Outcome.PENDING, (SideEffect.DOOMS,)),
        (Freezer.V1, _QUIT, Outcome.PENDING, ()),
        (Freezer.V1, SIGSTOP, Outcome.PENDING, ()),
        (Freezer.V2, SIGKILL, Outcome.TERMINATED, ()),
        (Freezer.V2, SIGTERM, Outcome.TERMINATED, ()),
        (Freezer.V2, _QUIT, Outcome.PENDING, ()),
        (Freezer.V2, SIGSTOP, Outcome.PENDING, ()),
    ],
)
def test_an_end_is_decided_in_the_freezer(
    freezer: Freezer, signal: Signal, outcome: Outcome, effects: tuple[SideEffect, ...]
) -> None:
    """Version 1 keeps it for the thaw, version 2 lets it through; core dumps wait (R19)."""
    assert predict(replace(APP, freezer=freezer), outside(signal)) == Prediction(
        outcome, Rule.R19, side_effects=effects
    )


def test_a_stopped_and_frozen_process_waits_for_both() -> None:
    """SIGTERM ends it neither before the thaw nor before SIGCONT (R19); both as measured."""
    for freezer in (Freezer.V1, Freezer.V2):
        both = replace(APP, freezer=freezer, state=STOPPED)
        waiting = replace(both, pending=Pending(bit(SIGTERM)))

        assert said(both, outside(SIGTERM)) == ("pending", "R19", "certain")
        assert predict(waiting, outside(SIGCONT)) == Prediction(
            Outcome.CONTINUED, Rule.R2, side_effects=(SideEffect.RESUMES,)
        )
        assert predict(replace(both, caught=_ALL), outside(SIGCONT)) == Prediction(
            Outcome.CONTINUED,
            Rule.R2,
            side_effects=(SideEffect.RESUMES, SideEffect.STAYS_PENDING),
        )


@pytest.mark.parametrize("state", [ProcessState.ZOMBIE, ProcessState.DEAD])
def test_what_has_ended_takes_nothing(state: ProcessState) -> None:
    """kill(2) accepts a signal to a zombie, and nothing comes of it (R11)."""
    assert said(replace(APP, state=state), inside(SIGKILL)) == ("ignored", "R11", "certain")


def test_threads_may_outlive_the_main_thread() -> None:
    """A zombie with other threads takes signals in those; the main thread takes none."""
    half = replace(APP, state=ProcessState.ZOMBIE, others=(ThreadView(2),))

    assert said(half, inside(SIGTERM)) == ("terminated", "R11", "certain")
    assert said(half, inside(SIGTERM, to_thread=1)) == ("ignored", "R11", "certain")


def test_a_doomed_process_takes_nothing_more() -> None:
    """With SIGKILL pending, other signals are accepted and thrown away (R11)."""
    doomed = replace(APP, caught=_ALL, freezer=Freezer.V1, pending=Pending(bit(SIGKILL)))

    assert said(doomed, outside(_USR1)) == ("ignored", "R11", "certain")
    assert said(doomed, outside(SIGKILL)) == ("pending", "R19", "certain")


def test_what_is_pending_for_a_main_thread_that_has_ended_dooms_nobody() -> None:
    """Measured on 6.18: tgkill(2) succeeds, SigPnd shows SIGKILL, and the other thread runs on."""
    ended = ThreadView(1, pending=Pending(bit(SIGKILL)))
    process = replace(APP, leader=ended, others=(ThreadView(2),), state=ProcessState.ZOMBIE)

    assert said(process, outside(SIGTERM)) == ("terminated", "R11", "certain")


@pytest.mark.parametrize("signal", ALL_SIGNALS)
def test_permission_comes_first(signal: Signal) -> None:
    """Refused with EPERM; only SIGCONT may be let through within a session (R0)."""
    refused = replace(inside(signal), permitted=False)
    expected = "unknown" if signal == SIGCONT else "certain"

    assert said(INIT, refused) == ("rejected", "R0", expected)


def test_permission_may_be_unknown() -> None:
    """The answer is then that for a sender who may, and not sure."""
    sending = replace(inside(SIGTERM), permitted=None)

    assert said(INIT, sending) == ("dropped_init", "R5", "unknown")
