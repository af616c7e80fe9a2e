"""What is known of a case: of each of its containers, and of the step that is under way."""

from __future__ import annotations

from runner.history.case_history import CaseHistory, history_of
from runner.model.case import READY
from runner.model.engine_facts import ContainerCreated
from runner.model.observation import Interrupted, Observation, StepActed, StepBegan
from tests.support.cases import case, execute, send, snapshot
from tests.support.facts import MS


def history(*facts: Observation) -> CaseHistory:
    """Fold the facts of a case that looks, runs a program, and sends a signal."""
    return history_of(case(snapshot(), execute("a"), send("TERM")), facts)


def test_a_container_that_gets_ready_is_not_acted_on() -> None:
    """Whatever the last step of the case does: before the first one, there is none."""
    getting_ready = history(StepBegan(2 * MS, READY), StepActed(2 * MS, READY))

    assert getting_ready.action is None
    assert getting_ready.current.spans == ()


def test_only_a_step_that_acts_has_a_span() -> None:
    """The first one looks, the second one acts, and the third one sends."""
    looks = (StepBegan(3 * MS, 0), StepActed(3 * MS, 0))

    assert history(*looks).current.spans == ()
    spans = history(*looks, StepBegan(4 * MS, 1), StepBegan(5 * MS, 2)).current.spans
    assert [(one.step, one.began_ns, one.sends) for one in spans] == [
        (1, 4 * MS, False),
        (2, 5 * MS, True),
    ]


def test_a_case_takes_its_time_from_the_first_container_to_the_last_fact() -> None:
    """None before that; a fact of an earlier time that comes late changes nothing."""
    created = (ContainerCreated(500 * MS, "a"), ContainerCreated(700 * MS, "b"))
    facts = (*created, Interrupted(2000 * MS), StepBegan(1500 * MS, READY))

    assert history(Interrupted(2000 * MS)).took_s == 0
    assert history(*facts).took_s == 1.5


def test_before_the_first_fact_no_time_has_passed() -> None:
    """All times of a case are counted from its beginning."""
    assert (history().began_ns, history().last_ns) == (0, 0)
