"""Images that cannot be had: what is wrong, what to do, and last the engine's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from docker.api.client import APIClient
from docker.errors import APIError
from docker.errors import ImageNotFound as NoSuchImage

from runner.engine.docker.images import ensure_image
from runner.errors import EngineUnreachable, ImageNotBuilt, ImageNotFound
from runner.model.container import BuiltImage, NamedImage, Pull

SILENT = 'Get "https://r/v2/": dial tcp: lookup r: no such host'
DENIED = "pull access denied for app, repository does not exist or may require 'docker login'"


class Client:
    """A client of an engine that has no image."""

    def __init__(self, lines: list[Mapping[str, Any] | Exception]) -> None:
        self._lines = lines

    def inspect_image(self, _name: str) -> None:
        """As docker-py's."""
        raise NoSuchImage("no such image")

    def pull(self, *_: object, **__: object) -> Iterator[Mapping[str, Any]]:
        """As docker-py's."""
        for line in self._lines:
            if isinstance(line, Exception):
                raise line
            yield line

    build = pull


def client(*lines: Mapping[str, Any] | Exception) -> APIClient:
    """Give the client whose pull or build says so."""
    return cast("APIClient", Client(list(lines)))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (APIError("500", explanation=SILENT), "the registry does not answer"),
        ({"error": SILENT}, "the registry does not answer"),
        (APIError("404", explanation=DENIED), "the registry does not give it"),
    ],
)
def test_an_image_that_cannot_be_pulled_says_what_to_do_first(
    line: Mapping[str, Any] | Exception, what: str
) -> None:
    """Build it, most often; the engine's words come last."""
    with pytest.raises(ImageNotFound) as caught:
        ensure_image(client(line), NamedImage("app:1", Pull.MISSING), lambda _: None)

    advice, words = caught.value.advice.split("\n")
    assert caught.value.what == f"no image 'app:1' on the engine, and {what}"
    assert advice.startswith("build it (docker build -t app:1 .), or say `build: FOLDER`")
    assert words.removeprefix("the engine says: ") in {SILENT, DENIED}


def test_an_engine_that_went_away_while_pulling_is_told_as_that() -> None:
    """It is not the image that is missing."""
    with pytest.raises(EngineUnreachable):
        ensure_image(client(OSError("reset")), NamedImage("app", Pull.ALWAYS), lambda _: None)


def test_an_image_that_is_never_pulled_says_so() -> None:
    """And how it would come there."""
    with pytest.raises(ImageNotFound, match="`pull: never` asks no registry") as caught:
        ensure_image(client(), NamedImage("app:1", Pull.NEVER), lambda _: None)

    assert "docker build -t app:1 ." in caught.value.advice


def test_an_image_that_does_not_build_keeps_the_lines_of_the_build(tmp_path: Any) -> None:  # noqa: ANN401
    """The last of them is what went wrong; the others come after the advice."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    steps = [{"stream": f"Step {number}/20 : RUN true\n ---> 1\n"} for number in range(20)]
    error = {"error": "The command '/bin/sh -c false' returned a non-zero code: 1"}
    source = BuiltImage("broken", context=str(tmp_path))
    with pytest.raises(ImageNotBuilt) as caught:
        ensure_image(client(*steps, error), source, lambda _: None)

    advice, says, *lines = caught.value.advice.splitlines()
    assert caught.value.what == f"image 'broken' does not build: {error['error']}"
    assert advice == f"try it by hand: docker build {tmp_path}"
    assert says == "the engine says: "
    assert len(lines) == 11
    assert lines[-2:] == ["  |  ---> 1", f"  | {error['error']}"]
    assert f"\n  {advice}\n" in str(caught.value)
