"""
Where a case is played: everything that arrives becomes an observation here, and is waited for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from runner.engine.contract import Container, EventQueue, Inbox
from runner.errors import EngineError, StepError
from runner.execute.evaluator import Evaluator
from runner.execute.kernel_watch import KernelWatch
from runner.execute.live_container import LiveContainer
from runner.execute.probe_line import END_PATIENCE_NS, ProbeLine
from runner.execute.timeline_builder import TimelineBuilder
from runner.history.container_history import ContainerHistory
from runner.model.case import Case
from runner.model.engine_facts import EngineLost, InitEnded
from runner.model.expectation import LogsHave, Pattern
from runner.model.observation import Interrupted, Observation, StepActed, TimedOut, Timeline

PATIENCE_NS = 30_000_000_000
"""What was asked for is not waited for any longer."""


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
        self.evaluator = evaluator
        self.snapshots = snapshots
        self.containers: dict[str, LiveContainer] = {}
        self.queue = inbox.queue
        self.now_ns = inbox.now_ns
        self.deadline_ns = self._new_deadline_ns()
        self.engine_lost = False
        self._inbox = inbox
        self._watch = watch
        self._recorder = TimelineBuilder()
        self._aborted = False
        self._interrupted = False

    def timeline(self) -> Timeline:
        """Return the facts so far."""
        return self._recorder.timeline()

    def add(self, name: str, container: Container, queue: EventQueue) -> LiveContainer:
        """Take a new container of the engine's onto the stage."""
        plan, patterns = self.case.containers[name].plan, _patterns(self.case)
        live = LiveContainer(name, plan, container, queue, patterns=patterns, watch=self._watch)
        self.containers[name] = live
        return live

    def append(self, observation: Observation) -> None:
        """Add a fact."""
        kept = self._recorder.append(observation)
        if kept is not None:
            self.evaluator.see(kept)
        if isinstance(observation, StepActed):
            for live in self.containers.values():
                live.start_step()
        self.engine_lost |= isinstance(observation, EngineLost)
        self._interrupted |= isinstance(observation, Interrupted)
        self._aborted |= isinstance(observation, EngineLost | Interrupted | TimedOut)

    def history(self, live: LiveContainer) -> ContainerHistory:
        """Return what is known of a container by the facts so far."""
        return self.evaluator.history.containers[live.name]

    def init_running(self, live: LiveContainer) -> bool:
        """Return whether a container's init was started and has not ended, as far as facts go."""
        return self.history(live).init_running

    def allow_cleanup(self) -> None:
        """Let `always` steps run after a timeout, with the same time once more."""
        if self._aborted and not self.engine_lost and not self._interrupted:
            self._aborted = False
            self.deadline_ns = self._new_deadline_ns()

    def _new_deadline_ns(self) -> int:
        return self.now_ns() + round(self.case.timeout_s * 1e9)

    def dispatch(self, until_ns: int) -> None:
        """
        Wait until that time at most for something to arrive, and record it.

        Raises:
            CaseAborted: the case cannot go on.
            StepError: a probe cannot be believed any more; once for each.
        """
        self._take(min(until_ns, self.deadline_ns))
        if not self._aborted and self.now_ns() >= self.deadline_ns:
            self.append(TimedOut(self.now_ns(), self.case.timeout_s))
        if self._aborted:
            raise CaseAborted
        for live in self.containers.values():
            if live.probe is not None:
                live.probe.raise_new_fault()

    def _take(self, until_ns: int) -> None:
        for event in self._inbox.take(until_ns):
            if isinstance(event, EngineLost | Interrupted):
                self.append(event)
                continue
            for observation in self.containers[event.container].observations(event):
                self.append(observation)
        for live in self.containers.values():
            for observation in live.settle():
                self.append(observation)

    def dispatch_until(self, done: Callable[[], bool], patience_ns: int = PATIENCE_NS) -> bool:
        """Wait for a thing to become so, for so long at most; say whether it has."""
        give_up_ns = self.now_ns() + patience_ns
        while not done():
            if self.now_ns() >= give_up_ns:
                return False
            self.dispatch(give_up_ns)
        return True

    def catch_up_with_kernel(self, live: LiveContainer) -> None:
        """Wait until all has arrived that the kernel trace has of what happened until now."""
        if not live.is_traced:
            return
        until_ns = self.now_ns()
        live.ask_for_trace()
        with contextlib.suppress(CaseAborted):
            self.dispatch_until(lambda: self.history(live).trace_ns >= until_ns)

    def open_probe(self, live: LiveContainer) -> ProbeLine | None:
        """
        Return the line to the probe, opened if need be; None when init has ended.

        Raises:
            EngineError: init runs, but the probe cannot be started in its namespace.
            StepError: no probe may be put there, or it cannot be believed any more.
        """
        if not self.snapshots:
            raise StepError(
                "this needs a snapshot of /proc or a process inside the container, and only the "
                "engine is asked",
                advice="use --evidence auto; or say when init is ready: ready: {logs: ...}",
            )
        opened = live.probe
        if opened is not None and opened.fault is not None:
            raise opened.fault
        if opened is not None and not opened.closed:
            return opened
        if opened is not None and self.init_ends(live):
            return None
        try:
            probe = live.open_probe()
        except EngineError:
            if self.init_ends(live):
                return None
            raise
        return self._await_greeting(live, probe)

    def _await_greeting(self, live: LiveContainer, probe: ProbeLine) -> ProbeLine | None:
        # The engine does not always end the stream of what was put into an init that ended then.
        self.dispatch_until(lambda: probe.greeted or probe.closed or live.probe is not probe)
        if live.probe is not probe:  # init was started again
            return self.open_probe(live)
        if probe.greeted:
            return probe
        if probe.closed and self.init_ends(live):
            return None
        raise probe.why_not_greeted()

    def take_snapshot(self, probe: ProbeLine) -> None:
        """Ask for a snapshot of all processes, and wait for it."""
        probe.snapshot()
        self.dispatch_until(lambda: not probe.snapshot_asked or probe.closed)

    def init_ends(self, live: LiveContainer) -> bool:
        """Return whether init has ended or is about to: the news may come a moment late."""
        if self.dispatch_until(lambda: not self.init_running(live), END_PATIENCE_NS):
            return True
        state = live.container.inspect()
        if not state.running and state.exit_code is not None:
            self.append(InitEnded(self.now_ns(), state.exit_code, container=live.name))
        return not state.running


def _patterns(case: Case) -> list[Pattern]:
    expectations = [one.ready for one in case.containers.values()]
    expectations += [step.expect for step in case.all_steps if step.expect]
    found: dict[Pattern, None] = {}
    for expectation in expectations:
        for check in expectation.checks:
            if isinstance(check, LogsHave):
                found |= dict.fromkeys((*check.contains, *check.absent, *check.in_order))
    return list(found)
