"""The list of conditions that wait for the quiet period."""

from __future__ import annotations

from runner.generate.quiet_period import examples_that_wait
from runner.language.conditions import Condition


def test_what_says_that_nothing_happened_waits_and_what_has_happened_does_not() -> None:
    """By the conditions themselves, so that the list cannot differ from what is done."""
    fields = {field.alias or name: field for name, field in Condition.model_fields.items()}

    assert "init: running" in examples_that_wait("init", fields["init"])
    assert not any("exited" in one for one in examples_that_wait("init", fields["init"]))
    assert examples_that_wait("delivered", fields["delivered"]) == ("delivered: false",)
    assert examples_that_wait("accepted", fields["accepted"]) == ()
