"""
Which lines a diagram has: the facts in order, each joined with what became of it.

The engine tells of its signals and of the end of init some milliseconds late. Where the kernel
trace has them, they are drawn as it has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from runner.kernel.signals import SIGKILL, Signal
from runner.model import engine_facts as engine
from runner.model import kernel_facts as kernel
from runner.model import observation as seen
from runner.model.observation import Observation
from runner.model.result import CaseResult
from runner.model.step import Sender
from runner.model.verdict import Evidence
from runner.report.diagram_line import HOST, INIT, INSIDE, OTHERS, DiagramLine, Lane
from runner.words import count

_NOISE: Final = {Signal.parse("SIGURG"), Signal.parse("SIGCHLD")}
"""Go's own preemption in runc, and what every end of a child brings."""
_MARKS: Final = {"passed": "✅ ", "failed": "❌ ", "errored": "💥 ", "skipped": ""}
_MOST_NAMED: Final = 3
_THE_HOST: Final[Lane] = (HOST, "")


class _OfContainer(Protocol):
    """What all facts about a container have."""

    @property
    def at_ns(self) -> int: ...

    @property
    def container(self) -> str: ...


class DiagramStory:
    """Reads the facts of a case once, in the order of their times."""

    def __init__(self, result: CaseResult) -> None:
        self._result = result
        # The kernel's facts arrive after what the runner sees by itself.
        self._facts = sorted(result.timeline, key=lambda fact: fact.at_ns)
        self._traced = {one.container for one in self._facts if isinstance(one, kernel.TraceOpened)}
        self._start_ns = self._since_ns = self._facts[0].at_ns if self._facts else 0
        self._step = -1
        self._lines: list[DiagramLine] = []
        self._sent: list[tuple[seen.SignalSent, DiagramLine]] = []
        self._ended: dict[str, DiagramLine] = {}
        self._killed: dict[str, tuple[DiagramLine, list[str]]] = {}

    def lines(self) -> Sequence[DiagramLine]:
        """Return the lines from top to bottom."""
        for fact in self._facts:
            self._read(fact)
        return self._lines

    def _read(self, fact: Observation) -> None:  # noqa: C901 - one line a fact
        match fact:
            case seen.StepBegan(step=step) if step >= 0:
                self._begin_step(fact)
            case seen.SignalSent():
                self._send(fact)
            case seen.ExecStarted() | seen.ExecEnded() | seen.LogText():
                self._talk(fact)
            case kernel.SignalGenerated():
                self._generate(fact)
            case kernel.SignalDelivered() if fact.task.role is kernel.Role.INIT:
                self._deliver(fact)
            case kernel.ProcessExited(task=task) if task.role is kernel.Role.INIT:
                if fact.container not in self._ended:
                    self._ended[fact.container] = self._note(fact, "has ended")
            case engine.InitEnded():
                self._end(fact)
            case _:
                self._tell(fact)

    def _begin_step(self, fact: seen.StepBegan) -> None:
        steps = self._result.steps
        mark = _MARKS[steps[fact.step].verdict.kind] if fact.step < len(steps) else ""
        title = self._result.case.all_steps[fact.step].title
        self._lines.append(DiagramLine(fact.at_ns, self._start_ns, mark + title))
        self._step, self._since_ns = fact.step, fact.at_ns

    def _send(self, fact: seen.SignalSent) -> None:
        to_init = fact.pid == 1
        source = _THE_HOST if fact.sender is Sender.HOST else (INSIDE, fact.container)
        text = str(fact.signal) if to_init else f"{fact.signal} to {fact.pid}"
        line = self._arrow(fact, source, (INIT if to_init else OTHERS, fact.container), text)
        if fact.errno:
            line.text, line.lost = f"{text} ({fact.errno})", True
        else:
            self._sent.append((fact, line))

    def _sent_to_init(
        self, signal: Signal, container: str, sender: Sender, pid: int | None = 1
    ) -> DiagramLine | None:
        """Return the line of a step that has sent such a signal, and look at it no more."""
        wanted = (signal, container, sender, pid)
        for entry in self._sent:
            sent, line = entry
            if (sent.signal, sent.container, sent.sender, sent.pid) == wanted:
                self._sent.remove(entry)
                line.target = (INIT, container)
                return line
        return None

    def _talk(self, fact: seen.ExecStarted | seen.ExecEnded | seen.LogText) -> None:
        inside: Lane = (INSIDE, fact.container)
        match fact:
            case seen.ExecStarted(argv=argv):
                self._arrow(fact, _THE_HOST, inside, f"exec {' '.join(argv)}")
            case seen.ExecEnded(exit_code=code):
                self._arrow(fact, inside, _THE_HOST, f"exited {code}").answer = True
            case seen.LogText(text=text):
                if text.strip():
                    self._arrow(fact, (INIT, fact.container), _THE_HOST, text.strip()).answer = True

    def _generate(self, fact: kernel.SignalGenerated) -> None:
        """Draw what the kernel did with a signal to init, and what init sends to others."""
        sender, target = fact.sender.role, fact.target.role
        if fact.teardown and target is kernel.Role.INSIDE:
            self._kill(fact)
        elif fact.code > 0 or fact.signal in _NOISE:
            return
        elif target is kernel.Role.INIT:
            by = Sender.HOST if sender is kernel.Role.HOST else Sender.INSIDE
            known = None
            if sender in {kernel.Role.HOST, kernel.Role.PROBE}:
                known = self._sent_to_init(fact.signal, fact.container, by, fact.target.pid)
            _mark(fact, known or self._arrow_of(fact, str(fact.signal)))
        elif sender is kernel.Role.INIT and target is kernel.Role.INSIDE:
            _mark(fact, self._arrow_of(fact, f"{fact.signal} to {fact.target}"))

    def _arrow_of(self, fact: kernel.SignalGenerated, text: str) -> DiagramLine:
        lanes = {
            kernel.Role.HOST: _THE_HOST,
            kernel.Role.PROBE: (INSIDE, fact.container),
            kernel.Role.INIT: (INIT, fact.container),
            kernel.Role.INSIDE: (OTHERS, fact.container),
        }
        return self._arrow(fact, lanes[fact.sender.role], lanes[fact.target.role], text)

    def _deliver(self, fact: kernel.SignalDelivered) -> None:
        if fact.signal in _NOISE:
            return
        if fact.delivery is kernel.Delivery.HANDLER:
            self._note(fact, f"handler of {fact.signal} runs")
        elif fact.delivery is kernel.Delivery.IGNORED:
            self._note(fact, f"{fact.signal} ignored")
        elif fact.cause is not None or fact.signal == SIGKILL:
            # The trace says SIGKILL of every signal that ends a process.
            self._ended[fact.container] = self._note(fact, f"ended by {fact.cause or 'a signal'}")
        else:
            self._note(fact, f"{fact.signal} takes effect")

    def _kill(self, fact: kernel.SignalGenerated) -> None:
        """Draw all that is killed with init as one arrow."""
        if fact.container not in self._killed:
            self._killed[fact.container] = (self._arrow_of(fact, ""), [])
        line, names = self._killed[fact.container]
        names.append(str(fact.target))
        line.text = _killed_words(names)

    def _end(self, fact: engine.InitEnded) -> None:
        """Give the end that the trace has its exit status, or draw it."""
        line = self._ended.get(fact.container) or self._note(fact, "")
        line.text = f"{line.text}, " if line.text.startswith("ended by") else ""
        line.text += f"exited {fact.exit_code}"
        self._ended[fact.container] = line
        step = self._result.steps[self._step] if 0 <= self._step < len(self._result.steps) else None
        killed = step.killed if step is not None else None
        if killed is not None and killed.processes and killed.evidence is not Evidence.KERNEL:
            names = [str(one) for one in killed.processes]
            of, to = (INIT, fact.container), (OTHERS, fact.container)
            self._arrow(fact, of, to, f"probably {_killed_words(names)}")

    def _tell(self, fact: Observation) -> None:  # noqa: C901 - one line a fact
        """Draw what the engine was asked for, and what it tells."""
        match fact:
            case seen.StopRequested(grace_s=grace_s):
                self._note(fact, f"stop, grace period {grace_s:g} s", _THE_HOST)
            case seen.RestartRequested(grace_s=grace_s):
                self._note(fact, f"restart, grace period {grace_s:g} s", _THE_HOST)
            case engine.EngineSent(signal=signal) if fact.container not in self._traced:
                if self._sent_to_init(signal, fact.container, Sender.HOST) is None:
                    self._arrow(fact, _THE_HOST, (INIT, fact.container), str(signal))
            case engine.NeverStarted():
                self._note(fact, "never started")
            case engine.InitRestarted():
                self._note(fact, "restarted")
                self._forget_end(fact.container)
            case kernel.TraceOpened():
                self._forget_end(fact.container)
            case engine.OutOfMemory():
                self._note(fact, "OOM killer invoked")
            case engine.Paused() | engine.Unpaused():
                self._note(fact, fact.kind)
            case engine.FinalState(running=True) if fact.container not in self._ended:
                self._note(fact, "running when the case ended")
            case _:
                pass

    def _forget_end(self, container: str) -> None:
        """What follows is of another init."""
        self._ended.pop(container, None)
        self._killed.pop(container, None)

    def _note(self, fact: _OfContainer, text: str, lane: Lane | None = None) -> DiagramLine:
        return self._line(fact, text, lane or (INIT, fact.container))

    def _arrow(self, fact: _OfContainer, lane: Lane, target: Lane, text: str) -> DiagramLine:
        line = self._line(fact, text, lane)
        line.target = target
        return line

    def _line(self, fact: _OfContainer, text: str, lane: Lane) -> DiagramLine:
        line = DiagramLine(fact.at_ns, self._since_ns, text, lane)
        self._lines.append(line)
        return line


def _mark(fact: kernel.SignalGenerated, line: DiagramLine) -> None:
    """Say what the kernel did with a signal when it was sent."""
    if fact.generation is kernel.Generation.IGNORED:
        line.text, line.lost = f"{line.text}, discarded", True
    elif fact.generation is kernel.Generation.ALREADY_PENDING:
        line.text = f"{line.text}, already pending"


def _killed_words(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    others = f" and {count(more, 'other')}" if more > 0 else ""
    return f"killed with init: {', '.join(names[:_MOST_NAMED])}{others}"
