"""Where the engine is, and what is said of an address at which none can be."""

from __future__ import annotations

import pytest

from runner.engine.docker.address import open_client
from runner.errors import EngineUnreachable


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "nonsense",
            "that is no address: unix://, tcp://, http://, https:// or ssh:// comes first",
        ),
        ("/var/run/docker.sock", "that is no address"),
    ],
)
def test_an_address_without_an_engine_says_what_is_wrong(address: str, words: str) -> None:
    """In words of ours where the client library only knows of bind addresses."""
    with pytest.raises(EngineUnreachable) as caught:
        open_client(address)

    assert f"no Docker engine answers at {address}: " in caught.value.what
    assert words in caught.value.what
    assert "DOCKER_HOST" in caught.value.advice
