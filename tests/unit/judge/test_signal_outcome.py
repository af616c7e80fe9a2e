"""What is said of signals from hand-made facts: by the kernel trace, and without."""

from __future__ import annotations

import pytest

from runner.history.container_history import ContainerHistory
from runner.history.sent_signals import SentSignal
from runner.judge.signals.evidence_after import EvidenceAfter
from runner.judge.signals.outcomes import outcomes_of
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import ChildStatus, Delivery, Generation, KernelFact, ProcessExited
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Sender
from runner.model.verdict import Evidence
from tests.support.facts import (
    INIT,
    MS,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    process,
    sent,
    snapshot,
    told,
)

HOST = Sender.HOST
LATER = 1100
KNOWN = ContainerHistory(trace_ns=0)


def outcome(
    one: SignalSent,
    *record: KernelFact,
    before: ProcessSnapshot | None = None,
    after: ProcessSnapshot | None = None,
    ended: InitEnded | None = None,
    complete: bool = False,
) -> SignalOutcome:
    """The fate of one signal by the kernel trace."""
    history = ContainerHistory(trace_ns=0, early_kernel_facts=record)
    known = EvidenceAfter(history, record, after, ended, LATER * MS, complete)
    (found,) = outcomes_of([SentSignal(one, before or snapshot(process()))], known)
    return found


def blind(
    one: SignalSent,
    before: ProcessSnapshot,
    after: ProcessSnapshot | None = None,
    ended: InitEnded | None = None,
) -> SignalOutcome:
    """The fate of one signal where the kernel trace is not read."""
    known = EvidenceAfter(KNOWN, None, after, ended, LATER * MS)
    (found,) = outcomes_of([SentSignal(one, before)], known)
    return found


