"""
`scenario-doc`: the reference at the command line, as ansible-doc is Ansible's.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from runner.cli.output import with_output
from runner.cli.pager import show
from runner.diagnoses.table import Diagnosis
from runner.generate.doc_entries import DOCUMENTS, document, entries, words
from runner.generate.language_pages import GROUPS, pages
from runner.generate.topics import TOPICS
from runner.generate.wrapped import indented
from runner.kernel.rules import Rule
from runner.kernel.signals import ALL_SIGNALS, Signal, UnknownSignal
from runner.language.value_texts import VALUE_TEXTS
from runner.options.table import Shell
from runner.words import nearest

UNKNOWN: Final = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    return with_output("scenario-doc", lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    given = _parser().parse_args(arguments)
    if given.print_completion:
        print(_completion(given.print_completion))
        return 0
    if not given.words:
        show("\n".join(_list()))
        return 0
    return max(_show(word) for word in given.words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scenario-doc",
        description="What the words of the scenario language, signals, rules of the kernel and "
        "diagnoses mean.",
        epilog="examples: scenario-doc; scenario-doc signal init.exited SIGTERM R5 D1; "
        "scenario-doc guide",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="a word of the language or a value, as in init.exited; a signal, a rule, a diagnosis, "
        "an option, or a document, as in guide",
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
    known = [*words(), *numbers, *map(str, ALL_SIGNALS)]
    return completion_script(_parser(), shell, {"words": known})


def _show(word: str) -> int:
    text = "\n\n".join(entries(word)) or document(word)
    if not text:
        print(f"scenario-doc: there is no page '{word}'\n  {_hint(word)}", file=sys.stderr)
        return UNKNOWN
    show(text)
    return 0


def _hint(word: str) -> str:
    if word.startswith("SIG"):
        try:
            Signal.parse(word)
        except UnknownSignal as error:
            return error.advice
    numbered = {"R": "rules are R0 to R20", "D": f"diagnoses are {_numbers()}"}
    number = re.fullmatch(r"([RrDd])\d+", word)
    otherwise = numbered[number[1].upper()] if number else "scenario-doc alone lists all words"
    return nearest(word.lower(), words(), otherwise=otherwise)


def _numbers() -> str:
    return ", ".join(one.name for one in Diagnosis)


def _list() -> Iterator[str]:
    for group in GROUPS:
        yield f"{group}:"
        for page in pages():
            if page.group == group:
                yield f"  {page.name:<12} {page.summary}"
        yield ""
    yield "values:"
    for texts in VALUE_TEXTS:
        yield f"  {texts.key:<12} {' '.join(texts.words)}"
    yield ""
    yield "topics:"
    yield from indented(" ".join(topic.words[0] for topic in TOPICS))
    yield ""
    yield "documents, whole:"
    yield from indented(" ".join(DOCUMENTS))
    yield ""
    yield "signals:"
    yield "  SIGTERM, 15, RTMIN+3: number, default action, and what it does to an init"
    yield ""
    yield "rules of the kernel:"
    yield from (f"  {rule.name:<4} {rule.short_name:<27} {rule.title}" for rule in Rule)
    yield ""
    yield "diagnoses:"
    yield from (f"  {one.name:<4} {one.text.title}" for one in Diagnosis)


if __name__ == "__main__":
    sys.exit(main())
