"""
The line to the probe: requests go out here, answers come back through the case's inbox.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

from runner.engine.contract import PROBE_PATH, Container, ExecStream, Output
from runner.errors import EngineCallFailed, ScenarioRunError, StepError
from runner.kernel.signals import Signal
from runner.model.container import HOST_PID
from runner.model.expectation import Stream
from runner.model.observation import (
    Observation,
    ProbeClosed,
    ProbeOpened,
    ProcessSnapshot,
    SignalSent,
)
from runner.observe.probe import (
    Foreign,
    KillResult,
    PermissionCheck,
    ProbeDecoder,
    ProbeReady,
    ProbeWord,
    ProcessList,
    ProtocolError,
)

_SAME_CLOCK_NS = 1_000_000_000
_WATCH_MS = 10
_SECRET_BYTES = 16

END_PATIENCE_NS = 500_000_000
"""So late may the engine's report of the end of init come."""


class ProbeLine:
    """
    One opened probe in `container`. `last_snapshot` is what was seen last, and `fault` why the
    probe cannot be believed any more; it is not read further.

    The probe is given a secret, and begins each answer with it: what another process writes to its
    output is not taken for an answer.

    The probe's clock is the runner's own when both are on one machine; else its times are
    moved by the difference seen at its first word, which is late by the time that word took.
    """

    def __init__(self, exec_stream: ExecStream, container: str) -> None:
        self._exec = exec_stream
        self.container = container
        secret = secrets.token_hex(_SECRET_BYTES)
        self._decoder = ProbeDecoder(secret)
        self._requests = 0
        self._offset_ns = 0
        self._snapshots_asked = 0
        self.greeted = False
        self.pid: int | None = None
        self.fault: ScenarioRunError | None = None
        self.last_snapshot: ProcessSnapshot | None = None
        self._closed_ns: int | None = None
        self._end_was_told = False
        self._fault_was_raised = False
        self._refusal = ""
        self._answers: dict[int, KillResult] = {}
        self._prechecked: dict[int, PermissionCheck] = {}
        self._exec.write(f"secret {secret}\n".encode())

    @classmethod
    def open(cls, engines: Container, container: str, pid_mode: str) -> ProbeLine:
        """
        Start the probe in the engine's container of that name in the scenario.

        On the machine's own PID namespace (`pid: host`), nobody else's processes are our business.
        """
        modes = ("own" if pid_mode == HOST_PID else "shared",) if pid_mode else ()
        return cls(engines.exec((PROBE_PATH, *modes), stdin=True), container)

    @property
    def source(self) -> str:
        """The `source` of its arrivals."""
        return self._exec.source

    @property
    def closed(self) -> bool:
        """Whether its stream has ended."""
        return self._closed_ns is not None

    @property
    def snapshot_asked(self) -> bool:
        """Whether a snapshot was asked for that is not answered yet."""
        return self._snapshots_asked > 0

    def snapshot(self) -> None:
        """Ask for a snapshot of all processes."""
        self._snapshots_asked += 1
        self._ask("look {}")

    def kill(self, pid: int, signal: Signal) -> int:
        """Ask for a signal to be sent; give the number of the request."""
        return self._ask("kill {} " + f"{pid} {int(signal)}")

    def kill_is_over(self, request: int) -> bool:
        """Return whether nothing more will be known of it."""
        return request in self._answers or self.closed

    def sent(self, request: int, asked: SignalSent) -> SignalSent | None:
        """Return the signal as it was `asked` for, with what is known of it by our clock."""
        if answer := self._answers.get(request):
            before_ns, after_ns = map(self._runner_time, (answer.before_ns, answer.after_ns))
            return replace(asked, at_ns=before_ns, answered_ns=after_ns, errno=answer.errno)
        check = self._prechecked.get(request)
        if check is None or not self.closed:
            return None
        before_ns = max(asked.at_ns, self._runner_time(check.now_ns))
        return replace(asked, at_ns=before_ns, errno=check.errno, prechecked=True)

    def close(self, at_ns: int) -> ProbeClosed:
        """Its stream has ended."""
        self._closed_ns = at_ns
        return ProbeClosed(at_ns, container=self.container)

    def ended_long_ago(self, now_ns: int) -> bool:
        """Say, once, that its stream has ended so long ago that the end of init should be known."""
        if self._closed_ns is None or self._end_was_told:
            return False
        self._end_was_told = now_ns - self._closed_ns > END_PATIENCE_NS
        return self._end_was_told

    def raise_new_fault(self) -> None:
        """Raise why it cannot be believed any more, unless that was done before."""
        if self.fault is not None and not self._fault_was_raised:
            self._fault_was_raised = True
            raise self.fault

    def on_output(self, output: Output) -> Iterator[Observation]:
        """Read what the probe has written."""
        if output.stream is not Stream.STDOUT:
            return
        for answer in self._decoder.feed(output.data):
            if self.fault is None:
                yield from self._understand(answer, output.at_ns)

    def _understand(self, answer: ProbeWord, at_ns: int) -> Iterator[Observation]:
        match answer:
            case ProbeReady(now_ns=now_ns, pid=pid):
                yield self._greet(at_ns, now_ns, pid)
            case PermissionCheck(request=request):
                self._prechecked[request] = answer
            case KillResult(request=request):
                self._answers[request] = answer
            case ProcessList(request=request, now_ns=now_ns, processes=processes):
                self._snapshots_asked -= request is not None
                seen_ns = self._runner_time(now_ns)
                self.last_snapshot = ProcessSnapshot(
                    seen_ns, seen_ns, 1, processes, container=self.container
                )
                yield self.last_snapshot
            case ProtocolError(line=line):
                self._break(EngineCallFailed(f"the probe does not make sense: {line}"))
            case Foreign(line=line) if self.greeted:
                self._break(_written_by_another(line))
            case Foreign(line=line):
                # The engine says on this stream why the probe could not be started.
                self._refusal = line

    def why_not_greeted(self) -> ScenarioRunError:
        """
        Return why there is no first word of it.

        What the engine says of a probe that it cannot start ends the stream: words on an open one
        are of another process, and the probe's own may have come behind them in one line.
        """
        if self._refusal and not self.closed:
            return _written_by_another(self._refusal)
        return EngineCallFailed(
            f"the probe could not be started inside the container: {self._refusal or 'no answer'}",
            advice="does the image's user or a security option forbid to run /scenario-run/probe?",
        )

    def _break(self, fault: ScenarioRunError) -> None:
        self.fault = fault
        self._snapshots_asked = 0

    def _runner_time(self, probe_ns: int) -> int:
        return probe_ns + self._offset_ns

    def _greet(self, at_ns: int, now_ns: int, pid: int) -> ProbeOpened:
        if not 0 <= at_ns - now_ns < _SAME_CLOCK_NS:
            self._offset_ns = at_ns - now_ns
        self.greeted = True
        self.pid = pid
        self._exec.write(f"watch {_WATCH_MS}\n".encode())
        return ProbeOpened(at_ns, pid, container=self.container)

    def _ask(self, request: str) -> int:
        self._requests += 1
        self._exec.write((request.format(self._requests) + "\n").encode())
        return self._requests


def _written_by_another(line: str) -> StepError:
    return StepError(
        f"somebody else has written to the probe's stream: {line!r}",
        advice="a process with CAP_SYS_PTRACE, or one outside the container, can "
        "open /proc/PID/fd of the probe; nothing can be judged without answers "
        "that are surely the probe's",
    )
