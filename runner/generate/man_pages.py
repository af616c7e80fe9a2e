"""
The manual pages of both commands, made from their parsers and the table of options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runner import __version__
from runner.options.exit_codes import EXIT_CODES
from runner.options.option import Option
from runner.options.table import OPTIONS

_DOC_EXIT: Final = (("0", "every word has a page"), ("5", "one has none"))


def man_pages() -> Mapping[str, str]:
    """Return the pages by the names of their files."""
    return {
        "scenario-run.1": "\n".join(_run_page()) + "\n",
        "scenario-doc.1": "\n".join(_doc_page()) + "\n",
    }


def _run_page() -> Iterator[str]:
    yield from _head("scenario-run", "declarative tests for how containers behave under signals")
    yield '.B scenario-run\n.RI [ OPTION " ...] " FILE | FOLDER " ..."'
    yield ".SH DESCRIPTION"
    yield _escaped(
        "Runs the cases of scenario files on a container engine, tells what was seen, and writes "
        "reports. A scenario file is YAML; scenario-doc explains its words."
    )
    yield ".SH OPTIONS"
    group = ""
    for option in OPTIONS:
        if option.positional:
            continue
        if option.group != group:
            group = option.group
            yield f".SS {_escaped(group[0].upper() + group[1:])}"
        yield from _option(option)
    yield from _exit_status(EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield from _entry("DOCKER_HOST", "The engine to use.")
    yield from _entry("NO_COLOR", "No colours.")
    for option in OPTIONS:
        if option.may_be_set:
            yield from _entry(option.variable, f"As {option.flag}.")
    yield ".SH FILES"
    yield from _entry("scenario-run.toml", "Settings; --show-config prints them all.")
    yield from _see_also("scenario-doc", "signal", "pid_namespaces")


def _option(option: Option) -> Iterator[str]:
    value = option.metavar or "|".join(option.choices)
    short = f"{option.short}, " if option.short else ""
    yield from _entry(f"{short}{option.flag}{' ' + value if value else ''}", f"{option.help_text}.")


def _doc_page() -> Iterator[str]:
    yield from _head("scenario-doc", "what the words of scenario files mean")
    yield '.B scenario-doc\n.RI [ WORD " ...]"'
    yield ".SH DESCRIPTION"
    yield _escaped(
        "Prints what is known of each word: of the language, a value, a signal, a rule of the "
        "kernel, a diagnosis, an option. Without words it lists them all. The word guide prints "
        "a whole document. What is longer than the terminal goes through $PAGER."
    )
    yield from _exit_status(_DOC_EXIT)
    yield from _see_also("scenario-run", "signal")


def _head(name: str, summary: str) -> Iterator[str]:
    yield '.\\" Made by make generate; do not edit.'
    yield f'.TH {name.upper()} 1 "" "scenario-run {__version__}"'
    yield f".SH NAME\n{_escaped(name)} \\- {_escaped(summary)}\n.SH SYNOPSIS"


def _exit_status(codes: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for code, meaning in codes:
        yield from _entry(code, f"{meaning[0].upper()}{meaning[1:]}.")


def _entry(term: str, text: str) -> Iterator[str]:
    yield f".TP\n.B {_escaped(term)}\n{_escaped(text[0].upper() + text[1:])}"


def _see_also(*pages: str) -> Iterator[str]:
    sections = {"signal": 7, "pid_namespaces": 7}
    yield ".SH SEE ALSO"
    last = pages[-1]
    for page in pages:
        yield f".BR {_escaped(page)} ({sections.get(page, 1)}){'' if page == last else ','}"


def _escaped(text: str) -> str:
    """Keep what roff would read as its own: backslashes, dashes, dots and quotes at the start."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
