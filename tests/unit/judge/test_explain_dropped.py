"""Why a stop signal was dropped: which init it was, what ran beside it, and what came later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import EngineSent
from runner.model.expectation import InitExited
from runner.model.explanation import Explanation
from runner.model.kernel_facts import Generation
from runner.model.observation import EngineAnswered, Observation, TraceReached
from runner.model.process import Process
from runner.model.step import Sender
from tests.support.cases import expect
from tests.support.decided import STOPS, acts, before, judged, look
from tests.support.facts import INIT, MS, PROBE, RUNTIME, WORKER, generated, process, sent

END = 12_000
SCRIPT = process(comm="run.sh", argv=("/bin/sh", "/run.sh"), sid=1)
FORM = process(comm="sh", argv=("sh", "-c", "a && app"), sid=1)
APP = process(7, comm="app", argv=("/app",), pgid=1, sid=1)
SERVICE = process(7, comm="app", argv=("/app",), pgid=1, sid=1, ignored=("INT", "QUIT"))
TAIL = process(8, comm="tail", argv=("tail", "-f", "/log"), pgid=1, sid=1)
TEE = process(8, comm="tee", argv=("tee", "/log"), pgid=1, sid=1)
CAT = process(8, comm="cat", argv=("cat",), pgid=1, sid=1)
OWN = process(7, comm="app", argv=("/app",), pgid=1, sid=1, caught=("INT", "QUIT"))


def why(
    *processes: Process, later: Process | None = None, more: Observation | None = None
) -> Explanation:
    """Return the reason of a stop whose signal was dropped: init was still running at the end."""
    init, *others = processes
    facts = (
        *before(*processes),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        generated("TERM", Generation.IGNORED, sender=RUNTIME),
        *((more,) if more is not None else ()),
        look(later or init, *others, at_ms=1010, until_ms=END),
        TraceReached(END * MS),
        EngineAnswered(END * MS),
    )
    (one,) = judged(END, expect(InitExited((0,))), *facts).explanations
    return one


@pytest.mark.parametrize(
    ("processes", "number", "program"),
    [
        ((SCRIPT, APP), "D1", "start app with `exec`"),
        ((SCRIPT, SERVICE), "D1", "start app with `exec`"),
        ((FORM, APP), "D3", "or `exec app` as"),
        ((SCRIPT, OWN, TEE), "D7", "start tee in the background"),
        ((SCRIPT, APP, CAT), "D7", "start app in the background"),
        ((SCRIPT, SERVICE, CAT), "D1", "start cat with `exec`"),
        ((SCRIPT, SERVICE, TAIL), "D8", "in place of tail"),
        ((SCRIPT, TAIL), "D1", "start tail with `exec`"),
        ((replace(TAIL, pid=1, ppid=0), replace(APP, ppid=1)), "D8", "in place of tail"),
        ((replace(TAIL, pid=1, ppid=0),), "D10", "let the program handle SIGTERM"),
        ((SCRIPT,), "D10", "let the program handle SIGTERM"),
        ((process(comm="app", argv=("/app",)), APP), "D10", "let the program handle SIGTERM"),
    ],
)
def test_what_init_is_and_what_runs_beside_it_makes_the_diagnosis(
    processes: tuple[Process, ...], number: str, program: str
) -> None:
    """A shell with a program, with several, with one that only waits, or no shell at all."""
    one = why(*processes)

    assert one.diagnosis == number
    assert program in one.advice


def test_a_handler_that_came_later_was_late() -> None:
    """A snapshot after the signal has it."""
    init = process(comm="app", argv=("/app",))
    caught = replace(init, masks=process(caught=("TERM",)).masks)

    assert why(init, later=caught).diagnosis == "D15"
    assert "It has installed a handler for SIGTERM since." in why(init, later=caught).sentences
    assert why(init, later=init).diagnosis == "D10"


@pytest.mark.parametrize(("name", "said"), [("TERM", False), ("HUP", True)])
def test_a_child_that_got_the_signal_from_somebody_has_received_it(
    name: str, *, said: bool
) -> None:
    """Another signal does not count."""
    other = generated(name, sender=RUNTIME, target=WORKER, at_ms=1005)

    sentences = why(SCRIPT, APP, more=other).sentences

    assert (
        "Its child 7 app never received SIGTERM: the shell forwarded nothing." in sentences
    ) is said


@pytest.mark.parametrize(
    ("name", "sender", "number"),
    [
        ("KILL", Sender.INSIDE, "D26"),
        ("STOP", Sender.INSIDE, "D26"),
        ("TERM", Sender.INSIDE, "D10"),
    ],
)
def test_what_cannot_be_caught_is_dropped_from_inside_whatever_init_does(
    name: str, sender: Sender, number: str
) -> None:
    """A handler would help against the others."""
    init = process(comm="app", argv=("/app",))
    facts = (
        *before(init),
        *acts(sent(name, sender=sender)),
        generated(name, Generation.IGNORED, sender=PROBE, target=INIT),
        look(init, at_ms=1010, until_ms=END),
        TraceReached(END * MS),
        EngineAnswered(END * MS),
    )

    (one,) = judged(END, expect(InitExited((0,))), *facts).explanations

    assert one.diagnosis == number
