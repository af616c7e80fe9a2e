"""
Filling in placeholders: `{{ axis }}` in any value.

A value that is exactly one placeholder keeps the type of what it stands for. `$` is never ours:
it belongs to shells in the container. Jinja2 is only imported when there is a placeholder.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn, cast

from runner.spec.fields import nearest
from runner.spec.plain import Path, Plain

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.environment import TemplateExpression
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_EXACTLY_ONE = re.compile(r"\{\{((?:(?!\}\}|\{\{).)*)\}\}", re.DOTALL)

Report = Callable[[Path, str, str], None]


def has_placeholder(value: Plain) -> bool:
    """Say whether there is anything to fill in."""
    match value:
        case str():
            return "{{" in value or "{%" in value
        case list():
            return any(has_placeholder(one) for one in value)
        case dict():
            return any(has_placeholder(one) for one in value.values())
        case _:
            return False


def fill_in(value: Plain, variables: Mapping[str, Plain], report: Report, path: Path = ()) -> Plain:
    """
    Give the value with all placeholders filled in.

    `report` is told the path of a text that cannot be filled in, what is wrong, and advice.
    """
    match value:
        case str():
            return _fill_in_text(value, variables, report, path)
        case list():
            return [fill_in(one, variables, report, (*path, i)) for i, one in enumerate(value)]
        case dict():
            return {
                key: fill_in(one, variables, report, (*path, key)) for key, one in value.items()
            }
        case _:
            return value


def _fill_in_text(text: str, variables: Mapping[str, Plain], report: Report, path: Path) -> Plain:
    if not has_placeholder(text):
        return text
    import jinja2  # noqa: PLC0415 - most files need none

    try:
        only = _EXACTLY_ONE.fullmatch(text.strip())
        if only:
            value = _expression(only[1])(**variables)
            if not isinstance(value, jinja2.Undefined):
                return _plain(value)
            str(value)  # a strict undefined raises at its first use
        return _template(text).render(**variables)
    except jinja2.UndefinedError as error:
        name = re.search(r"'([^']*)' is undefined", str(error))
        word = name[1] if name else str(error)
        known = nearest(word, variables) if variables else "this scenario has no matrix"
        report(path, f"unknown variable '{word}'", known)
    except jinja2.TemplateError as error:
        raw = "braces of another language: {% raw %}...{% endraw %}"
        advice = raw if "{{." in text else "as in {{ axis }}"
        report(path, f"this is no placeholder: {error}", advice)
    except Exception as error:  # noqa: BLE001 - whatever an expression of the user's raises
        report(path, f"this placeholder cannot be filled in: {error}", "")
    return text


def _plain(value: object) -> Plain:
    """Give what an expression came to as plain data; filters give iterators, for one."""
    if value is None or isinstance(value, bool | int | float | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value).items()
        return {str(key): _plain(one) for key, one in entries}
    if isinstance(value, Iterable):
        return [_plain(one) for one in cast("Iterable[object]", value)]
    raise TypeError(f"it comes to a {type(value).__name__}, which is no value")


def expression_names(source: str) -> set[str]:
    """
    Give the names that an expression uses.

    Raises:
        ValueError: it is no expression.
    """
    import jinja2  # noqa: PLC0415
    from jinja2 import meta  # noqa: PLC0415

    try:
        _expression(source)
        return meta.find_undeclared_variables(_environment().parse("{{ (" + source + ") }}"))
    except jinja2.TemplateError as error:
        raise ValueError(str(error)) from error


def expression_value(source: str, variables: Mapping[str, Plain]) -> object:
    """
    Give what an expression comes to.

    Raises:
        ValueError: it comes to nothing, for whatever reason.
    """
    try:
        value = _expression(source)(**variables)
        return str(value) and value
    except Exception as error:
        raise ValueError(str(error)) from error


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415
    from jinja2.exceptions import SecurityError  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Environment(ImmutableSandboxedEnvironment):
        # A power of a power takes hours and cannot be interrupted; no scenario needs one.
        intercepted_binops = frozenset({"**"})

        def call_binop(
            self,
            context: object,  # noqa: ARG002
            operator: str,
            left: object,  # noqa: ARG002
            right: object,  # noqa: ARG002
        ) -> NoReturn:
            raise SecurityError(f"{operator} is not allowed here")

    return Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


@functools.lru_cache(maxsize=4096)
def _expression(source: str) -> TemplateExpression:
    return _environment().compile_expression(source, undefined_to_none=False)


@functools.lru_cache(maxsize=4096)
def _template(source: str) -> Template:
    return _environment().from_string(source)
