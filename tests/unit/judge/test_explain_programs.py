"""Which program a process runs, by argv[0] and comm: a script is a shell."""

from __future__ import annotations

import pytest

from runner.judge.explain.programs import (
    called,
    graceful_signal,
    has_command_string,
    in_foreground,
    is_idle,
    is_program,
    is_shell,
    program_of,
)
from tests.support.facts import process

SCRIPT = process(comm="docker-entrypoi", argv=("/bin/sh", "/docker-entrypoint.sh", "redis-server"))
SHELL_FORM = process(comm="sh", argv=("/bin/sh", "-c", "a && b"))
NGINX = process(comm="nginx", argv=("nginx: master process nginx -g daemon off;",))


@pytest.mark.parametrize(
    ("argv", "comm", "program"),
    [
        (("/bin/sh", "/entrypoint.sh"), "entrypoint.sh", "sh"),
        (("-bash",), "bash", "bash"),
        (("/bin/busybox", "ash"), "busybox", "ash"),
        (("busybox",), "busybox", "busybox"),
        (("nginx: master process nginx",), "nginx", "nginx"),
        (("/usr/sbin/apache2", "-D"), "apache2", "apache2"),
        ((), "sleep", "sleep"),
        (("",), "odd", "odd"),
    ],
)
def test_a_program_is_told_by_its_first_argument(
    argv: tuple[str, ...], comm: str, program: str
) -> None:
    """Without its folder; of busybox it is the applet; comm where there are no arguments."""
    assert program_of(process(comm=comm, argv=argv)) == program


def test_a_script_is_a_shell() -> None:
    """Its comm is the name of the script."""
    assert is_shell(SCRIPT)
    assert called(SCRIPT) == "sh docker-entrypoint.sh"
    assert not has_command_string(SCRIPT)
    assert is_shell(process(comm="sh", argv=()))
    assert not is_shell(NGINX)


@pytest.mark.parametrize(
    ("exe", "shell"),
    [
        ("/usr/bin/bash", True),
        ("/usr/bin/dash (deleted)", True),
        ("/usr/bin/app", False),
        ("", False),
    ],
)
def test_a_shell_by_another_name_is_one_by_what_it_executes(exe: str, *, shell: bool) -> None:
    """As after `exec -a`."""
    assert is_shell(process(comm="app", argv=("server",), exe=exe)) is shell


@pytest.mark.parametrize(
    ("argv", "given"),
    [
        (("sh", "-c", "a"), True),
        (("bash", "-e", "-c", "a"), True),
        (("bash", "-ec", "a"), True),
        (("sh", "script", "-c"), True),
        (("sh", "script", "x", "-c"), False),
        (("sh", "-e", "script"), False),
        (("python3", "-c", "a"), False),
    ],
)
def test_the_shell_form_has_a_command_string(argv: tuple[str, ...], *, given: bool) -> None:
    """It stands among the first arguments of a shell."""
    assert has_command_string(process(comm="x", argv=argv)) is given


def test_a_shell_with_a_command_string_is_called_by_its_name() -> None:
    """What it runs may be long."""
    assert called(SHELL_FORM) == "sh"
    assert called(NGINX) == "nginx"
    assert called(process(comm="renamed", argv=("/app",))) == "renamed"


def test_known_programs_are_found_by_comm_or_argument() -> None:
    """`npm start` is npm; a longer name is another program."""
    assert is_program(process(comm="npm start", argv=("npm start",)), "npm")
    assert is_program(process(comm="runsvdir", argv=("runsvdir", "-P")), "su", "runsvdir")
    assert not is_program(process(comm="sudo", argv=("sudo",)), "su")
    assert not is_program(NGINX, "postgres")


@pytest.mark.parametrize(
    ("comm", "argv", "signal"),
    [
        ("nginx", ("nginx: master process",), "SIGQUIT"),
        ("php-fpm8.2", ("php-fpm: master process (/etc/php)",), "SIGQUIT"),
        ("apache2", ("/usr/sbin/apache2",), "SIGWINCH"),
        ("haproxy", ("haproxy", "-W", "-db"), "SIGUSR1"),
        ("redis-server", ("redis-server *:6379",), None),
    ],
)
def test_a_server_has_a_signal_for_its_graceful_stop(
    comm: str, argv: tuple[str, ...], signal: str | None
) -> None:
    """Those that end at once on SIGTERM."""
    found = graceful_signal(process(comm=comm, argv=argv))

    assert (str(found) if found is not None else None) == signal


@pytest.mark.parametrize(
    ("ignored", "caught", "pgid", "sure"),
    [
        ((), (), 1, True),
        (("INT",), (), 1, True),
        (("INT", "QUIT"), (), 1, False),
        ((), ("INT", "QUIT"), 1, False),
        (("QUIT",), ("INT",), 1, False),
        ((), ("INT",), 1, True),
        ((), (), 7, False),
    ],
)
def test_a_child_is_in_the_foreground_where_its_dispositions_say_so(
    ignored: tuple[str, ...], caught: tuple[str, ...], pgid: int, *, sure: bool
) -> None:
    """What was started with `&` ignores SIGINT and SIGQUIT, until it sets handlers of its own."""
    child = process(7, ignored=ignored, caught=caught, pgid=pgid)

    assert in_foreground(child, process(comm="sh", argv=("sh",))) is sure


def test_tail_and_sleep_only_keep_a_script_from_ending() -> None:
    """They are no service."""
    assert is_idle(process(7, comm="tail", argv=("tail", "-f", "/log")))
    assert is_idle(process(7, comm="sleep", argv=("sleep", "infinity")))
    assert not is_idle(process(7, comm="cat", argv=("cat",)))
