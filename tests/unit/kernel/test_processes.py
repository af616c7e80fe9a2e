"""The names of processes."""

from __future__ import annotations

import pytest

from runner.kernel.processes import is_runtime


@pytest.mark.parametrize("comm", ["runc:[0:PARENT]", "runc:[1:CHILD]", "runc:[2:INIT]", "crun"])
def test_a_runtime_on_its_way_in_is_known_by_its_name(comm: str) -> None:
    """For runc renames itself there, and crun does not."""
    assert is_runtime(comm)


@pytest.mark.parametrize("comm", ["runc", "crunch", "crun-app", "3", "", "app"])
def test_what_may_be_a_program_is_no_runtime(comm: str) -> None:
    """What is taken for one is not told, so only what is one for certain."""
    assert not is_runtime(comm)
