"""
Which program a process runs, by its arguments, and what is known of some programs.

A script with a first line `#!/bin/sh` has its own name as comm, and the shell as argv[0].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.kernel.masks import holds
from runner.kernel.signals import Signal
from runner.model.process import Process

SHELLS: Final = {"sh", "dash", "bash", "ash", "ksh", "zsh"}
_BUSYBOX: Final = "busybox"
_IDLE: Final = {"tail", "sleep"}
_INT: Final = Signal.parse("SIGINT")
_QUIT: Final = Signal.parse("SIGQUIT")
_GRACEFUL: Final[Mapping[str, Signal]] = {
    "nginx": _QUIT,
    "php-fpm": _QUIT,
    "apache2": Signal.parse("SIGWINCH"),
    "httpd": Signal.parse("SIGWINCH"),
    "haproxy": Signal.parse("SIGUSR1"),
}
"""Servers that end at once on SIGTERM, and the signal of their graceful stop."""


def program_of(process: Process) -> str:
    """Return the name of its program by argv[0]: `sh` of a script, `nginx` of `nginx: master`."""
    words = process.argv[0].split() if process.argv else []
    first = words[0].rpartition("/")[2].lstrip("-").rstrip(":") if words else ""
    if first == _BUSYBOX and len(process.argv) > 1:
        return process.argv[1]
    return first or process.comm


def is_shell(process: Process) -> bool:
    """Return whether it is a shell, also one that runs a script, or by another name (exec -a)."""
    executes = process.exe.removesuffix(" (deleted)").rpartition("/")[2]
    return program_of(process) in SHELLS or executes in SHELLS


def has_command_string(process: Process) -> bool:
    """Return whether it is a shell with the option -c, as in the shell form of a Dockerfile."""
    options = [one for one in process.argv[1:3] if one.startswith("-")]
    return is_shell(process) and any("c" in one for one in options)


def called(process: Process) -> str:
    """Return what people call it: `nginx`, or with its script, `sh docker-entrypoint.sh`."""
    program = program_of(process)
    operands = [one for one in process.argv[1:] if not one.startswith("-")]
    if is_shell(process) and operands and not has_command_string(process):
        return f"{program} {operands[0].rpartition('/')[2]}"
    return program if is_shell(process) else process.comm


def is_program(process: Process, *names: str) -> bool:
    """Return whether it is one of these programs, such as `npm`, by its name or argv[0]."""
    known = (process.comm, program_of(process))
    return any(
        one == name or one.startswith((f"{name} ", f"{name}:")) for one in known for name in names
    )


def graceful_signal(process: Process) -> Signal | None:
    """Return the signal for a graceful stop of a server that ends at once on SIGTERM."""
    known = (process.comm, program_of(process))
    found = (
        signal for name, signal in _GRACEFUL.items() if any(one.startswith(name) for one in known)
    )
    return next(found, None)


def is_idle(process: Process) -> bool:
    """Return whether it is there only so that a script does not end: tail or sleep."""
    return program_of(process) in _IDLE


def in_foreground(child: Process, shell: Process) -> bool:
    """
    Return whether a shell without job control must be waiting for this child.

    What it starts with `&` ignores SIGINT and SIGQUIT (POSIX, Shell Command Language 2.11), until
    it sets a handler of its own: of one that has done so for both it cannot be told.
    """
    set_by_itself = child.masks.ignored | child.masks.caught
    unset = not holds(set_by_itself, _INT) or not holds(set_by_itself, _QUIT)
    ignored = holds(child.masks.ignored, _INT) and holds(child.masks.ignored, _QUIT)
    return child.pgid == shell.pgid and unset and not ignored
