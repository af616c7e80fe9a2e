"""What is said of signals from hand-made facts: by the kernel's record, and without."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runner.history.sent_signals import SentSignal
from runner.judge.aftermath import Aftermath
from runner.judge.fates import fates_of
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import InitEnded
from runner.model.fate import SignalFate
from runner.model.kernel_facts import Delivery, Generation, KernelFact, ProcessExited, Told
from runner.model.observation import ProcessesSeen, SignalSent
from runner.model.step import Sender
from runner.model.verdict import Evidence
from tests.support.facts import (
    INIT,
    MS,
    PROBE,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    look,
    process,
    sent,
    told,
)

HOST = Sender.HOST
LATER = 1100


def fate(
    one: SignalSent,
    *record: KernelFact,
    before: ProcessesSeen | None = None,
    after: ProcessesSeen | None = None,
    ended: InitEnded | None = None,
    complete: bool = False,
) -> SignalFate:
    """The fate of one signal by the kernel's record."""
    known = Aftermath(record, after, ended, LATER * MS, complete=complete)
    (found,) = fates_of([SentSignal(one, before or look(process()))], known)
    return found


def blind(
    one: SignalSent,
    before: ProcessesSeen,
    after: ProcessesSeen | None = None,
    ended: InitEnded | None = None,
) -> SignalFate:
    """The fate of one signal where the kernel's record is not read."""
    (found,) = fates_of([SentSignal(one, before)], Aftermath(None, after, ended, LATER * MS))
    return found


