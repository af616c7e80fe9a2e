"""
What one step is explained from: what was asked of it, what did not hold, and the history of it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from runner.history.case_history import history_of
from runner.history.container_history import ContainerHistory
from runner.history.step_span import StepSpan
from runner.judge.explain.programs import called
from runner.judge.step_verdict import JudgedStep
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.model.case import READY, Case
from runner.model.container import ContainerPlan
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    Check,
    InitExited,
    InitIs,
    InitKilledBy,
    InitSettled,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    KernelFact,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    SignalGenerated,
)
from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.observation import LogText, ProcessSnapshot, Timeline
from runner.model.process import Process
from runner.model.result import CaseResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Action, Restart, Stop
from runner.model.verdict import Failed

_OF_THE_END: Final = (InitExited, InitKilledBy, InitIs, InitSettled, ShutdownWas)

TAKEN: Final = {Outcome.HANDLER_RUNS, Outcome.CONSUMED}
"""What becomes of a signal that a process has set itself up for."""

_Fact = TypeVar("_Fact", bound=KernelFact)


@dataclass(frozen=True)
class StepHistory:
    """
    A step that did not pass, and what is known around it.

    `checks` are what it expected, and `failed` those that did not hold, none where it could not be
    judged. `outcomes` are those of the signals of the last step that acted on its container, whose
    `action` that is, and `killed_with_init` is what was killed in it when init ended. `history` is
    what had happened to the container by the verdict (at `decided_ns`), `last` what is known of it
    at the end of the case, of which the step that did not pass has this `number`. `output` is what
    the container has printed.
    """

    number: int
    plan: ContainerPlan
    checks: tuple[Check, ...]
    failed: tuple[Check, ...]
    action: Action | None
    outcomes: tuple[SignalOutcome, ...]
    killed_with_init: KilledWithInit | None
    decided_ns: int
    history: ContainerHistory
    last: ContainerHistory
    span: StepSpan | None
    output: str

    @property
    def began_ns(self) -> int:
        """When the last step that acted began; 0 where none has."""
        return self.span.began_ns if self.span is not None else 0

    @functools.cached_property
    def life(self) -> tuple[KernelFact, ...]:
        """The kernel's facts of the container, until the next step that acts."""
        spans = (one for one in self.last.spans if one.step <= self.number)
        late = (fact for span in spans for fact in span.kernel_facts)
        return (*self.last.early_kernel_facts, *late)

    def all(self, kind: type[_Fact]) -> Iterator[_Fact]:
        """Yield the kernel's facts of a kind since the last step that acted began."""
        for fact in self.life:
            if fact.at_ns >= self.began_ns and isinstance(fact, kind):
                yield fact

    def about(self, *kinds: type[Check]) -> bool:
        """Return whether a check of one of these kinds did not hold."""
        return any(isinstance(check, kinds) for check in self.failed)

    @property
    def end_was_wrong(self) -> bool:
        """Whether init was not to end so, as far as the step says anything about its end."""
        return self.about(*_OF_THE_END) or not any(
            isinstance(one, _OF_THE_END) for one in self.checks
        )

    @functools.cached_property
    def traced(self) -> bool:
        """
        Whether the kernel trace of the container was read, without a gap, until the verdict.

        What it does not have by then did not happen.
        """
        read = self.last.trace is not None and self.last.trace_lost is None
        return read and self.last.trace_ns >= self.until_ns

    @property
    def restarted(self) -> bool:
        """Whether init was restarted: which one a fact is about is then not told here."""
        return self.history.restarted is not None

    @functools.cached_property
    def before(self) -> ProcessSnapshot | None:
        """The last snapshot before a signal was sent, else the last one before the verdict."""
        if self.span is None:
            return self.latest
        if self.span.sent:
            return self.span.sent[0].before
        return self.span.looked if self.span.asked is not None else self.latest

    @property
    def latest(self) -> ProcessSnapshot | None:
        """The last snapshot before the verdict."""
        return self.history.snapshot

    @property
    def after(self) -> ProcessSnapshot | None:
        """
        The last snapshot with a living init before the verdict, and before the grace period was
        over, if it began after the signal.
        """
        since = [one for one in self.history.spans if one.began_ns >= self.began_ns]
        by_then = [one.snapshot_in_grace for one in since]
        last, before = next((one for one in reversed(by_then) if one), None), self.before
        newer = last is not None and before is not None and last.at_ns > before.at_ns
        return last if newer else None

    @property
    def init(self) -> Process | None:
        """Init as it was before the signal."""
        return self.before.init if self.before is not None else None

    @functools.cached_property
    def init_comm(self) -> str:
        """The name of init, by the trace where no snapshot has it; "" where nobody knows."""
        if self.init is not None:
            return self.init.comm
        execs = [one.task for one in self.all(ProgramExeced) if one.task.role is Role.INIT]
        return execs[-1].comm if execs else ""

    @property
    def init_words(self) -> str:
        """`init (nginx)`, and of a script `init (sh docker-entrypoint.sh)`."""
        known = called(self.init) if self.init is not None else self.init_comm
        return f"init ({known})" if known else "init"

    @property
    def children(self) -> tuple[Process, ...]:
        """The children of init that ran before the signal was sent."""
        snapshot, init = self.before, self.init
        if snapshot is None or init is None:
            return ()
        return tuple(p for p in snapshot.processes if p.ppid == init.pid and p.state.alive)

    @property
    def living_before(self) -> tuple[Process, ...]:
        """All processes that ran before the signal was sent, init among them."""
        seen = self.before.processes if self.before is not None else ()
        return tuple(one for one in seen if one.state.alive)

    @functools.cached_property
    def asked(self) -> SignalOutcome | None:
        """The signal that init was to act on: the stop signal, or the last one of the step."""
        init = self.init
        own = [one for one in self.outcomes if init is None or one.pid == init.pid]
        if isinstance(self.action, Stop | Restart):
            return own[0] if own else None
        return own[-1] if own else None

    @property
    def became(self) -> Outcome | None:
        """
        What became of the asked signal. Without the kernel trace its target may be gone: then what
        the masks predicted for certain, where init lived on, or a handler that ran.
        """
        asked = self.asked
        if asked is None:
            return None
        stopped = self.lived_on and self.stopped and not self.traced
        if stopped and asked.signal.default_action.ends:
            return Outcome.PENDING
        if asked.actual is not None:
            return asked.actual
        likely = self.lived_on or asked.predicted is Outcome.HANDLER_RUNS
        certain = asked.confidence is Confidence.CERTAIN and not self.traced
        return asked.predicted if likely and certain else None

    @property
    def taken(self) -> bool:
        """Whether init has taken the asked signal: a handler ran, or it has waited for it."""
        return self.became in TAKEN

    @property
    def stopped(self) -> bool:
        """Whether init was stopped; SIGSTOP may take effect after the snapshot before a signal."""
        seen = (self.before, self.after)
        inits = (one.init for one in seen if one is not None)
        return any(one is not None and one.state is ProcessState.STOPPED for one in inits)

    @functools.cached_property
    def generated(self) -> SignalGenerated | None:
        """The asked signal in the kernel trace."""
        asked = self.asked
        if asked is None:
            return None
        own = [
            one
            for one in self.all(SignalGenerated)
            if one.target.role is Role.INIT and one.signal == asked.signal and one.code <= 0
        ]
        first = isinstance(self.action, Stop | Restart)
        return (own[0] if first else own[-1]) if own else None

    @functools.cached_property
    def exited_ns(self) -> int | None:
        """When init ended, by the kernel's clock if possible; None: it ran until the verdict."""
        exits = [one for one in self.all(ProcessExited) if one.task.role is Role.INIT]
        ended = self.history.last_end
        own_end = [ended] if ended is not None and ended.at_ns >= self.began_ns else []
        found = exits or own_end
        return found[-1].at_ns if found and found[-1].at_ns <= self.decided_ns else None

    @property
    def ended(self) -> InitEnded | None:
        """The end of init, if that came before the verdict."""
        return self.last.last_end if self.exited_ns is not None else None

    @property
    def oom(self) -> bool:
        """Whether the OOM killer was invoked in the container, by the engine's word."""
        final = self.last.final_state
        return self.last.out_of_memory is not None or (final is not None and final.oom_killed)

    @property
    def escalated(self) -> bool:
        """Whether the engine has sent SIGKILL because the grace period was over."""
        return self.span is not None and self.span.escalated

    @property
    def grace(self) -> str:
        """`the grace period of 10 s`."""
        asked = self.span.asked if self.span is not None else None
        return f"the grace period of {asked.grace_s:g} s" if asked else "the grace period"

    @property
    def lived_on(self) -> str:
        """That init did not end by the signal: until when it ran; "" where it ended."""
        if self.escalated:
            return f"Init ran on until {self.grace} was over, and the engine then sent SIGKILL."
        return "Init ran on." if self.exited_ns is None else ""

    @property
    def until_ns(self) -> int:
        """When init ended, else when the verdict was reached."""
        return self.exited_ns if self.exited_ns is not None else self.decided_ns

    def sent_on(self) -> list[SignalGenerated]:
        """Return the signals that init itself has sent to others since, until it ended."""
        since_ns = self.generated.at_ns if self.generated else self.began_ns
        return [
            one
            for one in self.all(SignalGenerated)
            if one.sender.role is Role.INIT
            and one.target.role is Role.INSIDE
            and one.code <= 0
            and since_ns <= one.at_ns < self.until_ns
        ]

    def sent_to(self, processes: Sequence[Process]) -> list[SignalGenerated]:
        """Return the signals that anybody has sent to these processes, until init ended."""
        pids = {one.pid for one in processes}
        return [
            one
            for one in self.all(SignalGenerated)
            if one.target.pid in pids and one.at_ns < self.until_ns
        ]

    @property
    def killed(self) -> tuple[KilledProcess, ...]:
        """The processes that were killed when init ended, by the kernel trace."""
        known = self.traced and self.exited_ns is not None
        return self.killed_with_init.processes if known and self.killed_with_init else ()

    def seen_before(self, pid: int | None) -> Process | None:
        """Return a process as it was before the signal was sent."""
        return self.before.process(pid) if self.before is not None and pid is not None else None

    def forked_since(self, at_ns: int) -> bool:
        """Return whether init has started a process since then."""
        return any(
            one.parent.role is Role.INIT and one.at_ns > at_ns for one in self.all(ProcessForked)
        )

    def ended_since(self, process: Process) -> bool:
        """Return whether that process has ended since, before init did."""
        return any(
            one.task.pid == process.pid and one.at_ns <= self.until_ns
            for one in self.all(ProcessExited)
        )


