"""
A problem as text: the place, what is wrong, the line, and a caret under the very word.
"""

from __future__ import annotations

from runner.errors import Problem

_LONGEST_LINE = 160


def picture(problem: Problem) -> str:
    """
    Draw one problem.

        scenarios/x.yml:9:29: unknown key 'form' in signal
           9 |   - signal: {send: SIGTERM, form: inside}
             |                             ^^^^ did you mean 'from'?
    """
    where = problem.where
    row = f" ({problem.row})" if problem.row else ""
    head = f"{where}: {problem.what}{row}"
    if not problem.line.strip():
        return head + (f"\n     | {problem.advice}" if problem.advice else "")
    # A tab would move the caret; the column counts characters.
    line = "".join(c if c.isprintable() else " " for c in problem.line)[:_LONGEST_LINE]
    length = max(1, min(where.length, len(line) - where.column + 1))
    caret = " " * (where.column - 1) + "^" * length
    return f"{head}\n{where.line:4} | {line}\n     | {caret}" + (
        f" {problem.advice}" if problem.advice else ""
    )
