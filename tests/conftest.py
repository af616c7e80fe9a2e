"""What all tests share: the Docker engine, found once, required where it must not be missing."""

from __future__ import annotations

import os

import pytest

from runner.engine.docker.address import engine_address, open_client
from runner.errors import EngineUnreachable


@pytest.fixture(scope="session")
def docker_address() -> str:
    """
    The address of a Docker engine that answers.

    Without one the test is skipped with the reason, or fails where SCENARIO_RUN_REQUIRE_DOCKER=1.
    """
    address = engine_address()
    try:
        open_client(address).close()
    except EngineUnreachable as error:
        if os.environ.get("SCENARIO_RUN_REQUIRE_DOCKER") == "1":
            pytest.fail(f"a Docker engine is required here: {error}")
        pytest.skip(f"{error.what}")
    return address
