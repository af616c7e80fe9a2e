"""
The arrows of a picture: each signal that was sent, and what became of it.

Where there is a kernel trace it has every signal; else there are those that the runner and the
engine have sent, with what the verdicts say of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from runner.history.process_life import Receipt, Taking
from runner.history.sent_signals import CLOCKS_APART_NS
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.model.engine_facts import EngineSent
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
)
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import INIT_PID
from runner.model.result import StepResult
from runner.model.signal_outcome import DELIVERED, SignalOutcome
from runner.model.step import Sender
from runner.report.html.lanes import HOST, Lanes
from runner.report.html.picture import Fate, Kind, Row
from runner.report.html.timeline_facts import ContainerFacts
from runner.report.kernel_timeline import kernel_words
from runner.report.text import one_line
from runner.report.why import actual, predicted

_NOISE: Final = {Signal.parse("SIGURG"), Signal.parse("SIGCHLD")}
"""Go's own preemption in runc, and what every end of a child brings."""

_FATES: Final = {
    **dict.fromkeys(DELIVERED, Fate.DELIVERED),
    Outcome.IGNORED: Fate.IGNORED,
    Outcome.DROPPED_INIT: Fate.DROPPED,
    Outcome.PENDING: Fate.PENDING,
    Outcome.REJECTED: Fate.REJECTED,
    None: Fate.NOT_KNOWN,
}


_LATE_NS: Final = 10_000_000
"""A signal that was pending for so long has a row of its own when it is taken."""


@dataclass(frozen=True, slots=True)
class _Arrow:
    """A signal on its way; `words` say what became of it where no verdict does."""

    sender: Sender | None
    signal: Signal
    pid: int | None
    words: str
    row: Row


def arrows(container: ContainerFacts, lanes: Lanes, steps: Iterable[StepResult]) -> Iterator[Row]:
    """Yield the signals of one container."""
    found = [*_by_trace(container, lanes), *_by_senders(container, lanes)]
    outcomes = [outcome for step in steps for outcome in step.signals]
    for arrow in sorted(found, key=lambda one: one.row.at_ns):
        outcome = next((one for one in outcomes if _is_of(one, arrow)), None)
        if outcome is None:
            yield replace(arrow.row, text=one_line(f"{arrow.row.text}: {arrow.words}"))
        else:
            outcomes.remove(outcome)
            yield _with_outcome(arrow.row, outcome)
    yield from _taken_late(container, lanes)


def _taken_late(container: ContainerFacts, lanes: Lanes) -> Iterator[Row]:
    """Yield when a signal was taken that had been pending for a while."""
    for fact in container.of(SignalGenerated):
        life = container.life(fact.target.host_pid)
        receipts = life.receipts if life is not None else []
        receipt = next((one for one in receipts if one.cause is fact), None)
        lane = lanes.of_task(container, fact.target)
        if receipt is None or lane is None or receipt.at_ns - fact.at_ns < _LATE_NS:
            continue
        how = _taken(container, fact, receipt)
        text = f"{_named(fact.target)} takes {fact.signal}: {how}"
        yield Row(receipt.at_ns, Kind.EVENT, text, lane)


def _is_of(outcome: SignalOutcome, arrow: _Arrow) -> bool:
    same = (outcome.signal, outcome.sender, outcome.pid) == (arrow.signal, arrow.sender, arrow.pid)
    return same and arrow.row.at_ns <= (outcome.at_ns or arrow.row.at_ns) + CLOCKS_APART_NS


def _with_outcome(row: Row, outcome: SignalOutcome) -> Row:
    """Say of a signal what the other reports say of it."""
    fate = _FATES[outcome.actual]
    against = ", against the prediction" if outcome.mispredicted else ""
    said = f"predicted {predicted(outcome)}{against}; evidence: {outcome.evidence.value}"
    text = f"{row.text}: {actual(outcome)}"
    more = ". ".join(filter(None, (outcome.seen, said, row.more)))
    return replace(row, fate=fate, text=one_line(text), more=one_line(more))


def _by_trace(container: ContainerFacts, lanes: Lanes) -> Iterator[_Arrow]:
    asked_for = {fact.signal for fact in container.of(SignalSent)}
    for fact in container.of(SignalGenerated):
        target = lanes.of_task(container, fact.target)
        inside = fact.target.role in {Role.INIT, Role.INSIDE}
        if target is None or not inside or fact.signal in _NOISE - asked_for:
            continue
        # A signal of the kernel itself, and one that a process sends itself, has no arrow.
        own = fact.target.host_pid == fact.sender.host_pid or (
            fact.from_kernel and not fact.after_end
        )
        fate, words = _fate(container, fact)
        row = Row(
            fact.at_ns,
            Kind.SIGNAL,
            f"{fact.signal} to {_named(fact.target)}",
            target if own else lanes.of_task(container, fact.sender),
            None if own else target,
            str(fact.signal),
            fate,
            one_line(kernel_words(fact)),
        )
        pid = INIT_PID if fact.target.role is Role.INIT else fact.target.pid
        yield _Arrow(_SENDERS.get(fact.sender.role), fact.signal, pid, words, row)


def _named(task: Task) -> str:
    return one_line(str(task))


