"""
A problem as text: the place, what is wrong, the line, and a caret under the very word.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Final

from runner.errors import Problem

_LONGEST_LINE: Final = 160
_BEFORE_CARET: Final = 60
_WIDTH: Final = 80


def render_problem(problem: Problem) -> str:
    """
    Draw one problem.

        scenarios/x.yml:9:29: unknown key 'form' in signal
           9 |   - signal: {send: SIGTERM, form: inside}
             |                             ^^^^ did you mean 'from'?
    """
    where, line = problem.where, problem.line
    row = f" ({problem.row})" if problem.row else ""
    head = _calm(f"{where}: {problem.what}{row}")
    width = max(4, len(str(where.line)))
    margin, advice = " " * width + " | ", _calm(problem.advice)
    if not line.strip():
        return head + (f"\n{margin}{advice}" if advice else "")
    start = where.column - 1
    cut = start - _BEFORE_CARET if start + _BEFORE_CARET > _LONGEST_LINE else 0
    before = _calm(("…" if cut else "") + line[cut:start])
    after = _calm(line[start : cut + _LONGEST_LINE])
    marked = after[: where.length]
    caret = " " * _columns(before) + "^" * max(1, _columns(marked))
    below = "\n".join(_beside_or_below(margin, caret, advice))
    return f"{head}\n{where.line:{width}} | {before}{after}\n{below}"


def _beside_or_below(margin: str, caret: str, advice: str) -> Iterator[str]:
    """Put the advice beside the caret or, where that is too long, below it."""
    beside = f"{margin}{caret} {advice}".rstrip()
    if len(beside) <= _WIDTH:
        yield beside
        return
    yield f"{margin}{caret}"
    for line in textwrap.wrap(advice, _WIDTH - len(margin), break_on_hyphens=False):
        yield f"{margin}{line}"


def _calm(text: str) -> str:
    """Keep tabs and escape sequences from moving the cursor; the column counts characters."""
    return "".join(one if one.isprintable() else " " for one in text)


def _columns(text: str) -> int:
    """Count the columns of a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )
