"""
`scenario-doc`: the reference at the command line, as ansible-doc is Ansible's.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from runner.cli.output import with_output
from runner.diagnoses.table import Diagnosis
from runner.generate.diagnosis_pages import diagnosis_named, diagnosis_words
from runner.generate.language_pages import GROUPS, Key, Page, pages, signal_words
from runner.generate.rule_pages import rule_named, rule_words
from runner.kernel.rules import Rule
from runner.kernel.signals import ALL_SIGNALS, Signal, UnknownSignal
from runner.options.table import Shell
from runner.words import nearest

UNKNOWN: Final = 5
_WIDTH: Final = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    return with_output("scenario-doc", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    given = _parser().parse_args(arguments)
    if given.print_completion:
        print(_completion(given.print_completion))
        return 0
    if not given.words:
        print("\n".join(_list()))
        return 0
    return max(_show(word) for word in given.words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scenario-doc",
        description="What the words of the scenario language, signals, rules of the kernel and "
        "diagnoses mean.",
        epilog="examples: scenario-doc; scenario-doc signal; scenario-doc SIGTERM within R5 D1",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="a word of the language, a signal, a rule, a diagnosis",
    )
    parser.add_argument(
        "--print-completion",
        choices=get_args(Shell),
        help="print the completion script for a shell",
    )
    return parser


def _completion(shell: Shell) -> str:
    from runner.cli.completion import completion_script  # noqa: PLC0415 - for this only

    numbers = [one.name for one in (*Rule, *Diagnosis)]
    words = [*_words(), *numbers, *map(str, ALL_SIGNALS)]
    return completion_script(_parser(), shell, {"words": words})


def _words() -> list[str]:
    """Return the words that one could misspell: those of the language, and names of rules."""
    keys = (key.name for page in pages() for key in page.keys)
    names = (page.name for page in pages())
    return list(dict.fromkeys([*names, *keys, *(rule.short_name for rule in Rule)]))


def _show(word: str) -> int:
    found = ["\n".join(_text(page)) for page in pages() if page.name == word]
    rule = rule_named(word)
    if rule is not None:
        found.append("\n".join(rule_words(rule)))
    diagnosis = diagnosis_named(word)
    if diagnosis is not None:
        found.append("\n".join(diagnosis_words(diagnosis)))
    if found:
        print("\n\n".join(found))
        return 0
    keys = [(page, key) for page in pages() for key in page.keys if key.name == word]
    if keys:
        print("\n\n".join("\n".join(_key_page(page, key)) for page, key in keys))
        return 0
    try:
        print("\n".join(signal_words(Signal.parse(word))))
    except UnknownSignal as error:
        print(f"scenario-doc: there is no page '{word}'\n  {_hint(word, error)}", file=sys.stderr)
        return UNKNOWN
    return 0


def _hint(word: str, error: UnknownSignal) -> str:
    if word.startswith("SIG") and word.lower() not in _words():
        return error.advice
    numbered = {"R": "rules are R0 to R20", "D": f"diagnoses are {_numbers()}"}
    number = re.fullmatch(r"([RrDd])\d+", word)
    otherwise = numbered[number[1].upper()] if number else "scenario-doc alone lists all words"
    return nearest(word.lower(), _words(), otherwise=otherwise)


def _numbers() -> str:
    return ", ".join(one.name for one in Diagnosis)


def _list() -> Iterator[str]:
    for group in GROUPS:
        yield f"{group}:"
        for page in pages():
            if page.group == group:
                yield f"  {page.name:<12} {page.summary}"
        yield ""
    yield "signals:"
    yield "  SIGTERM, 15, RTMIN+3: number, default action, and what it does to an init"
    yield ""
    yield "rules of the kernel:"
    yield from (f"  {rule.name:<4} {rule.short_name:<27} {rule.title}" for rule in Rule)
    yield ""
    yield "diagnoses:"
    yield from (f"  {one.name:<4} {one.text.title}" for one in Diagnosis)


def _text(page: Page) -> Iterator[str]:
    yield f"{page.name.upper()} ({page.group})"
    yield from textwrap.wrap(page.summary, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if page.examples:
        yield "\n  examples:"
        yield from (f"    {page.name}: {one}" for one in page.examples)
    if page.keys:
        yield "\n  keys:"
        for key in page.keys:
            yield from _key_text(key)


def _key_page(page: Page, key: Key) -> Iterator[str]:
    yield f"{key.name.upper()} (a key of {page.name}, in {page.group})"
    yield from _key_text(key)
    yield f"  more: scenario-doc {page.name}"


def _key_text(key: Key) -> Iterator[str]:
    note = " (required)" if key.required else f" (default: {key.default})" if key.default else ""
    yield f"    {key.name}{note}"
    indent = " " * 8
    yield from textwrap.wrap(
        key.description, _WIDTH, initial_indent=indent, subsequent_indent=indent
    )
    if key.examples:
        yield f"{indent}{key.name}: " + f"\n{indent}{key.name}: ".join(key.examples)


if __name__ == "__main__":
    sys.exit(main())
