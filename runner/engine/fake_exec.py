"""
What is exec'd in a container of the fake engine: any program, and the probe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from runner.kernel.signals import Signal

if TYPE_CHECKING:
    from runner.engine.fake import FakeContainer

_PROBE_PID: Final = 7


class FakeProbe:
    """The probe of one fake container: an `ExecStream` that speaks the probe's language."""

    source = "probe"

    def __init__(self, container: FakeContainer) -> None:
        self._container = container
        self._secret = ""

    def write(self, data: bytes) -> None:
        """As `ExecStream.write`."""
        for line in data.decode().splitlines():
            match line.split():
                case ["secret", secret]:
                    self._secret = secret
                    self._answer({"hello": 1, "pid": _PROBE_PID})
                case ["kill", request, pid, number]:
                    prechecked = "" if int(pid) in {1, -1} else "ESRCH"
                    self._answer({"id": int(request), "permission": prechecked})
                    errno = self._container.kill_inside(int(pid), Signal(int(number)))
                    now_ns = self._container.clock.now_ns
                    self._answer({"id": int(request), "done": now_ns, "errno": errno})
                case ["look", request]:
                    self._answer({"id": int(request), "processes": self._container.processes()})
                case ["watch", _]:
                    self._answer({"processes": self._container.processes()})
                case _:
                    self._answer({"error": f"unknown request: {line}"})

    def end_input(self) -> None:
        """As `ExecStream.end_input`."""

    def has_started(self) -> bool:
        """As `ExecStream.has_started`."""
        return True

    def exit_code(self) -> int | None:
        """As `ExecStream.exit_code`."""
        return None

    def _answer(self, answer: Mapping[str, object]) -> None:
        text = json.dumps({"now": self._container.clock.now_ns, **answer})
        self._container.say(self.source, f"{self._secret} {len(text)} {text}\n")


class FakeExec:
    """Any other exec'd program: an `ExecStream`."""

    def end_input(self) -> None:
        """As `ExecStream.end_input`."""

    def __init__(self, source: str, code: int | None) -> None:
        self.source = source
        self.started = False
        self._code = code

    def write(self, data: bytes) -> None:
        """As `ExecStream.write`."""

    def has_started(self) -> bool:
        """As `ExecStream.has_started`."""
        return self.started

    def exit_code(self) -> int | None:
        """As `ExecStream.exit_code`."""
        return self._code
