"""
Where `build:` points: a folder of `images/` by its name, or a path from the scenario file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from runner.language.container import BuildModel, ContainerModel
from runner.model.container import BuiltImage, ImageSource, NamedImage, Pull
from runner.words import nearest


class NoContext(Exception):  # noqa: N818 - becomes a Problem
    """There is nothing to build there; the advice names what there is."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


def image_source(container: ContainerModel, scenario_file: Path) -> ImageSource:
    """
    Return the image of a container.

    Raises:
        NoContext: `build` names no folder with a Dockerfile.
    """
    build = container.build
    if build is None:
        return NamedImage(container.image or "", Pull(container.pull))
    context = _context(build, scenario_file.resolve().parent)
    if not _is(context / build.dockerfile, Path.is_file):
        raise NoContext(
            f"there is no {build.dockerfile} in {build.context}", f"looked in {_shown(context)}"
        )
    return BuiltImage(
        title=context.name,
        context=str(context),
        dockerfile=build.dockerfile,
        args=tuple(sorted(build.args.items())),
        target=build.target,
        network=build.network,
    )


def _context(build: BuildModel, start: Path) -> Path:
    if "/" in build.context or build.context in {".", ".."}:
        context = (start / build.context).resolve()
        if not _is(context, Path.is_dir):
            raise NoContext(f"there is no folder {build.context}", f"looked for {_shown(context)}")
        return context
    for folder in (start, *start.parents):
        images = folder / "images"
        if _is(images / build.context, Path.is_dir):
            return images / build.context
        if _is(images, Path.is_dir):
            names = sorted(one.name for one in images.iterdir() if one.is_dir())
            raise NoContext(
                f"there is no image folder '{build.context}' in {_shown(images)}",
                nearest(build.context, names) if names else "the folder is empty",
            )
    raise NoContext(
        f"there is no folder images/{build.context} here or above",
        "a path needs a slash, as in ./app",
    )


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    try:
        return kind(path)
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def _shown(path: Path) -> str:
    return os.path.relpath(path)
