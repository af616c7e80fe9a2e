"""
The options of `scenario-run`, each written once: a field of `Options` is an option.

The field's name gives the flag, the name in scenario-run.toml and the name in the environment:
`fail_fast`, `--fail-fast`, `fail-fast`, `SCENARIO_RUN_FAIL_FAST`. Its type is that of the value.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, get_args, get_type_hints

from runner.options import values
from runner.options.option import Option

Color = Literal["auto", "always", "never"]
EvidenceWanted = Literal["auto", "kernel", "proc", "engine"]
JunitDialect = Literal["rich", "xunit"]
OutputForm = Literal["text", "json-lines"]
Shell = Literal["bash", "zsh", "fish"]

_SELECTION: Final = "what to run"
_RUNNING: Final = "how to run"
_REPORTS: Final = "what to write"
_JUDGING: Final = "how to judge"
MODES: Final = "instead of running"
"""The group of options that say what is done instead; no two of them go together."""


def _two_for_each_cpu() -> int:
    """Cases wait more than they work."""
    return min(8, 2 * (os.cpu_count() or 1))


def _report_file(help_text: str) -> Option:
    """Return an option that names the file of one report."""
    return Option(
        help_text, _REPORTS, metavar="FILE", parse=Path, may_be_set=True, completes="files"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The value of each option."""

    paths: Annotated[
        tuple[str, ...],
        Option(
            "scenario files, or folders of them",
            metavar="FILE|FOLDER",
            positional=True,
            completes="files",
        ),
    ] = ()
    verbose: Annotated[
        int,
        Option(
            "a line for each row and step; -vv: all that was seen, and timelines",
            short="-v",
            action="count",
        ),
    ] = 0
    quiet: Annotated[
        bool,
        Option("only what failed or errored, and the last line", short="-q", action="store_true"),
    ] = False

    tags: Annotated[
        tuple[str, ...],
        Option(
            "only cases and steps with a tag of these (a,b)",
            _SELECTION,
            short="-t",
            metavar="TAGS",
            action="extend",
            parse=values.words,
            may_be_set=True,
        ),
    ] = ()
    skip_tags: Annotated[
        tuple[str, ...],
        Option(
            "no case or step with a tag of these",
            _SELECTION,
            metavar="TAGS",
            action="extend",
            parse=values.words,
            may_be_set=True,
        ),
    ] = ()
    limit: Annotated[
        tuple[str, ...],
        Option(
            "only cases with such a name or file, or with a name of FILE (one a line; - is stdin)",
            _SELECTION,
            short="-l",
            metavar="PATTERN|@FILE",
            action="append",
            may_be_set=True,
        ),
    ] = ()
    failed: Annotated[
        bool,
        Option("only cases that failed or errored last time", _SELECTION, action="store_true"),
    ] = False
    shard: Annotated[
        tuple[int, int],
        Option(
            "only the N-th of M parts; a case stays in its part",
            _SELECTION,
            metavar="N/M",
            parse=values.shard,
        ),
    ] = (1, 1)
    start_at_step: Annotated[
        str,
        Option(
            "skip the steps before the first of this name; only cases that have one (globs)",
            _SELECTION,
            metavar="NAME",
        ),
    ] = ""
    extra_vars: Annotated[
        tuple[str, ...],
        Option(
            "variables that override all others: k=v, {k: v} or @file",
            _SELECTION,
            short="-e",
            metavar="VARS",
            action="append",
        ),
    ] = ()

    forks: Annotated[
        int,
        Option(
            "cases at a time",
            _RUNNING,
            short="-f",
            metavar="N",
            parse=values.number,
            default_words="two for each CPU, at most 8",
            may_be_set=True,
        ),
    ] = dataclasses.field(default_factory=_two_for_each_cpu)
    fail_fast: Annotated[
        bool,
        Option(
            "begin no case after a failure",
            _RUNNING,
            action="store_true",
            may_be_set=True,
        ),
    ] = False
    keep: Annotated[
        bool,
        Option(
            "leave the containers of cases that failed or errored, and say how to look at them",
            _RUNNING,
            action="store_true",
        ),
    ] = False
    repeat: Annotated[
        int,
        Option(
            "run every case N times",
            _RUNNING,
            metavar="N",
            parse=values.number,
            may_be_set=True,
        ),
    ] = 1
    retries: Annotated[
        int,
        Option(
            "run a case that failed or errored again, up to N times; if it passes, it is flaky",
            _RUNNING,
            metavar="N",
            parse=values.count,
            may_be_set=True,
        ),
    ] = 0
    timeout: Annotated[
        float | None,
        Option(
            "the most time that any case may take, whatever it says itself (as in 30s)",
            _RUNNING,
            metavar="DURATION",
            parse=values.duration,
            may_be_set=True,
        ),
    ] = None
    color: Annotated[
        Color,
        Option(
            "colours: on a terminal, always or never",
            _RUNNING,
            choices=get_args(Color),
            may_be_set=True,
        ),
    ] = "auto"
    output: Annotated[
        OutputForm,
        Option(
            "json-lines: standard output for programs, a line for each case when it has ended",
            _RUNNING,
            choices=get_args(OutputForm),
            may_be_set=True,
        ),
    ] = "text"
    report_dir: Annotated[
        Path,
        Option(
            "folder of junit.xml, report.md, report.html, result.json, cases.jsonl.gz",
            _REPORTS,
            metavar="DIR",
            parse=Path,
            may_be_set=True,
            completes="folders",
        ),
    ] = Path("reports")
    junit: Annotated[
        Path | None,
        _report_file(
            "write JUnit XML to FILE; the folder is then written only if --report-dir is given too"
        ),
    ] = None
    markdown: Annotated[
        Path | None,
        _report_file("write Markdown to FILE, at most 900 KiB; the folder as with --junit"),
    ] = None
    html: Annotated[
        Path | None,
        _report_file(
            "write a page with pictures of the timelines to FILE; the folder as with --junit"
        ),
    ] = None
    json: Annotated[
        Path | None,
        _report_file("write JSON with the verdicts to FILE; the folder as with --junit"),
    ] = None
    tap: Annotated[
        Path | None,
        _report_file(
            "write TAP 14 to FILE, which has no place in the folder; the folder as with --junit"
        ),
    ] = None
    step_summary: Annotated[
        bool,
        Option(
            "append the Markdown to $GITHUB_STEP_SUMMARY, where that is set; at most 1 MiB in all",
            _REPORTS,
            action="store_true",
            may_be_set=True,
        ),
    ] = False
    junit_dialect: Annotated[
        JunitDialect,
        Option(
            "xunit: only what Jenkins' strict xUnit schema allows",
            _REPORTS,
            choices=get_args(JunitDialect),
            may_be_set=True,
        ),
    ] = "rich"

    quiet_period: Annotated[
        float,
        Option(
            "how long a negative condition must hold before it passes",
            _JUDGING,
            metavar="DURATION",
            parse=values.duration,
            default_words="100ms",
            may_be_set=True,
        ),
    ] = 0.1
    evidence: Annotated[
        EvidenceWanted,
        Option(
            "the strongest to use: the kernel trace, /proc, or what the engine says",
            _JUDGING,
            choices=get_args(EvidenceWanted),
            default_words="auto, the best there is",
            may_be_set=True,
        ),
    ] = "auto"
    strict_oracle: Annotated[
        bool,
        Option(
            "fail a case where a signal did what the kernel's rules do not say",
            _JUDGING,
            action="store_true",
            may_be_set=True,
        ),
    ] = False
    strict_shutdown: Annotated[
        bool,
        Option(
            "fail a stop or restart that leaves a process to be killed with init",
            _JUDGING,
            action="store_true",
            may_be_set=True,
        ),
    ] = False

    mutate: Annotated[
        bool,
        Option(
            "run the cases with wrong inits, too: a good scenario fails with each of them",
            MODES,
            action="store_true",
        ),
    ] = False
    rejudge: Annotated[
        Path | None,
        Option(
            "judge the facts of an earlier run again (its cases.jsonl.gz), and write its reports",
            MODES,
            metavar="FILE",
            parse=Path,
            completes="files",
        ),
    ] = None
    compare: Annotated[
        tuple[Path, ...],
        Option(
            "print what broke, what got fixed and which shutdown times moved, by two result.json",
            MODES,
            metavar="OLD NEW",
            parse=Path,
            takes=2,
            completes="files",
        ),
    ] = ()
    syntax_check: Annotated[bool, Option("check the files only", MODES, action="store_true")] = (
        False
    )
    list: Annotated[
        bool,
        Option("print the names of the cases; --limit takes them", MODES, action="store_true"),
    ] = False
    list_tags: Annotated[
        bool, Option("print the tags there are, of cases and steps", MODES, action="store_true")
    ] = False
    check: Annotated[
        bool,
        Option("print what would be done and expected, step by step", MODES, action="store_true"),
    ] = False
    explain: Annotated[
        bool,
        Option(
            "print the cases in their long form, with defaults filled in",
            MODES,
            action="store_true",
        ),
    ] = False
    show_config: Annotated[
        bool,
        Option("print the settings, and where each came from", MODES, action="store_true"),
    ] = False
    new: Annotated[
        str | None,
        Option("write a commented scenario to start from to NAME.yml", MODES, metavar="NAME"),
    ] = None
    print_schema: Annotated[
        bool,
        Option("print the JSON Schema of scenario files, for editors", MODES, action="store_true"),
    ] = False
    print_completion: Annotated[
        Shell | None,
        Option("print the completion script for a shell", MODES, choices=get_args(Shell)),
    ] = None


def _options() -> tuple[Option, ...]:
    hints = get_type_hints(Options, include_extras=True)
    none_given = Options()
    return tuple(
        dataclasses.replace(
            hints[field.name].__metadata__[0],
            name=field.name,
            default=getattr(none_given, field.name),
        )
        for field in dataclasses.fields(Options)
    )


OPTIONS: Final = _options()
"""The table as a list, in the order in which `--help` has them."""
