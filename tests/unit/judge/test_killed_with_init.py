"""Which processes the end of init has killed, of each step."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import judge
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.container import HOST_PID
from runner.model.engine_facts import EngineSent, InitEnded, InitRestarted, StopAnswered
from runner.model.expectation import Bounds, ShutdownWas
from runner.model.kernel_facts import (
    Generation,
    ProcessExited,
    ProcessForked,
    Role,
    SignalGenerated,
    TraceLost,
    TraceOpened,
)
from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.observation import (
    Observation,
    RestartRequested,
    StepActed,
    StepBegan,
    TraceReached,
)
from runner.model.process import Process
from runner.model.step import Restart, Sender
from runner.model.verdict import Evidence, Failed
from tests.support.cases import SETTINGS, expect, step, stop
from tests.support.decided import STOPS, acts, before, judged, look
from tests.support.facts import INIT, MS, PROBE, WORKER, generated, process, sent
from tests.support.killed import DIES, ENDED, KNOWN, LEFT, NONE_KILLED, OTHER, teardown
from tests.support.timelines import recorded, without_record

HEARD = generated("TERM", sender=INIT, target=WORKER, at_ms=1050)
ESCALATES = EngineSent(6001 * MS, SIGKILL)


def killed(*facts: Observation, seen: tuple[Process, ...] = ()) -> KilledWithInit | None:
    """What was killed by the end of init during a stop whose facts these are."""
    known = (*before(*seen), *STOPS, *facts)
    return judged(2000, stop(5.0), *known).steps[0].killed


def pids(found: KilledWithInit | None) -> list[int | None]:
    """Of that, the PIDs."""
    assert found is not None
    return [one.pid for one in found.processes]


def test_what_init_leaves_is_killed_with_it() -> None:
    """By the name of the trace; arguments are those of the last snapshot."""
    worker = process(7, argv=("worker", "-v"))

    assert killed(*LEFT, seen=(process(), worker)) == KilledWithInit(
        (KilledProcess(7, "worker", "worker -v", received=False),), (SIGTERM,)
    )


def test_arguments_of_another_program_are_not_told() -> None:
    """One that has another name than in the last snapshot has executed another program since."""
    shell = process(7, comm="sh", argv=("sh", "-c", "exec worker"))

    found = killed(*LEFT, seen=(process(), shell))
    assert found is not None
    assert found.processes == (KilledProcess(7, "worker", "", received=False),)


def test_where_nothing_is_left_that_is_known() -> None:
    """No processes, and not None."""
    assert killed(*DIES, *ENDED, KNOWN) == KilledWithInit((), (SIGTERM,))


@pytest.mark.parametrize("generation", Generation)
def test_one_that_was_sent_the_signal_and_did_not_ignore_it_has_heard_it(
    generation: Generation,
) -> None:
    """Whoever has sent it."""
    heard = generated("TERM", generation, sender=INIT, target=WORKER, at_ms=1050)
    found = killed(*DIES[:2], heard, *DIES[2:], teardown(WORKER), teardown(OTHER), *ENDED, KNOWN)

    assert found is not None
    assert [(one.pid, one.received) for one in found.processes] == [
        (7, generation is not Generation.IGNORED),
        (8, False),
    ]


def test_another_signal_is_not_the_one_that_was_to_end_init() -> None:
    """Nor is one that an earlier holder of the PID on the machine was sent."""
    hup = generated("HUP", sender=INIT, target=WORKER, at_ms=1050)
    earlier = (HEARD, ProcessExited(1060 * MS, WORKER), ProcessForked(1070 * MS, INIT, WORKER))

    for some in ((hup,), earlier):
        found = killed(*DIES[:2], *some, *DIES[2:], teardown(WORKER), *ENDED, KNOWN)
        assert found is not None
        assert found.processes == (KilledProcess(7, "worker", "", received=False),)


@pytest.mark.parametrize(
    "facts",
    [
        (teardown(WORKER, generation=Generation.IGNORED),),
        (teardown(WORKER, generation=Generation.ALREADY_PENDING),),
        (ProcessExited(1090 * MS, WORKER), teardown(WORKER)),
        (teardown(PROBE),),
        (teardown(dataclasses.replace(WORKER, comm="runc:[2:INIT]")),),
        (teardown(dataclasses.replace(WORKER, role=Role.HOST)),),
        (teardown(WORKER, init=dataclasses.replace(INIT, host_pid=4999)),),
        (generated("KILL", sender=INIT, target=WORKER, at_ms=1101),),
    ],
    ids=["dying", "killed", "zombie", "probe", "runtime", "outside", "another-init", "alive"],
)
def test_what_does_not_count(facts: tuple[SignalGenerated, ...]) -> None:
    """What was ending by itself, ours and the runtime's, and what another init has left."""
    assert pids(killed(*DIES, *facts, *ENDED, KNOWN)) == []


