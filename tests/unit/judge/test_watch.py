"""An expectation over time."""

from __future__ import annotations

from dataclasses import replace

from runner.judge.watch import Watch
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import ContainerStarted
from runner.model.expectation import Expectation, OutcomeWas
from runner.model.observation import RecordReached, StepActed
from runner.model.verdict import Passed, Undecided
from tests.support.kernel_scenes import MS, OPENED, generated, process, scene, seen, sent

BLOCKS = replace(process(1, "init"), blocked_by_all=1 << (SIGTERM - 1))
PENDS = replace(BLOCKS, pending_anywhere=1 << (SIGTERM - 1))


def test_what_time_alone_makes_true_is_decided() -> None:
    """No fact says that nothing took the signal: a look is asked for, and then it is passed."""
    facts = (ContainerStarted(0), seen(1, BLOCKS), OPENED, sent(10, SIGTERM), StepActed(10 * MS, 0))
    one = scene(*facts, generated(10, SIGTERM), seen(11, PENDS))
    expectation = Expectation((OutcomeWas(Outcome.PENDING),))
    watch = Watch(expectation, 0.1, 0, began_ns=9 * MS, acted_ns=10 * MS, of_step=True)

    soon = watch.after(one, 11 * MS).decide(one, 20 * MS)
    later = scene(
        *facts, generated(10, SIGTERM), seen(11, PENDS), seen(130, PENDS), RecordReached(120 * MS)
    )

    assert isinstance(soon, Undecided)
    assert soon.look_ns == 110 * MS
    assert isinstance(watch.decide(later, 131 * MS), Passed)
