"""Why cases went wrong, from timelines of real runs: told right, or less is told."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import judge
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import FinalState, InitEnded, OutOfMemory
from runner.model.kernel_facts import (
    ChildStatus,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
    TraceLost,
)
from runner.model.observation import LogsEnded, ProcessSnapshot, StepEnded, Timeline
from runner.model.result import CaseResult
from tests.support.cases import SETTINGS
from tests.support.results import MIXED, PASSED
from tests.support.stored import read_again
from tests.support.timelines import FOLDER, WHY, recorded, said_of, without_record

_OF_THE_END = (SignalDelivered, ProcessExited, ParentNotified, InitEnded)


def judged(name: str, timeline: Timeline | None = None) -> CaseResult:
    """Judge a recorded case, or another timeline of it."""
    stored = recorded(name)
    return judge(stored.case, stored.timeline if timeline is None else timeline, SETTINGS)


def without(name: str, *kinds: type) -> CaseResult:
    """Judge a recorded case without facts of some kinds."""
    timeline = tuple(one for one in recorded(name).timeline if not isinstance(one, kinds))
    return judged(name, timeline)


@pytest.mark.parametrize("name", WHY)
def test_what_went_wrong_is_told_with_rule_and_advice(name: str) -> None:
    """One reason for each, in at most three sentences, from a timeline of a real run."""
    result = judged(name)

    assert result.verdict.kind == "failed"
    (one,) = result.explanations
    assert 1 <= len(one.sentences) <= 3
    assert not [words for words in WHY[name] if words not in said_of([one])]


def test_every_recorded_timeline_is_judged() -> None:
    """None is left over from a scenario that was renamed."""
    stored = {path.stem for path in FOLDER.glob("*.jsonl")}

    assert stored == {name.replace(" ", "-") for name in WHY}


def test_what_passed_needs_no_reason() -> None:
    """Only a failed or errored case, or a misprediction, is explained."""
    assert judge(PASSED.case, PASSED.timeline, SETTINGS).explanations == ()


@pytest.mark.parametrize("name", ["our own sigkill", "exits 137 of its own", "out of memory"])
def test_137_alone_is_no_proof_of_a_kill_or_of_a_lack_of_memory(name: str) -> None:
    """Without the kernel trace, and with nothing else that decides, that is what is said."""
    stored = recorded(name)
    bare = tuple(
        dataclasses.replace(one, oom_killed=False) if isinstance(one, FinalState) else one
        for one in without_record(stored.timeline)
        if not isinstance(one, OutOfMemory)
    )

    said = said_of(judged(name, bare).explanations)
    if name == "our own sigkill":
        assert "The SIGKILL of this test ended init" in said
    else:
        assert "Whether SIGKILL ended init, or exit(2) with 137, cannot be told" in said


def test_the_engines_word_on_memory_does_not_say_who_was_killed() -> None:
    """It may have been a child of init; only the kernel trace tells."""
    stored = recorded("out of memory")
    said = said_of(judged("out of memory", without_record(stored.timeline)).explanations)

    assert "OOM killer was invoked in the container; whether it killed init cannot be told" in said


def test_a_kill_of_a_child_by_lack_of_memory_is_not_inits() -> None:
    """By the record init exited by itself; that the OOM killer was invoked is said beside it."""
    stored = recorded("exits 137 of its own")
    oom = OutOfMemory(stored.timeline[-1].at_ns)
    said = said_of(judged("exits 137 of its own", (*stored.timeline, oom)).explanations)

    assert "no SIGKILL killed it" in said
    assert "The OOM killer was invoked in the container, but it did not kill init." in said


@pytest.mark.parametrize("place", [Role.INSIDE, Role.PROBE])
def test_the_oom_killer_runs_in_whatever_process_has_asked_for_memory(place: Role) -> None:
    """Seen on a busy machine: the probe's look needed the page that was one too many."""
    stored = recorded("out of memory")
    asker = Task(place, 8, 800, "probe")
    timeline = tuple(
        dataclasses.replace(one, sender=asker)
        if isinstance(one, SignalGenerated) and one.signal == SIGKILL
        else one
        for one in stored.timeline
    )

    assert timeline != stored.timeline
    assert judged("out of memory", timeline).explanations == judged("out of memory").explanations


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no handler", "By the masks in /proc (no kernel trace), SIGTERM must have been dropped"),
        ("handler runs but stays", "by its masks in /proc (no kernel trace), and did not exit"),
        ("trap behind a foreground child", "probably it waited for 8 sleep"),
        ("143 below docker init", "was probably ended by it"),
    ],
)
def test_without_the_kernels_record_less_is_said(name: str, words: str) -> None:
    """And that it is missing."""
    said = said_of(judged(name, without_record(recorded(name).timeline)).explanations)

    assert words in said
    assert "never saw" not in said


def test_a_record_with_a_gap_is_none() -> None:
    """What it does not show may have happened in the gap."""
    stored = recorded("shell form with dash")
    gap = TraceLost(stored.timeline[-1].at_ns, 3)
    said = said_of(judged("shell form with dash", (*stored.timeline, gap)).explanations)

    assert "no kernel trace" in said
    assert "never saw" not in said


def test_a_child_in_the_background_is_not_waited_for_by_the_shell() -> None:
    """It ignores SIGINT and SIGQUIT: then the trap is not deferred, it just does not exit."""
    said = said_of(judged("a trap that does nothing and a background child").explanations)

    assert "foreground" not in said


