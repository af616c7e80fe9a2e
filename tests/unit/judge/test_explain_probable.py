"""What is probable without the kernel trace, from masks, process lists and exit statuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.evaluator import judge
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import EngineSent, InitEnded, OutOfMemory
from runner.model.expectation import InitExited, OomKilled
from runner.model.explanation import Explanation
from runner.model.observation import EngineAnswered, LogsEnded, StepEnded
from runner.model.process import Process
from tests.support.cases import SETTINGS, case, expect, send
from tests.support.decided import STOPS, acts, before, judged, look
from tests.support.facts import MS, mask, process, sent

END = 9_000
TINI = process(comm="tini", argv=("tini", "--"), caught=("TERM",))
TRAP = process(comm="run.sh", argv=("/bin/sh", "/run.sh"), caught=("TERM",), sid=1)
SHELL = process(7, comm="run.sh", argv=("/bin/sh", "/run.sh"))
APP = process(8, comm="app", argv=("/app",), ppid=7)
CHILD = process(8, comm="app", argv=("/app",), pgid=1, sid=1)


def why(*processes: Process, code: int = 143) -> Explanation:
    """Return the reason of a stop after which init has ended at once."""
    (one,) = reasons(*processes, code=code)
    return one


def why_escalated(*processes: Process) -> Explanation:
    """Return the reason of a stop after which init has ended by SIGKILL."""
    (one,) = reasons(*processes, escalated=True)
    return one


def reasons(
    *processes: Process, code: int = 143, escalated: bool = False
) -> tuple[Explanation, ...]:
    """Return the reasons of a stop after which init has ended, at once or by SIGKILL."""
    kill = (EngineSent(6001 * MS, SIGKILL),) if escalated else ()
    at_ns = (6010 if escalated else 1070) * MS
    facts = (
        *before(*processes, traced=False),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        *kill,
        InitEnded(at_ns, 137 if escalated else code),
        LogsEnded(at_ns + 1),
        EngineAnswered(END * MS),
    )
    return judged(END, expect(InitExited((0,))), *facts).explanations


@pytest.mark.parametrize(
    ("comm", "argv", "number"),
    [
        ("tini", ("tini",), "D2"),
        ("npm start", ("npm start",), "D9"),
        ("supervisord", ("/usr/bin/python3", "/usr/bin/supervisord"), "D20"),
        ("su", ("su", "-c", "app"), "D6"),
    ],
)
def test_a_shell_below_init_probably_ended_and_its_program_was_killed(
    comm: str, argv: tuple[str, ...], number: str
) -> None:
    """It has the default disposition; that it blocks all signals for a moment is no reason."""
    init = process(comm=comm, argv=argv, caught=("TERM",))
    busy = replace(SHELL, blocked_by_all=mask("TERM"))

    for shell in (SHELL, busy):
        one = why(init, shell, APP)
        assert one.diagnosis == number
        assert (
            "Probably 8 app never received SIGTERM, and was killed when init ended."
            in one.sentences
        )
        assert one.sentences[-1].startswith("`--evidence kernel`")


@pytest.mark.parametrize(
    "shell",
    [
        replace(SHELL, masks=TINI.masks),
        replace(SHELL, masks=process(ignored=("TERM",)).masks),
        replace(SHELL, argv=("/app",), comm="app"),
    ],
    ids=["catches", "ignores", "no-shell"],
)
def test_a_shell_that_does_not_end_by_the_signal_is_not_blamed(shell: Process) -> None:
    """It may have forwarded it."""
    assert why(TINI, shell, APP).diagnosis == ""


def test_a_shell_without_a_child_keeps_nothing_from_anybody() -> None:
    """A program of another parent has nothing to do with it."""
    assert why(TINI, SHELL, replace(APP, ppid=1)).diagnosis == ""


@pytest.mark.parametrize(("code", "number"), [(143, "D5"), (7, ""), (130, "")])
def test_143_of_a_script_with_a_trap_is_that_of_wait(code: int, number: str) -> None:
    """For another signal or status something else is at work."""
    assert why(TRAP, CHILD, code=code).diagnosis == number


def test_of_several_children_the_first_is_named() -> None:
    """In the advice; the reason has all."""
    other = replace(CHILD, pid=9, started=9, comm="other", argv=("/other",))

    one = why(TRAP, CHILD, other)

    assert "wait` once more for app after" in one.advice
    assert "8 app and 9 other" in one.sentences[0]


def test_a_trap_probably_waited_for_the_command_in_the_foreground() -> None:
    """What is in the background is not waited for."""
    in_background = replace(CHILD, masks=process(ignored=("INT", "QUIT")).masks)
    one = why_escalated(TRAP, CHILD)
    killed, missing = reasons(TRAP, in_background, escalated=True)

    assert one.diagnosis == "D4"
    assert "probably it waited for 8 app." in one.sentences[0]
    assert (killed.diagnosis, missing.diagnosis) == ("", "")
    assert "`--evidence kernel`" in missing.sentences[0]


def test_uwsgi_probably_reloads() -> None:
    """Another program that lives on may do anything."""
    uwsgi = process(comm="uwsgi", argv=("uwsgi", "--ini"), caught=("TERM",))

    assert why_escalated(uwsgi).diagnosis == "D14"
    assert why_escalated(replace(uwsgi, comm="app", argv=("app",))).diagnosis == "D38"


def test_runsvdir_leaves_its_services() -> None:
    """If there are any."""
    init = process(comm="runsvdir", argv=("runsvdir",), caught=("TERM",))

    assert why(init, replace(APP, ppid=1), code=111).diagnosis == "D19"
    assert why(init, code=111).diagnosis == ""


@pytest.mark.parametrize(
    ("init", "child", "number"),
    [
        (TINI, process(7, comm="app"), "D31"),
        (replace(TINI, comm="java", argv=("java",)), process(7, comm="app"), ""),
        (TINI, process(7, comm="app", caught=("TERM",)), ""),
    ],
    ids=["forwards", "another", "handles"],
)
def test_the_only_program_below_an_init_that_forwards_was_probably_ended(
    init: Process, child: Process, number: str
) -> None:
    """By the default action."""
    assert why(init, child).diagnosis == number


def test_an_init_that_a_later_snapshot_shows_stopped_was_stopped() -> None:
    """SIGSTOP may take effect after the snapshot before the signal, and SIGKILL lets it run."""
    app = process(comm="app", argv=("/app",), caught=("TERM",))
    halted = replace(app, state=ProcessState.STOPPED)
    facts = (
        *before(app, traced=False),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        look(halted, at_ms=1100, until_ms=5900),
        look(app, at_ms=6002, until_ms=6003),
        EngineSent(6004 * MS, SIGKILL),
        InitEnded(6010 * MS, 137),
        EngineAnswered(END * MS),
    )

    (one,) = judged(END, expect(InitExited((0,))), *facts).explanations

    assert one.diagnosis == "D25"


def test_a_lack_of_memory_after_the_verdict_is_no_reason_for_it() -> None:
    """Init ran on, and was still running when it was decided."""
    app = process(comm="app", argv=("/app",), caught=("HUP",))
    one = case(send("HUP", expect(OomKilled(True), within=1.0)))
    facts = (
        *before(app, traced=False),
        *acts(sent("HUP")),
        look(app, at_ms=1010, until_ms=END),
        EngineAnswered(END * MS),
        StepEnded(END * MS, 0),
    )

    result = judge(one, (*facts, OutOfMemory((END + 1) * MS)), SETTINGS)

    assert result.verdict.kind == "failed"
    assert result.explanations == judge(one, facts, SETTINGS).explanations
    assert not [reason for reason in result.explanations if reason.diagnosis == "D30"]


def test_a_lack_of_memory_is_told_before_init_has_ended() -> None:
    """What was expected of it has failed by then."""
    facts = (
        *before(TINI, traced=False),
        *acts(sent("HUP", pid=7)),
        OutOfMemory(1050 * MS),
        EngineAnswered(END * MS),
    )

    (one,) = judged(END, expect(OomKilled(False)), *facts).explanations

    assert one.diagnosis == "D30"
