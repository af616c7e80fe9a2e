"""Stored results: `--rejudge`, `--compare`, `--output json-lines`, and reports of before."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest

from runner.archive import result_json
from runner.cli import main as cli
from runner.cli.commands import mutate, run
from runner.engine.fake import FakeEngine
from runner.errors import EngineUnreachable
from runner.generate import mutation_schema, result_schema
from runner.report import junit, markdown
from tests.support.results import FAILED, FLAKY, MIXED, PASSED, run_of
from tests.support.stored import write_run
from tests.unit.cli.test_mutate import GOOD, PROGRAMS, SKIPPED, WRONG

REPORTS = ("cases.jsonl.gz", "junit.xml", "report.html", "report.md", "result.json")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for module in (mutate, run):
        monkeypatch.setattr(module, "open_engine", lambda *_: FakeEngine(PROGRAMS))


def ran(text: str, *options: str) -> int:
    """Run the command on a file, a case at a time: the fake engine's clock is for one."""
    Path("x.yml").write_text(text, encoding="utf-8")
    return cli.main(["-f", "1", *options, "x.yml"])


def files() -> list[str]:
    """The reports that are there."""
    return sorted(path.name for path in Path("reports").iterdir())


def test_a_run_is_judged_again_with_the_same_verdicts_and_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without an engine: from the facts, in the words of the run itself."""
    code = ran(f"{GOOD}---\n{WRONG}---\n{SKIPPED}")
    before = {name: Path("reports", name).read_bytes() for name in REPORTS}
    said = capsys.readouterr().out

    assert code == 2
    assert cli.main(["--rejudge", "reports/cases.jsonl.gz", "--report-dir", "again"]) == 2

    told = capsys.readouterr().out
    assert told.partition("reports: ")[0] == said.partition("reports: ")[0]
    for name in REPORTS[1:]:
        assert Path("again", name).read_bytes() == before[name]


def test_earlier_tries_and_a_killed_run_are_judged_again_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A killed run is interrupted, and it is told how far it came."""
    write_run(Path("x"), run_of(FLAKY))
    whole = Path("x").read_bytes()
    Path("x").write_bytes(whole[:-3])

    assert cli.main(["--rejudge", "x"]) == 130

    assert "this run was killed; 1 of 1 cases had ended" in capsys.readouterr().err
    stored = json.loads(Path("reports/result.json").read_text())
    assert stored["totals"]["flaky"] == 1
    assert stored["interrupted"]


def test_every_report_is_made_of_timelines_on_the_disk(tmp_path: Path) -> None:
    """They are the same as of those in memory."""
    from runner.archive.stored_run import open_run  # noqa: PLC0415

    write_run(tmp_path / "x", MIXED)

    with open_run(tmp_path / "x") as stored:
        for render in (junit.render, markdown.render, result_json.dump):
            assert render(stored.result) == render(MIXED)


def test_two_runs_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 if something broke, 0 else."""
    for name, one in (("old", PASSED), ("new", dataclasses.replace(FAILED, case=PASSED.case))):
        Path(name).write_text(result_json.dump(run_of(one)), encoding="utf-8")

    assert cli.main(["--compare", "old", "new"]) == 2
    assert capsys.readouterr().out.startswith("BROKEN  ")
    assert cli.main(["--compare", "new", "old"]) == 0
    assert capsys.readouterr().out.startswith("FIXED   ")
    assert cli.main(["--compare", "new", "none"]) == 5
    assert "cannot read none: No such file" in capsys.readouterr().err


def test_programs_get_a_line_for_each_case_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The last one has the totals; the reports are written all the same."""
    assert ran(f"{GOOD}---\n{WRONG}---\n{SKIPPED}", "--output", "json-lines") == 2

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["case", "case", "case", "run"]
    assert {line["case"]["verdict"]["kind"] for line in lines[:-1]} == {
        *("passed", "failed", "skipped")
    }
    for line in lines:
        jsonschema.validate(line, result_schema.build_all()["output.v1.json"])
    assert files() == list(REPORTS)
    assert cli.main(["--rejudge", "reports/cases.jsonl.gz", "--output", "json-lines"]) == 2
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(map(json.dumps, again)) == sorted(map(json.dumps, lines))


def test_json_lines_do_not_go_with_mutants(capsys: pytest.CaptureFixture[str]) -> None:
    """There is mutation.json."""
    assert ran(GOOD, "--mutate", "--output", "json-lines") == 5
    assert "mutation.json is for programs" in capsys.readouterr().err


def test_mutation_json_is_what_its_schema_says() -> None:
    """With killed mutants, and cases that are left out."""
    ran(f"{GOOD}---\n{WRONG}---\n{SKIPPED}", "--mutate")

    stored = json.loads(Path("reports/mutation.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(mutation_schema.build()).validate(stored)


def test_a_run_that_ends_before_any_case_leaves_no_report_of_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its verdicts stay, under another name: --failed reads them."""
    ran(WRONG, "--mutate")
    before = Path("reports/result.json").read_bytes()

    def gone(*_: str) -> FakeEngine:
        raise EngineUnreachable("no engine")

    monkeypatch.setattr(run, "open_engine", gone)
    assert ran(WRONG) == 4
    assert files() == ["previous.json"]
    assert Path("reports/previous.json").read_bytes() == before
    assert ran("name: [") == 3
    assert files() == ["previous.json"]
    monkeypatch.setattr(run, "open_engine", lambda *_: FakeEngine(PROGRAMS))
    assert ran(f"{WRONG}---\n{GOOD}", "--failed") == 2
    assert json.loads(Path("reports/result.json").read_text())["totals"]["cases"] == 1


def test_after_a_run_that_was_killed_failed_asks_for_its_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What failed the time before is not what failed last, and nothing is removed."""
    Path("reports").mkdir()
    write_run(Path("reports/cases.jsonl.gz"), run_of(FAILED))

    assert ran(WRONG, "--failed") == 5

    assert "--rejudge reports/cases.jsonl.gz" in capsys.readouterr().err
    assert files() == ["cases.jsonl.gz"]