RECORDED: dict[str, tuple[SignalOutcome, Outcome | None]] = {
    "dropped at init": (
        outcome(sent("KILL"), generated("KILL", Generation.IGNORED)),
        Outcome.DROPPED_INIT,
    ),
    "dropped at init, from the host": (
        outcome(sent("TERM", sender=HOST), generated("TERM", Generation.IGNORED, sender=RUNTIME)),
        Outcome.DROPPED_INIT,
    ),
    "ignored by choice": (
        outcome(
            sent("TERM"),
            generated("TERM", Generation.IGNORED),
            before=snapshot(process(ignored=("TERM",))),
        ),
        Outcome.IGNORED,
    ),
    "ignored by default, where there is no init": (
        outcome(
            sent("CHLD", pid=7),
            generated("CHLD", Generation.IGNORED, target=WORKER),
            before=snapshot(process(), process(7)),
        ),
        Outcome.IGNORED,
    ),
    "sent to a zombie": (
        outcome(
            sent("TERM", pid=7),
            generated("TERM", Generation.IGNORED, target=WORKER),
            before=snapshot(process(), process(7, state=ProcessState.ZOMBIE)),
        ),
        Outcome.IGNORED,
    ),
    "merged": (
        outcome(sent("TERM"), generated("TERM", Generation.ALREADY_PENDING)),
        Outcome.PENDING,
    ),
    "too many queued": (
        outcome(sent("RTMIN"), generated("RTMIN", Generation.OVERFLOW)),
        Outcome.REJECTED,
    ),
    "a handler": (
        outcome(sent("TERM"), generated("TERM"), delivered("TERM")),
        Outcome.HANDLER_RUNS,
    ),
    "taken and dropped, once unblocked": (
        outcome(sent("TERM"), generated("TERM"), delivered("TERM", Delivery.DEFAULT)),
        Outcome.DROPPED_INIT,
    ),
    "an end, delivered as SIGKILL": (
        outcome(
            sent("TERM", pid=7),
            generated("TERM", target=WORKER),
            delivered("KILL", Delivery.DEFAULT, task=WORKER),
            ProcessExited(1001 * MS, WORKER),
            told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1001.1),
            before=snapshot(process(), process(7)),
        ),
        Outcome.TERMINATED,
    ),
    "an end of which only the parent is told": (
        outcome(
            sent("QUIT", pid=7),
            generated("QUIT", target=WORKER),
            told(WORKER, ChildStatus.DUMPED, parent=INIT),
            before=snapshot(process(), process(7)),
        ),
        Outcome.CORE_DUMPED,
    ),
    "the end of init from the host": (
        outcome(
            sent("KILL", sender=HOST),
            generated("KILL", sender=RUNTIME),
            delivered("KILL", Delivery.DEFAULT),
            ProcessExited(1001 * MS, INIT),
            told(INIT, ChildStatus.KILLED, at_ms=1001.1),
        ),
        Outcome.TERMINATED,
    ),
    "a stop": (
        outcome(
            sent("STOP", sender=HOST),
            generated("STOP", sender=RUNTIME),
            delivered("STOP", Delivery.DEFAULT),
        ),
        Outcome.STOPPED,
    ),
    "a stop of an orphaned group": (
        outcome(
            sent("TSTP", pid=7),
            generated("TSTP", target=WORKER),
            delivered("TSTP", Delivery.DEFAULT, task=WORKER),
            before=snapshot(process(), process(7)),
            after=snapshot(process(), process(7), at_ms=1050),
        ),
        Outcome.IGNORED,
    ),
    "a stop of another group, of which the parent is told": (
        outcome(
            sent("TSTP", pid=7),
            generated("TSTP", target=WORKER),
            delivered("TSTP", Delivery.DEFAULT, task=WORKER),
            told(WORKER, ChildStatus.STOPPED, parent=INIT),
            before=snapshot(process(), process(7)),
        ),
        Outcome.STOPPED,
    ),
    "a continue that was discarded": (
        outcome(
            sent("CONT"),
            generated("CONT", Generation.IGNORED),
            before=snapshot(process(state=ProcessState.STOPPED)),
        ),
        Outcome.CONTINUED,
    ),
    "a continue that was caught": (
        outcome(
            sent("CONT"),
            generated("CONT"),
            before=snapshot(process(state=ProcessState.STOPPED, caught=("CONT",))),
        ),
        Outcome.CONTINUED,
    ),
    "pending, as a snapshot shows": (
        outcome(
            sent("TERM"),
            generated("TERM"),
            before=snapshot(process(blocked=("TERM",))),
            after=snapshot(process(blocked=("TERM",), pending=("TERM",)), at_ms=1050),
        ),
        Outcome.PENDING,
    ),
    "pending, for nobody could take it": (
        outcome(
            sent("TERM"),
            generated("TERM"),
            before=snapshot(process(blocked=("TERM",))),
            complete=True,
        ),
        Outcome.PENDING,
    ),
    "consumed": (
        outcome(
            sent("TERM"),
            generated("TERM"),
            before=snapshot(process(waits=True)),
            after=snapshot(process(waits=True), at_ms=1050),
        ),
        Outcome.CONSUMED,
    ),
    "gone, and nobody was seen to wait for it": (
        outcome(sent("TERM"), generated("TERM"), after=snapshot(process(), at_ms=1050)),
        None,
    ),
    "not recorded yet": (outcome(sent("TERM")), None),
    "queued a moment ago": (
        outcome(
            sent("TERM"), generated("TERM", at_ms=LATER - 1), before=snapshot(process(waits=True))
        ),
        None,
    ),
    "refused": (outcome(sent("TERM", errno="EPERM")), Outcome.REJECTED),
}


@pytest.mark.parametrize("name", RECORDED)
def test_the_kernels_record_decides(name: str) -> None:
    """How a signal was generated and delivered says what became of it."""
    found, outcome = RECORDED[name]

    assert found.actual is outcome, found.seen
    if outcome is not Outcome.REJECTED:
        assert found.evidence is Evidence.KERNEL


