"""
`scenario-doc`: the reference at the command line, as ansible-doc is Ansible's.

`python -m runner.doc --write` makes docs/reference anew, `--check` compares it.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, get_args

from runner.command import Shell
from runner.kernel.signals import ALL_SIGNALS, Signal, UnknownSignal
from runner.reference import GROUPS, Key, Page, markdown_files, pages, signal_words

UNKNOWN: Final = 5
_FOLDER: Final = Path(__file__).parent.parent / "docs" / "reference"
_WIDTH: Final = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    given = _parser().parse_args(arguments)
    if given.print_completion:
        print(_completion(given.print_completion))
        return 0
    if given.write or given.check:
        return _files(check=given.check)
    if not given.words:
        print("\n".join(_list()))
        return 0
    return max(_show(word) for word in given.words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scenario-doc",
        description="What the words of the scenario language mean.",
        epilog="examples: scenario-doc, scenario-doc signal, scenario-doc SIGTERM",
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="a word of the language, a signal")
    parser.add_argument(
        "--print-completion",
        choices=get_args(Shell),
        help="print the script by which a shell completes our words",
    )
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    return parser


def _completion(shell: Shell) -> str:
    from runner.completion import completion_script  # noqa: PLC0415 - for this only

    words = dict.fromkeys([page.name for page in pages()] + [str(one) for one in ALL_SIGNALS])
    return completion_script(_parser(), shell, {"words": list(words)})


def _show(word: str) -> int:
    found = [one for one in pages() if one.name == word]
    if found:
        print("\n\n".join("\n".join(_text(page)) for page in found))
        return 0
    try:
        print("\n".join(signal_words(Signal.parse(word))))
    except UnknownSignal:
        near = difflib.get_close_matches(word, [one.name for one in pages()], n=1)
        hint = f"did you mean '{near[0]}'?" if near else "scenario-doc alone lists all words"
        print(f"scenario-doc: there is no page '{word}'\n  {hint}", file=sys.stderr)
        return UNKNOWN
    return 0


def _list() -> Iterator[str]:
    for group in GROUPS:
        yield f"{group}:"
        for page in pages():
            if page.group == group:
                yield f"  {page.name:<12} {page.summary}"
        yield ""
    yield "signals:"
    yield "  SIGTERM, 15, RTMIN+3: number, default action, and what it does to an init"


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


def _key_text(key: Key) -> Iterator[str]:
    note = " (required)" if key.required else f" (default: {key.default})" if key.default else ""
    yield f"    {key.name}{note}"
    indent = " " * 8
    yield from textwrap.wrap(
        key.description, _WIDTH, initial_indent=indent, subsequent_indent=indent
    )
    if key.examples:
        yield f"{indent}{key.name}: " + f"\n{indent}{key.name}: ".join(key.examples)


def _files(*, check: bool) -> int:
    drifted = 0
    for name, text in markdown_files().items():
        path = _FOLDER / name
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.name} has drifted from the models: make reference", file=sys.stderr)
            drifted = 1
    return drifted


if __name__ == "__main__":
    sys.exit(main())
