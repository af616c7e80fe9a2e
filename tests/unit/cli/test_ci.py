"""Links, annotations and the step summary, as the variables of CI systems say."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli import main as cli
from runner.cli import step_summary
from runner.cli.ci import annotate, source_links
from runner.cli.commands import run
from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram
from runner.errors import ReportNotWritten, Where
from runner.report.source_links import NO_LINKS
from tests.support.results import FAILED, PASSED, named, run_of

WHERE = Where("e2e/x.yml", 7, 3)
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "o/r",
    "GITHUB_SHA": "abc",
}
GITLAB = {"CI_PROJECT_URL": "https://gitlab.example/g/p", "CI_COMMIT_SHA": "abc"}
SCENARIO = """\
name: it ends
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{stop: 1s, expect: {init: {exited: 0}}}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a scenario that fails on a fake engine."""
    monkeypatch.chdir(tmp_path)
    engine = {"/init": FakeProgram(prints="up\n")}
    monkeypatch.setattr(run, "open_engine", lambda *_: FakeEngine(engine))
    (tmp_path / ".git").mkdir()
    (tmp_path / "e2e").mkdir()
    (tmp_path / "e2e/x.yml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        (GITHUB, "https://github.example/o/r/blob/abc/e2e/x.yml#L7"),
        (GITLAB, "https://gitlab.example/g/p/-/blob/abc/e2e/x.yml#L7"),
        ({**GITHUB, "GITHUB_SHA": ""}, ""),
        ({"CI_COMMIT_SHA": "abc"}, ""),
        ({}, ""),
    ],
)
def test_places_have_addresses_where_all_of_them_is_known(
    tmp_path: Path, environment: dict[str, str], address: str
) -> None:
    """On GitHub and on GitLab; elsewhere there is no link."""
    assert source_links(environment, tmp_path).url(WHERE) == address


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_paths_are_those_in_the_repository(tmp_path: Path, variable: str) -> None:
    """Whose folder is that of .git, also where it is a file, or else the one that CI names."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)

    assert source_links({}, inner).path("x.yml") == "x.yml"
    assert source_links({variable: str(tmp_path)}, inner).path("x.yml") == "a/b/x.yml"
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    links = source_links({variable: str(tmp_path)}, inner)
    assert links.path("../x.yml") == "x.yml"
    assert links.path(str(inner / "y.yml")) == "b/y.yml"
    assert links.path("../../x.yml") == ""


def test_annotations_are_for_github_only(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error: standard output may be read by a program."""
    annotate({}, ["::error::a"])
    annotate({"GITHUB_ACTIONS": "false"}, ["::error::b"])
    annotate({"GITHUB_ACTIONS": "true"}, ["::error::c"])

    assert capsys.readouterr() == ("", "::error::c\n")


def test_a_run_annotates_what_went_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the path in the repository."""
    monkeypatch.chdir(folder / "e2e")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert cli.main(["x.yml"]) == 2

    told = capsys.readouterr().err
    assert "::error file=e2e/x.yml,line=3,title=it ends::stop" in told


def test_a_mistake_in_a_file_is_annotated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After it is told as anywhere else."""
    (folder / "bad.yml").write_text(f"{SCENARIO}stpes: []\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    assert cli.main(["--syntax-check", "bad.yml"]) == 3

    told = capsys.readouterr().err
    assert "bad.yml:4:1: unknown key 'stpes'" in told
    assert "::error file=bad.yml,line=4,title=scenario-run::unknown key 'stpes'" in told


def test_the_summary_is_appended_to_when_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands there stays; the path is named."""
    path = folder / "summary"
    path.write_text("before", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))

    cli.main(["e2e/x.yml"])
    assert path.read_text(encoding="utf-8") == "before"
    cli.main(["--step-summary", "e2e/x.yml"])

    assert path.read_text(encoding="utf-8").startswith("before\n\n### scenario-run: ❌ 1 failed")
    assert f" {path}\n" in capsys.readouterr().out


def test_without_a_summary_to_append_to_nothing_is_done() -> None:
    """So that the setting can be in a file, and does no harm elsewhere."""
    assert step_summary.append_step_summary({}, run_of(PASSED), NO_LINKS) is None


@pytest.mark.parametrize("over", [0, 1])
def test_a_summary_has_a_mebibyte_with_what_is_there(tmp_path: Path, over: int) -> None:
    """Exactly that much is taken; a byte less room, and less is said."""
    path = tmp_path / "summary"
    run_result = run_of(*(named(FAILED, f"case {number}") for number in range(3)))
    environment = {"GITHUB_STEP_SUMMARY": str(path)}
    step_summary.append_step_summary(environment, run_result, NO_LINKS)
    whole = path.stat().st_size
    path.write_bytes(b"x" * (step_summary.SUMMARY_BYTES - whole - 4 + over) + b".\n\n\n")

    assert step_summary.append_step_summary(environment, run_result, NO_LINKS) == path

    text = path.read_text(encoding="utf-8")
    assert ("omitted for length" in text) == bool(over)
    assert path.stat().st_size <= step_summary.SUMMARY_BYTES
    assert over or path.stat().st_size == step_summary.SUMMARY_BYTES


@pytest.mark.parametrize("over", [0, 1])
def test_a_summary_without_room_is_left_alone(
    tmp_path: Path, over: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """One byte too many would lose all that stands there."""
    path = tmp_path / "summary"
    room = step_summary.LEAST_BYTES - over
    path.write_bytes(b"x" * (step_summary.SUMMARY_BYTES - room - 2) + b"\n\n")
    before = path.stat().st_size

    step_summary.append_step_summary({"GITHUB_STEP_SUMMARY": str(path)}, run_of(PASSED), NO_LINKS)

    assert (path.stat().st_size == before) == bool(over)
    assert ("no room in the step summary" in capsys.readouterr().err) == bool(over)


def test_a_summary_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """As any other report."""
    with pytest.raises(ReportNotWritten, match="cannot write"):
        step_summary.append_step_summary(
            {"GITHUB_STEP_SUMMARY": str(tmp_path)}, run_of(PASSED), NO_LINKS
        )
