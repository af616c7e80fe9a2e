"""What is foretold of signals from looks, held against what became of them."""

from __future__ import annotations

import dataclasses

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import InitEnded
from runner.model.expectation import InitExited, InitIs, InitState, KillAnswered
from runner.model.kernel_facts import Generation
from runner.model.observation import Observation, SignalSent, TraceReached
from runner.model.process import Process
from runner.model.result import CaseResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Sender
from runner.model.verdict import Failed
from tests.support.cases import SETTINGS, expect, send
from tests.support.decided import acts, before, judged, look
from tests.support.facts import MS, RUNTIME, WORKER, generated, process, sent

ACCEPTED = KillAnswered("")
STRICT = dataclasses.replace(SETTINGS, strict_oracle=True)


def outcome(signal: SignalSent, *facts: Observation, seen: tuple[Process, ...]) -> SignalOutcome:
    """Give what was foretold of a signal, and what became of it; there is a record."""
    known = (*before(*seen), *acts(signal), *facts, TraceReached(2000 * MS))
    (one,) = judged(1500, expect(ACCEPTED), *known).steps[0].signals
    return one


@pytest.mark.parametrize(
    ("others", "orphaned"),
    [
        ((process(1), process(7, pgid=7, sid=1)), False),
        ((process(1, sid=5), process(7, pgid=7, sid=1)), True),
        ((process(1, pgid=7, sid=1), process(7, pgid=7, sid=1)), True),
        ((process(1, sid=1), process(7, pgid=7, sid=7), process(8, pgid=7, sid=1)), False),
        (
            (
                process(1, sid=1),
                process(7, pgid=7, sid=7),
                process(8, pgid=7, sid=1, state=ProcessState.ZOMBIE),
            ),
            True,
        ),
        ((process(1), process(7, ppid=99, pgid=7, sid=1)), True),
        ((process(1, sid=1), process(7, pgid=7, sid=7), process(8, pgid=8, sid=1)), True),
    ],
    ids=["has-parent", "session", "same-group", "by-a-member", "zombie", "no-parent", "others"],
)
def test_a_group_is_orphaned_unless_a_living_member_has_a_parent_in_its_session(
    others: tuple[Process, ...], *, orphaned: bool
) -> None:
    """In another group of the same session (setpgid(2)): SIGTSTP orphaned only such a group."""
    foretold = outcome(sent("TSTP", pid=7), seen=others).predicted

    assert foretold is (Outcome.IGNORED if orphaned else Outcome.STOPPED)


@pytest.mark.parametrize(
    ("sender", "errno", "pid", "foretold"),
    [
        (Sender.INSIDE, "", 1, Outcome.DROPPED_INIT),
        (Sender.HOST, "", 1, Outcome.TERMINATED),
        (Sender.HOST, "", 7, Outcome.TERMINATED),
        (Sender.INSIDE, "", 7, Outcome.TERMINATED),
        (Sender.INSIDE, "EPERM", 7, Outcome.REJECTED),
        (Sender.INSIDE, "", 8, None),
    ],
)
def test_sigkill_is_foretold_by_who_sends_it_to_whom(
    sender: Sender, errno: str, pid: int, foretold: Outcome | None
) -> None:
    """What the engine sends goes to init; of a target that was in no look, nothing is."""
    one = outcome(sent("KILL", pid=pid, sender=sender, errno=errno), seen=())

    assert one.predicted is foretold
    assert (one.actual is Outcome.REJECTED) is bool(errno)


def test_in_the_machines_pid_namespace_there_is_no_init() -> None:
    """So nothing is dropped (pid_namespaces(7))."""
    facts = (*before(), *acts(sent("TERM")), TraceReached(2000 * MS))

    (own,) = judged(1500, expect(ACCEPTED), *facts).steps[0].signals
    (shared,) = judged(1500, expect(ACCEPTED), *facts, pid="host").steps[0].signals

    assert (own.predicted, shared.predicted) == (Outcome.DROPPED_INIT, Outcome.TERMINATED)


def mispredicted(*, strict: bool, ignored: bool = False, fails: bool = False) -> CaseResult:
    """A handler of init had to run, and SIGTERM was dropped."""
    check = InitIs(InitState.STOPPED) if fails else ACCEPTED
    step = dataclasses.replace(send("TERM", expect(check)), ignore_errors=ignored)
    catches = process(caught=("TERM",))
    facts = (
        *before(catches, process(7)),
        *acts(sent("TERM")),
        generated("TERM", Generation.IGNORED),
        look(catches, process(7), at_ms=1010, until_ms=9000),
        TraceReached(9000 * MS),
    )
    settings = STRICT if strict else SETTINGS
    return judged(9000, step, *facts, settings=settings)


