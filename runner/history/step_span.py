"""
One step that acted on a container, and all that came of it until the next one that acts.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from runner.history.sent_signals import SentSignal, generation_of, sent_by_engine
from runner.kernel.signals import SIGKILL
from runner.model.engine_facts import EngineSent, InitEnded, StopAnswered
from runner.model.kernel_facts import KernelFact, Role, SignalGenerated
from runner.model.observation import (
    Observation,
    ProcessSnapshot,
    RestartRequested,
    SignalSent,
    StepActed,
    StopRequested,
)

AskToEnd = StopRequested | RestartRequested | SignalSent
"""What may end init: a stop, a restart, or a signal to it."""


@dataclass(frozen=True, slots=True)
class StepSpan:
    """
    A step, by its number, from when it began until the next one that acts began (`closed_ns`).

    `sends` says that signals are its business, `pauses` that it pauses. `asked` is the stop or
    restart that it has asked for, `looked` the last snapshot before that. `sent` are its signals,
    those of the engine's stop among them, and `engine_sent` the engine's reports of the latter.
    `kernel_facts` is the kernel's since the step began, worth nothing if not `traced`: it was not
    read then, or has a gap; `generated` is the last one of its signals there. `init_host_pid` is
    init as it was when the step began, in that record. `snapshot` is the last snapshot with a
    living init, `snapshot_in_grace` the last one from before the grace period of its stop or
    restart was over: one after that may show how SIGKILL ends init. `ended` is the first end of
    init since the step began.
    """

    step: int
    began_ns: int
    sends: bool
    pauses: bool = False
    traced: bool = False
    init_host_pid: int | None = None
    closed_ns: int | None = None
    acted_ns: int | None = None
    asked: StopRequested | RestartRequested | None = None
    looked: ProcessSnapshot | None = None
    sent: tuple[SentSignal, ...] = ()
    engine_sent: tuple[EngineSent, ...] = ()
    stop_answered_ns: int | None = None
    kernel_facts: tuple[KernelFact, ...] = ()
    generated: SignalGenerated | None = None
    snapshot: ProcessSnapshot | None = None
    snapshot_in_grace: ProcessSnapshot | None = None
    ended: InitEnded | None = None

    @property
    def escalated(self) -> bool:
        """
        Whether the engine has sent SIGKILL because the grace period was over.

        That is the second signal of a stop: the first one is what was asked for, SIGKILL or not.
        """
        return any(one.signal == SIGKILL for one in self.engine_sent[1:])

    @property
    def ask_to_end(self) -> AskToEnd | None:
        """The stop or restart that it has asked for, or its last signal to init."""
        if self.asked is not None:
            return self.asked
        return next((one.fact for one in reversed(self.sent) if one.to_init), None)

    @property
    def effective_ns(self) -> int | None:
        """
        When the step took effect: from here on its consequences can be seen, or be missing.

        Its last signal was generated, by the kernel trace; else its sending was answered. A
        stop takes effect when the engine has sent its first signal, or has answered. None: not yet.
        """
        if isinstance(self.asked, StopRequested):
            return self._stop_ns(self.asked)
        if self.sent and self.acted_ns is not None:
            last = self.sent[-1].fact
            return self.generated.at_ns if self.traced and self.generated else last.answered_ns
        return self.acted_ns

    def _stop_ns(self, asked: StopRequested) -> int | None:
        if self.traced:
            for fact in self.kernel_facts:
                if isinstance(fact, SignalGenerated) and _is_stop_signal(fact, asked):
                    return fact.at_ns
        reported = [fact.at_ns for fact in self.engine_sent[:1]]
        ended = [self.ended.at_ns] if self.ended is not None else []
        answered = [self.stop_answered_ns] if self.stop_answered_ns is not None else []
        return min([*reported, *ended, *answered], default=None)


def _is_stop_signal(fact: SignalGenerated, asked: StopRequested) -> bool:
    from_engine = fact.sender.role is Role.HOST and fact.target.role is Role.INIT
    return from_engine and fact.code <= 0 and fact.at_ns >= asked.at_ns


def with_fact(span: StepSpan, fact: Observation, snapshot: ProcessSnapshot | None) -> StepSpan:
    """
    Take one more fact of the step's container into account.

    `snapshot` is the last snapshot that had arrived before the fact, and that began before it.
    """
    change = dataclasses.replace
    match fact:
        case StepActed(at_ns=at_ns, step=step) if step == span.step:
            return change(span, acted_ns=at_ns)
        case SignalSent():
            return _with_sent(span, SentSignal(fact, snapshot))
        case StopRequested() | RestartRequested():
            return change(span, asked=fact, looked=snapshot)
        case EngineSent() if span.asked is not None:
            return _with_engine_signal(span, fact, span.asked)
        case StopAnswered(at_ns=at_ns):
            return change(span, stop_answered_ns=at_ns)
        case InitEnded() if span.ended is None:
            return change(span, ended=fact)
        case ProcessSnapshot():
            return _with_snapshot(span, fact)
        case _:
            return span


def _with_snapshot(span: StepSpan, fact: ProcessSnapshot) -> StepSpan:
    if fact.init is None or not fact.init.state.alive:
        return span
    span = dataclasses.replace(span, snapshot=fact)
    if span.asked is not None and fact.at_ns >= span.asked.at_ns + span.asked.grace_s * 1e9:
        return span
    return dataclasses.replace(span, snapshot_in_grace=fact)


def _with_engine_signal(
    span: StepSpan, fact: EngineSent, asked: StopRequested | RestartRequested
) -> StepSpan:
    first = not span.engine_sent
    sent = SentSignal(sent_by_engine(fact, asked), span.looked, asked_for=first)
    return _with_sent(dataclasses.replace(span, engine_sent=(*span.engine_sent, fact)), sent)


def _with_sent(span: StepSpan, sent: SentSignal) -> StepSpan:
    found = generation_of(sent.fact, span.kernel_facts[::-1])
    return dataclasses.replace(
        span, sent=(*span.sent, sent), generated=found[1] if found is not None else None
    )


def with_kernel_fact(span: StepSpan, fact: KernelFact) -> StepSpan:
    """Take one more fact of the kernel trace into account."""
    last = generation_of(span.sent[-1].fact, (fact,)) if span.sent else None
    return dataclasses.replace(
        span,
        kernel_facts=(*span.kernel_facts, fact),
        generated=last[1] if last is not None else span.generated,
    )
