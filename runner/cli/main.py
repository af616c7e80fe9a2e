"""
`scenario-run`: from the command line to an exit code.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runner.cli.ci import annotate, source_links
from runner.cli.command import Command, parse
from runner.cli.exit_codes import INTERNAL, INTERRUPTED
from runner.cli.output import with_output
from runner.cli.tell import tell
from runner.errors import InvalidScenarios, ScenarioRunError
from runner.language.rendered_problem import render_problem

COMMANDS: Final = {
    "run": "runner.cli.commands.run",
    "syntax_check": "runner.cli.commands.syntax_check",
    "list": "runner.cli.commands.list",
    "list_tags": "runner.cli.commands.list_tags",
    "mutate": "runner.cli.commands.mutate",
    "check": "runner.cli.commands.check",
    "rejudge": "runner.cli.commands.rejudge",
    "compare": "runner.cli.commands.compare",
    "explain": "runner.cli.commands.explain",
    "show_config": "runner.cli.commands.show_config",
    "new": "runner.cli.commands.new",
    "print_schema": "runner.cli.commands.print_schema",
    "print_completion": "runner.cli.commands.print_completion",
}
"""The module that carries out each `mode` of a command."""

_ISSUE: Final = "this is a bug in scenario-run; please report it with the lines above"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    return with_output("scenario-run", lambda: _exit_code(given))


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        return _carry_out(parse(arguments))
    except InvalidScenarios as error:
        tell("\n".join(render_problem(problem) for problem in error.problems))
        tell(f"\n{error.what}")
        _annotate(error)
        return error.exit_code
    except ScenarioRunError as error:
        tell(f"scenario-run: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        tell("scenario-run: interrupted")
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the last resort: show it whole, and say whose fault it is
        traceback.print_exc()
        tell(f"scenario-run: {_ISSUE}")
        return INTERNAL


def _carry_out(command: Command) -> int:
    # Imported when it is known which one, so that --help and --list need not wait for the engine.
    return importlib.import_module(COMMANDS[command.mode]).run(command)


def _annotate(error: InvalidScenarios) -> None:
    # Imported here: it knows what results look like, and few runs are annotated.
    from runner.report import annotations  # noqa: PLC0415

    links = source_links(os.environ, Path.cwd())
    annotate(os.environ, annotations.of_problems(error.problems, links))
