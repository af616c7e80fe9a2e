"""A timeline stays bounded, however many processes come and go."""

from __future__ import annotations

from runner.execute.process_event_limiter import MOST_KEPT
from runner.execute.timeline_builder import TimelineBuilder
from runner.kernel.signals import SIGTERM
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    Role,
    SignalGenerated,
    Task,
)
from runner.model.observation import Observation, StepActed, StepBegan

INIT = Task(Role.INIT, 1, 100, "sh")
TRUE = Task(Role.INSIDE, 7, 107, "true")


def life(at_ns: int, task: Task = TRUE, container: str = "") -> list[Observation]:
    """All there is to say of a process that does nothing."""
    return [
        ProcessForked(at_ns, INIT, task, container=container),
        ProgramExeced(at_ns, task, container=container),
        ProcessExited(at_ns, task, container=container),
        ParentNotified(at_ns, task, INIT, ChildStatus.EXITED, container=container),
        ProcessReaped(at_ns, task, container=container),
    ]


def signal(target: Task, at_ns: int = 0) -> SignalGenerated:
    """A signal from init."""
    return SignalGenerated(at_ns, SIGTERM, Generation.QUEUED, INIT, target, 0, to_process=True)


def recorded(*facts: Observation) -> tuple[TimelineBuilder, list[Observation | None]]:
    """Record facts; give what each came back as."""
    recorder = TimelineBuilder()
    return recorder, [recorder.append(one) for one in facts]


def many(container: str = "", until: int = 1000) -> list[Observation]:
    """The lives of a thousand processes."""
    return [one for at in range(until) for one in life(at, container=container)]


def test_of_a_thousand_processes_the_first_are_kept_and_the_others_counted() -> None:
    """The evaluator is told once that some are left out."""
    recorder, told = recorded(*many())
    timeline = recorder.timeline()

    assert len(timeline) == MOST_KEPT
    assert timeline[:-1] == tuple(many()[: MOST_KEPT - 1])
    assert timeline[-1] == ProcessEventsOmitted(99, 999, 5000 - MOST_KEPT + 1)
    assert sum(one is not None for one in told) == MOST_KEPT


def test_after_a_step_there_is_room_again() -> None:
    """And a new count of what is left out."""
    for step in (StepBegan(1000, 0), StepActed(1000, 0)):
        recorder, _ = recorded(*many(), step, *many())
        kinds = [one.kind for one in recorder.timeline()]

        assert kinds.count("process_events_omitted") == 2
        assert len(kinds) == 2 * MOST_KEPT + 1


def test_each_container_has_room_of_its_own() -> None:
    """A busy one takes nothing from another."""
    recorder, _ = recorded(*many("busy"), *life(2000, container="calm"))

    assert [one for one in recorder.timeline() if one.at_ns == 2000] == life(2000, container="calm")


def test_signals_are_never_left_out() -> None:
    """However many there are."""
    signals = [signal(TRUE, at) for at in range(2 * MOST_KEPT)]
    recorder, _ = recorded(*many(), *signals)

    assert [one for one in recorder.timeline() if one.kind == "signal_generated"] == signals


def test_what_becomes_of_a_process_that_was_signalled_is_kept() -> None:
    """And of init, and that a process was killed."""
    child, other = Task(Role.INSIDE, 8, 108, "worker"), Task(Role.INSIDE, 9, 109, "other")
    killed = ParentNotified(3000, other, INIT, ChildStatus.KILLED)
    wanted = [signal(child), ProcessExited(3000, child), ProcessExited(3000, INIT), killed]
    recorder, told = recorded(*many(), *wanted, ProcessExited(3000, other))

    assert told[-5:] == [*wanted, None]
    assert recorder.timeline()[-4:] == tuple(wanted)
