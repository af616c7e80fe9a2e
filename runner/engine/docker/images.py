"""
Images of the Docker engine: found, pulled or built; and the probe's volume.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docker.api.client import APIClient
from docker.errors import APIError, NotFound
from docker.errors import ImageNotFound as NoSuchImage
from docker.types import Mount

from runner.engine.contract import PROBE_PATH, Progress
from runner.engine.docker.failures import CONNECTION_ERRORS, engine_words, gone, translated
from runner.engine.docker.image_hash import image_tag
from runner.engine.labels import IMAGE
from runner.errors import ImageNotBuilt, ImageNotFound, and_the_engine_says
from runner.model.container import BuiltImage, ImageSource, NamedImage, Pull

_LAST_WORDS: Final = 10
_SILENT_REGISTRY: Final = (
    "no such host",
    "dial tcp",
    "connection refused",
    "i/o timeout",
    "Client.Timeout",
    "context deadline exceeded",
    "server misbehaving",
)
PROBE_FOLDER: Final = PROBE_PATH.rpartition("/")[0]


def ensure_image(client: APIClient, source: ImageSource, progress: Progress) -> str:
    """
    Make sure that the image is on the engine, and give the name to run it by.

    Raises:
        ImageNotFound: neither here nor in a registry, or not to be pulled.
        ImageNotBuilt: its Dockerfile does not build.
    """
    match source:
        case NamedImage(name=name, pull=pull):
            if pull is Pull.ALWAYS or (not _exists(client, name) and pull is Pull.MISSING):
                _pull(client, name, progress)
            elif pull is Pull.NEVER and not _exists(client, name):
                raise ImageNotFound(
                    f"no image '{name}' on the engine, and `pull: never` asks no registry",
                    advice=f"build it (docker build -t {name} .), or leave out `pull: never`",
                )
            return name
        case BuiltImage():
            tag = image_tag(source)
            if not _exists(client, tag):
                _build(client, source, tag, progress)
            return tag


def fill_probe_volume(client: APIClient, image: str) -> str:
    """
    Make sure that the volume with the probe is there and filled; give its name.

    An empty volume that is mounted over a folder of the image gets that folder's files when the
    container is created. The volume is named by the image's hash, kept for later runs as the
    image is, and mounted read-only everywhere else.
    """
    volume = image.replace("/", "-").replace(":", "-")
    with translated("cannot create the probe's volume"):
        if _has_volume(client, volume):
            return volume
        # Made and filled by one call, so that a run that is killed leaves no empty volume.
        mount = Mount(PROBE_FOLDER, volume, type="volume", labels={IMAGE: "probe"})
        host_config = client.create_host_config(mounts=[mount], network_mode="none")
        created = client.create_container(image, [PROBE_PATH], host_config=host_config)
        client.remove_container(created["Id"])
    return volume


def _has_volume(client: APIClient, name: str) -> bool:
    try:
        client.inspect_volume(name)
    except NotFound:
        return False
    return True


def _exists(client: APIClient, name: str) -> bool:
    with translated(f"cannot look for image '{name}'"):
        try:
            client.inspect_image(name)
        except NoSuchImage:
            return False
    return True


def _pull(client: APIClient, name: str, progress: Progress) -> None:
    repository, _, tag = name.partition("@") if "@" in name else _split_tag(name)
    try:
        lines = client.pull(repository, tag=tag or "latest", stream=True, decode=True)
        for line in lines:
            if "error" in line:
                raise _not_pulled(name, str(line["error"]))
            progress(f"pulling {name}: {line.get('status', '')}")
    except APIError as error:
        raise _not_pulled(name, engine_words(error)) from error
    except CONNECTION_ERRORS as error:
        raise gone(f"cannot pull image '{name}'", error) from error


def _not_pulled(name: str, words: str) -> ImageNotFound:
    silent = any(sign in words for sign in _SILENT_REGISTRY)
    registry = "does not answer" if silent else "does not give it"
    return ImageNotFound(
        f"no image '{name}' on the engine, and the registry {registry}",
        advice=and_the_engine_says(
            f"build it (docker build -t {name} .), or say `build: FOLDER` in place of `image`; "
            "`pull: never` asks no registry",
            words,
        ),
    )


def _split_tag(name: str) -> tuple[str, str, str]:
    repository, colon, tag = name.rpartition(":")
    return (repository, colon, tag) if colon and "/" not in tag else (name, "", "latest")


def _build(client: APIClient, source: BuiltImage, tag: str, progress: Progress) -> None:
    progress(f"building {source.title} (first use, or its files have changed)")
    last_words: deque[str] = deque(maxlen=_LAST_WORDS)
    with translated(f"cannot build image '{source.title}'", ImageNotBuilt):
        for line in _build_output(client, source, tag):
            if "error" in line:
                raise _not_built(source, str(line["error"]), last_words)
            text = str(line.get("stream") or line.get("status") or "").rstrip()
            if text:
                last_words.extend(text.splitlines())
                progress(f"building {source.title}: {text.splitlines()[-1]}")


def _build_output(client: APIClient, source: BuiltImage, tag: str) -> Iterator[Mapping[str, Any]]:
    try:
        yield from client.build(
            path=source.context,
            dockerfile=source.dockerfile,
            tag=tag,
            buildargs=dict(source.args),
            target=source.target or None,
            network_mode=source.network or None,
            labels={IMAGE: source.title},
            rm=True,
            forcerm=True,
            timeout=None,
            decode=True,
        )
    except APIError as error:
        raise _not_built(source, engine_words(error), deque()) from error


def _not_built(source: BuiltImage, error: str, last_words: deque[str]) -> ImageNotBuilt:
    return ImageNotBuilt(
        f"image '{source.title}' does not build: {error.splitlines()[-1] if error else ''}",
        advice=and_the_engine_says(
            f"try it by hand: docker build {source.context}", "\n".join([*last_words, error])
        ),
    )
