"""`scenario-doc`, docs/reference and docs/kernel: made from the models, complete."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runner.cli import doc
from runner.cli.pager import show
from runner.diagnoses.table import Diagnosis
from runner.generate import scenario_schema
from runner.generate.doc_entries import DOCUMENTS
from runner.generate.language_pages import pages, signal_words
from runner.generate.rule_pages import proofs
from runner.kernel.rules import Rule
from runner.kernel.signals import ALL_SIGNALS
from runner.language.conditions import Condition
from runner.language.steps import StepModel
from runner.language.value_texts import VALUE_TEXTS, value_descriptions

KERNEL = Path(__file__).parents[3] / "scenarios" / "kernel"


def test_every_word_has_a_page_and_every_key_a_sentence_and_an_example() -> None:
    """No key of the language is left out."""
    words = {page.name for page in pages()}

    for model in (StepModel, Condition):
        names = {field.alias or name for name, field in model.model_fields.items()}
        known = words | {key.name for page in pages() for key in page.keys}
        assert names <= known
    for page in pages():
        assert page.summary
        for key in page.keys:
            assert key.description.endswith("."), f"{page.name}.{key.name}"
            assert key.examples, f"{page.name}.{key.name}"


def test_examples_are_yaml() -> None:
    """As they stand, on one line."""
    for page in pages():
        for name, examples in (
            (page.name, page.examples),
            *((k.name, k.examples) for k in page.keys),
        ):
            for one in examples:
                assert set(yaml.safe_load(f'"{name}": {one}')) == {name}


def test_the_list_and_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """All words, then one, with both its meanings."""
    assert doc.main([]) == 0
    assert doc.main(["exec"]) == 0

    out = capsys.readouterr().out
    assert "  signal       Send signals" in out
    assert "EXEC (steps)" in out
    assert "EXEC (conditions)" in out


def test_a_signal_says_what_it_does_to_init(capsys: pytest.CaptureFixture[str]) -> None:
    """The two privileged ones get through from the host."""
    assert doc.main(["SIGKILL", "15", "RTMIN+3"]) == 0

    out = capsys.readouterr().out
    assert "SIGKILL is number 9. Default action Term" in out
    assert "from an ancestor namespace (the host): kills it" in out
    assert "SIGTERM is number 15" in out
    assert "SIGRTMIN+3 is number 37" in out
    assert all(signal_words(one) for one in ALL_SIGNALS)


def test_an_unknown_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """With the nearest one."""
    assert doc.main(["singal"]) == 5

    assert "did you mean 'signal'?" in capsys.readouterr().err


def test_a_key_is_found_wherever_it_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it means there, and the page that has it whole."""
    assert doc.main(["within", "ready"]) == 0

    out = capsys.readouterr().out
    assert "WITHIN (a key of wait, in steps)" in out
    assert "WITHIN (a key of time, in conditions)" in out
    assert "READY (a key of container, in scenario)" in out
    assert "more: scenario-doc container" in out