def test_what_became_otherwise_than_foretold_fails_only_with_strict_oracle() -> None:
    """The finding says what was foretold, by which rule, and what became of it."""
    assert mispredicted(strict=False).verdict.kind == "passed"

    result = mispredicted(strict=True)

    assert isinstance(result.verdict, Failed)
    assert result.verdict == result.steps[0].verdict
    (finding,) = result.verdict.findings
    assert finding.expected == "SIGTERM: handler_runs by R8"
    assert finding.seen.startswith("SIGTERM discarded when it was sent")
    assert not finding.holds
    assert "--strict-oracle" in result.verdict.why


def test_what_failed_by_itself_has_failed_for_that_reason() -> None:
    """With `--strict-oracle` or without."""
    for result in (mispredicted(strict=True, fails=True), mispredicted(strict=False, fails=True)):
        assert isinstance(result.verdict, Failed)
        assert [one.expected for one in result.verdict.findings] == ["init stopped"]


def test_a_misprediction_in_a_step_that_ignores_errors_fails_that_step_alone() -> None:
    """The case goes by the other steps, as after any failure that is ignored."""
    result = mispredicted(strict=True, ignored=True)

    assert isinstance(result.steps[0].verdict, Failed)
    assert result.steps[0].ignored
    assert result.verdict.kind == "passed"


def test_an_ignored_failure_does_not_become_one_of_the_oracle() -> None:
    """The step has failed, and is ignored, as it was."""
    strict = mispredicted(strict=True, ignored=True, fails=True)
    plain = mispredicted(strict=False, ignored=True, fails=True)

    assert strict.steps == plain.steps
    assert strict.steps[0].ignored
    assert strict.verdict == plain.verdict


@pytest.mark.parametrize(
    ("generation", "words", "actual"),
    [
        (Generation.IGNORED, "kill(2) succeeds, and init never receives it", Outcome.DROPPED_INIT),
        (Generation.ALREADY_PENDING, "already pending, so not queued again", Outcome.PENDING),
        (Generation.OVERFLOW, "refused: too many are queued", Outcome.REJECTED),
    ],
)
def test_what_the_kernel_did_not_queue_is_known_at_once(
    generation: Generation, words: str, actual: Outcome
) -> None:
    """By its word when the signal was sent."""
    one = outcome(sent("TERM"), generated("TERM", generation), seen=())

    assert one.actual is actual
    assert words in one.seen
    assert not one.queued


def test_each_of_two_signals_has_an_outcome_of_its_own() -> None:
    """Though they are of one number; one to a group, or to all, has none."""
    facts = (
        *before(),
        *acts(sent("TERM", pid=7), sent("TERM", pid=7, at_ms=1002), sent("HUP", pid=-1)),
        generated("TERM", target=WORKER),
        generated("TERM", Generation.ALREADY_PENDING, target=WORKER, at_ms=1002),
        TraceReached(9000 * MS),
    )
    signals = judged(9000, expect(ACCEPTED), *facts).steps[0].signals

    assert [str(one.signal) for one in signals] == ["SIGTERM", "SIGTERM"]
    assert [one.queued for one in signals] == [True, False]


def test_a_refused_signal_that_is_on_record_was_sent() -> None:
    """Init ended, and cut off the answer."""
    refused = sent("KILL", sender=Sender.HOST, errno="ESRCH")
    record = generated("KILL", sender=RUNTIME)

    without = outcome(refused, InitEnded(1050 * MS, 137), seen=())
    on_record = outcome(refused, record, InitEnded(1050 * MS, 137), seen=())

    assert without.actual is Outcome.REJECTED
    assert on_record.actual is not Outcome.REJECTED


@pytest.mark.parametrize(
    ("errno", "wanted", "holds"),
    [("", "", True), ("ESRCH", "", False), ("ESRCH", "ESRCH", True), ("EPERM", "ESRCH", False)],
)
def test_each_answer_of_kill_must_be_the_wanted_one(
    errno: str, wanted: str, *, holds: bool
) -> None:
    """One other answer is enough; it is told which."""
    signals = acts(sent("TERM", pid=7, errno=wanted), sent("HUP", pid=8, errno=errno))
    result = judged(2000, expect(KillAnswered(wanted)), *before(), *signals)

    assert (result.verdict.kind == "passed") is holds
    if not holds:
        assert isinstance(result.verdict, Failed)
        assert "kill(8, SIGHUP)" in result.verdict.findings[0].seen


def test_nothing_was_answered_where_nothing_was_sent() -> None:
    """That cannot be judged, nor how an init ended that has not."""
    result = judged(2000, expect(ACCEPTED, InitExited((0,))), *before(), *acts())

    assert result.verdict.kind == "errored"
    assert "no signal was sent" in str(result.verdict)
