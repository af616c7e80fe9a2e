"""The table of diagnoses: each text is whole."""

from __future__ import annotations

import re

import pytest

from runner.diagnoses.table import Diagnosis
from runner.kernel.rules import Rule

_VALUES = {
    "signal": "SIGTERM",
    "short": "TERM",
    "program": "app",
    "command": "app",
    "status": "143",
    "graceful": "SIGQUIT",
}


@pytest.mark.parametrize("diagnosis", Diagnosis)
def test_a_diagnosis_says_what_happens_and_what_to_do(diagnosis: Diagnosis) -> None:
    """The rules are those of the kernel; each cure has the text to write."""
    text = diagnosis.text

    assert (
        text.title[0].isupper()
        or text.title.split()[0] in {"npm", "su", "postgres", "uwsgi"}
        or (text.title.split()[0] in {"mysqld_safe", "runsvdir", "supervisord"})
    )
    assert not text.title.endswith(".")
    assert text.happens.endswith(".")
    assert not text.shown_by.endswith(".")
    assert {*text.rules} <= {rule.name for rule in Rule}
    assert text.cures
    assert all(
        cure.changes and all(one.text.endswith("\n") for one in cure.changes) for cure in text.cures
    )


@pytest.mark.parametrize("diagnosis", Diagnosis)
def test_advice_is_one_phrase_with_what_the_run_has_seen(diagnosis: Diagnosis) -> None:
    """No placeholder is left, and it ends without a full stop."""
    advice = diagnosis.text.advice(**_VALUES)

    assert not re.search(r"\{(signal|short|program|status|graceful)\}", advice)
    assert not advice.endswith(".")


def test_numbers_are_not_used_twice() -> None:
    """An enum takes a second name of one value for an alias."""
    assert len(Diagnosis) == len(Diagnosis.__members__)
    assert all(re.fullmatch(r"D[1-9]\d?", one.name) for one in Diagnosis)
