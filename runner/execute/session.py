"""
Where a case is played: everything that arrives becomes an observation here, and is waited for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from runner.engine.contract import PROBE_PATH, Container, Inbox
from runner.errors import EngineError, ScenarioRunError, StepError
from runner.execute.evaluator import Evaluator
from runner.execute.kernel_watch import KernelWatch
from runner.execute.live_container import LiveContainer
from runner.execute.probe_line import ProbeLine
from runner.execute.timeline_builder import TimelineBuilder
from runner.history.container_history import ContainerHistory
from runner.model.case import Case
from runner.model.container import HOST_PID
from runner.model.engine_facts import EngineLost, InitEnded, InitRestarted
from runner.model.expectation import LogsHave, Pattern
from runner.model.observation import (
    EngineAnswered,
    EvidenceLate,
    Interrupted,
    Observation,
    StepActed,
    TimedOut,
    Timeline,
    Way,
)
from runner.model.verdict import Errored, Failed, Passed, Undecided

_PATIENCE_NS = 50_000_000
_PROBE_PATIENCE_NS = 30_000_000_000
_END_PATIENCE_NS = 500_000_000
_EVIDENCE_PATIENCE_NS = 30_000_000_000

Decided = Passed | Failed | Errored


class CaseAborted(Exception):  # noqa: N818 - it ends a case, it is no error
    """The case cannot go on: its time is over, the run was interrupted, or the engine is lost."""


class CaseSession:
    """
    The state of one running case. Not shared between threads; only its inbox is.

    `containers` are those made so far, by name. `snapshots` says that a probe may be put inside
    them; without, only the engine is asked. `deadline_ns` ends the case wherever it is.
    """

    def __init__(
        self,
        case: Case,
        inbox: Inbox,
        evaluator: Evaluator,
        *,
        watch: KernelWatch | None = None,
        snapshots: bool = True,
    ) -> None:
        self.case = case
        self.inbox = inbox
        self.evaluator = evaluator
        self.watch = watch
        self.snapshots = snapshots
        self.containers: dict[str, LiveContainer] = {}
        self.deadline_ns = inbox.now_ns() + round(case.timeout_s * 1e9)
        self.engine_lost = False
        self._recorder = TimelineBuilder()
        self._aborted = False
        self._interrupted = False
        self._asked_ns: dict[Way, int] = {}
        self._faults: list[ScenarioRunError] = []

    def timeline(self) -> Timeline:
        """Give the facts so far."""
        return self._recorder.timeline()

    def add(self, name: str, container: Container) -> LiveContainer:
        """Take a new container of the engine's onto the stage."""
        live = LiveContainer(name, container, _patterns(self.case))
        self.containers[name] = live
        return live

    def follow_kernel(self, live: LiveContainer) -> None:
        """Let what the kernel records of a container's present init arrive."""
        if self.watch is None:
            return
        if live.host_pid is not None:
            self.watch.leave(live.host_pid)
        live.host_pid = live.container.host_pid()
        if live.host_pid is not None:
            alone = bool(self.case.containers[live.name].plan.pid)
            self.watch.follow(live.host_pid, self.inbox.queue(live.name), alone=alone)

    def catch_up_with_kernel(self, live: LiveContainer) -> None:
        """Wait until all has arrived that the kernel trace has of what happened until now."""
        if live.host_pid is None:
            return
        until_ns = self.inbox.now_ns()
        self._ask_for_trace(live)
        with contextlib.suppress(CaseAborted):
            self.dispatch_until(lambda: live.trace_ns >= until_ns, _EVIDENCE_PATIENCE_NS)

    def _ask_for_trace(self, live: LiveContainer) -> None:
        if self.watch is not None and live.host_pid is not None:
            live.trace_asked_ns = self.inbox.now_ns()
            self.watch.catch_up(self.inbox.queue(live.name))

    def _ask_engine(self, live: LiveContainer) -> None:
        """
        Let what the engine has to tell arrive.

        It answers twice: when the second answer comes, what it was about to tell with the first
        one has been on its way for as long as an answer takes.
        """
        asked_ns = self.inbox.now_ns()
        for _ in range(2):
            live.container.inspect()
            self.dispatch(self.inbox.now_ns())
        self.append(EngineAnswered(asked_ns, container=live.name))

    def append(self, observation: Observation) -> None:
        """Add a fact."""
        kept = self._recorder.append(observation)
        if kept is not None:
            self.evaluator.see(kept)
        match observation:
            case StepActed():
                for live in self.containers.values():
                    live.start_step()
            case EngineLost():
                self._aborted = self.engine_lost = True
            case Interrupted():
                self._aborted = self._interrupted = True
            case TimedOut():
                self._aborted = True
            case _:
                pass

    def history(self, live: LiveContainer) -> ContainerHistory:
        """Give what is known of a container by the facts so far."""
        return self.evaluator.history.containers[live.name]

    def paused(self, live: LiveContainer) -> bool:
        """Say whether a container is frozen, and our probe with it."""
        return self.history(live).paused is not None

    def init_running(self, live: LiveContainer) -> bool:
        """Say whether a container's init was started and has not ended, as far as facts go."""
        return self.history(live).init_running

    def allow_cleanup(self) -> None:
        """Let `always` steps run after a timeout, with the same time once more."""
        if self._aborted and not self.engine_lost and not self._interrupted:
            self._aborted = False
            self.deadline_ns = self.inbox.now_ns() + round(self.case.timeout_s * 1e9)

    def dispatch(self, until_ns: int) -> None:
        """
        Wait until that time at most for something to arrive, and record it.

        Raises:
            Curtain: the case cannot go on.
            StepError: a probe cannot be believed any more; once for each.
        """
        self._take(min(until_ns, self.deadline_ns))
        if not self._aborted and self.inbox.now_ns() >= self.deadline_ns:
            self.append(TimedOut(self.inbox.now_ns(), self.case.timeout_s))
        if self._aborted:
            raise CaseAborted
        self._raise_fault()

    def _take(self, until_ns: int) -> None:
        for queued in self.inbox.take(until_ns):
            live = self.containers[queued.queue]
            for observation in live.observations(queued.event):
                self.append(observation)
                if isinstance(observation, InitRestarted):
                    self.follow_kernel(live)
        for live in self.containers.values():
            for observation in live.settle():
                self.append(observation)

    def _raise_fault(self) -> None:
        for live in self.containers.values():
            fault = live.probe.fault if live.probe is not None else None
            if fault is not None and fault not in self._faults:
                self._faults.append(fault)
                raise fault

    def dispatch_until(self, done: Callable[[], bool], patience_ns: int) -> bool:
        """Wait for a thing to become so, for so long at most; say whether it has."""
        give_up_ns = self.inbox.now_ns() + patience_ns
        while not done():
            if self.inbox.now_ns() >= give_up_ns:
                return False
            self.dispatch(give_up_ns)
        return True

    def await_decision(self, live: LiveContainer) -> Decided:
        """Wait until the step that has begun last is decided."""
        while True:
            now_ns = self.inbox.now_ns()
            decision = self.evaluator.decide(now_ns)
            if not isinstance(decision, Undecided):
                return decision
            if self._left_alone(live, now_ns):
                self._ends(live)
                continue
            wake_ns = self._bring_evidence(live, decision, now_ns)
            probe = live.probe
            if probe is not None and probe.closed and self.init_running(live):
                wake_ns = min(wake_ns, now_ns + _PATIENCE_NS)
            self.dispatch(wake_ns)

    def _bring_evidence(self, live: LiveContainer, wanted: Undecided, now_ns: int) -> int:
        """Ask for what is due now; give when to ask for the next."""
        wake_ns = wanted.wake_ns if wanted.wake_ns > now_ns else now_ns + _PATIENCE_NS
        due: list[tuple[Way, int | None, bool, Callable[[LiveContainer], None]]] = [
            (Way.SNAPSHOT, wanted.snapshot_ns, _awaits_snapshot(live), self._take_snapshot),
            (Way.TRACE, wanted.trace_ns, live.trace_asked_ns is not None, self._ask_for_trace),
            (Way.ENGINE, wanted.engine_ns, False, self._ask_engine),
        ]
        for way, at_ns, asked, ask in due:
            if at_ns is None or at_ns > now_ns:
                self._asked_ns.pop(way, None)
                wake_ns = wake_ns if at_ns is None else min(wake_ns, at_ns)
                continue
            since_ns = self._asked_ns.setdefault(way, now_ns)
            if now_ns - since_ns > _EVIDENCE_PATIENCE_NS:
                self.append(EvidenceLate(now_ns, way, container=live.name))
                del self._asked_ns[way]
            elif not asked:
                ask(live)
                wake_ns = min(wake_ns, now_ns + _PATIENCE_NS)
        return wake_ns

    def open_probe(self, live: LiveContainer) -> ProbeLine | None:
        """
        Give the line to the probe, opened if need be; None when init has ended.

        Raises:
            EngineError: init runs, but the probe cannot be started in its namespace.
            StepError: no probe may be put there, or it cannot be believed any more.
        """
        self._must_take_snapshots()
        opened = _believed_probe(live)
        if opened is not None:
            if not opened.closed:
                return opened
            if self._ends(live):
                return None
        try:
            stream = live.container.exec(self._probe_argv(live), stdin=True)
            probe = live.probe = ProbeLine(stream, live.name)
        except EngineError:
            if self._ends(live):
                return None
            raise
        return self._await_greeting(live, probe)

    def _await_greeting(self, live: LiveContainer, probe: ProbeLine) -> ProbeLine | None:
        # The engine does not always end the stream of what was put into an init that ended then.
        self.dispatch_until(
            lambda: probe.greeted or probe.closed or live.probe is not probe, _PROBE_PATIENCE_NS
        )
        if live.probe is not probe:  # init was started again
            return self.open_probe(live)
        if probe.greeted:
            return probe
        if probe.closed and self._ends(live):
            return None
        raise probe.why_not_greeted()

    def _must_take_snapshots(self) -> None:
        if not self.snapshots:
            raise StepError(
                "this needs a snapshot of /proc or a process inside the container, and only the "
                "engine is asked",
                advice="use --evidence auto; or say when init is ready: ready: {logs: ...}",
            )

    def _probe_argv(self, live: LiveContainer) -> Sequence[str]:
        pid = self.case.containers[live.name].plan.pid
        if not pid:
            return (PROBE_PATH,)
        # On the machine's own PID namespace, nobody else's processes are our business.
        return (PROBE_PATH, "own" if pid == HOST_PID else "shared")

    def _left_alone(self, live: LiveContainer, now_ns: int) -> bool:
        """Say whether the probe is gone for so long that the engine's report of the end is late."""
        probe = live.probe
        if probe is None or probe.closed_ns is None or probe.end_was_checked:
            return False
        late = now_ns - probe.closed_ns > _END_PATIENCE_NS and self.init_running(live)
        probe.end_was_checked = late
        return late

    def _take_snapshot(self, live: LiveContainer) -> None:
        probe = self.open_probe(live)
        if probe is not None:
            probe.snapshot()

    def _ends(self, live: LiveContainer) -> bool:
        """Say whether init has ended or is about to: the news may come a moment late."""
        if self.dispatch_until(lambda: not self.init_running(live), _END_PATIENCE_NS):
            return True
        state = live.container.inspect()
        if not state.running and state.exit_code is not None:
            self.append(InitEnded(self.inbox.now_ns(), state.exit_code, 0, container=live.name))
        return not state.running


def _believed_probe(live: LiveContainer) -> ProbeLine | None:
    """Give the line to the probe if one was opened; raise why it cannot be believed any more."""
    if live.probe is not None and live.probe.fault is not None:
        raise live.probe.fault
    return live.probe


def _awaits_snapshot(live: LiveContainer) -> bool:
    probe = live.probe
    return probe is not None and not probe.closed and probe.snapshot_asked


def _patterns(case: Case) -> list[Pattern]:
    expectations = [one.ready for one in case.containers.values()]
    expectations += [step.expect for step in case.all_steps if step.expect]
    found: dict[Pattern, None] = {}
    for expectation in expectations:
        for check in expectation.checks:
            if isinstance(check, LogsHave):
                found |= dict.fromkeys((*check.contains, *check.absent, *check.in_order))
    return list(found)
