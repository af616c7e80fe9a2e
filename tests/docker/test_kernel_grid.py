"""The oracle and the judge against the real kernel, on the whole grid."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from runner.model.verdict import Evidence
from tests.support.kernel_grid import (
    all_cells,
    batches,
    counted,
    disagreements,
    false_by_looks,
    run_grid,
    sample_of_lone,
    uncertain,
    without_outcome,
)

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the kernel trace"),
]

LONE = 5
"""Cells that end a container, of 55: `make grid` runs all."""


def test_the_grid_has_every_combination_once() -> None:
    """60 signals in 6 ways and 2 in one, from two places to two kinds of target."""
    cells = all_cells()

    assert len(cells) == len(set(cells)) == (60 * 6 + 2) * 2 * 2
    assert sorted(map(str, cells)) == sorted(
        str(cell) for batch in batches(cells) for cell in batch.cells
    )


@pytest.mark.timeout(900)
def test_what_becomes_of_a_signal_is_what_was_predicted(docker_address: str) -> None:
    """In all cells that share a container and some of the others, a sample by the date."""
    seed = datetime.now(UTC).toordinal()
    cells = sample_of_lone(all_cells(), LONE, seed)

    results = run_grid(batches(cells), docker_address, forks=4, evidence=Evidence.KERNEL)

    print(f"seed {seed}, {counted(results)}")  # noqa: T201 - pytest shows it with a failure
    assert len(results) == len(cells)
    assert disagreements(results) == []
    assert without_outcome(results) == []
    assert uncertain(results) == []
    assert false_by_looks(results) == []
