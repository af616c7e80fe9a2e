"""
The Jinja2 that placeholders are written in: no statements, and nothing that grows without bound.

Filling in cannot be interrupted, so whatever could take long or much memory is refused beforehand:
loops and macros, operators and filters whose result is far larger than what they are given. What is
left takes milliseconds, whoever wrote the file.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS  # pyright: ignore[reportUnknownVariableType]
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS  # pyright: ignore[reportUnknownVariableType]

from runner.language.plain import Plain

MAX_SIZE: Final = 100_000
"""The most characters and values that a placeholder may come to."""

_MAX_SOURCE: Final = 20_000
_MAX_PARTS: Final = 100
_MAX_RANGE: Final = 1000
_MAX_NUMBER: Final = 10**18

_FILTERS: Final = frozenset(
    "abs capitalize d default dictsort first float int items last length count list lower map max "
    "min reject rejectattr reverse select selectattr sort string title trim unique upper".split()
)
_METHODS: Final = {
    str: frozenset(
        "capitalize count endswith find isalnum isalpha isdigit islower isupper lower lstrip "
        "removeprefix removesuffix rsplit rstrip split splitlines startswith strip title "
        "upper".split()
    ),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
}
_STATEMENTS: Final = (nodes.Output, nodes.If)
_WORDS: Final[dict[type[nodes.Node], str]] = {nodes.Assign: "set", nodes.AssignBlock: "set"}


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, with bounds."""

    intercepted_binops = frozenset({"**", "*", "+", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
        filters = cast("dict[str, Any]", FILTERS)
        own = {"join": _join, "replace": _replace}
        self.filters = {name: filters[name] for name in _FILTERS} | own
        # `in` looks at every value of a list, for every value of another.
        tests = cast("dict[str, Any]", TESTS)
        self.tests = {name: test for name, test in tests.items() if name != "in"}
        self.globals = {"range": _range}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Calculate, where the result is known to be small."""
        if operator == "**" or (operator == "%" and not _is_number(left)):
            raise SecurityError(f"{operator} is not allowed here")
        if operator == "*":
            _bounded(_times(left, right))
        elif operator == "+" and not _is_number(left):
            _bounded(weight(left) + weight(right))
        found = super().call_binop(context, operator, left, right)
        if _is_number(found) and abs(found) > _MAX_NUMBER:
            raise SecurityError(f"a number may be {_MAX_NUMBER} at most")
        return found

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401
        """Allow the methods whose results are no larger than what they are given."""
        known = next((names for kind, names in _METHODS.items() if isinstance(obj, kind)), ())
        return attr in known and super().is_safe_attribute(obj, attr, value)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:  # noqa: ANN401
        """Return what is refused, without words of Python's."""
        what = f"'{attribute}' is not allowed here"
        return self.undefined(what, name=attribute, obj=obj, exc=SecurityError)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ANN401
        """Treat `format` as any other method: it is none of those that are allowed."""

    def parsed(self, source: str) -> nodes.Template:
        """
        Parse a text with placeholders, and refuse what is more than placeholders.

        Raises:
            TemplateError: it is no such text.
        """
        try:
            found = self.parse(source)
        except RecursionError:
            raise SecurityError("it is nested too deeply") from None
        for one in found.find_all(nodes.Stmt):
            if not isinstance(one, _STATEMENTS):
                what = _WORDS.get(type(one), type(one).__name__.lower())
                raise SecurityError(f"{{% {what} %}} is not allowed here")
        if sum(1 for _ in found.find_all(nodes.Expr)) > _MAX_PARTS:
            raise SecurityError(f"this has more than {_MAX_PARTS} parts")
        return found


class Filled:
    """
    A text with placeholders, ready to be filled in.

    Raises:
        TemplateError: it is none, or more than may be.
    """

    def __init__(self, source: str) -> None:
        _short(source)
        self.names = _names(source)
        self._text = sandbox().from_string(source)

    def text(self, variables: Mapping[str, Plain]) -> str:
        """
        Fill it in.

        Raises:
            TemplateError: a name is unknown, or it comes to more than may be.
        """
        _weigh(self.names, variables)
        found = self._text.render(**variables)
        _bounded(len(found))
        return found


class Expression:
    """
    An expression, ready to be worked out.

    Raises:
        TemplateError: it is none, or more than may be.
    """

    def __init__(self, source: str) -> None:
        _short(source)
        # Itself first: then errors are about what the user has written.
        self._value = _compiled(source)
        self.names = _names("{{ (" + source + ") }}")

    def value(self, variables: Mapping[str, Plain]) -> object:
        """
        Work it out.

        Raises:
            TemplateError: it comes to more than may be.
        """
        _weigh(self.names, variables)
        return self._value(**variables)


def _compiled(source: str) -> TemplateExpression:
    try:
        return sandbox().compile_expression(source, undefined_to_none=False)
    except RecursionError:
        raise SecurityError("it is nested too deeply") from None


def _names(source: str) -> list[str]:
    return [one.name for one in sandbox().parsed(source).find_all(nodes.Name)]


def _weigh(names: Iterable[str], variables: Mapping[str, Plain]) -> None:
    _bounded(weight([variables[name] for name in names if name in variables]))


def _short(source: str) -> None:
    if len(source) > _MAX_SOURCE:
        raise SecurityError(f"a text with placeholders has {_MAX_SOURCE} characters at most")


def weight(value: object) -> int:
    """Count the characters and values in a value, up to a little more than there may be."""
    found, waiting = 0, [value]
    while waiting and found <= MAX_SIZE:
        one = waiting.pop()
        found += 1
        if isinstance(one, str):
            found += len(one)
        elif isinstance(one, dict):
            entries = cast("dict[object, object]", one)
            waiting += [*entries.keys(), *entries.values()]
        elif isinstance(one, list | tuple):
            waiting += cast("Sequence[object]", one)
    return found


def too_large() -> SecurityError:
    """Make the error of a placeholder that comes to too much."""
    return SecurityError(f"it comes to more than {MAX_SIZE} characters and values")


def _range(*bounds: int) -> list[int]:
    found = range(*bounds)
    if len(found) > _MAX_RANGE:
        raise SecurityError(f"a range may have {_MAX_RANGE} values at most")
    return list(found)


def _join(values: Iterable[object], between: str = "", attribute: str | int | None = None) -> str:
    if attribute is not None:
        raise SecurityError("join takes no attribute here; use map before it")
    words = [str(one) for one in values]
    _bounded(sum(map(len, words)) + len(between) * len(words))
    return between.join(words)


def _replace(text: str, old: str, new: str) -> str:
    text = str(text)
    _bounded(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _times(left: object, right: object) -> int:
    for many, number in ((left, right), (right, left)):
        if isinstance(number, int) and not _is_number(many):
            return weight(many) * number
    return 0


def _bounded(size: int) -> None:
    if size > MAX_SIZE:
        raise too_large()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


@functools.cache
def sandbox() -> Sandbox:
    """Return the one environment."""
    return Sandbox()
