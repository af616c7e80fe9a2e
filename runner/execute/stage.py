"""
Where a case is played: everything that arrives becomes an observation here, and is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from runner.engine.contract import (
    PROBE_PATH,
    Arrival,
    Container,
    EndReported,
    EngineGone,
    Inbox,
    OomReported,
    Output,
    OutputEnded,
    PauseReported,
    RunInterrupted,
    SignalReported,
    StopReturned,
)
from runner.errors import EngineCallFailed, EngineError, EngineUnreachable
from runner.execute.exec_run import ExecRun
from runner.execute.probe_line import ProbeLine
from runner.execute.recorder import Recorder
from runner.model.case import Case
from runner.model.expectation import LogsHave, Pattern
from runner.model.observation import (
    EngineLost,
    EngineSent,
    InitEnded,
    Interrupted,
    LogsEnded,
    Observation,
    OutOfMemory,
    Paused,
    ProbeClosed,
    StepActed,
    StopAnswered,
    TimedOut,
    Timeline,
    Unpaused,
)
from runner.model.referee import Referee
from runner.model.verdict import Errored, Failed, Passed, Undecided
from runner.observe.output import OutputDecoder

_PATIENCE_NS = 50_000_000
_PROBE_PATIENCE_NS = 30_000_000_000
_END_PATIENCE_NS = 500_000_000

_Told = (
    SignalReported
    | EndReported
    | PauseReported
    | OomReported
    | StopReturned
    | EngineGone
    | RunInterrupted
)

Decided = Passed | Failed | Errored


class Curtain(Exception):  # noqa: N818 - it ends a case, it is no error
    """The case cannot go on: its time is over, the run was interrupted, or the engine is lost."""


class Stage:
    """
    The state of one running case. Not shared between threads; only its inbox is.

    `deadline_ns` ends the case wherever it is. `execs` are the exec'd programs by their `source`.
    """

    def __init__(self, case: Case, inbox: Inbox, referee: Referee) -> None:
        self.case = case
        self.inbox = inbox
        self.referee = referee
        self.deadline_ns = inbox.now_ns() + round(case.timeout_s * 1e9)
        self.output_ended = False
        self.execs: dict[str, ExecRun] = {}
        self.engine_lost = False
        self._probe: ProbeLine | None = None
        self._output = OutputDecoder(_patterns(case))
        self._recorder = Recorder()
        self._curtain = False
        self._interrupted = False

    def timeline(self) -> Timeline:
        """Give the facts so far."""
        return self._recorder.timeline()

    def record(self, observation: Observation) -> None:
        """Add a fact."""
        self.referee.see(self._recorder.record(observation))
        match observation:
            case StepActed():
                self._output.turn_page()
            case EngineLost():
                self._curtain = self.engine_lost = True
            case Interrupted():
                self._curtain = self._interrupted = True
            case TimedOut():
                self._curtain = True
            case _:
                pass

    def lift_curtain(self) -> None:
        """Let `always` steps run after a timeout, with the same time once more."""
        if self._curtain and not self.engine_lost and not self._interrupted:
            self._curtain = False
            self.deadline_ns = self.inbox.now_ns() + round(self.case.timeout_s * 1e9)

    def pump(self, until_ns: int) -> None:
        """
        Wait until that time at most for something to arrive, and record it.

        Raises:
            Curtain: the case cannot go on.
        """
        for arrival in self.inbox.take(min(until_ns, self.deadline_ns)):
            for observation in self._observations(arrival):
                self.record(observation)
        if not self._curtain and self.inbox.now_ns() >= self.deadline_ns:
            self.record(TimedOut(self.inbox.now_ns(), self.case.timeout_s))
        if self._curtain:
            raise Curtain

    def pump_until(self, done: Callable[[], bool], patience_ns: int) -> bool:
        """Wait for a thing to become so, for so long at most; say whether it has."""
        give_up_ns = self.inbox.now_ns() + patience_ns
        while not done():
            if self.inbox.now_ns() >= give_up_ns:
                return False
            self.pump(give_up_ns)
        return True

    def await_decision(self, container: Container) -> Decided:
        """Wait until the step that has begun last is decided."""
        while True:
            now_ns = self.inbox.now_ns()
            decision = self.referee.decide(now_ns)
            if not isinstance(decision, Undecided):
                return decision
            if self._left_alone(now_ns):
                self._ends(container)
                continue
            wake_ns = decision.wake_ns if decision.wake_ns > now_ns else now_ns + _PATIENCE_NS
            if self._probe is not None and self._probe.closed and self.referee.init_running:
                wake_ns = min(wake_ns, now_ns + _PATIENCE_NS)
            if decision.look_ns is not None and not self._looking:
                if decision.look_ns <= now_ns:
                    self._look(container)
                else:
                    wake_ns = min(wake_ns, decision.look_ns)
            self.pump(wake_ns)

    def open_probe(self, container: Container) -> ProbeLine | None:
        """
        Give the line to the probe, opened if need be; None when init has ended.

        Raises:
            EngineError: init runs, but the probe cannot be started in its namespace.
        """
        if self._probe is not None:
            if not self._probe.closed:
                return self._probe
            if self._ends(container):
                return None
        try:
            probe = self._probe = ProbeLine(container.exec((PROBE_PATH,), stdin=True))
        except EngineError:
            if self._ends(container):
                return None
            raise
        self.pump_until(lambda: probe.greeted or probe.closed, _PROBE_PATIENCE_NS)
        if probe.greeted:
            return probe
        if probe.closed and self._ends(container):
            return None
        raise EngineCallFailed(
            f"the probe could not be started inside the container: {probe.refusal or 'no answer'}",
            advice="does the image's user or a security option forbid to run /scenario-run/probe?",
        )

    @property
    def _looking(self) -> bool:
        return self._probe is not None and not self._probe.closed and self._probe.looking

    def _left_alone(self, now_ns: int) -> bool:
        """Say whether the probe is gone for so long that the engine's report of the end is late."""
        probe = self._probe
        if probe is None or probe.closed_ns is None or probe.end_was_checked:
            return False
        late = now_ns - probe.closed_ns > _END_PATIENCE_NS and self.referee.init_running
        probe.end_was_checked = late
        return late

    def _look(self, container: Container) -> None:
        probe = self.open_probe(container)
        if probe is not None:
            probe.look()

    def _ends(self, container: Container) -> bool:
        """Say whether init has ended or is about to: the news may come a moment late."""
        if self.pump_until(lambda: not self.referee.init_running, _END_PATIENCE_NS):
            return True
        state = container.inspect()
        if not state.running and state.exit_code is not None:
            self.record(InitEnded(self.inbox.now_ns(), state.exit_code, 0))
        return not state.running

    def _observations(self, arrival: Arrival) -> Iterator[Observation]:
        match arrival:
            case Output():
                yield from self._hear(arrival)
            case OutputEnded(at_ns=at_ns, source=source):
                yield from self._hear_end(at_ns, source)
            case _:
                yield _told(arrival)

    def _hear(self, output: Output) -> Iterator[Observation]:
        if output.source == "init":
            yield from self._output.feed(output)
        elif self._probe is not None and output.source == self._probe.source:
            yield from self._probe.hear(output)
        elif output.source in self.execs:
            self.execs[output.source].hear(output)

    def _hear_end(self, at_ns: int, source: str) -> Iterator[Observation]:
        if source == "init":
            self.output_ended = True
            yield LogsEnded(at_ns)
        elif self._probe is not None and source == self._probe.source:
            self._probe.closed_ns = at_ns
            yield ProbeClosed(at_ns)
        elif source in self.execs:
            yield self.execs[source].end(at_ns)