RECORDED: dict[str, tuple[SignalFate, Outcome | None]] = {
    "dropped at init": (
        fate(sent("KILL"), generated("KILL", Generation.IGNORED)),
        Outcome.DROPPED_INIT,
    ),
    "dropped at init, from the host": (
        fate(sent("TERM", sender=HOST), generated("TERM", Generation.IGNORED, sender=RUNTIME)),
        Outcome.DROPPED_INIT,
    ),
    "ignored by choice": (
        fate(
            sent("TERM"),
            generated("TERM", Generation.IGNORED),
            before=look(process(ignored=("TERM",))),
        ),
        Outcome.IGNORED,
    ),
    "ignored by default, where there is no init": (
        fate(
            sent("CHLD", pid=7),
            generated("CHLD", Generation.IGNORED, target=WORKER),
            before=look(process(), process(7)),
        ),
        Outcome.IGNORED,
    ),
    "sent to a zombie": (
        fate(
            sent("TERM", pid=7),
            generated("TERM", Generation.IGNORED, target=WORKER),
            before=look(process(), process(7, state=ProcessState.ZOMBIE)),
        ),
        Outcome.IGNORED,
    ),
    "merged": (
        fate(sent("TERM"), generated("TERM", Generation.ALREADY_PENDING)),
        Outcome.PENDING,
    ),
    "too many queued": (
        fate(sent("RTMIN"), generated("RTMIN", Generation.OVERFLOW)),
        Outcome.REJECTED,
    ),
    "a handler": (
        fate(sent("TERM"), generated("TERM"), delivered("TERM")),
        Outcome.HANDLER_RUNS,
    ),
    "taken and dropped, once unblocked": (
        fate(sent("TERM"), generated("TERM"), delivered("TERM", Delivery.DEFAULT)),
        Outcome.DROPPED_INIT,
    ),
    "an end, delivered as SIGKILL": (
        fate(
            sent("TERM", pid=7),
            generated("TERM", target=WORKER),
            delivered("KILL", Delivery.DEFAULT, task=WORKER),
            ProcessExited(1001 * MS, WORKER),
            told(WORKER, Told.KILLED, parent=INIT, at_ms=1001.1),
            before=look(process(), process(7)),
        ),
        Outcome.TERMINATED,
    ),
    "an end of which only the parent is told": (
        fate(
            sent("QUIT", pid=7),
            generated("QUIT", target=WORKER),
            told(WORKER, Told.DUMPED, parent=INIT),
            before=look(process(), process(7)),
        ),
        Outcome.CORE_DUMPED,
    ),
    "the end of init from the host": (
        fate(
            sent("KILL", sender=HOST),
            generated("KILL", sender=RUNTIME),
            delivered("KILL", Delivery.DEFAULT),
            ProcessExited(1001 * MS, INIT),
            told(INIT, Told.KILLED, at_ms=1001.1),
        ),
        Outcome.TERMINATED,
    ),
    "a stop": (
        fate(
            sent("STOP", sender=HOST),
            generated("STOP", sender=RUNTIME),
            delivered("STOP", Delivery.DEFAULT),
        ),
        Outcome.STOPPED,
    ),
    "a stop of an orphaned group": (
        fate(
            sent("TSTP", pid=7),
            generated("TSTP", target=WORKER),
            delivered("TSTP", Delivery.DEFAULT, task=WORKER),
            before=look(process(), process(7)),
            after=look(process(), process(7), at_ms=1050),
        ),
        Outcome.IGNORED,
    ),
    "a stop of another group, of which the parent is told": (
        fate(
            sent("TSTP", pid=7),
            generated("TSTP", target=WORKER),
            delivered("TSTP", Delivery.DEFAULT, task=WORKER),
            told(WORKER, Told.STOPPED, parent=INIT),
            before=look(process(), process(7)),
        ),
        Outcome.STOPPED,
    ),
    "a continue that was discarded": (
        fate(
            sent("CONT"),
            generated("CONT", Generation.IGNORED),
            before=look(process(state=ProcessState.STOPPED)),
        ),
        Outcome.CONTINUED,
    ),
    "a continue that was caught": (
        fate(
            sent("CONT"),
            generated("CONT"),
            before=look(process(state=ProcessState.STOPPED, caught=("CONT",))),
        ),
        Outcome.CONTINUED,
    ),
    "pending, as a look shows": (
        fate(
            sent("TERM"),
            generated("TERM"),
            before=look(process(blocked=("TERM",))),
            after=look(process(blocked=("TERM",), pending=("TERM",)), at_ms=1050),
        ),
        Outcome.PENDING,
    ),
    "pending, for nobody could take it": (
        fate(
            sent("TERM"),
            generated("TERM"),
            before=look(process(blocked=("TERM",))),
            complete=True,
        ),
        Outcome.PENDING,
    ),
    "consumed": (
        fate(
            sent("TERM"),
            generated("TERM"),
            before=look(process(waits=True)),
            after=look(process(waits=True), at_ms=1050),
        ),
        Outcome.CONSUMED,
    ),
    "gone, and nobody was seen to wait for it": (
        fate(sent("TERM"), generated("TERM"), after=look(process(), at_ms=1050)),
        None,
    ),
    "not recorded yet": (fate(sent("TERM")), None),
    "queued a moment ago": (
        fate(sent("TERM"), generated("TERM", at_ms=LATER - 1), before=look(process(waits=True))),
        None,
    ),
    "refused": (fate(sent("TERM", errno="EPERM")), Outcome.REJECTED),
}


@pytest.mark.parametrize("name", RECORDED)
def test_the_kernels_record_decides(name: str) -> None:
    """How a signal was generated and delivered says what became of it."""
    found, outcome = RECORDED[name]

    assert found.outcome is outcome, found.seen
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

    assert fate(sent("TERM"), *others).outcome is None
    after = fate(sent("TERM"), *others, delivered("TERM"), generated("TERM"))
    assert after.outcome is None


def test_signals_of_the_same_kind_are_told_in_order() -> None:
    """The first one sent is the first one generated."""
    signals = [SentSignal(sent("TERM"), look(process(caught=("TERM",)))) for _ in range(2)]
    record = (
        generated("TERM"),
        generated("TERM", Generation.ALREADY_PENDING, at_ms=1000.15),
        delivered("TERM"),
    )

    found = fates_of(signals, Aftermath(record, None, None, LATER * MS))

    assert [one.outcome for one in found] == [Outcome.HANDLER_RUNS, Outcome.PENDING]


def test_a_signal_to_all_has_no_fate_of_its_own() -> None:
    """It has many targets."""
    assert not fates_of([SentSignal(sent("TERM", pid=-1), None)], Aftermath((), None, None, 0))


