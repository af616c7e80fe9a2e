"""What of the kernel trace is no business of a case."""

from __future__ import annotations

import pytest

from runner.kernel.signals import SIGTERM
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    Role,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
    Task,
    TraceOpened,
)
from runner.observe.kernel_noise import as_seen_from

INIT = Task(Role.INIT, 1, 100, "app")
CHILD = Task(Role.INSIDE, 7, 107, "worker")
PROBE = Task(Role.INSIDE, 20, 120, "probe")
RUNC = Task(Role.INSIDE, 20, 120, "runc:[2:INIT]")
CRUN = Task(Role.INSIDE, 20, 120, "crun")
SHIM = Task(Role.HOST, None, 90, "containerd-shim")


def sent(sender: Task, target: Task) -> SignalGenerated:
    """A signal."""
    return SignalGenerated(1, SIGTERM, Generation.QUEUED, sender, target, 0, to_process=True)


def lives_of(task: Task) -> list[KernelFact]:
    """Everything that can be told of a process, but for its own signals."""
    return [
        sent(INIT, task),
        SignalDelivered(1, SIGTERM, task, Delivery.DEFAULT),
        ProcessForked(1, SHIM, task),
        ProgramExeced(1, task),
        ProcessExited(1, task),
        ParentNotified(1, task, SHIM, ChildStatus.EXITED),
        ProcessReaped(1, task),
        ExitCalled(1, task, 0),
        SubreaperSet(1, task, on=True),
        SignalfdRead(1, task, 4, 1),
    ]


@pytest.mark.parametrize("fact", [*lives_of(PROBE), *lives_of(RUNC), *lives_of(CRUN)])
def test_the_life_of_the_probe_and_of_the_runtime_is_left_out(fact: KernelFact) -> None:
    """So is what they are sent: kill(-1) reaches the probe too."""
    assert as_seen_from(fact, probe_pid=20) is None


@pytest.mark.parametrize("fact", [*lives_of(CHILD), *lives_of(INIT), TraceOpened(1, 100)])
def test_everything_else_is_told_as_it_is(fact: KernelFact) -> None:
    """Of init and of all others."""
    assert as_seen_from(fact, probe_pid=20) == fact


def test_what_the_probe_sends_is_told_as_the_probes() -> None:
    """By its PID, which it says itself."""
    seen = as_seen_from(sent(PROBE, INIT), probe_pid=20)

    assert isinstance(seen, SignalGenerated)
    assert seen.sender.role is Role.PROBE


def test_on_the_machines_own_namespace_the_probe_is_known_by_its_pid_too() -> None:
    """There it descends from the runtime, not from init."""
    seen = as_seen_from(sent(Task(Role.HOST, 120, 120, "probe"), INIT), probe_pid=120)

    assert isinstance(seen, SignalGenerated)
    assert seen.sender.role is Role.PROBE


def test_nothing_is_the_probe_while_its_pid_is_not_known() -> None:
    """Nor is a task whose own PID is not known."""
    nameless = Task(Role.INSIDE, None, 120, "x")

    assert as_seen_from(ProcessExited(1, nameless), probe_pid=None) is not None


def test_init_that_is_still_the_runtime_is_init() -> None:
    """Its exec is the beginning of the container's program."""
    fact = ProgramExeced(1, Task(Role.INIT, 1, 100, "runc:[2:INIT]"))

    assert as_seen_from(fact, probe_pid=20) == fact
