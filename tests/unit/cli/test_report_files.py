"""Reports on disk: those that were asked for, each whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner.cli import main as cli
from runner.cli import report_files
from runner.cli.commands import mutate, run
from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram
from runner.errors import ReportNotWritten
from runner.options.table import OPTIONS

SCENARIO = """\
name: it runs
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{expect: {init: running}}]
"""
ENGINE = {"/init": FakeProgram(prints="up\n")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a scenario that passes on a fake engine."""
    monkeypatch.chdir(tmp_path)
    for command in (run, mutate):
        monkeypatch.setattr(command, "open_engine", lambda *_: FakeEngine(ENGINE))
    (tmp_path / "x.yml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def written(folder: Path, *options: str) -> list[str]:
    """Run, and give the files that were written."""
    before = {path for path in folder.rglob("*") if path.is_file()}

    assert cli.main(["-f", "1", *options, "x.yml"]) == 0

    after = {path for path in folder.rglob("*") if path.is_file()}
    return sorted(str(path.relative_to(folder)) for path in after - before)


OURS = ["cases.jsonl.gz", "junit.xml", "report.html", "report.md", "result.json"]


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ([], [f"reports/{name}" for name in OURS]),
        (["--report-dir", "out"], [f"out/{name}" for name in OURS]),
        (["--junit", "a/x.xml"], ["a/x.xml"]),
        (["--markdown", "x.md", "--json", "x.json"], ["x.json", "x.md"]),
        (["--tap", "x.tap"], ["x.tap"]),
        (["--tap", "x.tap", "--report-dir", "out"], [*(f"out/{name}" for name in OURS), "x.tap"]),
    ],
)
def test_what_is_named_is_written_and_nothing_else(
    folder: Path, options: list[str], files: list[str]
) -> None:
    """The folder is written where no file is named, or where it is named, too."""
    assert written(folder, *options) == files


def test_a_folder_that_is_set_is_named(folder: Path) -> None:
    """In the configuration file or the environment as on the command line."""
    (folder / "scenario-run.toml").write_text('report-dir = "out"\n', encoding="utf-8")

    assert written(folder, "--junit", "x.xml") == [*(f"out/{name}" for name in OURS), "x.xml"]


def test_each_file_has_the_report_of_its_option(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the last line names them."""
    options = ["--junit", "a", "--markdown", "b", "--json", "c", "--tap", "d", "--html", "e"]

    written(folder, *options)

    assert ET.parse(folder / "a").getroot().tag == "testsuites"
    assert (folder / "b").read_text(encoding="utf-8").startswith("### scenario-run: ✅ 1 passed")
    assert json.loads((folder / "c").read_text(encoding="utf-8"))["schema"]
    assert (folder / "d").read_text(encoding="utf-8").startswith("TAP version 14\n1..1\n")
    assert (folder / "e").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert capsys.readouterr().out.endswith("reports: a b e c d\n")


def test_every_kind_of_report_has_an_option_that_takes_a_file() -> None:
    """By its name."""
    options = {option.name for option in OPTIONS if option.metavar == "FILE"}
    options -= {"rejudge"}  # which reads one

    assert {kind.option for kind in report_files.REPORT_FILES} == options


@pytest.mark.parametrize("mode", [[], ["--mutate"]])
def test_two_reports_in_one_file_are_refused(
    folder: Path, mode: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is run."""
    assert cli.main([*mode, "--junit", "x", "--tap", "x", "x.yml"]) == 5
    assert cli.main([*mode, "--report-dir", ".", "--tap", "junit.xml", "x.yml"]) == 5

    told = capsys.readouterr()
    assert "--junit and --tap would both write x" in told.err
    assert "--junit and --tap would both write junit.xml" in told.err
    assert not told.out


def test_reports_of_mutants_stay_in_the_folder(folder: Path) -> None:
    """They have no option of their own."""
    cli.main(["--mutate", "-f", "1", "--junit", "x.xml", "x.yml"])

    assert not (folder / "reports").exists()
    assert (folder / "x.xml").exists()


def test_reports_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    """Readable by others as the umask says, and nothing else is left."""
    folder = tmp_path / "a" / "b"

    report_files.write_all({folder / "one": "1\udcff", folder / "two": "2"})

    assert sorted(path.name for path in folder.iterdir()) == ["one", "two"]
    assert (folder / "one").read_text() == "1\\udcff"
    assert (folder / "two").stat().st_mode & 0o400


def test_a_report_that_cannot_be_written_leaves_the_old_one_and_the_others(
    tmp_path: Path,
) -> None:
    """The first failure is told, the rest is written."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "keep").touch()

    with pytest.raises(ReportNotWritten, match="cannot write"):
        report_files.write_all({tmp_path / "one": "1", tmp_path / "two": "2"})

    assert (tmp_path / "one" / "keep").exists()
    assert (tmp_path / "two").read_text() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()

    with pytest.raises(ReportNotWritten) as caught:
        report_files.write_all({tmp_path / "file" / "one": "1"})

    assert "--report-dir" in caught.value.advice


def test_what_is_no_plain_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """As root a /dev/stdout that was replaced would be gone for everybody."""
    pipe, target, link = tmp_path / "pipe", tmp_path / "target", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(target)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    report_files.write_all({pipe: "1", link: "2", Path("/dev/null"): "3"})

    assert os.read(reader, 9) == b"1"
    os.close(reader)
    assert link.is_symlink()
    assert target.read_text() == "2"
    assert Path("/dev/null").is_char_device()
