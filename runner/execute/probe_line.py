"""
The line to the probe: requests go out here, answers come back through the case's inbox.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from runner.engine.contract import ExecStream, Output
from runner.errors import EngineCallFailed, ScenarioRunError, StepError
from runner.kernel.signals import Signal
from runner.model.expectation import Stream
from runner.model.observation import Observation, ProbeOpened, ProcessSnapshot
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


class ProbeLine:
    """
    One opened probe in `container`. `answers` holds what kill(2) answered, by request number, and
    `prechecked` what it answered to signal 0 right before; `last_snapshot` what
    was seen last. `fault` is why the probe cannot be believed any more; it is not read further.

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
        self.closed_ns: int | None = None
        self.end_was_checked = False
        self.refusal = ""
        self.fault: ScenarioRunError | None = None
        self.answers: dict[int, KillResult] = {}
        self.prechecked: dict[int, PermissionCheck] = {}
        self.last_snapshot: ProcessSnapshot | None = None
        self._exec.write(f"secret {secret}\n".encode())

    @property
    def source(self) -> str:
        """The `source` of its arrivals."""
        return self._exec.source

    @property
    def closed(self) -> bool:
        """Say whether its stream has ended."""
        return self.closed_ns is not None

    @property
    def snapshot_asked(self) -> bool:
        """Say whether a snapshot was asked for that is not answered yet."""
        return self._snapshots_asked > 0

    def snapshot(self) -> None:
        """Ask for a snapshot of all processes."""
        self._snapshots_asked += 1
        self._ask("look {}")

    def kill(self, pid: int, signal: Signal) -> int:
        """Ask for a signal to be sent; give the number under which the answer will be found."""
        return self._ask("kill {} " + f"{pid} {int(signal)}")

    def hear(self, output: Output) -> Iterator[Observation]:
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
                self.prechecked[request] = answer
            case KillResult(request=request):
                self.answers[request] = answer
            case ProcessList(request=request, now_ns=now_ns, processes=processes):
                self._snapshots_asked -= request is not None
                seen_ns = now_ns + self._offset_ns
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
                self.refusal = line

    def why_not_greeted(self) -> ScenarioRunError:
        """
        Say why there is no first word of it.

        What the engine says of a probe that it cannot start ends the stream: words on an open one
        are of another process, and the probe's own may have come behind them in one line.
        """
        if self.refusal and not self.closed:
            return _written_by_another(self.refusal)
        return EngineCallFailed(
            f"the probe could not be started inside the container: {self.refusal or 'no answer'}",
            advice="does the image's user or a security option forbid to run /scenario-run/probe?",
        )

    def _break(self, fault: ScenarioRunError) -> None:
        self.fault = fault
        self._snapshots_asked = 0

    def runner_time(self, probe_ns: int) -> int:
        """Turn a time of the probe's clock into one of the runner's."""
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