@pytest.mark.parametrize("word", ["R5", "r5", "init-drop-at-send"])
def test_a_rule_has_a_page_by_number_and_by_name(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its sentence, its sources, and the scenarios that show it."""
    assert doc.main([word]) == 0

    out = capsys.readouterr().out
    assert "R5 init-drop-at-send: Init without a handler gets nothing" in out
    assert "Sources: kill(2)" in out
    assert "scenario-run -t R5 scenarios/kernel" in out
    assert "scenarios/kernel/29-only-from-an-ancestor-namespace.yml" in out


def test_a_word_that_is_a_step_and_a_rule_gives_both(capsys: pytest.CaptureFixture[str]) -> None:
    """As `stop`, the step, and R10."""
    assert doc.main(["stop"]) == 0

    out = capsys.readouterr().out
    assert "STOP (steps)" in out
    assert "R10 stop: Stop signals" in out


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("R21", "rules are R0 to R20"),
        ("auto-reep", "did you mean 'auto-reap'?"),
        ("SIGTRM", "did you mean 'SIGTERM'?"),
        ("zzz", "scenario-doc alone lists all words"),
    ],
)
def test_a_misspelt_rule_or_signal_is_told(
    word: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest one, or what there is."""
    assert doc.main([word]) == 5

    assert hint in capsys.readouterr().err


def test_every_rule_is_shown_by_a_scenario() -> None:
    """Of scenarios/kernel, by its tag; every scenario there shows one."""
    shown = proofs()

    assert all(shown[rule] for rule in Rule)
    files = {one.path for some in shown.values() for one in some}
    assert {path.name for path in KERNEL.glob("*.yml")} == {Path(one).name for one in files}


def test_without_a_checkout_no_scenarios_are_named(tmp_path: Path) -> None:
    """An installed wheel has the rules only."""
    assert not any(proofs(tmp_path).values())


def test_every_row_of_the_decision_table_names_a_scenario() -> None:
    """So that whoever doubts it can measure it again; test_docs follows the links."""
    text = (KERNEL.parents[1] / "docs" / "kernel" / "decision-table.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \|.*$", text, re.MULTILINE)

    assert len(rows) == 27
    assert all("../../scenarios/" in row for row in rows)


BASH = shutil.which("bash") or ""


@pytest.mark.skipif(not BASH, reason="no bash")
def test_a_reader_that_has_gone_is_no_trouble() -> None:
    """As `scenario-doc | head` has it: no traceback."""
    command = f"{sys.executable} -m runner.cli.doc SIGTERM signal R5 | true"

    done = subprocess.run([BASH, "-c", command], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("word", ["D1", "d1"])
def test_a_diagnosis_has_a_page_by_number(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What happens, what shows it, the cure with the text to write, and what does not help."""
    assert doc.main([word]) == 0

    out = capsys.readouterr().out
    assert out.startswith("D1: A script is PID 1, and its program runs without `exec`\n")
    assert "Shown by: init is a shell" in out
    assert 'exec "$@"' in out
    assert "Does not help:" in out


def test_every_diagnosis_is_listed_and_a_number_that_is_none_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`scenario-doc` alone lists them."""
    assert doc.main([]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n  {one.name:<4} {one.text.title}\n" in listed for one in Diagnosis)
    assert doc.main(["D99"]) == doc.UNKNOWN
    assert "diagnoses are D1, D2, " in capsys.readouterr().err


WORDS = """
expect condition selector duration units variables placeholder item exclude inside host running
stopped paused never_started predicted dropped_init handler_runs consumed terminated core_dumped
continued rejected pending ignored EPERM ESRCH engine cgroup arch kernel evidence proc quiet
quiet-period flaky settings scenario-run.toml retries report reports junit register limits
exit-codes init.exited steps.signal steps.stop outcome.dropped_init expect.init.exited healthy
unhealthy missing always never stdout stderr group all volume bind tmpfs true facts axis verdict
errored escalated probe misprediction fail-fast SCENARIO_RUN_FORKS
"""


@pytest.mark.parametrize("word", WORDS.split())
def test_every_word_that_can_be_typed_has_a_page(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys, values, options, and what the guide speaks of."""
    assert doc.main([word]) == 0

    assert capsys.readouterr().out.strip()


def test_every_value_of_the_language_has_a_text_of_its_own() -> None:
    """No enumeration of the schema is without."""
    enums = [one for one in _enums(scenario_schema.build()) if one != ["scenario/v1"]]

    assert enums
    assert all(len(value_descriptions(one)) == len(one) for one in enums)
    words = {frozenset(texts.words) for texts in VALUE_TEXTS}
    found = {frozenset(str(one).lower() if one is True else str(one) for one in e) for e in enums}
    assert words <= found


def _enums(node: object) -> Iterator[list[object]]:
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            yield node["enum"]
        for inner in node.values():
            yield from _enums(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _enums(inner)


def test_a_word_has_all_its_meanings(capsys: pytest.CaptureFixture[str]) -> None:
    """`ignored`: a key of init and of process, an outcome, and a rule."""
    assert doc.main(["ignored"]) == 0

    out = capsys.readouterr().out
    assert "IGNORED (a key of init, in conditions)" in out
    assert "IGNORED (a key of process, in conditions)" in out
    assert "IGNORED (a value of outcome)" in out
    assert "R6 ignored" in out


def test_the_page_of_a_key_lists_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what it means."""
    assert doc.main(["outcome", "from"]) == 0

    out = capsys.readouterr().out
    assert "    dropped_init   Discarded, since an init has no handler" in out
    assert "    host           By the engine, from an ancestor PID namespace" in out


@pytest.mark.parametrize("word", sorted(DOCUMENTS))
def test_a_document_can_be_read_whole(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands in docs/, or in the wheel."""
    assert doc.main([word]) == 0

    assert "# " in capsys.readouterr().out


def test_what_is_longer_than_the_terminal_goes_through_the_pager(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And nothing else does."""
    monkeypatch.setattr("sys.stdout", _Terminal())
    monkeypatch.setenv("PAGER", f"tee {tmp_path / 'shown'}")

    show("a")
    assert not (tmp_path / "shown").exists()

    show("a\n" * 100)
    assert (tmp_path / "shown").read_text() == "a\n" * 100


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        """Say so."""
        return True