def test_another_signal_of_the_same_kind_is_not_taken_for_ours() -> None:
    """Sender, target and time have to fit."""
    others = (
        generated("TERM", Generation.IGNORED, sender=INIT, target=WORKER),
        generated("TERM", Generation.IGNORED, at_ms=100),
        generated("TERM", Generation.IGNORED, sender=RUNTIME),
        generated("TERM", Generation.IGNORED, code=128),
        generated("INT", Generation.IGNORED),
    )

    assert outcome(sent("TERM"), *others).actual is None
    after = outcome(sent("TERM"), *others, delivered("TERM"), generated("TERM"))
    assert after.actual is None


def test_signals_of_the_same_kind_are_told_in_order() -> None:
    """The first one sent is the first one generated."""
    signals = [SentSignal(sent("TERM"), snapshot(process(caught=("TERM",)))) for _ in range(2)]
    record = (
        generated("TERM"),
        generated("TERM", Generation.ALREADY_PENDING, at_ms=1000.15),
        delivered("TERM"),
    )

    found = outcomes_of(signals, EvidenceAfter(KNOWN, record, None, None, LATER * MS))

    assert [one.actual for one in found] == [Outcome.HANDLER_RUNS, Outcome.PENDING]


@pytest.mark.parametrize("pid", [-1, 0, -7])
def test_a_signal_to_all_or_to_a_group_has_no_fate_of_its_own(pid: int) -> None:
    """It has many targets (kill(2))."""
    assert not outcomes_of(
        [SentSignal(sent("TERM", pid=pid), None)], EvidenceAfter(KNOWN, (), None, None, 0)
    )


@pytest.mark.parametrize(
    ("found", "mispredicted"),
    [
        (outcome(sent("KILL"), generated("KILL", Generation.IGNORED)), False),
        (
            outcome(
                sent("KILL"),
                generated("KILL"),
                ProcessExited(1001 * MS, INIT),
                told(INIT, ChildStatus.KILLED, at_ms=1001.1),
            ),
            True,
        ),
        (
            outcome(
                sent("TERM"),
                generated("TERM", Generation.IGNORED),
                before=snapshot(process(caught=("TERM",))),
            ),
            True,
        ),
        (outcome(sent("TERM"), generated("TERM"), delivered("TERM")), False),
        (outcome(sent("TERM")), False),
        (
            outcome(
                sent("TERM"),
                generated("TERM"),
                delivered("TERM", at_ms=1090),
                before=snapshot(process(blocked=("TERM",), caught=("TERM",))),
            ),
            False,
        ),
        (
            outcome(
                sent("TERM"),
                generated("TERM", Generation.IGNORED),
                before=snapshot(process(blocked=("TERM",))),
            ),
            True,
        ),
        (outcome(sent("TERM"), generated("TERM"), before=snapshot(process(7))), False),
    ],
)
def test_a_misprediction_contradicts_what_was_predicted_with_confidence(
    found: SignalOutcome,
    mispredicted: bool,  # noqa: FBT001
) -> None:
    """
    What was predicted as pending may be taken later; what is not known is no misprediction. A
    handler that runs has been installed, if only after the target was seen.
    """
    assert found.mispredicted is mispredicted, found


CATCHES = snapshot(process(caught=("TERM",)), at_ms=900)
QUEUED = (
    generated("TERM", at_ms=1000),
    generated("KILL", at_ms=1040),
    ProcessExited(1050 * MS, INIT),
    told(INIT, ChildStatus.KILLED, at_ms=1050),
)


