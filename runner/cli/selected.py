"""
The cases that the command line means: read from the files, then selected.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

from runner.archive.wrong_cases import wrong_cases
from runner.cli.command import Command
from runner.cli.last_run import last_result
from runner.errors import UsageError
from runner.language.fields import RESERVED_TAGS
from runner.model.case import Case
from runner.plan.extra_vars import parse_extra_vars
from runner.plan.fill import Variables
from runner.plan.find import find_files
from runner.plan.load import CheckedCase, load
from runner.plan.select import Selection, select
from runner.plan.tags import all_tags
from runner.words import nearest


def read_files(command: Command) -> tuple[CheckedCase, ...]:
    """
    Read the files that were named, and return their cases.

    Raises:
        InvalidScenarios: there is a mistake in them.
        UsageError: one is not there, or a variable of the command line cannot be read.
    """
    return read_paths(command, find_files(command.paths))


def read_paths(command: Command, paths: Sequence[str]) -> tuple[CheckedCase, ...]:
    """As `read_files`, of files that were found already."""
    variables = Variables(defaults=command.defaults, extra=parse_extra_vars(command.extra_vars))
    # What is made here is kept until the end of the program. To look through it for garbage, again
    # and again, would take a third of the time of a syntax check of 1,000 files.
    gc.disable()
    try:
        return load(paths, variables)
    finally:
        gc.freeze()
        gc.enable()


def selected(command: Command, checked: Sequence[CheckedCase]) -> tuple[Case, ...]:
    """
    Return the cases that the command line selects.

    Raises:
        UsageError: none is selected, or as `select`.
    """
    cases = [one.case for one in checked]
    chosen = select(
        cases,
        Selection(
            tags=command.tags,
            skip_tags=command.skip_tags,
            limit=command.limit,
            only=_failed_last_time(command) if command.failed else None,
            start_at_step=command.start_at_step,
            shard=command.shard,
            repeat=command.repeat,
            timeout_s=command.timeout,
        ),
    )
    if not chosen:
        raise UsageError(
            f"no case is selected (there are {len(cases)})", advice=_why_none(command, cases)
        )
    return chosen


def _failed_last_time(command: Command) -> frozenset[tuple[str, str]]:
    path = last_result(command.report_dir)
    try:
        return wrong_cases(path.read_bytes())
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"--failed looks at {path}: {what}", advice="run once without it"
        ) from error


def _why_none(command: Command, cases: Sequence[Case]) -> str:
    tags = all_tags(cases)
    unknown = [tag for tag in command.tags if tag not in {*tags, *RESERVED_TAGS}]
    if unknown:
        origin = command.origins["tags"].origin
        return f"nothing has the tag '{unknown[0]}' ({origin}): {nearest(unknown[0], tags)}"
    if command.failed:
        return f"of these, none failed or errored last time, says {command.report_dir}/result.json"
    return "--list shows the names; look at --tags, --limit, --failed and --shard"
