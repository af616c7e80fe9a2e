"""
An engine without containers, on a clock of its own, for tests that need no engine.

A `FakeProgram` says how a program behaves; the kernel's treatment of init is played by the
same rules as the real one's (pid_namespaces(7)). The contract suite runs on this engine and on
Docker alike, and so keeps it honest. It must not be used to prove anything about containers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from runner.engine.contract import (
    PROBE_PATH,
    WRONG_INIT_PATH,
    ContainerState,
    EventQueue,
    NotStarted,
    Output,
    OutputEnded,
    OwnedContainer,
    Progress,
    StartReported,
)
from runner.engine.fake_exec import FakeExec, FakeProbe
from runner.engine.fake_program import FakeProgram, Reaction, below
from runner.engine.fake_time import FakeClock, FakeInbox
from runner.engine.labels import KEPT
from runner.engine.trace.contract import KernelTrace
from runner.errors import EngineCallFailed, ImageNotFound, TraceUnavailable
from runner.kernel.signals import SIGKILL, SIGTERM, DefaultAction, Signal
from runner.model.container import ContainerPlan, ImageSource, NamedImage
from runner.model.engine_facts import EngineSent, InitEnded, Paused, StopAnswered, Unpaused
from runner.model.expectation import Stream
from runner.model.observation import Interrupted
from runner.model.result import EngineFacts

_NOT_FOUND: Final = 127
_RESTART_AFTER_S: Final = 0.1


class FakeContainer:
    """A `Container` with one process, init, and whatever is exec'd."""

    def __init__(
        self, engine: FakeEngine, plan: ContainerPlan, number: int, queue: EventQueue
    ) -> None:
        self.container_id = f"fake-{number}"
        self.clock = engine.clock
        self._engine = engine
        self._plan = plan
        self._queue = queue
        self._own_argv = plan.init or (*(plan.entrypoint or ()), *(plan.command or ()))
        kind = plan.wrong_init
        self._argv = (WRONG_INIT_PATH, kind.value, *self._own_argv) if kind else self._own_argv
        self._program: FakeProgram | None = None
        self._state = "created"
        self._exit_code: int | None = None
        self._followed = False
        self._stopping = False
        self._paused = False
        self._restarts = 0
        self._lives = 0
        self._restart_asked = False
        self._removed = False
        self._execs: dict[str, FakeExec | FakeProbe] = {}

    def follow_output(self) -> None:
        """As `Container.follow_output`."""
        self._followed = True

    def follow_output_again(self) -> str:
        """As `Container.follow_output_again`."""
        self._followed = True
        if self._program is not None and self._program.prints:
            self.say(self._source, self._program.prints)
        return self._source

    def write_input(self, data: bytes, *, end: bool = False) -> None:
        """As `Container.write_input`."""
        if self._program is not None and self._program.echoes and self._plan.stdin_open:
            self.say(self._source, data.decode())
            if end:
                self._end(0)

    @property
    def _source(self) -> str:
        return "init" if self._lives == 1 else f"init-{self._lives}"

    def start(self) -> NotStarted | None:
        """As `Container.start`."""
        if self._state in {"running", "stopped"}:
            return None
        if self._lives:
            self._live_again()
            return None
        program = self._engine.programs.get(self._own_argv[0]) if self._own_argv else None
        if self._plan.wrong_init is not None:
            program = below(self._plan.wrong_init, program)
        if program is None:
            self._queue.put(OutputEnded(self.clock.now_ns, "init"))
            return NotStarted(f'exec: "{self._argv[0]}": no such file or directory', _NOT_FOUND)
        self._program = program
        self._live()
        if program.prints:
            self.say("init", program.prints)
        return None

    def _live(self) -> None:
        self._state, self._exit_code, self._stopping = "running", None, False
        self._lives += 1
        program = self._program
        self._queue.put(StartReported(self.clock.now_ns))
        if program is not None and program.exits is not None:
            code = program.exits
            self._later(program.exits_after_s, lambda: self._end(code))

    def _later(self, after_s: float, act: Callable[[], None]) -> None:
        """Let something happen, unless init has been restarted by then."""
        life = self._lives

        def act_in_this_life() -> None:
            if life == self._lives:
                act()

        self.clock.at(after_s, act_in_this_life)

    def _live_again(self) -> None:
        self._followed = False
        self._execs.pop("probe", None)
        self._live()

    def host_pid(self) -> int | None:
        """As `Container.host_pid`; no machine of ours has that process."""
        return None

    def kill(self, signal: Signal) -> None:
        """As `Container.kill`."""
        if self._state not in {"running", "stopped"}:
            raise EngineCallFailed(f"container {self.container_id} is not running")
        self._queue.put(EngineSent(self.clock.now_ns, signal))
        if self._paused:
            self._report_pause(paused=False)
        self._deliver(signal, forced=True)

    def pause(self) -> None:
        """As `Container.pause`."""
        if self._state == "ended" or self._paused:
            raise EngineCallFailed(f"container {self.container_id} is not running, or paused")
        self._report_pause(paused=True)

    def unpause(self) -> None:
        """As `Container.unpause`."""
        if not self._paused:
            raise EngineCallFailed(f"container {self.container_id} is not paused")
        self._report_pause(paused=False)

    def request_stop(self, grace_s: float, signal: Signal | None) -> None:
        """As `Container.request_stop`."""
        self._stopping = True
        self.kill(signal or self._plan.stop_signal or SIGTERM)
        self._later(grace_s, self._escalate)

    def request_restart(self, grace_s: float) -> None:
        """As `Container.request_restart`."""
        self._restart_asked = True
        if self._state == "ended":
            self._restart()
        else:
            self.request_stop(grace_s, None)

    def _restart(self) -> None:
        self._restart_asked = False
        self._queue.put(StopAnswered(self.clock.now_ns))
        self._live_again()

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: str = "",
        env: Mapping[str, str] | None = None,
        stdin: bool = False,
    ) -> FakeProbe | FakeExec:
        """As `Container.exec`."""
        if self._state == "ended":
            raise EngineCallFailed(f"container {self.container_id} is not running")
        if argv[0] == PROBE_PATH:
            probe = self._execs["probe"] = FakeProbe(self)
            return probe
        source = f"exec-{len(self._execs)}"
        program = self._engine.programs.get(argv[0], FakeProgram(exits=_NOT_FOUND))
        stream = self._execs[source] = FakeExec(source, program.exits)
        self.clock.at(program.starts_after_s, lambda: self._run_exec(stream, program))
        return stream

    def inspect(self) -> ContainerState:
        """As `Container.inspect`."""
        running = self._state in {"running", "stopped"}
        return ContainerState(
            running,
            None if running else self._exit_code,
            oom_killed=False,
            restart_count=self._restarts,
        )

    def keep(self) -> str:
        """As `Container.keep`."""
        owned = self._engine.containers[self.container_id]
        self._engine.containers[self.container_id] = replace(owned, kept=True)
        return f"{KEPT}{self.container_id}"

    def remove(self) -> None:
        """As `Container.remove`."""
        self._removed = True
        if self._state != "ended":
            self._end(128 + SIGKILL)
        self._engine.containers.pop(self.container_id, None)

    def say(self, source: str, text: str) -> None:
        """Let text arrive on the standard output of `source`."""
        if not source.startswith("init") or self._followed:
            self._queue.put(Output(self.clock.now_ns, source, Stream.STDOUT, text.encode()))

    def kill_inside(self, pid: int, signal: Signal) -> str:
        """Play kill(2) from a process of the same namespace; give the errno."""
        if pid not in {1, -1}:
            return "ESRCH"
        if pid == 1:
            self._deliver(signal, forced=False)
        return ""

    def processes(self) -> list[Mapping[str, object]]:
        """Return what the probe would see."""
        program = self._program
        if program is None or self._state == "ended":
            return []
        numbers = {"pid": 1, "ppid": 0, "pgid": 1, "sid": 1, "uid": 0, "start": 1, "tracer": 0}
        masks = {
            "blk": 0,
            "ign": sum(1 << (signal - 1) for signal in program.ignored),
            "cgt": sum(1 << (signal - 1) for signal in program.caught),
            "pnd": 0,
            "shdpnd": 0,
        }
        return [
            {
                **numbers,
                **{name: f"{mask:016x}" for name, mask in masks.items()},
                "state": "T" if self._state == "stopped" else "S",
                "comm": self._argv[0].rpartition("/")[2][:15],
                "argv": list(self._argv),
            }
        ]

    def _report_pause(self, *, paused: bool) -> None:
        self._paused = paused
        now_ns = self.clock.now_ns
        self._queue.put(Paused(now_ns) if paused else Unpaused(now_ns))

    def _deliver(self, signal: Signal, *, forced: bool) -> None:
        program = self._program
        if program is None or self._state == "ended":
            return
        if signal.default_action is DefaultAction.CONT and self._state == "stopped":
            self._state = "running"
        if reaction := program.caught.get(signal):
            self._later(reaction.after_s, lambda: self._react(reaction))
        elif forced and signal == SIGKILL:
            self._end(128 + SIGKILL)
        elif forced and signal.signal_name == "SIGSTOP":
            self._state = "stopped"

    def _react(self, reaction: Reaction) -> None:
        if self._state == "ended":
            return
        if reaction.prints:
            self.say(self._source, reaction.prints)
        if reaction.to_probe:
            self.say("probe", reaction.to_probe)
        if reaction.exits is not None:
            self._end(reaction.exits)

    def _escalate(self) -> None:
        if self._state != "ended":
            self.kill(SIGKILL)

    def _run_exec(self, stream: FakeExec, program: FakeProgram) -> None:
        stream.started = True
        if program.prints:
            self.say(stream.source, program.prints)
        self._queue.put(OutputEnded(self.clock.now_ns, stream.source))

    def _end(self, code: int) -> None:
        if self._state == "ended":
            return
        self._state, self._exit_code = "ended", code
        now_ns = self.clock.now_ns
        for source in (self._source, *self._execs):
            self._queue.put(OutputEnded(now_ns, source))
        self._queue.put(InitEnded(now_ns, code))
        if self._restart_asked:
            self._restart()
        elif self._stopping:
            self._queue.put(StopAnswered(now_ns))
        elif self._is_restarted(code):
            self._restarts += 1
            self._later(_RESTART_AFTER_S, self._live_again)

    def _is_restarted(self, code: int) -> bool:
        policy = self._plan.restart
        if self._removed:
            return False
        if policy.name == "on-failure":
            most = policy.most_retries or self._restarts + 1
            return code != 0 and self._restarts < most
        return policy.name != "no"