def step_history_of(
    result: CaseResult,
    histories: Mapping[str, ContainerHistory],
    judged: Mapping[int, JudgedStep],
) -> StepHistory | None:
    """Return what the case's verdict is explained from; None where no step and no start decided."""
    number = _deciding(result)
    if number not in judged:
        return None
    case, container = result.case, result.case.container_of(number)
    last, decided_ns = histories[container], judged[number].counts_until_ns
    acted = [one for one in last.spans if one.step <= number]
    own = [one for one in acted if case.container_of(one.step) == container]
    span = own[-1] if own else None
    by_then = [fact for fact in result.timeline if fact.at_ns <= decided_ns]
    return StepHistory(
        number,
        plan=case.containers[container].plan,
        checks=_checks(case, number),
        failed=_failed(case, result.steps, number),
        action=case.all_steps[span.step].action if span is not None else None,
        outcomes=result.steps[span.step].signals if span is not None else (),
        killed_with_init=result.steps[span.step].killed if span is not None else None,
        decided_ns=decided_ns,
        history=history_of(case, tuple(by_then)).containers[container],
        last=last,
        span=span,
        output=_output(result.timeline, container),
    )


def _deciding(result: CaseResult) -> int:
    for number, step in enumerate(result.steps):
        if step.verdict == result.verdict and not step.ignored:
            return number
    return READY


def _output(timeline: Timeline, container: str) -> str:
    """Return what the container has printed, as far as it was kept."""
    texts = (one for one in timeline if isinstance(one, LogText) and one.container == container)
    return "".join(one.text for one in texts)


def _checks(case: Case, number: int) -> tuple[Check, ...]:
    expectation = case.expectation_of(number)
    return expectation.checks if expectation is not None else ()


def _failed(case: Case, steps: Sequence[StepResult], number: int) -> tuple[Check, ...]:
    if number < 0 or not isinstance(verdict := steps[number].verdict, Failed):
        return ()
    checks = _checks(case, number)
    if len(checks) != len(verdict.findings):
        return ()
    pairs = zip(checks, verdict.findings, strict=True)
    return tuple(check for check, finding in pairs if finding.wrong)
