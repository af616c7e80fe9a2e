"""
Lines of the kernel's trace made by hand, and fed to a router.
"""

from __future__ import annotations

from runner.engine.trace.lines import Identity, read_identity
from runner.observe.kernel_events import Lost, Mark, TraceEvent
from runner.observe.kernel_router import KernelRouter
from runner.observe.kernel_trace import TraceReader


def events_of(reader: TraceReader, line: str) -> list[TraceEvent | Identity | Lost]:
    """Read one line of a trace; the recorded ones are already in order."""
    identity = read_identity(line)
    if identity is not None:
        return [identity]
    return [one for one in reader.read(line) if not isinstance(one, Mark)]


def feed(router: KernelRouter, *lines: str) -> None:
    """Feed lines."""
    reader = TraceReader()
    for line in lines:
        for event in events_of(reader, line):
            router.feed(event)


def head(task: str, rest: str, at_us: int = 1) -> str:
    """A line."""
    return f"{task} [000] ..... 1.{at_us:06}: {rest}"


def birth_of(child: int, comm: str, flags: int = 0x11) -> str:
    """A birth."""
    return f"task_newtask: pid={child} comm={comm} clone_flags={flags:x} oom_score_adj=0"


def sent(
    task: str, signal: int, target: int, result: int = 0, code: int = 0, at_us: int = 1
) -> str:
    """A signal that is generated."""
    rest = f"sig={signal} errno=0 code={code} comm=app pid={target} grp=1 res={result}"
    return head(task, f"signal_generate: {rest}", at_us)


def taken(task: str, signal: int, at_us: int = 1) -> str:
    """A signal that is delivered, with the default action."""
    rest = f"signal_deliver: sig={signal} errno=0 code=0 sa_handler=0 sa_flags=0"
    return head(task, rest, at_us)
