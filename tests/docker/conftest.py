"""What tests of the Docker engine share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.engine.docker import DockerEngine
from tests.support.kernel_play import PROBE


@pytest.fixture
def engine(request: pytest.FixtureRequest, docker_address: str) -> Iterator[DockerEngine]:
    """An engine with its probe; the test's module says in RUN_ID what its run is called."""
    one = DockerEngine(docker_address, request.module.RUN_ID)
    one.prepare_probe(PROBE, lambda _: None)
    yield one
    one.close()
