"""
Verdicts and facts in sentences: every report says the same in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from runner.kernel.processes import ProcessState
from runner.model import engine_facts as engine
from runner.model import observation as seen
from runner.model.case import Case
from runner.model.observation import Observation, ProcessSnapshot, Timeline
from runner.model.result import CaseResult, EngineFacts, StepResult
from runner.model.verdict import Errored, Failed, Finding, Passed, Skipped, Verdict
from runner.report.kernel_timeline import kernel_words
from runner.report.text import clean, one_line, seconds
from runner.words import count


def sentences(verdict: Verdict) -> list[str]:
    """
    Return what was concluded and from what.

    A failure gives for each check that does not hold what was expected, what was seen, when, and
    what that rests on; then in which way the end was reached; then the checks that were not
    decided by then.
    """
    match verdict:
        case Passed(findings=findings):
            return [f"{one_line(one.seen)} ({when(one)})" for one in findings]
        case Failed(findings=findings, why=why):
            wrong = [
                f"expected {one_line(one.expected)}; saw {one_line(one.seen)} "
                f"({when(one)}, evidence: {one.evidence.value})"
                for one in findings
                if one.wrong
            ]
            undecided = [
                f"not decided: {one_line(one.expected)}; at last: {one_line(one.seen)}"
                for one in findings
                if one.open
            ]
            return [*wrong, f"decided because: {one_line(why)}", *undecided]
        case Errored(what=what, advice=advice):
            return [clean(what), *([clean(advice)] if advice else [])]
        case Skipped(reason=reason):
            return [clean(reason)]
        case _:
            assert_never(verdict)


def deciding_step(result: CaseResult) -> StepResult | None:
    """Return the step whose verdict is the case's; None where it was not a step that decided."""
    return next((step for step in result.steps if step.verdict == result.verdict), None)


def headline(result: CaseResult) -> str:
    """Return in one line why a case did not pass: the step, and its first sentence."""
    said = one_line(sentences(result.verdict)[0]) if sentences(result.verdict) else ""
    step = deciding_step(result)
    return f"{one_line(step.title)}: {said}" if step else said


def evidence_used(engine: EngineFacts) -> str:
    """Return which evidence a run had, and why that."""
    why = f" ({one_line(engine.evidence_why)})" if engine.evidence_why else ""
    return f"evidence: {engine.evidence.value}{why}"


def when(finding: Finding) -> str:
    """Return when something was seen, counted from when the step had acted."""
    if finding.at_s < 0:
        return f"at {-finding.at_s:.3f} s before the step"
    return f"at {finding.at_s:.3f} s"


def output_of(timeline: Timeline) -> str:
    """Return what the container has printed, as far as it was kept."""
    parts: list[str] = []
    for fact in timeline:
        match fact:
            case seen.LogText(text=text):
                parts.append(text)
            case seen.LogsCut(omitted_bytes=omitted):
                parts.append(f"\n[... {omitted} bytes omitted ...]\n")
            case _:
                pass
    return clean("".join(parts))


def earlier_tries(result: CaseResult) -> list[str]:
    """Return how each try before the last one ended."""
    return [
        f"try {number}: {one.kind}: {one_line((sentences(one) or [''])[0])}"
        for number, one in enumerate(result.earlier, start=1)
    ]


def what_is_kept(timeline: Timeline) -> list[str]:
    """Return how to look at the containers that were kept, and how to remove them."""
    running = {
        fact.container for fact in timeline if isinstance(fact, engine.FinalState) and fact.running
    }
    commands: list[str] = []
    for fact in timeline:
        if isinstance(fact, seen.ContainerKept):
            commands.append(f"{fact.command} logs {fact.name}")
            if fact.container in running:
                commands.append(f"{fact.command} exec -it {fact.name} sh")
            commands.append(f"{fact.command} rm -f {fact.name}")
    return [one_line(command) for command in commands]


def story(result: CaseResult) -> Iterator[tuple[float, str, str]]:
    """
    Tell the timeline: milliseconds since the first fact, who, and what happened.
    """
    if not result.timeline:
        return
    start_ns = result.timeline[0].at_ns
    for fact in sorted(result.timeline, key=lambda one: one.at_ns):
        who, what = _sentence(fact, result.case)
        if what:
            yield (fact.at_ns - start_ns) / 1e6, who, one_line(what)


