"""What holds of the oracle for any process and any signal."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings

from runner.kernel.oracle import predict
from runner.kernel.pending import Pending
from runner.kernel.prediction import Confidence, Outcome, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.rules import Rule
from runner.kernel.signals import SIGKILL
from runner.kernel.target import KERNEL_ONLY, SIGCONT, Freezer, Sending, TargetView
from tests.support.kernel import SENDINGS, TARGETS

_ACTS = {
    Outcome.TERMINATED,
    Outcome.CORE_DUMPED,
    Outcome.STOPPED,
    Outcome.HANDLER_RUNS,
    Outcome.CONSUMED,
}


@settings(deadline=None)
@given(TARGETS)
def test_kill_from_an_ancestor_ends_what_is_not_frozen(target: TargetView) -> None:
    """Whatever the masks, threads, tracers and stops are (signal(7), pid_namespaces(7))."""
    assume(target.taking and target.freezer is not Freezer.V1)

    said = predict(target, Sending(SIGKILL, from_ancestor=True, permitted=True))

    assert (said.outcome, said.confidence) == (Outcome.TERMINATED, Confidence.CERTAIN)


@settings(deadline=None)
@given(TARGETS)
def test_kill_from_inside_never_touches_init(target: TargetView) -> None:
    """It is dropped, unless init has ended or is about to (R5, R11)."""
    init = replace(target, is_init=True)

    said = predict(init, Sending(SIGKILL, from_ancestor=False, permitted=True))

    assert said.outcome in {Outcome.DROPPED_INIT, Outcome.IGNORED}


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_no_default_action_but_of_the_two_reaches_init(
    target: TargetView, sending: Sending
) -> None:
    """An init is ended and stopped by SIGKILL and SIGSTOP only (R5, R9)."""
    said = predict(replace(target, is_init=True), sending)

    if said.outcome in {Outcome.TERMINATED, Outcome.CORE_DUMPED, Outcome.STOPPED}:
        assert sending.signal in KERNEL_ONLY


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_what_all_threads_block_waits(target: TargetView, sending: Sending) -> None:
    """Blocked by all, read by no signalfd: pending, whatever the disposition (R3)."""
    sending = replace(sending, permitted=True, to_thread=None)
    leader, *others = (
        replace(thread, blocked=-1, waits_for=None, pending=Pending()) for thread in target.threads
    )
    target = replace(target, leader=leader, others=tuple(others), signalfd=0)
    assume(target.taking and not target.doomed and sending.signal not in KERNEL_ONLY)
    said = predict(target, sending)

    resumed = sending.signal == SIGCONT and target.state is ProcessState.STOPPED
    assert said.outcome is (Outcome.CONTINUED if resumed else Outcome.PENDING)
    assert said.rule in ({Rule.R2} if resumed else {Rule.R3, Rule.R7})


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_a_stopped_process_only_takes_kill_and_cont(target: TargetView, sending: Sending) -> None:
    """All else is dropped, ignored, pending or refused (R19)."""
    said = predict(replace(target, state=ProcessState.STOPPED), sending)

    if sending.signal not in {SIGKILL, SIGCONT}:
        assert said.outcome not in _ACTS


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_a_frozen_process_only_ends(target: TargetView, sending: Sending) -> None:
    """No handler runs and nothing stops; ends come through version 2 only (R19)."""
    for freezer in (Freezer.V1, Freezer.V2):
        said = predict(replace(target, freezer=freezer), sending)

        ends = {Outcome.TERMINATED} if freezer is Freezer.V2 else set[Outcome]()
        assert said.outcome not in _ACTS - ends


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_the_sender_matters_for_two_signals_to_init(target: TargetView, sending: Sending) -> None:
    """For all other signals and targets, inside or outside is the same (R1)."""
    assume(sending.signal not in KERNEL_ONLY or not target.is_init)
    other = replace(sending, from_ancestor=not sending.from_ancestor)

    assert predict(target, sending) == predict(target, other)


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_unknown_permission_changes_the_confidence_only(
    target: TargetView, sending: Sending
) -> None:
    """It is the answer for a sender who may, and not sure."""
    allowed = predict(target, replace(sending, permitted=True))
    unknown = predict(target, replace(sending, permitted=None))

    if allowed.outcome is not Outcome.REJECTED:
        assert unknown == allowed.unsure()


@settings(deadline=None)
@given(TARGETS, SENDINGS)
def test_side_effects_are_job_control_in_order(target: TargetView, sending: Sending) -> None:
    """Only SIGCONT resumes; each effect is named once."""
    effects = predict(target, sending).side_effects

    assert len(effects) == len(set(effects))
    if SideEffect.RESUMES in effects:
        assert sending.signal == SIGCONT
        assert target.state is ProcessState.STOPPED
