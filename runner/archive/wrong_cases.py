"""
Which cases failed or errored in a run, from its result.json; nothing else of it is read.
"""

from __future__ import annotations

import json
from typing import Any, Final

_WENT_WRONG: Final = ("failed", "errored")
"""The kinds of verdict of which `runner.model.verdict.went_wrong` is true."""


def wrong_cases(text: str | bytes) -> frozenset[str]:
    """
    Return the names of the cases that failed or errored.

    The rest is not validated, as `result_json.load` does: no verdict depends on it here.

    Raises:
        ValueError: the text is not a result.
    """
    try:
        stored: Any = json.loads(text)
        verdicts: dict[str, str] = {one["name"]: one["verdict"]["kind"] for one in stored["cases"]}
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise ValueError("this is not a result of scenario-run") from error
    return frozenset(name for name, kind in verdicts.items() if kind in _WENT_WRONG)