@pytest.mark.parametrize(
    ("stopped", "mispredicted"),
    [
        (delivered("STOP", delivery=Delivery.DEFAULT, at_ms=950), False),
        (delivered("STOP", delivery=Delivery.DEFAULT, at_ms=890), True),
        (delivered("STOP", delivery=Delivery.DEFAULT, at_ms=1010), True),
        (delivered("STOP", delivery=Delivery.DEFAULT, task=WORKER, at_ms=950), True),
        (delivered("TSTP", delivery=Delivery.HANDLER, at_ms=950), True),
        (delivered("CONT", delivery=Delivery.DEFAULT, at_ms=950), True),
    ],
    ids=["since", "before", "after", "another", "handled", "no-stop"],
)
def test_a_target_that_stopped_after_it_was_seen_is_not_mispredicted(
    stopped: KernelFact,
    mispredicted: bool,  # noqa: FBT001
) -> None:
    """SIGSTOP had been sent, and took effect between the snapshot and the signal."""
    found = outcome(sent("TERM"), stopped, *QUEUED, before=CATCHES, complete=True)

    assert found.predicted is Outcome.HANDLER_RUNS
    assert found.actual is Outcome.PENDING
    assert found.mispredicted is mispredicted


ENDED = InitEnded(1050 * MS, 137)
AFTER = snapshot(process(), at_ms=1050)

UNRECORDED: dict[str, tuple[SignalOutcome, Outcome | None]] = {
    "dropped, and init goes on": (
        blind(sent("KILL"), snapshot(process()), AFTER),
        Outcome.DROPPED_INIT,
    ),
    "dropped, but init has ended": (
        blind(sent("KILL"), snapshot(process()), ended=ENDED),
        None,
    ),
    "not looked at since": (blind(sent("KILL"), snapshot(process())), None),
    "caught": (blind(sent("TERM"), snapshot(process(caught=("TERM",)))), Outcome.HANDLER_RUNS),
    "pending": (
        blind(
            sent("TERM"),
            snapshot(process(blocked=("TERM",))),
            snapshot(process(blocked=("TERM",), pending=("TERM",)), at_ms=1050),
        ),
        Outcome.PENDING,
    ),
    "not pending any more": (
        blind(sent("TERM"), snapshot(process(blocked=("TERM",))), AFTER),
        None,
    ),
    "ended init": (
        blind(sent("KILL", sender=HOST), snapshot(process()), ended=ENDED),
        Outcome.TERMINATED,
    ),
    "ended a worker": (
        blind(sent("TERM", pid=7), snapshot(process(), process(7)), AFTER),
        Outcome.TERMINATED,
    ),
    "has not ended a worker yet": (
        blind(
            sent("TERM", pid=7),
            snapshot(process(), process(7)),
            snapshot(process(), process(7), at_ms=1050),
        ),
        None,
    ),
    "stopped": (
        blind(
            sent("STOP", sender=HOST),
            snapshot(process()),
            snapshot(process(state=ProcessState.STOPPED), at_ms=1050),
        ),
        Outcome.STOPPED,
    ),
    "continued": (
        blind(sent("CONT"), snapshot(process(state=ProcessState.STOPPED)), AFTER),
        Outcome.CONTINUED,
    ),
    "waited for, perhaps": (blind(sent("TERM"), snapshot(process(waits=True)), AFTER), None),
    "to a target that was not seen": (blind(sent("TERM", pid=9), snapshot(process()), AFTER), None),
    "refused": (blind(sent("TERM", errno="ESRCH"), snapshot(process())), Outcome.REJECTED),
}


@pytest.mark.parametrize("name", UNRECORDED)
def test_without_the_record_masks_and_states_decide_or_nothing_does(name: str) -> None:
    """Only what follows for sure, and fits what is seen, is told."""
    found, outcome = UNRECORDED[name]

    assert found.actual is outcome, found.seen
    assert found.evidence is Evidence.PROC


def test_a_gap_in_what_was_seen_makes_the_prediction_unsure() -> None:
    """Nothing is predicted for a target that is in no snapshot."""
    found = outcome(sent("TERM", pid=9), before=snapshot(process()))

    assert (found.predicted, found.rule, found.confidence) == (None, "", Confidence.UNKNOWN)
