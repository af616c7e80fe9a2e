"""Diagrams: in the order of what happened, with times, and with what is there only."""

from __future__ import annotations

import dataclasses
import re

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.case import CaseContainer
from runner.model.container import ContainerPlan
from runner.model.engine_facts import EngineSent, FinalState, InitEnded, InitRestarted
from runner.model.expectation import Stream
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    ProcessExited,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
    TraceOpened,
)
from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.observation import LogText, SignalSent, StepBegan, StopRequested, Timeline
from runner.model.result import CaseResult
from runner.model.step import Sender
from runner.model.verdict import Evidence
from runner.report.diagram import sequence_diagram
from tests.support.results import PASSED

MS = 1_000_000
HOST = Task(Role.HOST, None, 9, "runc")
PROBE = Task(Role.PROBE, 7, 17, "probe")
INIT = Task(Role.INIT, 1, 11, "sh")
CHILD = Task(Role.INSIDE, 6, 16, "sleep")


def drawn(*facts: object, **changes: object) -> list[str]:
    """The lines of a diagram of a stop with these facts, without the participants."""
    timeline: Timeline = (StepBegan(0, 0), *facts)  # type: ignore[assignment]
    lines = sequence_diagram(dataclasses.replace(PASSED, timeline=timeline, **changes))  # type: ignore[arg-type]
    return [line.strip() for line in lines.splitlines() if "participant" not in line][2:]


def lanes(result: CaseResult) -> list[str]:
    """The lanes, from left to right."""
    return re.findall(r"participant (.*)", sequence_diagram(result))


def sent(ms: int, signal: object, sender: Task, target: Task, **changes: object) -> SignalGenerated:
    """A signal in the kernel trace."""
    made = SignalGenerated(ms * MS, signal, Generation.QUEUED, sender, target, 0, to_process=True)  # type: ignore[arg-type]
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


STOPPED = (
    TraceOpened(0, 11),
    StopRequested(1 * MS, 0, 3.0, None),
    # The engine tells of its signals after the kernel has dealt with them.
    sent(20, SIGTERM, HOST, INIT, generation=Generation.IGNORED),
    EngineSent(22 * MS, SIGTERM),
    sent(3020, SIGKILL, HOST, INIT),
    SignalDelivered(3021 * MS, SIGKILL, INIT, Delivery.DEFAULT, cause=SIGKILL),
    ProcessExited(3021 * MS, INIT),
    sent(3022, SIGKILL, INIT, CHILD, after_end=True),
    sent(3022, SIGKILL, INIT, dataclasses.replace(CHILD, pid=8), after_end=True),
    EngineSent(3030 * MS, SIGKILL),
    FinalState(3040 * MS, True, None, False, 0),
    InitEnded(3090 * MS, 137),
)


def test_a_stop_shows_the_grace_period_and_what_was_killed_with_init() -> None:
    """By the kernel's times, each once; an init that has ended is not running any more."""
    assert drawn(*STOPPED) == [
        "Note over H: +0.001 s stop, grace period 3 s",
        "H-xI: +0.020 s SIGTERM, discarded",
        "H->>I: +3.020 s SIGKILL",
        "Note over I: +3.021 s ended by SIGKILL, exited 137",
        "I->>C: +3.022 s killed with init#58; 6 sleep, 8 sleep",
    ]


def test_without_the_trace_it_is_as_the_engine_tells() -> None:
    """And what the last snapshot makes probable."""
    killed = KilledWithInit((KilledProcess(6, "sleep"),), evidence=Evidence.PROC)
    step = dataclasses.replace(PASSED.steps[0], killed=killed)
    told = [one for one in STOPPED if isinstance(one, StopRequested | EngineSent | InitEnded)]

    assert drawn(*told, steps=(step,)) == [
        "Note over H: +0.001 s stop, grace period 3 s",
        "H->>I: +0.022 s SIGTERM",
        "H->>I: +3.030 s SIGKILL",
        "Note over I: +3.090 s exited 137",
        "I->>C: +3.090 s probably killed with init#58; 6 sleep",
    ]


