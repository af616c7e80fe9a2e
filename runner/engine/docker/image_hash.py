"""
The content hash of a build context: the same files give the same image tag.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import hashlib
from pathlib import Path

from docker.utils.build import exclude_paths

from runner.errors import ImageNotBuilt
from runner.model.container import BuiltImage

_TAG_DIGITS = 12


def image_tag(source: BuiltImage) -> str:
    """
    Name the image of a build context: `scenario-run/<title>:<hash>`.

    The hash covers paths, contents and executable bits of all files that are sent to the engine,
    which those named in .dockerignore are not, and the build options.

    Raises:
        ImageNotBuilt: the folder or its Dockerfile cannot be read.
    """
    context = Path(source.context)
    if not (context / source.dockerfile).is_file():
        raise ImageNotBuilt(
            f"there is no {source.dockerfile} in {source.context}",
            advice="`build:` names a folder with a Dockerfile in it",
        )
    digest = hashlib.sha256()
    for option in (source.dockerfile, source.target, *(f"{k}={v}" for k, v in source.args)):
        digest.update(option.encode() + b"\0")
    try:
        for path in sorted(_sent(context, source.dockerfile)):
            digest.update(path.relative_to(context).as_posix().encode() + b"\0")
            digest.update(b"x" if path.stat().st_mode & 0o100 else b"-")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError as error:
        raise ImageNotBuilt(f"cannot read {source.context}: {error.strerror}") from error
    return f"scenario-run/{source.title.lower()}:{digest.hexdigest()[:_TAG_DIGITS]}"


def _sent(context: Path, dockerfile: str) -> list[Path]:
    """Return the files that docker-py sends: as its `build` reads .dockerignore."""
    ignored: list[str] = []
    if (context / ".dockerignore").is_file():
        lines = map(
            str.strip, (context / ".dockerignore").read_text("utf-8", "replace").splitlines()
        )
        ignored = [line for line in lines if line and not line.startswith("#")]
    paths = exclude_paths(str(context), ignored, dockerfile)
    return [path for name in paths if (path := context / name).is_file()]
