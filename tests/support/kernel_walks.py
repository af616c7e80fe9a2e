"""
Random walks: many signals to one process whose masks and dispositions change between them.

Each step is done to a real process and to the oracle's view of it, and both are compared: pending
sets, state, what the handlers and the waiting thread have taken. The process is asked through its
socket, in its network namespace, and looked at in this machine's /proc: that needs root, and no
step needs to wait for long.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from docker.api.client import APIClient

from runner.engine.docker.address import open_client
from runner.engine.docker.images import ensure_image
from runner.kernel.masks import holds
from runner.kernel.pending import bit
from runner.kernel.prediction import Outcome, Prediction, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.signals import ALL_SIGNALS, SIGKILL, Signal
from runner.kernel.target import KERNEL_ONLY, SIGCONT, Disposition, Sending, TargetView, ThreadView
from runner.model.container import BuiltImage
from tests.support.kernel_sequence import block, dispose, send, settle, unblock

_CONFORMANCE: Final = Path(__file__).parents[2] / "images" / "conformance"
_CLONE_NEWNET: Final = 0x40000000
_PATIENCE_S: Final = 30.0
_TRIES: Final = 3
_CHOICE: Final = tuple(signal for signal in ALL_SIGNALS if signal not in KERNEL_ONLY)
_FAVOURITES: Final = tuple(
    Signal.parse(name)
    for name in "TERM USR1 CHLD CONT CONT CONT TSTP TTIN STOP STOP SEGV RTMIN RTMIN RTMIN+1".split()
)
_DISPOSITIONS: Final = {
    "catch": Disposition.CAUGHT,
    "ignore": Disposition.IGNORED,
    "default": Disposition.DEFAULT,
}
_LEADER, _WAITER = 1, 2
_CHANGES, _CONSUMES, _LIKELY, _SPARED = 0.4, 0.4, 0.5, 0.95
_LIBC: Final = 0b11 << 31
"""Signals 32 and 33 are the C library's own."""
_ALL: Final = sum(bit(signal) for signal in _CHOICE)


class DisagreementError(AssertionError):
    """The kernel did something else than the oracle said."""


@dataclass(slots=True)
class Box:
    """A container of /conformance as PID 1, and what is needed to ask and look at its processes."""

    host_pid: int
    sockets: Callable[[], socket.socket]

    def ask(self, name: str, request: str, *, answers: bool = True) -> dict[str, Any]:
        """
        Ask a target; give its answer, {} where none is to be waited for.

        It hangs up, and has not read the request, when that comes a second late.
        """
        for _ in range(_TRIES):
            with self.sockets() as line:
                line.settimeout(_PATIENCE_S)
                try:
                    line.connect(f"\0conformance/{name}")
                    line.send(request.encode())
                    text = line.recv(65536) if answers else b"{}"
                except (ConnectionResetError, BrokenPipeError):
                    continue
                except TimeoutError as error:
                    raise DisagreementError(f"{name} does not answer {request!r}") from error
            if text:
                answer: dict[str, Any] = json.loads(text)
                if "error" in answer:
                    raise DisagreementError(f"{name} refused {request!r}: {answer}")
                return answer
        raise DisagreementError(f"{name} hangs up on {request!r}")

    def status(self, host_pid: int) -> dict[str, str]:
        """Give the lines of /proc/PID/status; {} when it is gone."""
        try:
            text = Path(f"/proc/{host_pid}/status").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            return {}
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def host_pid_of(self, pid: int) -> int:
        """Give the number on the machine of a child of PID 1."""
        if pid == 1:
            return self.host_pid
        path = Path(f"/proc/{self.host_pid}/task/{self.host_pid}/children")
        for one in path.read_text().split():
            if self.status(int(one)).get("NSpid", "").split()[-1:] == [str(pid)]:
                return int(one)
        raise DisagreementError(f"there is no child {pid}")


@contextmanager
def open_box(address: str) -> Iterator[Box]:
    """Start a container, and remove it."""
    client: APIClient = open_client(address)
    image = ensure_image(client, BuiltImage("conformance", str(_CONFORMANCE)), lambda _: None)
    config = client.create_host_config(network_mode="none")
    made = client.create_container(image, command=["run"], host_config=config)
    try:
        client.start(made)
        host_pid = client.inspect_container(made)["State"]["Pid"]
        box = Box(host_pid, lambda: _socket_of(host_pid))
        _wait_until(lambda: _answers(box), "the container answers")
        # It sends all signals: none may come from the target itself, or from the host.
        box.ask("conformance", "fork sender")
        yield box
    finally:
        client.remove_container(made, force=True)
        client.close()


def _answers(box: Box) -> bool:
    try:
        box.ask("conformance", "report")
    except OSError:
        return False
    return True


