"""
`--check`: what would be done and expected, step by step.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.cli.command import Command
from runner.cli.selected import read_files, selected
from runner.judge.conditions import describe
from runner.model.case import Case


def run(command: Command) -> int:
    """Print each case with its images, steps and expectations."""
    for case in selected(command, read_files(command)):
        print("\n".join(_lines(case)))
    return 0


def _lines(case: Case) -> Iterator[str]:
    yield f"\nSCENARIO [{case.name}]" + (f"  skipped: {case.skip}" if case.skip else "")
    for name, container in case.containers.items():
        yield f"  image{name and f' of {name}'}: {container.plan.image.title}"
    for step in case.all_steps:
        yield f"  STEP [{step.title}]" + (f"  skipped: {step.skip}" if step.skip else "")
        checks = step.expect.checks if step.expect else ()
        yield from (f"    expects {describe(check)}" for check in checks)
