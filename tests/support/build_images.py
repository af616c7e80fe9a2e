"""
Build the images of the scenarios and of the tests, one by one:
`python -m tests.support.build_images`.

Done once before the tests on an engine, so that several of them do not build one image at the same
time, nor wait for it in the time that they have for a run.
"""

from __future__ import annotations

import sys
from pathlib import Path

from runner.engine.docker import DockerEngine
from runner.engine.docker.address import engine_address
from runner.model.container import BuiltImage

ROOT = Path(__file__).parents[2]
IMAGES = (ROOT / "images", ROOT / "tests" / "images")


def build() -> None:
    """Build what is not there yet, and say so."""
    engine = DockerEngine(engine_address(), "build-images")
    try:
        for dockerfile in sorted(one for root in IMAGES for one in root.glob("*/Dockerfile")):
            folder = dockerfile.parent
            engine.ensure_image(BuiltImage(folder.name, str(folder)), progress)
    finally:
        engine.close()


def progress(words: str) -> None:
    """Say what is built."""
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    build()
