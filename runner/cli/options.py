"""
The command line: what can be said, and what it means.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args

from runner import __version__
from runner.cli.config import NAMES, Setting, from_environment, from_file
from runner.errors import UsageError

_EPILOG = """\
examples:
  scenario-run scenarios/*.yml                run these files
  scenario-run scenarios/                     run a folder and all below it
  scenario-run -t seed --skip-tags slow .     run by tag
  scenario-run --limit '*docker stop*' .      run by name (globs; a:b either, :!c but not c)
  scenario-run --list . | grep stop | scenario-run --limit @- .
  scenario-run --syntax-check scenarios/      check files; needs no engine
  scenario-run --list scenarios/              show what would be run; needs no engine

exit codes:
  0  everything passed           4  the engine was the trouble
  2  a case failed or errored    5  wrong usage, or nothing selected
  3  a scenario file is wrong    1  an internal error, or a report could not be written
  130  interrupted (Ctrl-C)

environment:
  DOCKER_HOST  the engine to use (default: DOCKER_CONTEXT, or the current docker context)
  NO_COLOR     no colours, whatever the terminal is
  SCENARIO_RUN_FORKS, SCENARIO_RUN_TAGS, ...: options; scenario-run.toml has them too
"""


Mode = Literal[
    "run",
    "syntax-check",
    "list",
    "list-tags",
    "check",
    "explain",
    "new",
    "show-config",
    "print-completion",
]


Shell = Literal["bash", "zsh", "fish"]
EvidenceWanted = Literal["auto", "kernel", "proc", "engine"]
_MODES_WITH_VALUE: Final = frozenset({"new", "print_completion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What the user asks for."""

    paths: tuple[str, ...]
    tags: tuple[str, ...]
    skip_tags: tuple[str, ...]
    limit: tuple[str, ...]
    forks: int
    report_dir: Path
    junit_dialect: Literal["rich", "xunit"]
    mode: Mode
    verbosity: int
    new: str = ""
    shell: Shell = "bash"
    extra_vars: tuple[str, ...] = ()
    failed: bool = False
    start_at_step: str = ""
    shard: tuple[int, int] = (1, 1)
    repeat: int = 1
    retries: int = 0
    fail_fast: bool = False
    keep: bool = False
    timeout_s: float | None = None
    quiet_s: float = 0.1
    evidence: EvidenceWanted = "auto"
    strict_oracle: bool = False
    colour: Literal["auto", "always", "never"] = "auto"
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    origins: Mapping[str, Setting] = field(default_factory=dict[str, Setting])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, advice=self._nearest_option(message) or f"see {self.prog} --help")

    def _nearest_option(self, message: str) -> str:
        import difflib  # noqa: PLC0415 - for this error only

        unknown = re.match(r"unrecognized arguments: (--[a-z-]+)", message)
        near = (
            difflib.get_close_matches(unknown[1], self._option_string_actions, 1) if unknown else ()
        )
        return f"did you mean '{near[0]}'?" if near else ""


def parse(arguments: list[str]) -> Command:
    """
    Read the command line, the environment and the configuration file of the working folder.

    Raises:
        UsageError: something there does not make sense.
        SystemExit: `--help` and `--version`, after printing.
    """
    parser = build_parser()

    def parse_words(words: Sequence[str]) -> Mapping[str, Any]:
        return vars(parser.parse_args(words))

    given = parse_words(arguments)
    needs_none = given.get("mode") == "show-config" or given.keys() & _MODES_WITH_VALUE
    if not given.get("paths") and not needs_none:
        raise UsageError(
            "name scenario files or folders, as in: scenario-run scenarios/",
            advice="to write a first one: scenario-run --new mine; for all options: --help",
        )
    of_file, defaults = from_file(Path(), parse_words)
    settings = {
        **{name: Setting(value, "default") for name, value in _defaults().items()},
        **of_file,
        **from_environment(os.environ, parse_words),
        **{name: Setting(value, "command line") for name, value in given.items()},
    }
    return _command({name: one.value for name, one in settings.items()}, settings, defaults)


def _defaults() -> dict[str, Any]:
    return {
        "tags": [],
        "skip_tags": [],
        "limit": [],
        "forks": default_forks(),
        "fail_fast": False,
        "repeat": 1,
        "retries": 0,
        "timeout": None,
        "quiet": 0.1,
        "evidence": "auto",
        "strict_oracle": False,
        "color": "auto",
        "report_dir": "reports",
        "junit_dialect": "rich",
    }


def _command(
    value: Mapping[str, Any], settings: Mapping[str, Setting], defaults: Mapping[str, Any]
) -> Command:
    return Command(
        paths=tuple(value.get("paths", ())),
        tags=_words(value["tags"]),
        skip_tags=_words(value["skip_tags"]),
        limit=tuple(value["limit"]),
        forks=value["forks"],
        report_dir=Path(value["report_dir"]),
        junit_dialect=value["junit_dialect"],
        mode=_mode(value),
        new=value.get("new", ""),
        shell=value.get("print_completion", "bash"),
        verbosity=value.get("verbose", 0),
        extra_vars=tuple(value.get("extra_vars", ())),
        failed=value.get("failed", False),
        start_at_step=value.get("start_at_step", ""),
        shard=value.get("shard", (1, 1)),
        repeat=value["repeat"],
        retries=value["retries"],
        fail_fast=value["fail_fast"],
        keep=value.get("keep", False),
        timeout_s=value["timeout"],
        quiet_s=value["quiet"],
        evidence=value["evidence"],
        strict_oracle=value["strict_oracle"],
        colour=value["color"],
        defaults=defaults,
        origins={name: settings[name] for name in NAMES},
    )


def _mode(value: Mapping[str, Any]) -> Mode:
    if "print_completion" in value:
        return "print-completion"
    return "new" if "new" in value else value.get("mode", "run")


def default_forks() -> int:
    """Give two cases for each CPU: they wait more than they work."""
    return min(8, 2 * (os.cpu_count() or 1))


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    parser = _Parser(
        prog="scenario-run",
        description="Declarative tests for how containers behave under signals.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="FILE|FOLDER",
        help="scenario files, or folders of them",
    )
    parser.add_argument("--version", action="version", version=f"scenario-run {__version__}")
    parser.add_argument(
        "-v", "--verbose", action="count", help="show all steps; -vv: timelines too"
    )
    _add_selection(parser)
    _add_running(parser)
    _add_judging(parser)
    modes = parser.add_argument_group("instead of running").add_mutually_exclusive_group()
    for mode, what in (
        ("syntax-check", "check the files only"),
        ("list", "print the names of the cases; --limit takes them"),
        ("list-tags", "print the tags there are, of cases and steps"),
        ("check", "print what would be done and expected, step by step"),
        ("explain", "print the cases in their long form, with defaults filled in"),
        ("show-config", "print the settings, and where each came from"),
    ):
        modes.add_argument(f"--{mode}", dest="mode", action="store_const", const=mode, help=what)
    modes.add_argument(
        "--new", metavar="NAME", help="write a commented scenario to start from to NAME.yml"
    )
    modes.add_argument(
        "--print-completion",
        choices=get_args(Shell),
        help="print the script by which a shell completes our words",
    )
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to run")
    group.add_argument(
        "-t",
        "--tags",
        action="append",
        metavar="TAGS",
        help="only cases and steps with a tag of these (a,b)",
    )
    group.add_argument(
        "--skip-tags",
        action="append",
        metavar="TAGS",
        help="no case or step with a tag of these",
    )
    group.add_argument(
        "-l",
        "--limit",
        action="append",
        metavar="PATTERN|@FILE",
        help="only cases with such a name or file, or with a name of FILE (one a line; - is stdin)",
    )
    group.add_argument(
        "--failed", action="store_true", help="only cases that failed or errored last time"
    )
    group.add_argument(
        "--shard",
        type=_shard,
        metavar="N/M",
        help="only the N-th of M parts; a case stays in its part",
    )
    group.add_argument(
        "--start-at-step",
        metavar="NAME",
        help="skip the steps before the first of this name; only cases that have one (globs)",
    )
    group.add_argument(
        "-e",
        "--extra-vars",
        action="append",
        metavar="VARS",
        help="variables that override all others: k=v, {k: v} or @file",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to run")
    group.add_argument(
        "-f",
        "--forks",
        type=_number,
        metavar="N",
        help=f"cases at a time (default: {default_forks()}, two for each CPU)",
    )
    group.add_argument("--fail-fast", action="store_true", help="begin no case after a failure")
    group.add_argument(
        "--keep",
        action="store_true",
        help="leave the containers of cases that failed or errored, and say how to look at them",
    )
    group.add_argument("--repeat", type=_number, metavar="N", help="run every case so often")
    group.add_argument(
        "--retries",
        type=_count,
        metavar="N",
        help="run a case that failed or errored again, up to N times; if it passes, it is flaky",
    )
    group.add_argument(
        "--timeout",
        type=_duration,
        metavar="DURATION",
        help="the most that any case may take, whatever it says itself (as in 30s)",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        help="colours: on a terminal, always or never (default: auto)",
    )
    group.add_argument(
        "--report-dir",
        metavar="DIR",
        help="where junit.xml, report.md and result.json go (default: reports)",
    )
    group.add_argument(
        "--junit-dialect",
        choices=("rich", "xunit"),
        help="xunit: only what Jenkins' strict xUnit schema allows (default: rich)",
    )


def _add_judging(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to judge")
    group.add_argument(
        "--quiet-period",
        dest="quiet",
        type=_duration,
        metavar="DURATION",
        help="how long what says that nothing happened must have held (default: 100ms)",
    )
    group.add_argument(
        "--evidence",
        choices=get_args(EvidenceWanted),
        help="the strongest to use: the kernel trace, /proc, or what the engine says "
        "(default: auto, the best there is)",
    )
    group.add_argument(
        "--strict-oracle",
        action="store_true",
        help="fail a case where a signal did what the kernel's rules do not say",
    )


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 999")
    return int(text)


def _count(text: str) -> int:
    return 0 if text == "0" else _number(text)


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{0,2})/([1-9]\d{0,2})", text)
    if match is None or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(f"'{text}' is no part, as in 1/4")
    return int(match[1]), int(match[2])


def _duration(text: str) -> float:
    # As in scenario files; imported here, since few command lines have a duration.
    from runner.language.fields import parse_duration  # noqa: PLC0415

    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration, as in 30s or 2m")
    return seconds


def _words(values: list[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())
