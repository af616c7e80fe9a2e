"""Processes by all that was ever seen of them."""

from __future__ import annotations

import functools
from dataclasses import replace

from runner.history.processes import (
    Fit,
    KnownProcess,
    KnownProcesses,
    with_kernel_fact,
    with_snapshot,
    without_init,
)
from runner.model.expectation import Selector
from runner.model.kernel_facts import (
    KernelFact,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    Task,
)
from runner.model.observation import ProcessSnapshot
from tests.support.facts import INIT, MS, WORKER, generated, process, snapshot
from tests.support.work import cpu_s

APP = Task(Role.INSIDE, 7, 4007, "app")


def known(*facts: ProcessSnapshot | KernelFact) -> KnownProcesses:
    """Fold facts."""
    found = KnownProcesses()
    for fact in facts:
        is_look = isinstance(fact, ProcessSnapshot)
        found = with_snapshot(found, fact) if is_look else with_kernel_fact(found, fact)
    return found


def fit(found: KnownProcesses, **asked: object) -> dict[int | None, Fit]:
    """Say of each process whether a selector means it."""
    return {one.pid: one.fit(Selector(**asked)) for one in found}  # type: ignore[arg-type]


def of_pid(found: KnownProcesses, pid: int) -> list[KnownProcess]:
    """Give all that have held a PID, the present one first."""
    return [one for one in found if one.pid == pid]


def test_a_process_is_found_by_what_it_was_once_called() -> None:
    """It has changed its name and its arguments since."""
    before = process(7, comm="postgres", argv=("postgres: idle",))
    after = replace(before, comm="postmaster", argv=("postgres: SELECT",))

    found = known(snapshot(before, at_ms=10), snapshot(after, at_ms=20))

    for asked in ({"comm": "postgres"}, {"comm": "postmaster"}, {"argv": "idle"}, {"argv": "SEL"}):
        assert fit(found, **asked) == {7: Fit.YES}
    assert fit(found, argv="INSERT") == {7: Fit.NO}


def test_a_look_may_show_another_name_or_no_arguments_alone() -> None:
    """What is new in it is known too, and what it lacks is nothing new (a zombie has none)."""
    before = process(7, comm="a", argv=("x",))
    renamed, bare = replace(before, comm="b"), replace(before, argv=())
    looks = (snapshot(one, at_ms=at) for at, one in ((10, before), (20, renamed), (30, bare)))

    assert [(one.comms, one.argvs) for one in known(*looks)] == [(("a", "b"), ("x",))]


def test_a_process_that_has_ended_is_still_known() -> None:
    """Some looks ago it was there."""
    found = known(snapshot(process(), process(7), at_ms=10), snapshot(process(), at_ms=20))

    (ended,) = of_pid(found, 7)
    assert ended.gone_ns == 20 * MS
    assert ended.was_there_since(15 * MS)
    assert not ended.was_there_since(21 * MS)


def test_an_orphan_is_still_a_child_of_its_first_parent() -> None:
    """When that has ended, another process is its parent."""
    orphan = process(9, ppid=7)

    found = known(snapshot(orphan, at_ms=10), snapshot(replace(orphan, ppid=1), at_ms=20))

    assert fit(found, child_of=7) == fit(found, child_of=1) == {9: Fit.YES}
    assert fit(found, child_of=8) == {9: Fit.NO}


def test_what_was_never_seen_of_a_process_is_not_known() -> None:
    """It came and went between two snapshots: its name is in the trace, its arguments are not."""
    found = known(ProcessForked(10 * MS, INIT, APP), ProcessExited(11 * MS, APP))

    assert fit(found, comm="app")[7] is Fit.YES
    assert fit(found, child_of=1)[7] is Fit.YES
    assert fit(found, argv="app")[7] is Fit.UNKNOWN
    assert fit(found, argv="app", comm="other")[7] is Fit.NO


def test_a_pid_that_is_used_again_is_another_process() -> None:
    """By its start time in looks, and by its birth on record."""
    first = process(7, comm="first")
    by_snapshots = known(
        snapshot(first, at_ms=10), snapshot(replace(first, comm="second", started=99))
    )
    by_record = known(
        snapshot(first, at_ms=10),
        ProcessExited(20 * MS, replace(WORKER, comm="first")),
        ProcessForked(30 * MS, INIT, Task(Role.INSIDE, 7, 5007, "second")),
    )

    for found in (by_snapshots, by_record):
        assert [one.comms for one in of_pid(found, 7)] == [("second",), ("first",)]


