"""Many signals in a row: the oracle's sequences against the real kernel."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from tests.support.kernel_walks import walk

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into a container's namespaces"),
]

WALKS = 8


@pytest.mark.parametrize("init", [True, False])
def test_a_random_walk_goes_as_predicted(docker_address: str, *, init: bool) -> None:
    """
    Pending sets, state, masks and what was taken, after each of 30 signals.

    Seeds are by the date; a failure names its own, for `make walks ARGS="--first SEED --seeds 1"`.
    """
    first = datetime.now(UTC).toordinal() * WALKS

    signals, wrong = walk(docker_address, range(first, first + WALKS), init=init)

    assert wrong == []
    assert signals > WALKS
