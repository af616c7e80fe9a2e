"""
The rows of a picture that are no signals: steps, births and ends, output, and what the engine says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.history.process_life import Ending
from runner.model import engine_facts as engine
from runner.model import kernel_facts as kernel
from runner.model import observation as seen
from runner.model.observation import Observation
from runner.model.result import CaseResult, StepResult
from runner.model.verdict import Failed, went_wrong
from runner.report.html.lanes import HOST, Lanes
from runner.report.html.picture import Kind, Row
from runner.report.html.timeline_facts import ContainerFacts, Facts
from runner.report.sentences import headline, sentences
from runner.report.text import clean, one_line
from runner.words import count

_MOST_LINES: Final = 4
"""Of a piece of output; the rest of it is counted."""
_TOGETHER_NS: Final = 20_000_000
"""A fork and an execve(2) so close are one row."""
_LONG_ZOMBIE_NS: Final = 100_000_000

_BECOMES: Final = {
    kernel.ChildStatus.STOPPED: "stops",
    kernel.ChildStatus.TRAPPED: "is stopped by its tracer",
    kernel.ChildStatus.CONTINUED: "continues",
}


def rows_of_case(facts: Facts, result: CaseResult) -> Iterator[Row]:
    """Yield the rows that stand on no lane: steps, verdicts, and what ended the case early."""
    begun = any(isinstance(fact, seen.StepBegan) and fact.step >= 0 for fact in facts.all)
    for fact in facts.all:
        match fact:
            case seen.StepBegan(step=step) if 0 <= step < len(result.steps):
                yield Row(fact.at_ns, Kind.STEP, one_line(result.steps[step].title))
            case seen.StepEnded(step=step) if 0 <= step < len(result.steps):
                yield from _verdict(fact.at_ns, result.steps[step])
            case seen.StepEnded(step=step) if step < 0 and begun:
                name = one_line(result.case.container_of(step)) or "the container"
                yield Row(fact.at_ns, Kind.EVENT, f"{name} is ready")
            case seen.StepEnded(step=step) if step < 0:
                yield Row(fact.at_ns, Kind.WRONG, f"not ready: {headline(result)}")
            case _:
                broken = _broken(fact)
                if broken:
                    yield Row(fact.at_ns, Kind.WRONG, one_line(broken))


def _broken(fact: Observation) -> str:
    """Say what ended a case early; "" where the fact is no such thing."""
    match fact:
        case seen.StepBroken(what=what) | seen.CaseBroken(what=what) | engine.EngineLost(what=what):
            return what
        case seen.TimedOut(timeout_s=timeout_s):
            return f"the timeout of {timeout_s:g} s is over"
        case seen.Interrupted():
            return "interrupted"
        case _:
            return ""


def _verdict(at_ns: int, step: StepResult) -> Iterator[Row]:
    """Say how a step was decided: each check that does not hold, or that it has passed."""
    if isinstance(step.verdict, Failed):
        for finding in step.verdict.findings:
            if finding.wrong:
                yield Row(
                    at_ns,
                    Kind.WRONG,
                    f"failed: expected {one_line(finding.expected)}; saw {one_line(finding.seen)}",
                )
    elif went_wrong(step.verdict):
        yield Row(at_ns, Kind.WRONG, f"errored: {one_line(sentences(step.verdict)[0])}")
    elif step.verdict.kind == "passed" and step.verdict.findings:
        said = "; ".join(dict.fromkeys(one_line(one.seen) for one in step.verdict.findings))
        yield Row(at_ns, Kind.PASSED, f"passed: {said}")


def rows_of_container(container: ContainerFacts, lanes: Lanes) -> Iterator[Row]:
    """Yield the rows of one container."""
    for fact in container.facts:
        row = _of_engine(fact, lanes.init[container.name]) or _of_kernel(fact, container, lanes)
        if row is not None:
            yield row
        elif isinstance(fact, seen.LogText):
            yield from _output(fact, lanes.init[container.name])


def _of_engine(fact: Observation, init: int) -> Row | None:  # noqa: C901, PLR0911, PLR0912 - one line a fact
    at_ns = fact.at_ns
    match fact:
        case engine.ContainerCreated():
            return Row(at_ns, Kind.EVENT, "container created", HOST)
        case engine.ContainerStarted():
            return Row(at_ns, Kind.EVENT, "the engine reports the start of init", HOST)
        case engine.NeverStarted(reason=reason):
            return Row(at_ns, Kind.END, f"init could not be started: {one_line(reason)}", init)
        case seen.StopRequested(grace_s=grace_s, signal=signal):
            how = f" with {signal}" if signal else ""
            return Row(at_ns, Kind.EVENT, f"stop requested{how}, grace period {grace_s:g} s", HOST)
        case seen.RestartRequested(grace_s=grace_s):
            return Row(at_ns, Kind.EVENT, f"restart requested, grace period {grace_s:g} s", HOST)
        case engine.StopAnswered():
            return Row(at_ns, Kind.EVENT, "the stop has returned", HOST)
        case seen.InputWritten(text=text, closed=closed):
            end = ", and its end" if closed else ""
            return Row(at_ns, Kind.EVENT, one_line(f"standard input: {text!r}{end}"), HOST, init)
        case seen.ExecStarted(argv=argv):
            return Row(at_ns, Kind.EVENT, f"exec {one_line(' '.join(argv))}", HOST)
        case seen.ExecEnded(exit_code=code, stdout=stdout, stderr=stderr):
            said = one_line(stdout + stderr)
            return Row(
                at_ns, Kind.EVENT, f"exec exited {code}" + (f": {said}" if said else ""), HOST
            )
        case engine.InitEnded(exit_code=code):
            return Row(at_ns, Kind.END, f"the engine reports the end of init: exited {code}", HOST)
        case engine.InitRestarted():
            return Row(at_ns, Kind.EVENT, "the engine has restarted init", init)
        case engine.HealthReported(status=status):
            return Row(at_ns, Kind.EVENT, f"health: {one_line(status)}", init)
        case engine.Paused():
            return Row(at_ns, Kind.EVENT, "all processes are frozen (paused)", init)
        case engine.Unpaused():
            return Row(at_ns, Kind.EVENT, "all processes are thawed (unpaused)", init)
        case engine.OutOfMemory():
            return Row(at_ns, Kind.EVENT, "the OOM killer was invoked", init)
        case engine.FinalState(running=True):
            return Row(at_ns, Kind.EVENT, "at the end of the case: running", init)
        case _:
            return None


def _of_kernel(fact: Observation, container: ContainerFacts, lanes: Lanes) -> Row | None:
    match fact:
        case kernel.ProcessForked(child=child, parent=parent):
            lane = lanes.of_task(container, child)
            exec_ns = _executed_ns(container, child, fact.at_ns)
            if lane is None or child.role is not kernel.Role.INSIDE:
                return None
            does = "starts" if exec_ns is not None else "forks"
            text = f"{_task(parent)} {does} {lanes.lanes[lane].label} {lanes.lanes[lane].name}"
            return Row(fact.at_ns, Kind.EVENT, text, lanes.of_task(container, parent), lane)
        case kernel.ProcessExited(task=task):
            lane = lanes.of_task(container, task)
            drawn = lane is not None and task.role in {kernel.Role.INIT, kernel.Role.INSIDE}
            return Row(fact.at_ns, Kind.END, _end(container, task), lane) if drawn else None
        case kernel.ParentNotified(child=task, status=status) if status in _BECOMES:
            lane = lanes.of_task(container, task)
            drawn = lane is not None and lane != HOST
            return (
                Row(fact.at_ns, Kind.EVENT, f"{_task(task)} {_BECOMES[status]}", lane)
                if drawn
                else None
            )
        case kernel.ProcessReaped(task=task) | kernel.SubreaperSet(task=task):
            return _of_reaping(fact, container, lanes.of_task(container, task))
        case seen.ProcessReparented(pid=pid, comm=comm, new_parent=parent) if not container.traced:
            lane = lanes.of_pid(container, pid, fact.at_ns)
            text = f"{pid} {one_line(comm)} is a child of {parent} now"
            return Row(fact.at_ns, Kind.EVENT, text, lane) if lane is not None else None
        case kernel.TraceLost() | kernel.ProcessEventsOmitted():
            text = "events of the kernel trace are missing here"
            return Row(fact.at_ns, Kind.EVENT, text, lanes.init[container.name])
        case _:
            return None


def _of_reaping(
    fact: kernel.ProcessReaped | kernel.SubreaperSet, container: ContainerFacts, lane: int | None
) -> Row | None:
    if lane is None or lane == HOST:
        return None
    if isinstance(fact, kernel.SubreaperSet):
        what = "is a subreaper" if fact.on else "is not a subreaper"
        return Row(fact.at_ns, Kind.EVENT, f"{_task(fact.task)} {what} from now on", lane)
    life = container.life(fact.task.host_pid)
    ended_ns = life.end.at_ns if life is not None and life.end is not None else fact.at_ns
    if fact.at_ns - ended_ns < _LONG_ZOMBIE_NS:
        return None
    return Row(fact.at_ns, Kind.EVENT, f"{_task(fact.task)} is reaped", lane)


def _executed_ns(container: ContainerFacts, task: kernel.Task, forked_ns: int) -> int | None:
    """Return when a process has executed a program, if that was right after its birth."""
    execs = (
        one.at_ns
        for one in container.of(kernel.ProgramExeced)
        if one.task.host_pid == task.host_pid and 0 <= one.at_ns - forked_ns <= _TOGETHER_NS
    )
    return next(execs, None)


def _end(container: ContainerFacts, task: kernel.Task) -> str:
    """Say how a process ended, as far as the kernel trace tells."""
    life = container.life(task.host_pid)
    end = life.end if life is not None else None
    who = _task(task)
    if end is None:
        return f"{who} ends"
    match end.ending:
        case Ending.WITH_INIT:
            return f"{who} is killed, as init has ended"
        case Ending.KILLED if end.signal is not None:
            return f"{who} is killed by {end.signal}"
        case Ending.EXITED if end.status is not None:
            return f"{who} exits {end.status}"
        case _:
            return f"{who} ends"


def _task(task: kernel.Task) -> str:
    return one_line(str(task))


def _output(fact: seen.LogText, lane: int) -> Iterator[Row]:
    lines = [line.rstrip() for line in clean(fact.text).split("\n") if line.strip()]
    shown = lines if len(lines) <= _MOST_LINES else lines[: _MOST_LINES - 1]
    for line in shown:
        yield Row(fact.at_ns, Kind.OUTPUT, line, lane, more=fact.stream.value)
    if len(lines) > len(shown):
        rest = count(len(lines) - len(shown), "more line")
        yield Row(fact.at_ns, Kind.OUTPUT, f"… {rest}", lane, more=fact.stream.value)