def test_looks_and_record_speak_of_one_process() -> None:
    """The PID in the namespace joins them, whichever came first."""
    seen = snapshot(process(7, comm="app", argv=("app", "--x")), at_ms=20)
    born = ProcessForked(10 * MS, INIT, APP)

    for found in (known(born, seen), known(seen, born)):
        (one,) = of_pid(found, 7)
        assert (one.host_pid, one.argvs) == (4007, ("app --x",))
        assert found.of_task(APP) == one


def test_a_task_whose_pid_is_not_known_is_found_by_its_pid_on_the_machine() -> None:
    """It was gone before /proc was asked."""
    nameless = Task(Role.INSIDE, None, 4099, "quick")

    found = known(generated("TERM", sender=INIT, target=nameless))

    one = found.of_task(nameless)
    assert one is not None
    assert (one.pid, one.comms) == (None, ("quick",))


def test_another_init_has_other_processes() -> None:
    """Those of before are known, and gone."""
    found = without_init(known(snapshot(process(), process(7), at_ms=10)), 50 * MS)

    assert {one.gone_ns for one in found} == {50 * MS}
    again = with_snapshot(found, snapshot(process(), at_ms=60))
    assert [one.gone_ns for one in again if one.pid == 1] == [None, 50 * MS]


def test_what_a_process_has_from_its_parent_is_not_its_own() -> None:
    """Until execve(2), it has the name and the arguments of who has forked it."""
    shell = process(1, comm="sh", argv=("sh", "-c", "app"))
    child = process(7, comm="sh", argv=("sh", "-c", "app"))
    born = ProcessForked(10 * MS, replace(INIT, comm="sh"), replace(APP, comm="sh"))
    execed = ProgramExeced(20 * MS, APP)
    early, late = snapshot(shell, child, at_ms=15), snapshot(shell, child, at_ms=19)
    own = snapshot(shell, replace(child, comm="app", argv=("app", "--x")), at_ms=19)

    for facts in ((born, early, execed, late, own), (early, born, own, execed, late)):
        found = known(snapshot(shell, at_ms=5), *facts)
        (one,) = of_pid(found, 7)
        assert (one.comms, one.argvs) == (("app",), ("app --x",))


def test_a_script_that_executes_a_program_has_been_both() -> None:
    """Only what was there before the first execve(2) is its parent's."""
    script, program = replace(APP, comm="run.sh"), replace(APP, comm="server")
    born = ProcessForked(10 * MS, INIT, replace(APP, comm="init"))

    found = known(born, ProgramExeced(11 * MS, script), ProgramExeced(90 * MS, program))

    (one,) = of_pid(found, 7)
    assert one.comms == ("run.sh", "server")


def test_of_very_many_the_first_are_forgotten_and_that_is_known() -> None:
    """Each look shows init and one more process, whose predecessor is gone."""
    snapshots = [
        snapshot(process(1), process(7 + n, started=n), at_ms=1_000 * n) for n in range(5_100)
    ]
    some, all_of_them = known(*snapshots[:100]), known(*snapshots)

    assert not some.births_lost
    assert {one.pid for one in some} == {1, *range(7, 107)}
    assert all_of_them.births_lost
    assert len(list(all_of_them)) < 5_050
    assert of_pid(all_of_them, 5_106)


def test_a_process_that_is_gone_is_found_by_what_the_record_says_late_of_it() -> None:
    """A look no longer shows it when its end arrives."""
    gone = known(snapshot(process(1), process(7), at_ms=10), snapshot(process(1), at_ms=20))
    task = Task(Role.INSIDE, 7, 4007, "late")

    late = with_kernel_fact(gone, ProcessExited(15 * MS, task))

    assert [one.host_pid for one in of_pid(late, 7)] == [4007]
    long_after = with_snapshot(late, snapshot(process(1), at_ms=60_000))
    assert long_after.of_task(task) == of_pid(long_after, 7)[0]


def test_a_look_costs_no_more_where_thousands_have_been() -> None:
    """A shell that loops starts hundreds of processes a second, for as long as a case lasts."""

    def look_number(number: int) -> ProcessSnapshot:
        return snapshot(process(1), process(7 + number, started=number), at_ms=1_000 * number)

    def cost_s(found: KnownProcesses, snapshots: list[ProcessSnapshot]) -> float:
        return cpu_s(lambda: functools.reduce(with_snapshot, snapshots, found))

    few = known(*map(look_number, range(400)))
    many = known(*map(look_number, range(4_400)))
    after_few, after_many = ([look_number(first + n) for n in range(400)] for first in (400, 4_400))

    assert cost_s(many, after_many) < 5 * cost_s(few, after_few)


def test_a_task_is_not_another_one_that_has_its_pid_now() -> None:
    """The PID on the machine says so, where both are known."""
    found = known(ProcessForked(1 * MS, INIT, APP))

    assert found.of_task(APP) is not None
    assert found.of_task(replace(APP, host_pid=4070)) is None