@pytest.mark.parametrize(
    ("found", "surprising"),
    [
        (fate(sent("KILL"), generated("KILL", Generation.IGNORED)), False),
        (
            fate(
                sent("KILL"),
                generated("KILL"),
                ProcessExited(1001 * MS, INIT),
                told(INIT, Told.KILLED, at_ms=1001.1),
            ),
            True,
        ),
        (fate(sent("TERM"), generated("TERM"), delivered("TERM")), True),
        (fate(sent("TERM")), False),
        (
            fate(
                sent("TERM"),
                generated("TERM"),
                delivered("TERM", at_ms=1090),
                before=look(process(blocked=("TERM",), caught=("TERM",))),
            ),
            False,
        ),
        (
            fate(
                sent("TERM"),
                generated("TERM", Generation.IGNORED),
                before=look(process(blocked=("TERM",))),
            ),
            True,
        ),
        (fate(sent("TERM"), generated("TERM"), before=look(process(7))), False),
    ],
)
def test_a_surprise_contradicts_what_was_foretold_with_confidence(
    found: SignalFate,
    surprising: bool,  # noqa: FBT001
) -> None:
    """What was foretold as pending may be taken later; what is not known surprises nobody."""
    assert found.surprising is surprising, found


ENDED = InitEnded(1050 * MS, 137, 0)
AFTER = look(process(), at_ms=1050)

UNRECORDED: dict[str, tuple[SignalFate, Outcome | None]] = {
    "dropped, and init goes on": (
        blind(sent("KILL"), look(process()), AFTER),
        Outcome.DROPPED_INIT,
    ),
    "dropped, but init has ended": (
        blind(sent("KILL"), look(process()), ended=ENDED),
        None,
    ),
    "not looked at since": (blind(sent("KILL"), look(process())), None),
    "caught": (blind(sent("TERM"), look(process(caught=("TERM",)))), Outcome.HANDLER_RUNS),
    "pending": (
        blind(
            sent("TERM"),
            look(process(blocked=("TERM",))),
            look(process(blocked=("TERM",), pending=("TERM",)), at_ms=1050),
        ),
        Outcome.PENDING,
    ),
    "not pending any more": (
        blind(sent("TERM"), look(process(blocked=("TERM",))), AFTER),
        None,
    ),
    "ended init": (
        blind(sent("KILL", sender=HOST), look(process()), ended=ENDED),
        Outcome.TERMINATED,
    ),
    "ended a worker": (
        blind(sent("TERM", pid=7), look(process(), process(7)), AFTER),
        Outcome.TERMINATED,
    ),
    "has not ended a worker yet": (
        blind(
            sent("TERM", pid=7),
            look(process(), process(7)),
            look(process(), process(7), at_ms=1050),
        ),
        None,
    ),
    "stopped": (
        blind(
            sent("STOP", sender=HOST),
            look(process()),
            look(process(state=ProcessState.STOPPED), at_ms=1050),
        ),
        Outcome.STOPPED,
    ),
    "continued": (
        blind(sent("CONT"), look(process(state=ProcessState.STOPPED)), AFTER),
        Outcome.CONTINUED,
    ),
    "waited for, perhaps": (blind(sent("TERM"), look(process(waits=True)), AFTER), None),
    "to a target that was not seen": (blind(sent("TERM", pid=9), look(process()), AFTER), None),
    "refused": (blind(sent("TERM", errno="ESRCH"), look(process())), Outcome.REJECTED),
}


@pytest.mark.parametrize("name", UNRECORDED)
def test_without_the_record_masks_and_states_decide_or_nothing_does(name: str) -> None:
    """Only what follows for sure, and fits what is seen, is told."""
    found, outcome = UNRECORDED[name]

    assert found.outcome is outcome, found.seen
    assert found.evidence is Evidence.PROC


def test_a_gap_in_what_was_seen_makes_the_prediction_unsure() -> None:
    """Nothing is foretold of a target that was not looked at."""
    found = fate(sent("TERM", pid=9), before=look(process()))

    assert (found.predicted, found.rule, found.confidence) == (None, "", Confidence.UNKNOWN)


def test_only_what_becomes_of_the_target_counts() -> None:
    """The end of another process, and of the probe, is not its end."""
    facts: Sequence[KernelFact] = (
        generated("TERM", target=WORKER),
        told(INIT, Told.KILLED),
        ProcessExited(1001 * MS, PROBE),
    )

    found = fate(sent("TERM", pid=7), *facts, before=look(process(), process(7)))

    assert found.outcome is None
