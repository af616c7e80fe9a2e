"""Where the engine is, and what is said of an address at which none can be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.engine.docker.address import engine_address, open_client
from runner.errors import EngineUnreachable


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "nonsense",
            "not a valid address: unix://, tcp://, http://, https:// or ssh:// comes first",
        ),
        ("/var/run/docker.sock", "not a valid address"),
    ],
)
def test_an_address_without_an_engine_says_what_is_wrong(address: str, words: str) -> None:
    """In words of ours where the client library only knows of bind addresses."""
    with pytest.raises(EngineUnreachable) as caught:
        open_client(address)

    assert f"no Docker engine answers at {address}: " in caught.value.what
    assert words in caught.value.what
    assert "DOCKER_HOST" in caught.value.advice


@pytest.fixture
def contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A Docker configuration with no context yet; gives what adds one."""
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)

    def add(name: str, host: str) -> None:
        folder = tmp_path / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        endpoint = {"Host": host, "SkipTLSVerify": False}
        meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}
        (folder / "meta.json").write_text(json.dumps(meta))

    return add


def test_the_engine_is_the_one_that_a_docker_client_would_ask(
    contexts: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOCKER_HOST, then DOCKER_CONTEXT, then the current context, then the default socket."""
    contexts("near", "unix:///near.sock")
    contexts("far", "tcp://far:2375")

    assert engine_address().endswith("unix:///var/run/docker.sock")
    (tmp_path / "config.json").write_text('{"currentContext": "near"}')
    assert engine_address() == "unix:///near.sock"
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    assert engine_address() == "tcp://far:2375"
    monkeypatch.setenv("DOCKER_HOST", "tcp://host:2375")
    assert engine_address() == "tcp://host:2375"


def test_a_context_that_is_not_there_is_not_replaced_by_another_engine(
    contexts: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the Docker client refuses it."""
    contexts("near", "unix:///near.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "nera")

    with pytest.raises(EngineUnreachable, match="no Docker context 'nera'") as caught:
        engine_address()

    assert "docker context ls" in caught.value.advice


def test_a_current_context_that_is_not_there_is_refused_too(
    contexts: Callable[[str, str], None], tmp_path: Path
) -> None:
    """The default socket would be another engine."""
    contexts("near", "unix:///near.sock")
    (tmp_path / "config.json").write_text('{"currentContext": "gone"}')

    with pytest.raises(EngineUnreachable, match="there is no Docker context 'gone'") as caught:
        engine_address()

    assert str(tmp_path / "config.json") in caught.value.what


def test_a_context_that_cannot_be_read_is_refused_too(
    contexts: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is it by a Docker client."""
    contexts("near", "unix:///near.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "near")
    (meta,) = tmp_path.rglob("meta.json")
    meta.write_text("{")

    with pytest.raises(EngineUnreachable, match=r"context 'near' .* cannot be read"):
        engine_address()
