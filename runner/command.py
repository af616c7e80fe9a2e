"""
The command line: what can be said, and what it means.
"""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from runner import __version__
from runner.errors import UsageError

_EPILOG = """\
examples:
  scenario-run scenarios/*.yml                run these files
  scenario-run scenarios/                     run a folder and all below it
  scenario-run -t seed --skip-tags slow .     run by tag
  scenario-run --limit '*docker stop*' .      run by name (globs; a:b either, :!c but not c)
  scenario-run --syntax-check scenarios/      check files; needs no engine
  scenario-run --list scenarios/              show what would be run; needs no engine

exit codes:
  0  everything passed           4  the engine was the trouble
  2  a case failed or errored    5  wrong usage, or nothing selected
  3  a scenario file is wrong    1  an internal error, or a report could not be written
  130  interrupted (Ctrl-C)

environment:
  DOCKER_HOST  the engine to use (default: the current docker context)
  NO_COLOR     no colours, whatever the terminal is
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the user asks for."""

    paths: tuple[str, ...]
    tags: tuple[str, ...]
    skip_tags: tuple[str, ...]
    limit: str
    forks: int
    report_dir: Path
    junit_dialect: Literal["rich", "xunit"]
    mode: Literal["run", "syntax-check", "list"]
    verbosity: int


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, advice=f"see {self.prog} --help")


def parse(arguments: list[str]) -> Command:
    """
    Read the command line.

    Raises:
        UsageError: it does not make sense.
        SystemExit: `--help` and `--version`, after printing.
    """
    given = _parser().parse_args(arguments)
    mode = "syntax-check" if given.syntax_check else "list" if given.list else "run"
    return Command(
        paths=tuple(given.paths),
        tags=_words(given.tags),
        skip_tags=_words(given.skip_tags),
        limit=":".join(given.limit),
        forks=given.forks,
        report_dir=Path(given.report_dir),
        junit_dialect=given.junit_dialect,
        mode=mode,
        verbosity=given.verbose,
    )


def default_forks() -> int:
    """Give two cases for each CPU: they wait more than they work."""
    return min(8, 2 * (os.cpu_count() or 1))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="scenario-run",
        description="Declarative tests for how containers behave under signals.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths", nargs="+", metavar="FILE|FOLDER", help="scenario files, or folders of them"
    )
    parser.add_argument("--version", action="version", version=f"scenario-run {__version__}")
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="show all steps; -vv: timelines too"
    )
    _add_selection(parser)
    _add_running(parser)
    modes = parser.add_argument_group("instead of running").add_mutually_exclusive_group()
    modes.add_argument("--syntax-check", action="store_true", help="check the files only")
    modes.add_argument("--list", action="store_true", help="print the names of the cases")
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to run")
    group.add_argument(
        "-t",
        "--tags",
        action="append",
        default=[],
        metavar="TAGS",
        help="only cases with a tag of these (a,b)",
    )
    group.add_argument(
        "--skip-tags",
        action="append",
        default=[],
        metavar="TAGS",
        help="no case with a tag of these",
    )
    group.add_argument(
        "-l",
        "--limit",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only cases with such a name or file",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to run")
    group.add_argument(
        "-f",
        "--forks",
        type=_forks,
        default=default_forks(),
        metavar="N",
        help=f"cases at a time (default: {default_forks()}, two for each CPU)",
    )
    group.add_argument(
        "--report-dir",
        default="reports",
        metavar="DIR",
        help="where junit.xml, report.md and result.json go (default: reports)",
    )
    group.add_argument(
        "--junit-dialect",
        choices=("rich", "xunit"),
        default="rich",
        help="xunit: only what Jenkins' strict xUnit schema allows (default: rich)",
    )


def _forks(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of cases from 1 to 999")
    return int(text)


def _words(values: list[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