def _fate(container: ContainerFacts, fact: SignalGenerated) -> tuple[Fate, str]:
    """Return what the kernel trace says of one signal."""
    match fact.generation:
        case Generation.IGNORED:
            dropped = fact.target.role is Role.INIT and not _ignores(container, fact)
            if fact.signal.default_action in _NO_EFFECT or not dropped:
                return Fate.IGNORED, "ignored"
            return Fate.DROPPED, "dropped when it was sent"
        case Generation.ALREADY_PENDING:
            return Fate.PENDING, "already pending, so not queued again"
        case Generation.OVERFLOW:
            return Fate.REJECTED, "refused: too many are queued"
        case Generation.QUEUED | Generation.INFO_LOST:
            return _fate_of_queued(container, fact)


def _ignores(container: ContainerFacts, fact: SignalGenerated) -> bool:
    """Return whether the last snapshot before shows that init ignores the signal."""
    before = [one for one in container.of(ProcessSnapshot) if one.at_ns <= fact.at_ns]
    init = before[-1].init if before else None
    return init is not None and holds(init.masks.ignored, fact.signal)


def _fate_of_queued(container: ContainerFacts, fact: SignalGenerated) -> tuple[Fate, str]:
    life = container.life(fact.target.host_pid)
    if life is None:
        return Fate.NOT_KNOWN, "what became of it is not known"
    receipt = next((one for one in life.receipts if one.cause is fact), None)
    if life.end is not None and life.end.cause is fact:
        return Fate.DELIVERED, "killed with init" if fact.teardown else "it ends"
    if receipt is not None:
        return Fate.DELIVERED, _taken(container, fact, receipt)
    taken = _delivery(container, fact, fact.at_ns)
    if taken is None:
        return Fate.PENDING, "pending"
    if taken.signal == SIGKILL:
        return Fate.DELIVERED, "killed with init" if fact.teardown else "it ends"
    if taken.delivery is Delivery.IGNORED or fact.signal.default_action in _NO_EFFECT:
        return Fate.IGNORED, "ignored when it was taken"
    return Fate.DROPPED, "dropped when it was taken"


def _taken(container: ContainerFacts, fact: SignalGenerated, receipt: Receipt) -> str:
    if receipt.taking is Taking.ACCEPTED:
        return "accepted by sigwait(3) or the like"
    if receipt.taking is Taking.READ:
        return "read from a signalfd"
    taken = _delivery(container, fact, receipt.at_ns)
    handled = taken is not None and taken.delivery is Delivery.HANDLER
    return "its handler runs" if handled else "its default action is taken"


def _delivery(
    container: ContainerFacts, fact: SignalGenerated, since_ns: int
) -> SignalDelivered | None:
    """Return the delivery of a signal at or after a time."""
    return next(
        (
            one
            for one in container.of(SignalDelivered)
            if one.task.host_pid == fact.target.host_pid
            and one.signal == fact.signal
            and one.at_ns >= since_ns
        ),
        None,
    )


def _by_senders(container: ContainerFacts, lanes: Lanes) -> Iterator[_Arrow]:
    """Yield what the runner and the engine have sent and the kernel trace does not have."""
    generated = container.of(SignalGenerated)
    sent = container.of(SignalSent)
    for fact in sent:
        role = Role.HOST if fact.sender is Sender.HOST else Role.PROBE
        if not any(
            one.signal == fact.signal
            and one.sender.role is role
            and abs(one.at_ns - fact.at_ns) <= CLOCKS_APART_NS + (fact.answered_ns - fact.at_ns)
            for one in generated
        ):
            yield _sent(container, lanes, fact)
    by_runner = [fact.signal for fact in sent if fact.sender is Sender.HOST]
    by_engine = {one.signal for one in generated if one.sender.role is Role.HOST}
    for reported in container.of(EngineSent):
        if reported.signal in by_runner:
            by_runner.remove(reported.signal)
        elif reported.signal not in by_engine:
            row = Row(
                reported.at_ns,
                Kind.SIGNAL,
                f"{reported.signal} to init",
                HOST,
                lanes.init[container.name],
                str(reported.signal),
                Fate.NOT_KNOWN,
                "as the engine reports",
            )
            yield _Arrow(
                Sender.HOST, reported.signal, INIT_PID, "what became of it is not known", row
            )


def _sent(container: ContainerFacts, lanes: Lanes, fact: SignalSent) -> _Arrow:
    inside = fact.sender is Sender.INSIDE
    target = lanes.of_pid(container, fact.pid, fact.at_ns)
    source = lanes.inside[container.name] if inside else HOST
    row = Row(
        fact.at_ns,
        Kind.SIGNAL,
        f"{fact.signal} to {'init' if fact.pid in container.init_pids else f'PID {fact.pid}'}",
        source,
        target if target is not None else lanes.init[container.name],
        str(fact.signal),
        Fate.REJECTED if fact.errno else Fate.NOT_KNOWN,
        f"kill(2): {fact.errno or 'accepted'}, from {fact.sender.value}",
    )
    words = f"rejected ({fact.errno})" if fact.errno else "accepted"
    return _Arrow(fact.sender, fact.signal, fact.pid, words, row)


_SENDERS: Final = {Role.HOST: Sender.HOST, Role.PROBE: Sender.INSIDE}
_NO_EFFECT: Final = {DefaultAction.IGN, DefaultAction.CONT}
