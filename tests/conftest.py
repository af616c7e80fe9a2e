"""
What all tests share: how many examples hypothesis tries, and the Docker engine, found once.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from runner.engine.docker.address import engine_address, open_client
from runner.errors import EngineUnreachable

# Quick is for every change, `make nightly` for the night, `mutants` for `make mutants`, which wants
# to know whether a test fails and not why. No deadline: the machine may be busy.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "mutants",
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# The tests say themselves what CI system they are in: commands and links of a real one are no part
# of what they compare.
for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_SHA", "CI_COMMIT_SHA"):
    os.environ.pop(variable, None)


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