def _socket_of(host_pid: int) -> socket.socket:
    """Make a socket of a process's network namespace: only a thread of ours goes there."""
    made: list[socket.socket] = []

    def make() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        namespace = os.open(f"/proc/{host_pid}/ns/net", os.O_RDONLY)
        try:
            if libc.setns(namespace, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(namespace)
        made.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def _wait_until(done: Callable[[], bool], what: str) -> None:
    give_up_s = time.monotonic() + _PATIENCE_S
    while not done():
        if time.monotonic() > give_up_s:
            raise DisagreementError(f"not within {_PATIENCE_S:g} s: {what}")
        time.sleep(0.001)


@dataclass(slots=True)
class Walk:
    """One walk: the real process and the view of it, side by side."""

    box: Box
    seed: int
    init: bool
    steps: int = 30
    done: list[str] = field(default_factory=list[str])
    taken: Counter[int] = field(default_factory=Counter[int])
    _waiting: int = 0
    _pid: int = 1
    _host_pid: int = 0
    _view: TargetView = field(default_factory=lambda: TargetView(ThreadView(_LEADER)))
    _begun: int = 0
    _before: Counter[int] = field(default_factory=Counter[int])
    _random: random.Random = field(default_factory=random.Random)
    _name: str = ""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311
        self._name = "conformance" if self.init else f"w-{self.seed}"

    def run(self) -> int:
        """
        Walk; give the number of signals that were sent.

        Raises:
            DisagreementError: with all steps until then.
        """
        try:
            return self._run()
        except DisagreementError as error:
            kind = "init" if self.init else "not init"
            told = "\n  ".join(self.done)
            raise DisagreementError(f"seed {self.seed}, {kind}: {error}\n  {told}") from None

    def _run(self) -> int:
        sent = 0
        self._begin()
        while sent < self.steps and self._view.state.alive:
            stopped = self._view.state is ProcessState.STOPPED
            if not stopped and self._random.random() < _CHANGES:
                self._change()
            else:
                sent += self._send()
            self._compare()
        self._end()
        return sent

    def _begin(self) -> None:
        """Begin with few signals at their default, lest the walk be a short one."""
        if self.init:
            self.box.ask(self._name, "reset")
            self._pid = 1
        else:
            self._pid = self.box.ask("conformance", f"fork {self._name}")["pid"]
        self._host_pid = self.box.host_pid_of(self._pid)
        self._view = TargetView(ThreadView(_LEADER), is_init=self.init, orphaned_group=self.init)
        report = self.box.ask(self._name, "report")
        self._before = _counts(report)
        if not self.init and self._random.random() < _CONSUMES:
            self._consume(self._random.sample(_CHOICE, 4))
        shares = {"catch": 30, "ignore": 10, "block": 20}
        for request, count in shares.items():
            self._ask_for(request, self._random.sample(_CHOICE, count))
        self._compare()

    def _consume(self, signals: Sequence[Signal]) -> None:
        """Let a thread wait for some, which the main thread blocks from now on."""
        self._waiting = _mask(signals)
        self._tell("consume wait", signals)
        waiter = ThreadView(_WAITER, blocked=~self._waiting & _ALL, waits_for=self._waiting)
        self._view = replace(block(self._view, self._waiting), others=(waiter,))

    def _change(self) -> None:
        request = self._random.choice(["catch", "ignore", "default", "block", "unblock", "unblock"])
        count = self._random.choice([1, 2, 3, 12])
        signals = self._random.sample(_CHOICE, count)
        if request == "unblock" and self._view.pending.mask and self._random.random() < _LIKELY:
            signals = list(self._view.pending.signals())
        self._ask_for(request, signals)

    def _ask_for(self, request: str, signals: Sequence[Signal]) -> None:
        if request in {"block", "unblock"}:
            signals = [one for one in signals if not holds(self._waiting, one)]
        if not signals:
            return
        mask = _mask(signals)
        if request == "block":
            self._view = block(self._view, mask, tid=_LEADER)
        elif request == "unblock":
            after = unblock(self._view, mask, tid=_LEADER)
            if _ends(after) and self._random.random() < _SPARED:
                return
            self._view = after
            self._settle()
        else:
            self._view = dispose(self._view, mask, _DISPOSITIONS[request])
        self._tell(request, signals)

    def _tell(self, request: str, signals: Sequence[Signal]) -> None:
        words = f"{request} {' '.join(str(int(one)) for one in signals)}"
        self.done.append(words)
        # One that stops or ends by what it unblocks does not answer any more.
        answers = self._view.state not in {ProcessState.STOPPED, ProcessState.ZOMBIE}
        self.box.ask(self._name, words, answers=answers)

    def _send(self) -> bool:
        """Send a signal; most that would end the walk are left out."""
        favourite = self._random.random() < _LIKELY
        signal = self._random.choice(_FAVOURITES if favourite else ALL_SIGNALS)
        _, after = send(self._view, _from_inside(signal))
        if _ends(after) and self._random.random() < _SPARED:
            return False
        self._send_one(signal)
        return True

    def _send_one(self, signal: Signal) -> None:
        prediction, self._view = send(self._view, _from_inside(signal))
        self.done.append(f"{signal}: {prediction.outcome.value} ({prediction.rule.name})")
        self._count(signal, prediction)
        self._settle()
        errno = self.box.ask("sender", f"send {self._pid} {int(signal)}")["errno"]
        if errno:
            raise DisagreementError(f"{signal} was refused: {errno}")

    def _settle(self) -> None:
        if self._view.state is not ProcessState.SLEEPING:
            return
        taken, self._view = settle(self._view)
        # Handlers that have begun before a stop: until they return, their signals are blocked.
        handled = [one for one, what in taken if what.outcome is Outcome.HANDLER_RUNS]
        self._begun = _mask(handled) if self._view.state is ProcessState.STOPPED else 0
        for signal, prediction in taken:
            self.done.append(f"  then {signal}: {prediction.outcome.value}")
            self._count(signal, prediction)

    def _count(self, signal: Signal, prediction: Prediction) -> None:
        itself = {SideEffect.RUNS_HANDLER, SideEffect.IS_CONSUMED} & set(prediction.side_effects)
        if itself or prediction.outcome in {Outcome.HANDLER_RUNS, Outcome.CONSUMED}:
            self.taken[signal] += 1

    def _compare(self) -> None:
        """Wait until all is as predicted; after so long, it will not be."""
        give_up_s = time.monotonic() + _PATIENCE_S
        while wrong := self._wrong():
            if time.monotonic() > give_up_s:
                raise DisagreementError("; ".join(wrong))
            time.sleep(0.001)

    def _wrong(self) -> list[str]:
        context, running = self._view, self._view.state is ProcessState.SLEEPING
        # Whoever answers has taken all that it could.
        counts = _counts(self.box.ask(self._name, "report")) - self._before if running else None
        status = self.box.status(self._host_pid)
        state = status.get("State", "X")[0]
        if not context.state.alive:
            return [] if state in "ZX" else [f"state {state}, and it should have ended"]
        pending = _hex(status, "ShdPnd"), _hex(status, "SigPnd")
        masks = _hex(status, "SigBlk"), _hex(status, "SigIgn"), _hex(status, "SigCgt")
        stopped = context.state is ProcessState.STOPPED
        begun = self._begun if stopped else 0
        said = [
            ("stopped", stopped, state == "T"),
            ("pending", (context.pending.mask, 0), pending),
            ("masks", (context.leader.blocked | begun, context.ignored, context.caught), masks),
            ("taken", self.taken, self.taken if counts is None else counts),
        ]
        return [
            f"{what}: predicted {_shown(predicted)}, is {_shown(real)}"
            for what, predicted, real in said
            if predicted != real
        ]

    def _end(self) -> None:
        """Let all that waits in a queue run a handler, and end it: so each instance is counted."""
        if self._view.state is ProcessState.STOPPED:
            self._send_one(SIGCONT)
            self._compare()
        if self._view.state.alive:
            self._ask_for("catch", _CHOICE)
            self._ask_for("unblock", _CHOICE)
            self._compare()
        if not self.init:
            self.box.ask("sender", f"send {self._pid} {int(SIGKILL)}")


def _from_inside(signal: Signal) -> Sending:
    return Sending(signal, from_ancestor=False, permitted=True)


def _ends(context: TargetView) -> bool:
    """Say whether the process has ended once it has taken what it can."""
    if context.state is ProcessState.SLEEPING:
        _, context = settle(context)
    return not context.state.alive


def _counts(report: dict[str, Any]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for key in ("handled", "consumed"):
        counts.update({int(signal): count for signal, count in report[key].items()})
    return counts


def _mask(signals: Sequence[Signal]) -> int:
    return sum(bit(one) for one in signals)


def _hex(status: dict[str, str], name: str) -> int:
    return int(status.get(name, "0"), 16) & ~_LIBC


def _shown(what: object) -> str:
    if isinstance(what, tuple):
        return " ".join(f"{one:016x}" for one in what)
    return str(what)


def walk(address: str, seeds: Sequence[int], *, init: bool) -> tuple[int, list[str]]:
    """Walk once for each seed, in one container; give the number of signals and what was wrong."""
    signals, wrong = 0, list[str]()
    with open_box(address) as box:
        for seed in seeds:
            try:
                signals += Walk(box, seed, init=init).run()
            except DisagreementError as error:
                wrong.append(str(error))
    return signals, wrong