@pytest.mark.parametrize("traced", [True, False])
def test_a_signal_of_a_step_is_one_arrow(traced: bool) -> None:  # noqa: FBT001
    """However many tell of it: the step, the engine, the kernel."""
    signal = SignalSent(1 * MS, 5 * MS, 0, SIGTERM, 1, Sender.HOST, "")
    trace = (TraceOpened(0, 11), sent(2, SIGTERM, HOST, INIT)) if traced else ()

    assert drawn(signal, *trace, EngineSent(4 * MS, SIGTERM)) == ["H->>I: +0.001 s SIGTERM"]


def test_arrows_say_who_was_meant_and_what_was_refused() -> None:
    """To others than init, from others than the step, and by kill(2)'s answer."""
    kill = SignalSent(1 * MS, 1 * MS, 0, SIGTERM, 1, Sender.INSIDE, "")

    assert drawn(
        TraceOpened(0, 11),
        dataclasses.replace(kill, errno="EPERM"),
        dataclasses.replace(kill, pid=-1),
        kill,
        sent(2, SIGTERM, CHILD, INIT, generation=Generation.ALREADY_PENDING),
        sent(3, SIGTERM, PROBE, INIT, generation=Generation.IGNORED),
        sent(4, SIGTERM, INIT, CHILD),
        SignalDelivered(5 * MS, SIGTERM, INIT, Delivery.IGNORED),
        SignalDelivered(6 * MS, SIGKILL, INIT, Delivery.DEFAULT),
    ) == [
        "P-xI: +0.001 s SIGTERM (EPERM)",
        "P->>C: +0.001 s SIGTERM to -1",
        "P-xI: +0.001 s SIGTERM, discarded",
        "C->>I: +0.002 s SIGTERM, already pending",
        "I->>C: +0.004 s SIGTERM to 6 sleep",
        "Note over I: +0.005 s SIGTERM ignored",
        "Note over I: +0.006 s ended by a signal",
    ]


def test_a_restarted_init_has_an_end_of_its_own() -> None:
    """The end of the one before does not hide that it runs, or how it has ended."""
    running = FinalState(9 * MS, True, None, False, 1)

    assert drawn(InitEnded(1 * MS, 3), InitRestarted(2 * MS, 1), InitEnded(3 * MS, 4)) == [
        "Note over I: +0.001 s exited 3",
        "Note over I: +0.002 s restarted",
        "Note over I: +0.003 s exited 4",
    ]
    assert drawn(InitEnded(1 * MS, 3), InitRestarted(2 * MS, 1), running)[-1] == (
        "Note over I: +0.009 s running when the case ended"
    )


def test_a_lane_without_a_line_is_not_drawn() -> None:
    """Several containers have lanes of their own, by their names."""
    plan = CaseContainer(ContainerPlan(image="x"))
    case = dataclasses.replace(PASSED.case, containers={"web": plan, "d b;": plan})
    text = LogText(1, Stream.STDOUT, "hello", container="d b;")
    both = dataclasses.replace(PASSED, case=case, timeline=(text,))

    assert lanes(dataclasses.replace(PASSED, timeline=())) == ["I as init (PID 1)"]
    assert lanes(PASSED) == ["H as host", "I as init (PID 1)"]
    assert lanes(both) == ["H as host", "I as init of web", "I1 as init of d b#59;"]
    assert "  I1-->>H: +0.000 s hello" in sequence_diagram(both)


def test_a_long_story_keeps_its_end() -> None:
    """What says the same in a row is one line; else the middle is left out."""
    texts = [LogText(at * MS, Stream.STDOUT, f"line {at // 2}") for at in range(200)]

    lines = drawn(*texts, InitEnded(200 * MS, 0))

    assert lines[0] == "I-->>H: +0.000 s line 0 (2 times)"
    assert lines[-1] == "Note over I: +0.200 s exited 0"
    assert "Note over H,I: 42 lines not drawn" in lines
    assert len(lines) == 60


@pytest.mark.parametrize(("number", "left_out"), [(59, False), (60, True)])
def test_sixty_lines_are_drawn_and_no_more(number: int, left_out: bool) -> None:  # noqa: FBT001
    """The line of the step is one of them."""
    lines = drawn(*(LogText(at * MS, Stream.STDOUT, f"line {at}") for at in range(number)))

    assert ("Note over H,I: 1 line not drawn" in lines) == left_out
    assert len([line for line in lines if "not drawn" not in line]) == 59
