"""
Signals: their numbers, names and default actions, as signal(7) lists them for Linux.

Numbers 1..31 are the standard signals of x86, ARM and most other architectures; 34..64 the
real-time signals as glibc numbers them. 32 and 33 belong to the C library's threads and are
not to be sent. This module must not send anything.
"""

from __future__ import annotations

import enum
import re
from typing import Final, Self

from runner.words import nearest

SIGRTMIN: Final = 34
"""glibc's SIGRTMIN, which Docker's `RTMIN` means too. (The kernel's own is 32, musl's 35.)"""

SIGRTMAX: Final = 64

_STANDARD: Final = (
    "SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 "
    "SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG "
    "SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS"
).split()

ALIASES: Final = {"SIGIOT": "SIGABRT", "SIGCLD": "SIGCHLD", "SIGPOLL": "SIGIO"}


class DefaultAction(enum.Enum):
    """What a signal does to a process that has not changed its disposition (signal(7))."""

    TERM = "Term"
    CORE = "Core"
    STOP = "Stop"
    CONT = "Cont"
    IGN = "Ign"

    @property
    def ends(self) -> bool:
        """Whether it ends the process, with a core dump or without."""
        return self in {DefaultAction.TERM, DefaultAction.CORE}


_CORE: Final = frozenset(
    {"SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV"}
    | {"SIGXCPU", "SIGXFSZ", "SIGSYS"}
)
_STOP: Final = frozenset({"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"})
_IGN: Final = frozenset({"SIGCHLD", "SIGURG", "SIGWINCH"})


class UnknownSignal(ValueError):  # noqa: N818 - it names the finding
    """
    A word or number that is no signal one can send.

    `advice` holds the nearest signal name, or what the range is.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


class Signal(int):
    """
    One signal that can be sent: an int in 1..31 or 34..64 that prints as its name.

    >>> Signal.parse("term"), int(Signal.parse("RTMIN+3")), str(Signal(9))
    (SIGTERM, 37, 'SIGKILL')
    """

    __slots__ = ()

    def __new__(cls, number: int) -> Self:
        """Refuse numbers that are no signal (0 only asks whether a process exists)."""
        if not (1 <= number <= len(_STANDARD) or SIGRTMIN <= number <= SIGRTMAX):
            raise UnknownSignal(
                f"{number} is not a signal that can be sent", "signals are 1..31 and 34..64"
            )
        return super().__new__(cls, number)

    @classmethod
    def parse(cls, spelling: str | int) -> Self:
        """
        Read a signal as people spell it: `SIGTERM`, `term`, `15`, `"15"`, `RTMIN+3`, `SIGRTMAX-1`.

        Raises:
            UnknownSignal: with the nearest name as advice.
        """
        if isinstance(spelling, int):
            return cls(spelling)
        word = spelling.strip().upper()
        if re.fullmatch(r"-?[0-9]{1,9}", word):
            return cls(int(word))
        name = word if word.startswith("SIG") else f"SIG{word}"
        number = _BY_NAME.get(ALIASES.get(name, name)) or _real_time(name)
        if number is None and re.match(r"SIGRTM(IN|AX)", name):
            raise UnknownSignal(
                f"unknown signal '{spelling}'", "real-time signals are RTMIN to RTMIN+30 (RTMAX)"
            )
        if number is None:
            known, otherwise = [*_BY_NAME, *ALIASES], "as signal(7) names them: SIGTERM, 15"
            raise UnknownSignal(
                f"unknown signal '{spelling}'", nearest(name, known, otherwise=otherwise)
            )
        return cls(number)

    @property
    def signal_name(self) -> str:
        """`SIGTERM`; for real-time signals `SIGRTMIN`, `SIGRTMIN+1` ... `SIGRTMAX`."""
        if self < SIGRTMIN:
            return _STANDARD[self - 1]
        if self == SIGRTMAX:
            return "SIGRTMAX"
        return "SIGRTMIN" + (f"+{self - SIGRTMIN}" if self > SIGRTMIN else "")

    @property
    def default_action(self) -> DefaultAction:
        """What it does to a process with the default disposition (signal(7))."""
        name = self.signal_name
        if name in _CORE:
            return DefaultAction.CORE
        if name in _STOP:
            return DefaultAction.STOP
        if name == "SIGCONT":
            return DefaultAction.CONT
        return DefaultAction.IGN if name in _IGN else DefaultAction.TERM

    def __str__(self) -> str:
        """Return the name, so that f-strings read well."""
        return self.signal_name

    __repr__ = __str__


def _real_time(name: str) -> int | None:
    match = re.fullmatch(r"SIGRT(MIN|MAX)(?:([+-])([0-9]{1,2}))?", name)
    if not match:
        return None
    base = SIGRTMIN if match[1] == "MIN" else SIGRTMAX
    number = base + int((match[2] or "+") + (match[3] or "0"))
    return number if SIGRTMIN <= number <= SIGRTMAX else None


_BY_NAME: Final = {name: number for number, name in enumerate(_STANDARD, start=1)}

ALL_SIGNALS: Final = tuple(
    Signal(number) for number in (*range(1, len(_STANDARD) + 1), *range(SIGRTMIN, SIGRTMAX + 1))
)
"""The 62 signals that can be sent, in order of their numbers; `kill -l` lists the same."""

SIGKILL: Final = Signal(9)
SIGSTOP: Final = Signal(19)
SIGTERM: Final = Signal(15)
