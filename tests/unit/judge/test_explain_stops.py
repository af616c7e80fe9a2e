"""Why a stop went wrong, from hand-made facts: who got the signal, and who was killed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.expectation import Check, InitExited, LogsHave, OomKilled, Pattern, Stream
from runner.model.explanation import Explanation
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    KernelFact,
    ProcessExited,
    ProgramExeced,
    Role,
    SignalGenerated,
    Task,
)
from runner.model.observation import LogsEnded, LogText, Observation, TraceReached
from runner.model.process import Process
from tests.support.cases import expect
from tests.support.decided import STOPS, before, judged, look
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, process, told

END = 9_000
EXITS = InitExited((0,))
TINI = process(comm="tini", argv=("tini", "--"), caught=("TERM",))
SHELL = process(7, comm="run.sh", argv=("/bin/sh", "/run.sh"))
APP = process(8, comm="app", argv=("/app",), ppid=7)
APP_TASK = Task(Role.INSIDE, 8, 4008, "app")
HANDLED = (generated("TERM", sender=RUNTIME), delivered("TERM"))


def kills(task: Task, at_ms: float = 1050) -> tuple[KernelFact, ...]:
    """The end of init kills a process."""
    sent = generated("KILL", sender=INIT, target=task, at_ms=at_ms)
    return (
        replace(sent, after_end=True),
        ProcessExited(round((at_ms + 1) * MS), task),
        told(task, ChildStatus.KILLED, parent=INIT, at_ms=at_ms + 1),
    )


def why(
    *record: Observation,
    processes: tuple[Process, ...],
    code: int = 143,
    check: Check = EXITS,
    traced: bool = True,
) -> tuple[Explanation, ...]:
    """Return the reasons of a stop after which init has ended."""
    facts = (
        *before(*processes, traced=traced),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        *record,
        *(
            (ProcessExited(1060 * MS, INIT), told(INIT, ChildStatus.EXITED, at_ms=1060))
            if traced
            else ()
        ),
        InitEnded(1070 * MS, code),
        LogsEnded(1071 * MS),
        TraceReached(END * MS),
        look(*processes, at_ms=3, until_ms=4),
    )
    return judged(END, expect(check), *facts).explanations


def shell_dies() -> tuple[KernelFact, ...]:
    """Init forwards the signal to the shell, which ends by it."""
    return (
        generated("TERM", sender=INIT, target=WORKER, at_ms=1010),
        ProcessExited(1020 * MS, WORKER),
        told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1020),
    )


@pytest.mark.parametrize(
    ("comm", "argv", "number"),
    [
        ("tini", ("tini", "--"), "D2"),
        ("npm start", ("npm start",), "D9"),
        ("supervisord", ("/usr/bin/python3", "/usr/bin/supervisord"), "D20"),
        ("su", ("su", "-c", "app"), "D6"),
    ],
)
def test_a_shell_below_init_ends_and_its_program_is_killed_unheard(
    comm: str, argv: tuple[str, ...], number: str
) -> None:
    """Who init is makes the number; the program is named in the advice."""
    init = process(comm=comm, argv=argv, caught=("TERM",))

    (one,) = why(*HANDLED, *shell_dies(), *kills(APP_TASK), processes=(init, SHELL, APP))

    assert one.diagnosis == number
    assert one.rule == "R14"
    assert one.sentences == (
        f"7 sh run.sh, a shell below init ({comm}), received SIGTERM and ended by it.",
        "8 app never received SIGTERM, and was killed when init ended.",
    )
    assert number in {"D6", "D9"} or "start app with `exec`" in one.advice


def test_a_program_that_had_received_the_signal_was_not_waited_for() -> None:
    """A shell as init waits once; of another init no cure is known."""
    script = process(comm="run.sh", argv=("/bin/sh", "/run.sh"), caught=("TERM",))
    app = replace(APP, ppid=1)
    heard = generated("TERM", sender=INIT, target=APP_TASK, at_ms=1010)

    (one,) = why(*HANDLED, heard, *kills(APP_TASK), processes=(script, app))
    (other,) = why(*HANDLED, heard, *kills(APP_TASK), processes=(TINI, app))

    assert one.diagnosis == "D5"
    assert one.sentences[0].startswith("8 app had received SIGTERM, and was still running when")
    assert other.diagnosis == ""
    assert other.sentences[0].startswith("8 app had received SIGTERM")


def test_what_was_ignored_was_not_received() -> None:
    """A signal that is discarded reaches nobody."""
    app = replace(APP, ppid=1)
    lost = generated("TERM", Generation.IGNORED, sender=INIT, target=APP_TASK, at_ms=1010)

    (one,) = why(*HANDLED, lost, *kills(APP_TASK), processes=(TINI, app))

    assert "8 app never received SIGTERM, and was killed when init ended." in one.sentences


def test_services_of_runsvdir_are_left_to_be_killed() -> None:
    """It ends without a word to them."""
    init = process(comm="runsvdir", argv=("runsvdir", "-P", "/etc/service"), caught=("TERM",))

    (one,) = why(*HANDLED, *kills(APP_TASK), processes=(init, replace(APP, ppid=1)), code=111)

    assert one.diagnosis == "D19"
    assert one.sentences[0] == "Init (runsvdir) ended, and did not forward SIGTERM."


def test_what_was_killed_is_told_only_where_it_may_matter() -> None:
    """A lack of memory has nothing to do with it."""
    record = (*HANDLED, *shell_dies(), *kills(APP_TASK))

    found = why(*record, processes=(TINI, SHELL, APP), check=OomKilled(True))

    assert not [one for one in found if one.rule == "R14"]


def test_a_signal_that_init_sends_to_itself_is_dropped() -> None:
    """As ruby does to end by the signal."""
    again = generated("TERM", Generation.IGNORED, sender=INIT, target=INIT, at_ms=1020)
    ruby = process(comm="ruby", argv=("ruby", "app.rb"), caught=("TERM",))

    (one,) = why(*HANDLED, again, processes=(ruby,), code=1)

    assert one.diagnosis == "D11"
    assert one.sentences[1] == "Init then exited with 1."
    assert "trap('TERM') { exit }" in one.advice


@pytest.mark.parametrize(("comm", "number"), [("uwsgi", "D14"), ("other", "")])
def test_an_init_that_calls_execve_has_reloaded(comm: str, number: str) -> None:
    """Its advice is that of uwsgi, and of no other program."""
    init = process(comm=comm, argv=(f"/usr/bin/{comm}",), caught=("TERM",))
    anew = ProgramExeced(1030 * MS, replace(INIT, comm=comm))

    (one, *_) = why(*HANDLED, anew, processes=(init,), code=0, check=InitExited((7,)))

    assert one.diagnosis == number
    assert "it has called execve(2) since" in one.sentences[0]


@pytest.mark.parametrize(
    ("caught", "number"), [(("TERM", "QUIT"), "D13"), (("TERM",), "")], ids=["catches", "not"]
)
def test_a_server_that_ends_at_once_has_a_graceful_signal(
    caught: tuple[str, ...], number: str
) -> None:
    """If it catches that, too: it may be another program of that name."""
    nginx = process(comm="nginx", argv=("nginx: master process",), caught=caught)
    lines = LogsHave((Pattern("done"),))

    (one,) = why(*HANDLED, processes=(nginx,), code=0, check=lines)

    assert one.diagnosis == number
    assert ("STOPSIGNAL SIGQUIT" in one.advice) is bool(number)


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("alone", [True, False])
def test_143_is_a_convention_where_nothing_was_cut_off(*, traced: bool, alone: bool) -> None:
    """Without the kernel trace that is known of a process that is alone."""
    java = process(comm="java", argv=("java",), caught=("TERM",))
    others = () if alone else (replace(APP, ppid=1),)
    killed = kills(APP_TASK) if traced and not alone else ()
    heard = generated("TERM", sender=INIT, target=APP_TASK, at_ms=1010)
    record = (*HANDLED, heard, *killed) if traced else ()

    (one,) = why(*record, processes=(java, *others), traced=traced)

    assert one.diagnosis == ("D16" if alone else "")
    assert ("`exited: [0, 143]`" in one.advice) is alone


def test_a_status_is_that_of_another_signal() -> None:
    """143 after SIGTERM alone."""
    java = process(comm="java", argv=("java",), caught=("TERM",))

    (one,) = why(*HANDLED, processes=(java,), code=130)

    assert one.diagnosis == ""
    assert "no SIGINT killed it" in one.sentences[0]


def test_the_end_is_not_explained_where_it_was_as_expected() -> None:
    """A line is missing, 143 was expected."""
    java = process(comm="java", argv=("java",), caught=("TERM",))
    both = expect(InitExited((143,)), LogsHave((Pattern("bye"),)))
    facts = (
        *before(java),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        *HANDLED,
        ProcessExited(1060 * MS, INIT),
        told(INIT, ChildStatus.EXITED, at_ms=1060),
        InitEnded(1070 * MS, 143),
        LogsEnded(1071 * MS),
        TraceReached(END * MS),
    )

    (one,) = judged(END, both, *facts).explanations

    assert one.diagnosis == ""
    assert one.sentences == (
        "SIGTERM to PID 1: handler_runs (SIGTERM delivered to its handler).",
        "Init (java) ended with 143, and no other processes with it.",
    )


def test_without_the_trace_it_is_said_what_would_tell_more() -> None:
    """Not why the line is missing."""
    init = process(comm="app", argv=("/app",), caught=("TERM",))

    (one,) = why(processes=(init,), code=0, check=LogsHave((Pattern("bye"),)), traced=False)

    assert one.sentences[-1].endswith(
        "`--evidence kernel`, as root on the engine's machine, would tell."
    )


def test_a_process_that_ended_before_was_not_killed_with_init() -> None:
    """SIGKILL came too late for it."""
    ended = (
        ProcessExited(1030 * MS, APP_TASK),
        told(APP_TASK, ChildStatus.EXITED, parent=INIT, at_ms=1030),
    )
    late = SignalGenerated(
        1050 * MS, generated("KILL").signal, Generation.QUEUED, INIT, APP_TASK, 0, True, True
    )

    (one,) = why(*HANDLED, *ended, late, processes=(TINI, replace(APP, ppid=1)), code=3)

    assert one.sentences[-1] == "Init (tini) ended with 3, and no other processes with it."


def test_su_that_ends_and_forwards_nothing_has_its_own_number() -> None:
    """Also where no shell is seen below it; of another init nothing more is known."""
    su = process(comm="su", argv=("su", "-c", "app"), caught=("TERM",))
    app = replace(APP, ppid=1)

    (one,) = why(*HANDLED, *kills(APP_TASK), processes=(su, app))
    (other,) = why(*HANDLED, *kills(APP_TASK), processes=(TINI, app))

    assert (one.diagnosis, other.diagnosis) == ("D6", "")


def test_a_killed_process_that_no_snapshot_has_is_called_by_its_comm() -> None:
    """It was born since."""
    (one,) = why(*HANDLED, *kills(APP_TASK), processes=(TINI,))

    assert "8 app never received SIGTERM, and was killed when init ended." in one.sentences


def test_a_process_whose_parent_no_snapshot_has_was_kept_from_the_signal_by_nobody_known() -> None:
    """It may have ended before."""
    (one,) = why(*HANDLED, *kills(APP_TASK), processes=(TINI, replace(APP, ppid=99)))

    assert one.diagnosis == ""
    assert one.sentences[0] == "Init (tini) ended, and did not forward SIGTERM."


def test_what_init_forwarded_to_another_process_is_told() -> None:
    """It has not forwarded it to all."""
    forwarded = generated("TERM", sender=INIT, target=WORKER, at_ms=1010)
    gone = (
        ProcessExited(1020 * MS, WORKER),
        told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1020),
    )
    other = process(7, comm="worker", argv=("/worker",))

    (one,) = why(*HANDLED, forwarded, *gone, *kills(APP_TASK), processes=(TINI, other, APP))

    assert one.sentences[0] == "Init (tini) forwarded SIGTERM to 7 worker alone, and ended."


def test_an_execve_before_the_signal_is_not_a_reload() -> None:
    """That is how the container was started; nor is the end of another process one of init."""
    init = process(comm="uwsgi", argv=("uwsgi",), caught=("TERM",))
    early = ProgramExeced(998 * MS, INIT)
    other = ProgramExeced(1030 * MS, APP_TASK)

    found = why(*HANDLED, early, other, processes=(init,), code=0, check=InitExited((7,)))

    assert not [one for one in found if "execve(2)" in one.sentences[0]]


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize(
    ("output", "code", "number"),
    [("sh: 3: app: not found", 127, "D29"), ("ready", 127, ""), ("app: not found", 1, "")],
)
def test_127_is_that_of_a_shell_where_the_output_says_so(
    output: str, code: int, number: str, *, traced: bool
) -> None:
    """A script that ends before a snapshot was taken has its own name in the trace."""
    script = process(comm="run.sh", argv=("/run.sh",))
    text = LogText(1050 * MS, Stream.STDERR, output)

    (one,) = why(text, processes=(script,), code=code, traced=traced)

    assert one.diagnosis == number