def test_several_threads_are_one_process() -> None:
    """However many of them are sent SIGKILL."""
    assert pids(killed(*DIES, teardown(WORKER), teardown(WORKER, 1102), *ENDED, KNOWN)) == [7]


@pytest.mark.parametrize(
    "facts",
    [
        DIES[:2],
        (*DIES, teardown(WORKER), *ENDED, TraceReached(1109 * MS)),
        (*LEFT[:-1], TraceLost(1105 * MS, 3), KNOWN),
        (*ENDED, KNOWN),
    ],
    ids=["alive", "trace-not-read-so-far", "gap", "no-end-in-the-trace"],
)
def test_nothing_is_said_where_it_is_not_known(facts: tuple[Observation, ...]) -> None:
    """The trace must have been read past the engine's report of the end of init, without a gap."""
    assert killed(*facts) is None


def test_of_a_restart_it_is_the_init_of_before() -> None:
    """And a later look at processes of the same PIDs says nothing of those of before."""
    anew = (
        InitRestarted(1200 * MS, 0),
        TraceOpened(1150 * MS, 5001),
        StepActed(1250 * MS, 0),
        look(process(argv=("new",)), process(7, argv=("new",)), at_ms=1260, until_ms=1900),
        TraceReached(1900 * MS),
    )
    begun = (StepBegan(995 * MS, 0), RestartRequested(1000 * MS, 0, 5.0))
    facts = (*before(process(), process(7, argv=("old",))), *begun, *LEFT, *anew)

    one = judged(2000, step(Restart(5.0), expect(NONE_KILLED)), *facts)
    assert one.steps[0].killed == KilledWithInit(
        (KilledProcess(7, "worker", "old", received=False),), (SIGTERM,)
    )
    assert isinstance(one.verdict, Failed)


def test_the_step_in_which_init_ends_has_it() -> None:
    """Of a signal step, with the signals that went to init; `all` of them are told apart."""
    facts = acts(sent("INT", sender=Sender.HOST), sent("TERM", sender=Sender.HOST))
    hup = generated("INT", sender=INIT, target=WORKER, at_ms=1050)
    known = (*before(), *facts, hup, *DIES[1:], teardown(WORKER), teardown(OTHER), *ENDED, KNOWN)

    found = judged(2000, expect(ShutdownWas(killed=Bounds(2, 2))), *known).steps[0].killed
    assert found is not None
    assert found.signals == (Signal.parse("INT"), SIGTERM)
    assert [one.received for one in found.processes] == [True, False]
    assert not found.as_expected


def test_an_end_that_nobody_asked_for_leaves_processes_too() -> None:
    """Then there is no signal to have heard."""
    facts = (*acts(), ProcessExited(1100 * MS, INIT), teardown(WORKER), *ENDED, KNOWN)

    found = judged(2000, expect(NONE_KILLED), *before(), *facts).steps[0].killed
    assert found == KilledWithInit((KilledProcess(7, "worker", ""),))


def test_sigkill_leaves_no_process_the_time_to_end() -> None:
    """Whether it was sent at once, or when the grace period was over."""
    escalated = EngineSent(6001 * MS, SIGKILL)
    found = killed(*LEFT, escalated)

    assert found is not None
    assert found.escalated
    assert found.as_expected
    assert found.signals == (SIGTERM,)
    assert KilledWithInit((), (SIGKILL,)).as_expected


