"""
`--compare OLD NEW`: what got fixed and what broke between two runs.
"""

from __future__ import annotations

from pathlib import Path

from runner.archive import result_json
from runner.cli.command import Command
from runner.cli.exit_codes import FAILED
from runner.errors import UsageError
from runner.model.summary import RunSummary
from runner.report.comparison import compare, lines_of


def run(command: Command) -> int:
    """Print what differs; the exit code is 2 if something fails that did not, else 0."""
    old, new = map(_read, command.compare)
    comparison = compare(old, new)
    print("\n".join(lines_of(comparison)))
    return FAILED if comparison.worse else 0


def _read(path: Path) -> RunSummary:
    try:
        return result_json.load(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", advice="give a result.json"
        ) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.what}", advice=error.advice) from error
