"""Which cases went wrong, without reading the rest of a result."""

from __future__ import annotations

import pytest

from runner.archive import result_json
from runner.archive.wrong_cases import wrong_cases
from runner.model.case import absolute
from runner.model.verdict import went_wrong
from tests.support.results import MIXED


def test_those_that_went_wrong_are_named() -> None:
    """As `went_wrong` says of each verdict."""
    wrong = {absolute(one.case.key) for one in MIXED.cases if went_wrong(one.verdict)}

    assert wrong
    assert wrong == wrong_cases(result_json.dump(MIXED))


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"1", b"{}", b'{"cases": [{"name": "a"}]}', b"\xff" * 5],
    ids=repr,
)
def test_what_is_no_result_is_refused(text: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(ValueError, match="this is not a result of scenario-run"):
        wrong_cases(text)
