"""`--mutate` on the fake engine: scores, exit codes, and the files that are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.cli import main as cli
from runner.cli.commands import mutate
from runner.cli.running import Screen
from runner.engine.fake import FakeContainer, FakeEngine
from runner.engine.fake_program import FakeProgram, Reaction
from runner.errors import EngineUnreachable
from runner.kernel.signals import SIGTERM
from runner.model.result import CaseResult

PROGRAMS = {
    "/init": FakeProgram(prints="up\n", caught={SIGTERM: Reaction("bye\n", exits=7, after_s=0.02)}),
}

GOOD = """\
name: good
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{stop: 2s, expect: {init: {exited: 7}, logs: bye}}]
"""
WEAK = """\
name: weak of {{ x }}
matrix: {x: [a, b]}
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{stop: 2s, expect: {init: {exited: [0, 7, 137]}}}]
"""
WRONG = """\
name: wrong
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{stop: 2s, expect: {init: {exited: 3}}}]
"""
SKIPPED = """\
name: skipped
skip: not today
container: {image: app, init: [/init]}
steps: [{expect: {init: running}}]
"""
NEVER = """\
name: never
container: {image: app, init: [/nonesuch]}
steps: [{expect: {init: never_started}}]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mutate, "open_engine", lambda *_: FakeEngine(PROGRAMS))


def mutated(text: str, *options: str) -> int:
    """Run the command on a file, a case at a time: the fake engine's clock is for one."""
    Path("x.yml").write_text(text, encoding="utf-8")
    return cli.main(["--mutate", "-f", "1", *options, "x.yml"])


def report() -> Mapping[str, Any]:
    """The file for programs."""
    return json.loads(Path("reports/mutation.json").read_text(encoding="utf-8"))


def test_a_scenario_that_notices_each_wrong_init_has_its_score(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 0, and two reports more than a normal run has, which is that of the case itself."""
    assert mutated(GOOD) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("SCENARIO [good] ****")
    assert lines[2].startswith("ok: 5 of 5 killed  (")
    recap = lines.index(next(line for line in lines if line.startswith("RECAP")))
    assert lines[recap + 1].startswith("   5 of 5    killed  ")
    assert lines[recap + 1].endswith(" s  x.yml")
    said = " ".join(lines).split("reports: ")[1].split()
    names = "junit.xml report.md report.html result.json mutation.json mutation.md cases.jsonl.gz"
    assert said == [f"reports/{name}" for name in names.split()]
    assert "1 scenario: 5 of 5 killed in " in "\n".join(lines)
    assert 'errors="0" failures="0" tests="1"' in Path("reports/junit.xml").read_text(
        encoding="utf-8"
    )


def test_survivors_are_named_and_are_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Once for all rows, where it is all of them."""
    assert mutated(WEAK) == 2

    out = capsys.readouterr().out
    survivors = ["ignores", "never-forwards", "exits-at-once", "does-not-wait"]
    said = "".join(f"    {name} survived\n" for name in survivors)
    assert "survived: 2 of 10 killed  (" in out
    assert f")\n{said}\nRECAP" in out
    assert "1 scenario: 2 of 10 killed, 8 survived in " in out


def test_rows_in_which_one_survives_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is not all."""
    weak = WEAK.replace("[0, 7, 137]", """"{{ [0, 7] if x == 'a' else 7 }}\"""")
    assert mutated(weak) == 2

    out = capsys.readouterr().out
    assert "survived: 8 of 10 killed" in out
    assert "    exits-at-once survived: [x=a]\n    does-not-wait survived: [x=a]\n" in out
    assert "`exits-at-once` \\[x=a\\]" in Path("reports/mutation.md").read_text(encoding="utf-8")