def engine_lost(at_ns: int, error: EngineError) -> EngineLost:
    """Make a fact of the engine's failure."""
    for_good = isinstance(error, EngineUnreachable)
    return EngineLost(at_ns, error.what, error.advice, for_good=for_good)


def _told(arrival: _Told) -> Observation:
    match arrival:
        case SignalReported(at_ns=at_ns, signal=signal, engine_ns=engine_ns):
            return EngineSent(at_ns, signal, engine_ns)
        case EndReported(at_ns=at_ns, exit_code=exit_code, engine_ns=engine_ns):
            return InitEnded(at_ns, exit_code, engine_ns)
        case PauseReported(at_ns=at_ns, paused=paused):
            return Paused(at_ns) if paused else Unpaused(at_ns)
        case OomReported(at_ns=at_ns):
            return OutOfMemory(at_ns)
        case RunInterrupted(at_ns=at_ns):
            return Interrupted(at_ns)
        case StopReturned(at_ns=at_ns) | EngineGone(at_ns=at_ns):
            if arrival.error is None:
                return StopAnswered(at_ns)
            return engine_lost(at_ns, arrival.error)


def _patterns(case: Case) -> list[Pattern]:
    expectations = [case.ready, *(step.expect for step in case.all_steps if step.expect)]
    found: dict[Pattern, None] = {}
    for expectation in expectations:
        for check in expectation.checks:
            if isinstance(check, LogsHave):
                found |= dict.fromkeys((*check.contains, *check.absent, *check.in_order))
    return list(found)
