"""Whose a container is, and what an image is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runner.engine.docker.image_hash import image_tag
from runner.engine.labels import HOST, PID, STARTED, Owner, is_left_over
from runner.errors import ImageNotBuilt
from runner.model.container import BuiltImage


def test_a_container_of_a_living_run_is_not_left_over() -> None:
    """This process lives."""
    assert not is_left_over(Owner.this_process().labels("run", "case"))


def test_a_container_of_a_dead_process_is_left_over() -> None:
    """Its PID is gone, or belongs to a process that started at another time."""
    labels = Owner.this_process().labels("run", "case")
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert is_left_over({**labels, PID: str(child.pid)})
    assert is_left_over({**labels, STARTED: "1"})


def test_a_container_of_another_machine_is_left_alone() -> None:
    """It may belong to a living run, which cannot be seen from here."""
    labels = Owner.this_process().labels("run", "case")

    assert not is_left_over({**labels, HOST: "another", STARTED: "1"})
    assert not is_left_over({})


def test_the_tag_changes_with_the_content_and_only_with_it(tmp_path: Path) -> None:
    """Same files, same tag, wherever they lie; another byte, mode or option: another tag."""
    one, two = tmp_path / "one" / "app", tmp_path / "two" / "app"
    for folder in (one, two):
        (folder / "sub").mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM scratch\n")
        (folder / "sub" / "file").write_text("x")
    source = BuiltImage("app", str(one))
    tag = image_tag(source)

    assert tag.startswith("scenario-run/app:")
    assert image_tag(BuiltImage("app", str(two))) == tag
    assert image_tag(BuiltImage("app", str(one), target="x")) != tag
    (two / "sub" / "file").chmod(0o755)
    assert image_tag(BuiltImage("app", str(two))) != tag
    (one / "sub" / "file").write_text("y")
    assert image_tag(source) != tag


def test_what_is_not_sent_to_the_engine_does_not_count(tmp_path: Path) -> None:
    """As .dockerignore says; the Dockerfile is sent in any case."""
    context = tmp_path / "app"
    (context / "logs").mkdir(parents=True)
    (context / "Dockerfile").write_text("FROM scratch\n")
    (context / ".dockerignore").write_text("# not sent\n\nlogs/*\n!logs/kept\nDockerfile\n")
    source = BuiltImage("app", str(context))
    tag = image_tag(source)

    (context / "logs" / "one").write_text("x")
    assert image_tag(source) == tag
    (context / "logs" / "kept").write_text("x")
    kept = image_tag(source)
    assert kept != tag
    (context / "Dockerfile").write_text("FROM scratch\nENV x=y\n")
    assert image_tag(source) not in {tag, kept}


def test_a_folder_without_a_dockerfile_is_not_built(tmp_path: Path) -> None:
    """Said before the engine is asked."""
    with pytest.raises(ImageNotBuilt, match="no Dockerfile"):
        image_tag(BuiltImage("app", str(tmp_path)))
