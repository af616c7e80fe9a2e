"""
Which cases failed or errored in a run, from its result.json; nothing else of it is read.
"""

from __future__ import annotations

import json
from typing import Any, Final

from runner.model.case import absolute

_WENT_WRONG: Final = ("failed", "errored")
"""The kinds of verdict of which `runner.model.verdict.went_wrong` is true."""


def wrong_cases(text: str | bytes) -> frozenset[tuple[str, str]]:
    """
    Return the cases that failed or errored, by the absolute path of the file and the name.

    The rest is not validated, as `result_json.load` does: no verdict depends on it here.

    Raises:
        ValueError: the text is not a result.
    """
    try:
        stored: Any = json.loads(text)
        verdicts: dict[tuple[str, str], str] = {
            absolute((one["where"]["path"], one["name"])): one["verdict"]["kind"]
            for one in stored["cases"]
        }
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise ValueError("this is not a result of scenario-run") from error
    return frozenset(key for key, kind in verdicts.items() if kind in _WENT_WRONG)