def by_snapshots(
    *facts: Observation,
    seen: tuple[Process, ...] = (process(), process(7)),
    at_ms: int = 1500,
    code: int = 137,
    pid: str = "",
) -> KilledWithInit | None:
    """What was probably killed by the end of init in a stop, by a look after the stop signal."""
    known = (
        *before(traced=False),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        look(*seen, at_ms=at_ms),
        *facts,
        InitEnded(6010 * MS, code),
        StopAnswered(6011 * MS),
    )
    return judged(7000, stop(5.0), *known, pid=pid).steps[0].killed


def test_by_snapshots_it_is_probable_where_sigkill_has_ended_init() -> None:
    """What was alive after the stop signal; whether it had heard that is not known."""
    zombie = process(8, state=ProcessState.ZOMBIE)

    assert by_snapshots(ESCALATES, seen=(process(), process(7), zombie)) == KilledWithInit(
        (KilledProcess(7, "worker", ""),), (SIGTERM,), escalated=True, evidence=Evidence.PROC
    )


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        ((), {}),
        ((ESCALATES,), {"code": 0}),
        ((ESCALATES,), {"at_ms": 1000}),
        ((ESCALATES,), {"seen": (process(),)}),
        ((ESCALATES,), {"seen": (process(5), process(7))}),
        ((ESCALATES,), {"seen": (process(), process(7, comm="runc:[2:INIT]"))}),
        ((ESCALATES,), {"pid": HOST_PID}),
    ],
    ids=["ended-itself", "exited", "before-the-stop", "none", "not-pid-1", "runtime", "pid-host"],
)
def test_by_snapshots_nothing_is_said_of_what_is_not_probable(
    facts: tuple[Observation, ...], keys: dict[str, object]
) -> None:
    """
    An init that ends by itself may do so because its child has ended right before; what was seen
    before the stop signal may have ended by it.
    """
    seen = by_snapshots(*facts, **keys)  # type: ignore[arg-type]

    assert seen is None or keys == {"at_ms": 1000}


def test_by_snapshots_a_look_right_before_sigkill_counts() -> None:
    """One of the step itself, and not one of before."""
    kill = sent("KILL", sender=Sender.HOST)
    for at_ms, known in ((997, True), (990, False)):
        look_at = look(at_ms=at_ms)
        begins = StepBegan(995 * MS, 0)
        facts = (begins, look_at, kill, StepActed(1000 * MS, 0), InitEnded(1010 * MS, 137))
        found = judged(2000, expect(), *before(traced=False), *facts).steps[0].killed
        assert (found is not None) is known


def test_a_gap_in_the_trace_is_not_filled_by_snapshots() -> None:
    """It was read: nobody could ask for more evidence."""
    assert by_snapshots(ESCALATES, TraceLost(6005 * MS, 1)) is None


@pytest.mark.parametrize(
    ("name", "pids_killed"),
    [
        ("shell form with dash", [7]),
        ("a child that ignores what init passes on", [8, 9]),
        ("a shell that cleans up for too long", [6, 13]),
        ("ignores", [16]),
        ("no handler", []),
        ("143 below docker init", []),
        ("init waited for a child", []),
    ],
)
def test_real_timelines_tell_it(name: str, pids_killed: list[int]) -> None:
    """With the kernel trace; without it, what is said at all is the same here."""
    one = recorded(name)
    found = judge(one.case, one.timeline, SETTINGS).steps[0].killed
    less = judge(one.case, without_record(one.timeline), SETTINGS).steps[0].killed

    assert pids(found) == pids_killed
    assert less is None or (pids(less), less.evidence) == (pids_killed, Evidence.PROC)


@pytest.mark.parametrize(("until_ms", "argv"), [(1101, "worker -v"), (1102, "")])
def test_arguments_are_told_of_a_look_until_just_then(until_ms: int, argv: str) -> None:
    """A later one may show another process."""
    worker = process(7, argv=("worker", "-v"))
    looked = look(process(), worker, at_ms=1090, until_ms=until_ms)
    facts = (*before(process()), *STOPS, looked, *LEFT)

    found = judged(2000, stop(5.0), *facts).steps[0].killed

    assert found is not None
    assert [one.argv for one in found.processes] == [argv]
