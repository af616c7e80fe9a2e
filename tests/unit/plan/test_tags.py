"""Tags of cases and of steps."""

from __future__ import annotations

import dataclasses

import pytest

from runner.model.case import Case
from runner.model.expectation import InitIs, InitState
from runner.model.step import Step
from runner.plan.select import Selection, select
from runner.plan.tags import (
    NOT_SELECTED,
    NOTHING_EXPECTED,
    all_tags,
    skip_what_expects_nothing,
)
from tests.support.cases import case, send, snapshot, wait

RUNNING = InitIs(InitState.RUNNING)


def tagged(*tags: str) -> Step:
    """A step with these tags, which are also its title."""
    return dataclasses.replace(snapshot(RUNNING), tags=tags, title=" ".join(tags) or "untagged")


def of_tags(*tags: str, steps: tuple[Step, ...], always: tuple[Step, ...] = ()) -> Case:
    """A case with these tags."""
    return dataclasses.replace(case(*steps, always=always), tags=tags)


STEPS = (tagged(), tagged("slow"), tagged("io"), tagged("always"), tagged("never", "debug"))


def carried_out(one: Case, **selection: list[str]) -> list[str] | None:
    """Titles of the steps that are carried out; None if the case is not chosen."""
    chosen = select([one], Selection(**selection))
    return [step.title for step in chosen[0].all_steps if not step.skip] if chosen else None


@pytest.mark.parametrize(
    ("tags", "skip_tags", "titles"),
    [
        ([], [], ["untagged", "slow", "io", "always"]),
        (["slow"], [], ["slow", "always"]),
        (["slow", "debug"], [], ["slow", "always", "never debug"]),
        (["never"], [], ["always", "never debug"]),
        (["all"], [], ["untagged", "slow", "io", "always"]),
        (["tagged"], [], ["slow", "io", "always"]),
        (["untagged"], [], ["untagged", "always"]),
        ([], ["slow"], ["untagged", "io", "always"]),
        (["slow", "io"], ["io"], ["slow", "always"]),
        ([], ["always"], ["untagged", "slow", "io"]),
        ([], ["all"], ["always"]),
        ([], ["tagged"], ["untagged", "always"]),
        (["none"], ["always"], None),
    ],
)
def test_steps_are_selected_as_ansibles_tasks(
    tags: list[str], skip_tags: list[str], titles: list[str] | None
) -> None:
    """`always` is carried out unless skipped, `never` only by a tag of its own."""
    one = of_tags(steps=STEPS)

    assert carried_out(one, tags=tags, skip_tags=skip_tags) == titles


def test_a_step_has_the_tags_of_its_scenario() -> None:
    """So a tag of the scenario means all of its steps, and `never` there all of them, too."""
    one = of_tags("seed", steps=STEPS[:3])
    never = of_tags("never", steps=STEPS[:3])

    assert carried_out(one, tags=["seed"]) == ["untagged", "slow", "io"]
    assert carried_out(one, tags=["seed"], skip_tags=["io"]) == ["untagged", "slow"]
    assert carried_out(one, tags=["untagged"]) is None
    assert carried_out(never) is None
    assert carried_out(never, tags=["slow"]) == ["slow"]


def test_what_is_not_selected_says_why_it_is_skipped() -> None:
    """But a reason of its own stays."""
    own = dataclasses.replace(tagged("io"), skip="broken")

    (chosen,) = select([of_tags(steps=(*STEPS[:2], own))], Selection(tags=["slow"]))

    assert [step.skip for step in chosen.steps] == [NOT_SELECTED, "", "broken"]


def test_always_steps_of_the_document_need_not_be_asked_for() -> None:
    """They tidy up after whatever was carried out; only --skip-tags leaves them out."""
    one = of_tags(steps=STEPS[:2], always=(tagged("tidy"), tagged("never", "look")))

    assert carried_out(one, tags=["slow"]) == ["slow", "tidy"]
    assert carried_out(one, tags=["slow", "look"]) == ["slow", "tidy", "never look"]
    assert carried_out(one, skip_tags=["tidy"]) == ["untagged", "slow"]
    assert carried_out(one, tags=["tidy"]) is None


def test_a_case_whose_selected_steps_expect_nothing_is_skipped() -> None:
    """It could prove nothing; waiting is no expectation."""
    prepare = dataclasses.replace(send("USR1"), tags=("prepare",))
    waits = dataclasses.replace(wait(RUNNING), tags=("prepare",))
    one = of_tags(steps=(prepare, waits, tagged("check")))

    (only_prepared,) = select([one], Selection(tags=["prepare"]))

    assert skip_what_expects_nothing(only_prepared).skip == NOTHING_EXPECTED
    assert not skip_what_expects_nothing(one).skip
    assert skip_what_expects_nothing(dataclasses.replace(one, skip="broken")).skip == "broken"


def test_the_tags_there_are_include_those_of_steps() -> None:
    """Of `always` steps, too: --skip-tags knows them."""
    one = of_tags("seed", steps=STEPS, always=(tagged("tidy"),))

    assert all_tags([one]) == ["always", "debug", "io", "never", "seed", "slow", "tidy"]
