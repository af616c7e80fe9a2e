"""A case is its file and its name: two files may have the same name."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli.main import main
from runner.errors import InvalidScenarios
from runner.plan.load import load_cases
from runner.plan.select import Selection, select

TEXT = "name: {name}\ncontainer: {{image: app}}\nsteps: [{{expect: {{init: running}}}}]\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two files with a name in common, and one with a name of its own."""
    monkeypatch.chdir(tmp_path)
    for file, name in (("a.yml", "it stops"), ("b.yml", "it stops"), ("c.yml", "it goes on")):
        Path(file).write_text(TEXT.format(name=name), encoding="utf-8")
    return ["a.yml", "b.yml", "c.yml"]


def limited(files: list[str], *limit: str) -> list[str]:
    """Give the files of the cases within the limit."""
    return [one.where.path for one in select(load_cases(files), Selection(limit=limit))]


def test_a_name_means_the_cases_of_all_files_and_a_file_with_it_one(files: list[str]) -> None:
    """As in pytest."""
    assert limited(files, "it stops") == ["a.yml", "b.yml"]
    assert limited(files, "b.yml::it stops") == ["b.yml"]
    assert limited(files, "b.yml::it*:c.yml") == ["b.yml", "c.yml"]


def test_what_is_listed_can_be_selected_again(
    files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With the file where the name alone would mean two."""
    assert main(["--list", *files]) == 0
    listed = capsys.readouterr().out

    assert listed == "a.yml::it stops\nb.yml::it stops\nit goes on\n"
    (tmp_path / "names").write_text(listed.partition("\n")[2], encoding="utf-8")
    assert limited(files, "@names") == ["b.yml", "c.yml"]


def test_one_name_twice_in_a_file_is_an_error(files: list[str]) -> None:
    """Nothing would tell the two apart."""
    text = TEXT.format(name="it stops")
    Path(files[0]).write_text(f"{text}---\n{text}", encoding="utf-8")

    with pytest.raises(InvalidScenarios, match="1 problem"):
        load_cases(files)
