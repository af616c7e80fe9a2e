"""
What `scenario-doc` has on a word: everything that it means, wherever it is one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Final

from runner import shipped
from runner.generate.diagnosis_pages import diagnosis_named, diagnosis_words
from runner.generate.language_pages import Key, Page, pages, signal_words
from runner.generate.rule_pages import rule_named, rule_words
from runner.generate.topics import TOPICS, Topic
from runner.generate.wrapped import WIDTH, indented
from runner.kernel.rules import Rule
from runner.kernel.signals import Signal, UnknownSignal
from runner.language.value_texts import VALUE_TEXTS
from runner.options.option import Option
from runner.options.table import OPTIONS

DOCUMENTS: Final = {
    "guide": "guide.md",
    "language": "authoring.md",
    "mutation": "mutation.md",
    "glossary": "glossary.md",
    "ci": "ci.md",
    "kernel-rules": "kernel/README.md",
    "decision-table": "kernel/decision-table.md",
}
"""Documents that can be read whole, by the word for each."""

_OPTION_VALUES: Final = {
    "kernel": "The kernel's tracepoints for signals and processes.",
    "proc": "Snapshots of /proc, and what kill(2) answered.",
    "engine": "The engine's events, state and exit codes, and the container's output.",
    "rich": "All that CI systems read, with properties, files and lines.",
    "xunit": "Only what the strict schema of Jenkins' xUnit plugin allows.",
}


def entries(word: str) -> list[str]:
    """Return a text for each meaning of a word; none if it has no page."""
    found = list(_entries(word))
    if not found and "." in word:
        found = list(_dotted(word))
    if not found:
        found = list(_signal(word))
    return found


def document(word: str) -> str:
    """Return the text of a whole document; "" if there is none of this name."""
    if word not in DOCUMENTS:
        return ""
    return (shipped.folder("docs") / DOCUMENTS[word]).read_text(encoding="utf-8")


@cache
def words() -> tuple[str, ...]:
    """Return the words that have a page, but for numbers of rules and diagnoses, and signals."""
    found = [page.name for page in pages()]
    found += [key.name for page in pages() for key in page.keys]
    found += [word for topic in TOPICS for word in topic.words]
    found += [word for texts in VALUE_TEXTS for word in texts.words]
    found += [option.setting for option in OPTIONS]
    found += [rule.short_name for rule in Rule]
    return tuple(dict.fromkeys([*found, *_OPTION_VALUES, *_glossary(), *DOCUMENTS]))


def _entries(word: str) -> Iterator[str]:
    yield from (_lines(_page(page)) for page in pages() if page.name == word)
    for page in pages():
        yield from (_lines(_key_page(page, key)) for key in page.keys if key.name == word)
    yield from (
        _lines(_value(texts.key, word, text))
        for texts in VALUE_TEXTS
        for one, text in texts.words.items()
        if one == word
    )
    yield from (_lines(_topic(topic)) for topic in TOPICS if word in topic.words)
    for option in OPTIONS:
        if word.removeprefix("--") == option.setting or word == option.variable:
            yield _lines(_option(option))
        if word in option.choices and word in _OPTION_VALUES:
            yield _lines(_value(option.flag, word, _OPTION_VALUES[word]))
    rule = rule_named(word)
    if rule is not None:
        yield _lines(rule_words(rule))
    diagnosis = diagnosis_named(word)
    if diagnosis is not None:
        yield _lines(diagnosis_words(diagnosis))
    if word.lower() in _glossary():
        yield _lines(_glossary_entry(word.lower()))


def _dotted(word: str) -> Iterator[str]:
    """Yield a key of a page, a value of a key, or a page of a group: `init.exited`."""
    first, _, last = word.rpartition(".")
    first = first.rpartition(".")[2]
    for page in pages():
        if page.name == last and page.group == first:
            yield _lines(_page(page))
        if page.name == first:
            yield from (_lines(_key_page(page, key)) for key in page.keys if key.name == last)
    for texts in VALUE_TEXTS:
        if texts.key == first and last in texts.words:
            yield _lines(_value(first, last, texts.words[last]))


def _signal(word: str) -> Iterator[str]:
    try:
        yield "\n".join(signal_words(Signal.parse(word)))
    except UnknownSignal:
        return


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines)


def _page(page: Page) -> Iterator[str]:
    yield f"{page.name.upper()} ({page.group})"
    yield from indented(page.summary)
    if page.examples:
        yield "\n  examples:"
        yield from (f"    {page.name}: {one}" for one in page.examples)
    yield from _values_of(page.name)
    if page.keys:
        yield "\n  keys:"
        for key in page.keys:
            yield from _key(key)


def _key_page(page: Page, key: Key) -> Iterator[str]:
    yield f"{key.name.upper()} (a key of {page.name}, in {page.group})"
    yield from _key(key)
    yield from _values_of(key.name)
    yield f"  more: scenario-doc {page.name}"


def _key(key: Key) -> Iterator[str]:
    note = " (required)" if key.required else f" (default: {key.default})" if key.default else ""
    yield f"    {key.name}{note}"
    indent = " " * 8
    yield from textwrap.wrap(
        key.description, WIDTH, initial_indent=indent, subsequent_indent=indent
    )
    if key.examples:
        yield f"{indent}{key.name}: " + f"\n{indent}{key.name}: ".join(key.examples)


def _values_of(name: str) -> Iterator[str]:
    for texts in VALUE_TEXTS:
        if texts.key == name:
            yield "\n  values:"
            for word, text in texts.words.items():
                yield from textwrap.wrap(
                    text, WIDTH, initial_indent=f"    {word:<14} ", subsequent_indent=" " * 19
                )


def _value(key: str, word: str, text: str) -> Iterator[str]:
    yield f"{word.upper()} (a value of {key})"
    yield from indented(text)
    yield f"    {key}{' ' if key.startswith('-') else ': '}{word}"
    yield f"  more: scenario-doc {key}"


def _topic(topic: Topic) -> Iterator[str]:
    yield topic.words[0].upper()
    yield from indented(topic.text)
    if topic.example:
        yield f"\n    {topic.example}"
    if topic.more:
        yield f"\n  more: scenario-doc {topic.more}"


def _option(option: Option) -> Iterator[str]:
    yield f"{option.flag if not option.positional else option.name} (an option of scenario-run)"
    yield from indented(f"{option.help_text[0].upper()}{option.help_text[1:]}.")
    if option.choices:
        yield f"  choices: {', '.join(option.choices)}"
    if option.may_be_set:
        yield f"  setting: {option.setting}; variable: {option.variable}"


def _glossary_entry(word: str) -> Iterator[str]:
    yield f"{word.upper()} (glossary)"
    yield from indented(f"{_glossary()[word]}.")


@cache
def _glossary() -> dict[str, str]:
    """Return the words of the glossary with their meanings, without links."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.*) \|$", document("glossary"), re.MULTILINE)
    return {word: re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text) for word, text in rows}