def test_a_shell_that_has_acted_does_not_defer_its_trap() -> None:
    """What it starts after the signal is the work of its trap."""
    said = said_of(judged("a shell that cleans up for too long").explanations)

    assert "foreground" not in said
    # Without that fact it still does not: its first child runs in the background.
    assert "foreground" not in said_of(
        without("a shell that cleans up for too long", ProcessForked).explanations
    )


def test_a_child_that_somebody_else_has_signalled_has_seen_it() -> None:
    """`never saw` is said only where nobody at all has sent it the signal."""
    stored = recorded("shell form with dash")
    dropped = next(
        one for one in stored.timeline if isinstance(one, SignalGenerated) and one.signal == 15
    )
    child = next(
        one.child
        for one in stored.timeline
        if isinstance(one, ProcessForked) and one.parent.role.value == "init"
    )
    sent = dataclasses.replace(dropped, target=child, sender=dropped.sender)
    said = said_of(judged("shell form with dash", (*stored.timeline, sent)).explanations)

    assert "SIGTERM was dropped" in said
    assert "never saw" not in said


def test_a_blocked_signal_did_not_end_init_when_sigkill_did() -> None:
    """SIGTERM stays pending (R3), and the SIGKILL of the escalation is no misprediction."""
    (stop,) = judged("blocked").steps

    assert [one.actual for one in stop.signals] == [Outcome.PENDING, Outcome.TERMINATED]
    assert not judged("blocked").mispredictions


def test_a_sigkill_that_is_still_on_its_way_is_no_misprediction() -> None:
    """The engine reports that it has sent it before the kernel has ended init."""
    stored = recorded("no handler")
    killed_ns = next(
        one.at_ns
        for one in stored.timeline
        if isinstance(one, SignalGenerated) and one.signal == SIGKILL
    )
    cut = tuple(
        one
        for one in stored.timeline
        if one.at_ns <= killed_ns + 20_000_000 and not isinstance(one, _OF_THE_END)
    )
    result = judged("no handler", cut)

    assert [one.actual for one in result.steps[0].signals][:1] == [Outcome.DROPPED_INIT]
    assert not result.mispredictions


def test_a_misprediction_is_told_first() -> None:
    """With what was predicted, by which rule, and what was seen instead."""
    stored = recorded("no handler")
    queued = tuple(
        dataclasses.replace(one, generation=type(one.generation).ALREADY_PENDING)
        if isinstance(one, SignalGenerated) and one.signal == 15
        else one
        for one in stored.timeline
    )
    result = judge(stored.case, queued, SETTINGS)

    assert [one.signal.signal_name for one in result.mispredictions] == ["SIGTERM"]
    said = said_of(result.explanations[:1])
    assert "by R5, SIGTERM to PID 1 must have been dropped_init, but was pending" in said


def test_explanations_are_stored() -> None:
    """cases.jsonl.gz has them, and a reader gets the same back."""
    result = judged("no handler")
    run = dataclasses.replace(MIXED, cases=(result,))

    assert read_again(run) == run


def test_the_same_timeline_gets_the_same_reasons() -> None:
    """Explaining is a function of case and timeline alone."""
    assert judged("zombies") == judged("zombies")


def test_what_comes_after_the_deadline_changes_nothing() -> None:
    """On a busy machine init and its child may end before the verdict, but too late for it."""
    name = "trap behind a child that ends late"
    before = recorded(name).timeline
    over = next(one for one in before if isinstance(one, StepEnded) and one.step == 0)
    late_ns = over.at_ns - 1_000_000
    generated = next(one for one in before if isinstance(one, SignalGenerated))
    forked = next(one for one in reversed(before) if isinstance(one, ProcessForked))
    late = (
        ProcessExited(late_ns, forked.child),
        ParentNotified(late_ns, forked.child, forked.parent, ChildStatus.EXITED),
        ProcessExited(late_ns, generated.target),
        InitEnded(late_ns, 0),
    )
    at = before.index(over)

    result = judged(name, (*before[:at], *late, *before[at:]))

    assert result.verdict.kind == "failed"
    assert result.explanations == judged(name).explanations


def test_a_shell_that_no_look_has_shown_is_known_by_the_record() -> None:
    """On a busy machine init may have ended before the probe was there."""
    name = "a command that the shell does not find"
    before = [one for one in recorded(name).timeline if not isinstance(one, ProcessSnapshot)]
    ready = next(one for one in before if isinstance(one, StepEnded))
    at = before.index(ready)
    end = next(at for at, one in enumerate(before) if isinstance(one, LogsEnded))
    end_ns = before[end].at_ns
    late = [dataclasses.replace(one, at_ns=end_ns) for one in before[at : at + 3]]
    timeline = (*before[:at], *before[at + 3 : end + 1], *late, *before[end + 1 :])

    assert judged(name, timeline).explanations == judged(name).explanations


def test_a_look_that_began_before_the_handler_ran_may_show_that_it_runs() -> None:
    """On a busy machine a snapshot takes its time."""
    name = "grace too short"
    timeline = recorded(name).timeline
    (taken,) = [
        one for one in timeline if isinstance(one, SignalDelivered) and one.signal == SIGTERM
    ]
    shown = next(
        one for one in timeline if isinstance(one, ProcessSnapshot) and one.at_ns > taken.at_ns
    )
    begun_ns = taken.at_ns - 1_000
    slow = dataclasses.replace(shown, at_ns=begun_ns, until_ns=begun_ns)
    others = [
        one for one in timeline if not isinstance(one, ProcessSnapshot) or one.at_ns < begun_ns
    ]
    at = others.index(taken)

    result = judged(name, (*others[:at], slow, *others[at:]))

    assert result.explanations == judged(name).explanations