class FakeEngine:
    """An `Engine` that knows the given programs by their paths and has every image."""

    command = "fake"

    def __init__(self, programs: Mapping[str, FakeProgram]) -> None:
        self.clock = FakeClock()
        self.programs = programs
        self.containers: dict[str, OwnedContainer] = {}
        self._queues: list[EventQueue] = []
        self._numbers = itertools.count(1)

    def describe(self) -> EngineFacts:
        """As `Engine.describe`."""
        return EngineFacts(name="fake", version="1")

    def ensure_image(self, source: ImageSource, progress: Progress) -> str:
        """As `Engine.ensure_image`. An image whose name begins with `missing` is not there."""
        if isinstance(source, NamedImage) and source.name.startswith("missing"):
            raise ImageNotFound(f"no image '{source.name}'")
        progress(f"{source.title} is here")
        return source.title

    def prepare_probe(self, source: ImageSource, progress: Progress) -> None:
        """As `Engine.prepare_probe`."""
        progress(f"{source.title} is here")

    def open_trace(self, *, local: bool) -> KernelTrace:
        """As `Engine.open_trace`: there is no kernel behind this engine."""
        raise TraceUnavailable("a fake engine has no kernel")

    def open_inbox(self) -> FakeInbox:
        """As `Engine.open_inbox`."""
        return FakeInbox(self.clock)

    def create(
        self,
        plan: ContainerPlan,
        *,
        image: str,
        labels: Mapping[str, str],
        queue: EventQueue,
        share_pid_of: str = "",
    ) -> FakeContainer:
        """As `Engine.create`."""
        container = FakeContainer(self, plan, next(self._numbers), queue)
        self._queues.append(queue)
        self.containers[container.container_id] = OwnedContainer(container.container_id, labels)
        return container

    def list_owned(self) -> Sequence[OwnedContainer]:
        """As `Engine.list_owned`."""
        return list(self.containers.values())

    def remove_owned(self, container_id: str) -> None:
        """As `Engine.remove_owned`."""
        self.containers.pop(container_id, None)

    def interrupt(self) -> None:
        """As `Engine.interrupt`."""
        for queue in self._queues:
            queue.put(Interrupted(self.clock.now_ns))

    def close(self) -> None:
        """As `Engine.close`."""