def test_a_case_that_does_not_pass_as_it_is_is_shown_and_has_no_mutants(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The others have; it is a failure in all reports of a normal run; exit code 2."""
    assert mutated(f"{WRONG}---\n{GOOD}") == 2

    out = capsys.readouterr().out
    assert "    expected: init exited 3\n    saw:      init exited 7  (at" in out
    assert "left out: not passed as it is: failed" in out
    assert "2 scenarios: 5 of 5 killed, 1 case left out in " in out
    assert 'failures="1"' in Path("reports/junit.xml").read_text(encoding="utf-8")


def test_with_fail_fast_it_ends_after_such_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    """No mutant is run."""
    assert mutated(f"{WRONG}---\n{GOOD}", "--fail-fast") == 2

    assert "2 scenarios: 0 of 0 killed, 2 cases left out in " in capsys.readouterr().out


def test_where_every_case_is_left_out_nothing_is_proved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 5, and why each is."""
    assert mutated(f"{SKIPPED}---\n{NEVER}") == 5

    told = capsys.readouterr()
    assert "left out: skipped: not today" in told.out
    assert "left out: its init never starts" in told.out
    assert told.err.endswith("scenario-run: no mutant was run: every case is left out\n")


def test_the_file_for_programs_has_each_mutant() -> None:
    """With what killed it; docs/mutation.md has the same keys."""
    mutated(WEAK)

    stored = report()
    assert stored["totals"] == {
        "mutants": 10,
        "killed": 2,
        "survived": 8,
        "not_judged": 0,
        "left_out": 0,
    }
    (scenario,) = stored["scenarios"]
    assert (scenario["path"], scenario["name"]) == ("x.yml", "weak of {{ x }}")
    assert [case["row"] for case in scenario["cases"]] == [{"x": "a"}, {"x": "b"}]
    first, *_, last = scenario["cases"][0]["mutants"]
    assert (first["wrong_init"], first["outcome"], first["why"]) == ("ignores", "survived", "")
    assert (last["wrong_init"], last["outcome"]) == ("wrong-status", "killed")
    assert "saw init exited 8" in last["why"]


def test_more_is_shown_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """-v: what killed each; -vv: its timeline too."""
    mutated(GOOD, "-v")
    said = capsys.readouterr().out
    assert "    killed: exits-at-once: stop (grace 2 s): expected init exited 7; saw" in said
    assert "timeline:" not in said

    mutated(GOOD, "-vv")
    assert capsys.readouterr().out.count("    timeline:") == 1 + 5


def test_repeats_and_retries_are_of_no_use_to_a_mutant() -> None:
    """It is run once: a second try would only give it a second chance to survive."""
    mutated(GOOD, "--repeat", "3", "--retries", "2")

    (scenario,) = report()["scenarios"]
    assert scenario["name"] == "good"
    assert scenario["mutants"] == 5


def test_an_engine_that_is_lost_is_no_kill(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not judged says nothing of the scenario; exit code 4."""

    def start(self: FakeContainer) -> object:
        if self._plan.wrong_init is not None:
            raise EngineUnreachable("the engine is gone")
        return original(self)

    original = FakeContainer.start
    monkeypatch.setattr(FakeContainer, "start", start)

    assert mutated(GOOD) == 4

    out = capsys.readouterr().out
    assert "not judged: 0 of 5 killed" in out
    assert "    not judged: ignores: the engine is gone" in out
    assert report()["totals"]["not_judged"] == 5
    text = Path("reports/mutation.md").read_text(encoding="utf-8")
    assert "## Not judged\n\n- good, ignores: the engine is gone" in text


def test_colours_and_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Survivors come first in the page; colours say what the words say."""
    mutated(f"{GOOD}---\n{WEAK}---\n{SKIPPED}", "--color", "always")

    out = capsys.readouterr().out
    assert "\x1b[32mok:\x1b[0m 5 of 5 killed" in out
    assert "\x1b[31msurvived:\x1b[0m 2 of 10 killed" in out
    assert "\x1b[36mleft out:\x1b[0m skipped: not today" in out
    page = Path("reports/mutation.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in page if line.startswith("| `x.yml`")]
    assert rows[0].startswith("| `x.yml` | weak of &lt;x&gt; | 2&nbsp;of&nbsp;10&nbsp;killed | `ig")
    assert rows[1] == "| `x.yml` | good | 5&nbsp;of&nbsp;5&nbsp;killed |  |"
    assert page[-1] == "- skipped: skipped: not today"


def test_an_interrupt_ends_it_in_good_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 130; what was judged by then is in the reports."""

    def interrupted(self: mutate._Scores, result: CaseResult) -> None:
        shown(self, result)
        if result.case.name == "good (exits-at-once)":
            raise KeyboardInterrupt

    shown = mutate._Scores.result
    monkeypatch.setattr(mutate._Scores, "result", interrupted)

    assert mutated(f"{GOOD}---\n{GOOD.replace('good', 'other')}") == 130

    assert "interrupted - 2 scenarios: " in capsys.readouterr().out
    stored = report()
    assert stored["interrupted"]
    first, second = stored["scenarios"]
    assert first["killed"] >= 3
    assert second["cases"][0]["mutants"][-1]["outcome"] == "not judged"


def test_an_interrupt_before_the_mutants_runs_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cases as they are were not all run, so that nothing can be said."""

    def interrupted(_: Screen, result: CaseResult) -> None:
        if result.case.name == "good":
            raise KeyboardInterrupt

    monkeypatch.setattr(Screen, "result", interrupted)

    assert mutated(f"{GOOD}---\n{GOOD.replace('good', 'other')}") == 130

    assert "interrupted - 2 scenarios: 0 of 0 killed, " in capsys.readouterr().out


def test_quiet_shows_what_survived_and_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of a scenario that notices each wrong init."""
    mutated(f"{GOOD}---\n{WEAK}", "-q")

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" *")[0] for line in lines if line.startswith("SCENARIO")] == [
        "SCENARIO [weak of <x>]"
    ]
    assert lines[-1].startswith("2 scenarios: 7 of 15 killed, 8 survived in ")
    assert "RECAP" not in "".join(lines)