def _sentence(fact: Observation, case: Case) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one line a fact
    match fact:
        case engine.ContainerCreated():
            return "engine", "container created"
        case engine.ContainerStarted():
            return "engine", "init started"
        case engine.NeverStarted(reason=reason):
            return "engine", f"init could not be started: {one_line(reason)}"
        case seen.ProbeOpened(pid=pid):
            return "probe", f"opened, with PID {pid}"
        case seen.ProbeClosed():
            return "probe", "its stream has ended"
        case seen.StepBegan(step=step):
            return "runner", f"begins: {_step_title(step, case)}"
        case seen.StepActed() | seen.LogMatched() | seen.LogsCut():
            return "", ""
        case seen.TraceReached() | seen.EngineAnswered():
            return "", ""
        case seen.EvidenceLate(way=way):
            return "runner", f"{way.value} did not come in time"
        case seen.StepEnded(step=step):
            return "runner", f"decided: {_step_title(step, case)}"
        case seen.StepBroken(what=what):
            return "runner", f"cannot continue: {one_line(what)}"
        case seen.SignalSent():
            return fact.sender.value, _sent(fact)
        case seen.StopRequested(grace_s=grace_s, signal=signal):
            with_signal = f" with {signal}" if signal else ""
            return "host", f"requests a stop{with_signal}, grace period {grace_s:g} s"
        case engine.StopAnswered():
            return "engine", "the stop has returned"
        case seen.RestartRequested(grace_s=grace_s):
            return "host", f"requests a restart, grace period {grace_s:g} s"
        case seen.InputWritten(text=text, closed=closed):
            return "host", f"writes {text!r} to init" + (", and the end" if closed else "")
        case seen.ExecStarted(argv=argv):
            return "host", f"exec {one_line(' '.join(argv))}"
        case seen.ExecEnded(exit_code=code, stdout=stdout, stderr=stderr):
            output = _shortened((stdout + stderr).strip(), _LONGEST_EXEC)
            return "exec", f"exited {code}" + (f": {output}" if output else "")
        case seen.ProcessSnapshot():
            return "probe", _take_snapshot(fact)
        case seen.ProcessReparented():
            now = f"its parent was {fact.old_parent}, and is {fact.new_parent} now"
            return "probe", f"{fact.pid} {one_line(fact.comm)}: {now}"
        case seen.LogText(stream=stream, text=text):
            return "init", f"{stream.value}: {_shortened(text)}"
        case seen.LogsEnded():
            return "init", "its output has ended"
        case seen.LineTooLong(pattern=pattern, characters=characters):
            return "init", f"a line of {characters:,} characters and more, too long for {pattern}"
        case engine.EngineSent(signal=signal):
            return "engine", f"has sent {signal} to init"
        case engine.InitEnded(exit_code=code):
            return "init", f"exited {code}"
        case engine.InitRestarted(count=number):
            policy = f" ({count(number, 'restart')} by the policy)" if number else ""
            return "engine", f"has restarted init{policy}"
        case engine.HealthReported(status=status):
            return "engine", f"its health is {status}"
        case engine.Paused():
            return "engine", "all processes are frozen (paused)"
        case engine.Unpaused():
            return "engine", "all processes are thawed (unpaused)"
        case engine.OutOfMemory():
            return "engine", "the OOM killer was invoked"
        case engine.FinalState(oom_killed=oom_killed, running=running):
            state = "running" if running else "not running"
            return "engine", f"at the end: {state}" + (", OOM killed" if oom_killed else "")
        case engine.EngineLost(what=what):
            return "engine", one_line(what)
        case seen.TimedOut(timeout_s=timeout_s):
            return "runner", f"the case's timeout of {timeout_s:g} s is over"
        case seen.Interrupted():
            return "runner", "interrupted"
        case seen.CaseBroken(what=what):
            return "runner", one_line(what)
        case seen.ContainerKept(name=name):
            return "runner", f"the container is kept as {one_line(name)}"
        case _:
            return "kernel", one_line(kernel_words(fact))


def _step_title(step: int, case: Case) -> str:
    if step >= 0:
        return case.all_steps[step].title
    name = case.container_of(step)
    return f"{name} getting ready" if name else "getting ready"


def _sent(fact: seen.SignalSent) -> str:
    prechecked = ", as signal 0 was answered before" if fact.prechecked else ""
    return f"kill({fact.pid}, {fact.signal}): {fact.errno or 'accepted'}{prechecked}"


def _take_snapshot(snapshot: ProcessSnapshot) -> str:
    names = ", ".join(
        f"{one.pid} {one_line(one.comm)}"
        + (f" ({one.state.value})" if one.state in _TELLING_STATES else "")
        for one in snapshot.processes
    )
    span = seconds((snapshot.until_ns - snapshot.at_ns) / 1e9)
    snapshots = f"; {count(snapshot.snapshots, 'look')} in {span}" if snapshot.snapshots > 1 else ""
    return f"{count(len(snapshot.processes), 'process')}: {names}{snapshots}"


def _shortened(text: str, most: int = 120) -> str:
    line = " / ".join(part.strip() for part in clean(text).strip().split("\n"))
    return line if len(line) <= most else line[: most - 1] + "…"


_LONGEST_EXEC = 600
_TELLING_STATES = {ProcessState.STOPPED, ProcessState.TRACED, ProcessState.ZOMBIE}
