"""The table of the kinds of step."""

from __future__ import annotations

from typing import get_args, get_type_hints

from runner.language.models_by_path import model_in
from runner.language.step_form import StepForm
from runner.language.step_kinds import KINDS, StepKinds
from runner.language.steps import StepModel
from runner.model.step import Action, Look


def test_every_kind_of_step_can_be_written() -> None:
    """One form for each record; a step that has none only looks."""
    models = (model_in(StepKinds.model_fields[kind].annotation) for kind in KINDS[:-1])
    forms = [one for one in models if one is not None and issubclass(one, StepForm)]

    records = [get_type_hints(form.to_domain)["return"] for form in forms]

    assert sorted(map(repr, get_args(Action))) == sorted(map(repr, [*records, Look]))


def test_kinds_are_the_keys_of_the_table() -> None:
    """All are keys of a step, in the order of the table; `expect` may stand alone."""
    kinds = [key for key in StepModel.model_fields if key in KINDS]

    assert tuple(kinds) == KINDS
