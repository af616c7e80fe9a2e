"""
Filling in placeholders: `{{ axis }}` in any value.

A value that is exactly one placeholder keeps the type of what it stands for. `$` is never ours:
it belongs to shells in the container. Jinja2 is only imported when there is a placeholder.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from runner.language.plain import Path, Plain
from runner.words import nearest

if TYPE_CHECKING:
    from runner.plan.sandbox import Expression, Filled

_EXACTLY_ONE = re.compile(r"\{\{((?:(?!\}\}|\{\{).)*)\}\}", re.DOTALL)

MAX_FILLED: Final = 10_000_000

Report = Callable[[Path, str, str], None]


def has_placeholder(value: Plain) -> bool:
    """Return whether there is anything to fill in."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, list):
        return any(map(has_placeholder, value))
    if isinstance(value, dict):
        return any(map(has_placeholder, value.values()))
    return False


@dataclass(slots=True)
class Budget:
    """
    What all placeholders of one document may come to, in characters and values.

    `named` are the variables that they name.
    """

    left: int = MAX_FILLED
    named: set[str] = field(default_factory=set[str])


def fill_in(
    value: Plain,
    variables: Mapping[str, Plain],
    report: Report,
    path: Path = (),
    allowance: Budget | None = None,
) -> Plain:
    """
    Return the value with all placeholders filled in.

    `report` is told the path of a text that cannot be filled in, what is wrong, and advice.
    """
    if not has_placeholder(value):
        return value
    left = allowance or Budget()

    def filled(value: Plain, path: Path) -> Plain:
        match value:
            case str():
                return _fill_in_text(value, variables, report, path, left)
            case list():
                return [filled(one, (*path, i)) for i, one in enumerate(value)]
            case dict():
                return {key: filled(one, (*path, key)) for key, one in value.items()}
            case _:
                return value

    return filled(value, path)


def _fill_in_text(
    text: str,
    variables: Mapping[str, Plain],
    report: Report,
    path: Path,
    allowance: Budget,
) -> Plain:
    if not has_placeholder(text) or allowance.left <= 0:
        return text
    try:
        value = _filled(text, variables, allowance.named)
    except Exception as error:  # noqa: BLE001 - whatever an expression of the user's raises
        report(path, *_words(error, text, variables))
        return text
    from runner.plan.sandbox import weight  # noqa: PLC0415 - most files need none

    allowance.left -= weight(value)
    if allowance.left <= 0:
        what = f"the placeholders of this scenario come to more than {MAX_FILLED} characters"
        report(path, what, "make several files of it")
    return value


def _filled(text: str, variables: Mapping[str, Plain], named: set[str]) -> Plain:
    import jinja2  # noqa: PLC0415 - most files need none

    only = _EXACTLY_ONE.fullmatch(text.strip())
    if only:
        expression = _expression(only[1])
        named.update(expression.names)
        value = expression.value(variables)
        if not isinstance(value, jinja2.Undefined):
            return _plain(value)
        str(value)  # a strict undefined raises at its first use
    template = _template(text)
    named.update(template.names)
    return template.text(variables)


def _words(error: Exception, text: str, variables: Mapping[str, Plain]) -> tuple[str, str]:
    """Return what is wrong with a placeholder, and give advice."""
    import jinja2  # noqa: PLC0415

    match error:
        case jinja2.UndefinedError():
            name = re.search(r"'([^']*)' is undefined", str(error))
            word = name[1] if name else str(error)
            return f"unknown variable '{word}'", _known(word, variables)
        case jinja2.exceptions.SecurityError():
            return f"this placeholder is refused: {error}", ""
        case jinja2.TemplateAssertionError():
            return f"this is not a valid placeholder: {error}", _filters(str(error))
        case jinja2.TemplateError():
            raw = "braces of another language: {% raw %}...{% endraw %}"
            advice = raw if "{{." in text else "as in {{ axis }}"
            return f"this is not a valid placeholder: {error}", advice
        case _:
            return f"this placeholder cannot be filled in: {error}", ""


def _known(word: str, variables: Mapping[str, Plain]) -> str:
    if word == "item":
        return "a step with a `loop` has it, as in loop: [SIGTERM, SIGINT]"
    return nearest(word, variables) if variables else "this scenario has no matrix"


def _filters(words: str) -> str:
    from runner.plan.sandbox import sandbox  # noqa: PLC0415

    name = re.search(r"No filter named '([^']*)'", words)
    return nearest(name[1], sorted(sandbox().filters)) if name else "as in {{ axis }}"


def _plain(value: object) -> Plain:
    """Return what an expression came to as plain data; filters give iterators, for one."""
    from runner.plan.sandbox import MAX_SIZE, too_large  # noqa: PLC0415

    left = MAX_SIZE

    def plain(value: object) -> Plain:
        nonlocal left
        left -= len(value) if isinstance(value, str) else 1
        if left < 0:
            raise too_large()
        if value is None or isinstance(value, bool | int | float | str):
            return str(value) if isinstance(value, str) else value
        if isinstance(value, dict):
            entries = cast("dict[object, object]", value).items()
            return {str(key): plain(one) for key, one in entries}
        if isinstance(value, Iterable):
            return [plain(one) for one in cast("Iterable[object]", value)]
        raise TypeError(f"it comes to a {type(value).__name__}, which is not a value")

    return plain(value)


def expression_names(source: str) -> set[str]:
    """
    Return the names that an expression uses.

    Raises:
        ValueError: it is not a valid expression.
    """
    import jinja2  # noqa: PLC0415

    try:
        return set(_expression(source).names)
    except jinja2.TemplateError as error:
        raise ValueError(str(error)) from error


def expression_value(source: str, variables: Mapping[str, Plain]) -> object:
    """
    Return what an expression comes to.

    Raises:
        ValueError: it comes to nothing, for whatever reason.
    """
    try:
        value = _expression(source).value(variables)
        return str(value) and value
    except Exception as error:
        raise ValueError(str(error)) from error


@functools.lru_cache(maxsize=4096)
def _expression(source: str) -> Expression:
    from runner.plan.sandbox import Expression  # noqa: PLC0415 - it imports Jinja2

    return Expression(source)


@functools.lru_cache(maxsize=4096)
def _template(source: str) -> Filled:
    from runner.plan.sandbox import Filled  # noqa: PLC0415

    return Filled(source)
