"""
How much of a line a regular expression looks at: what it takes to match one piece by piece.

An attempt to match at one place reads some characters before it and after it. Where both have a
bound, an attempt is decided as soon as so many characters are known, whatever else the line has.
"""

# The parser of `re` is private and has no types; `tests/unit/observe/test_reach.py` holds what is
# read off its trees against `re` itself.
# pyright: basic
# ruff: noqa: ANN401

from __future__ import annotations

import functools
import threading
import warnings
from dataclasses import dataclass
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

UNBOUNDED: Final = 1 << 40
"""No line is as long."""

_ONE_CHARACTER: Final = {ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN}
_REPEATS: Final = {ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT}
_BEGINNINGS: Final = {ops.AT_BEGINNING, ops.AT_BEGINNING_STRING}


@dataclass(frozen=True, slots=True)
class Reach:
    """
    What an attempt to match at one place can depend on, in characters.

    `width`: the longest match. `ahead`: characters after the place, and `behind`: before it; the
    beginning or end of the line counts as one more. `steady`: what has matched the beginning of a
    line matches whatever comes after; not so with `$`, word boundaries, look-ahead, atomic groups.
    """

    width: int = 0
    ahead: int = 0
    behind: int = 0
    steady: bool = True

    def then(self, other: Reach) -> Reach:
        """Return the reach of one after the other."""
        return Reach(
            width=_at_most(self.width + other.width),
            ahead=_at_most(max(self.ahead, self.width + other.ahead)),
            behind=max(self.behind, other.behind),
            steady=self.steady and other.steady,
        )

    def either(self, other: Reach) -> Reach:
        """Return the reach of one or the other."""
        return Reach(
            width=max(self.width, other.width),
            ahead=max(self.ahead, other.ahead),
            behind=max(self.behind, other.behind),
            steady=self.steady and other.steady,
        )

    def times(self, most: int) -> Reach:
        """Return the reach of so many, one after the other."""
        if most == 0:
            return Reach(steady=self.steady)
        return Reach(
            width=_at_most(self.width * most),
            ahead=_at_most(self.width * (most - 1) + self.ahead),
            behind=self.behind,
            steady=self.steady,
        )


_UNKNOWN: Final = Reach(UNBOUNDED, UNBOUNDED, UNBOUNDED, steady=False)
_QUIETLY: Final = threading.Lock()


@functools.cache
def reach_of(expression: str) -> Reach:
    """Return the reach of an expression that `re` can compile."""
    return _of_sequence(_parsed(expression))


@functools.cache
def core_of(expression: str) -> str:
    """
    Return an expression that is found in the same lines: without `.*` at its beginning and end.

    With it each character of a line is a place from which all that follows is looked at, and the
    longest match is as long as the line.
    """
    while _is_any(_parsed(expression)[:1]) and expression.startswith(".*"):
        expression = expression[2:].removeprefix("?")
    while _is_any(_parsed(expression)[-1:]) and expression.endswith((".*", ".*?")):
        expression = expression.removesuffix("?")[:-2]
    return expression


def _is_any(items: Any) -> bool:
    """Return whether that is `.*` or `.*?`."""
    if len(items) != 1 or items[0][0] not in {ops.MAX_REPEAT, ops.MIN_REPEAT}:
        return False
    least, most, inner = items[0][1]
    return least == 0 and most is ops.MAXREPEAT and list(inner) == [(ops.ANY, None)]


def _parsed(expression: str) -> Any:
    with _QUIETLY, warnings.catch_warnings():
        # What may mean something else in a later Python was allowed when the scenario was read.
        warnings.simplefilter("ignore", FutureWarning)
        return parser.parse(expression)


def _at_most(count: int) -> int:
    return min(count, UNBOUNDED)


def _of_sequence(sequence: Any) -> Reach:
    reach = Reach()
    for operation, value in sequence:
        reach = reach.then(_of(operation, value))
    return reach


def _of(operation: Any, value: Any) -> Reach:  # noqa: C901, PLR0911 - one line an operation
    if operation in _ONE_CHARACTER:
        return Reach(width=1, ahead=1)
    if operation is ops.AT:
        return Reach(ahead=1, behind=1, steady=value in _BEGINNINGS)
    if operation is ops.BRANCH:
        return _of_either(value[1])
    if operation is ops.SUBPATTERN:
        return _of_sequence(value[3])
    if operation in _REPEATS:
        _, most, inner = value
        reach = _of_sequence(inner).times(UNBOUNDED if most is ops.MAXREPEAT else most)
        return reach if operation is not ops.POSSESSIVE_REPEAT else _unsteady(reach)
    if operation is ops.ATOMIC_GROUP:
        return _unsteady(_of_sequence(value))
    if operation in {ops.ASSERT, ops.ASSERT_NOT}:
        return _of_assertion(value[0], _of_sequence(value[1]))
    if operation is ops.GROUPREF:
        return Reach(width=UNBOUNDED, ahead=UNBOUNDED)
    if operation is ops.GROUPREF_EXISTS:
        _, yes, no = value
        return _of_either([yes, no or ()])
    return _UNKNOWN


def _of_either(branches: Any) -> Reach:
    reach = _of_sequence(branches[0])
    for branch in branches[1:]:
        reach = reach.either(_of_sequence(branch))
    return reach


def _of_assertion(direction: int, inner: Reach) -> Reach:
    if direction > 0:
        return Reach(ahead=inner.ahead, behind=inner.behind, steady=False)
    behind = _at_most(inner.width + inner.behind)
    # Its width is fixed, and ends where the attempt begins.
    ahead = max(0, inner.ahead - inner.width)
    return Reach(ahead=ahead, behind=behind, steady=inner.steady)


def _unsteady(reach: Reach) -> Reach:
    return Reach(reach.width, reach.ahead, reach.behind, steady=False)
