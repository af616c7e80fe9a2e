"""What an editor makes of the schema: yaml-language-server, asked as an editor asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from runner.language.document import ScenarioModel
from runner.language.models_by_path import keys_at
from runner.language.step_kinds import KINDS
from tests.support.language_server import ROOT, SERVER, LanguageServer, language_server

CORRECT = """\
name: it stops
container:
  image: app
  ready: {logs: up, within: 5s}
steps:
  - signal: {send: SIGHUP, from: inside}
    expect: {init: running}
  - stop: 10s
    expect: {init: {exited: 0}}
"""
FILES = sorted([*ROOT.glob("scenarios/**/*.yml"), *ROOT.glob("tests/examples/valid/*.yml")])


@pytest.fixture(scope="module")
def editor() -> Iterator[LanguageServer]:
    """Without the server the tests are skipped with the reason, or fail in CI."""
    if not SERVER.exists():
        missing = f"yaml-language-server is missing, `make unit` installs it: {SERVER}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with language_server() as server:
        yield server


def test_an_empty_step_offers_the_kinds(editor: LanguageServer) -> None:
    """Each with the sentence that describes it."""
    offered = editor.completions("name: x\ncontainer: {image: app}\nsteps:\n  - |")

    assert set(KINDS) <= offered.keys()
    assert all(offered[kind] for kind in KINDS)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("|\n", ()),
        ("name: x\ncontainer:\n  |\nsteps: []\n", ("container",)),
        ("name: x\nsteps:\n  - signal:\n      |\n", ("steps", 0, "signal")),
        ("name: x\nsteps:\n  - expect:\n      |\n", ("steps", 0, "expect")),
        ("name: x\nsteps:\n  - expect:\n      init:\n        |\n", ("steps", 0, "expect", "init")),
    ],
    ids=["document", "container", "signal", "expect", "init"],
)
def test_a_mapping_offers_its_keys(
    editor: LanguageServer, text: str, path: tuple[str | int, ...]
) -> None:
    """All that the models know there."""
    assert set(keys_at(path)) <= editor.completions(text).keys()


def test_a_key_shows_its_description(editor: LanguageServer) -> None:
    """The sentence of the model."""
    shown = editor.hover(CORRECT.replace("steps", "st|eps"))

    assert ScenarioModel.model_fields["steps"].description in shown


def test_a_correct_file_has_nothing_underlined(editor: LanguageServer) -> None:
    """Or the next test would prove nothing."""
    assert editor.diagnostics(CORRECT) == []


@pytest.mark.parametrize(
    ("typo", "line", "column"),
    [("imag", 3, 3), ("form", 6, 28), ("exitd", 9, 21), ("nm", 1, 1)],
)
def test_a_misspelt_key_is_underlined(
    editor: LanguageServer, typo: str, line: int, column: int
) -> None:
    """At the very word."""
    right = {"imag": "image", "form": "from", "exitd": "exited", "nm": "name"}[typo]

    found = editor.diagnostics(CORRECT.replace(right, typo))

    assert (line, column, f"Property {typo} is not allowed.") in found


def test_no_file_that_is_right_is_underlined(editor: LanguageServer) -> None:
    """With its own modeline, if it has one."""
    found = editor.diagnostics_of({path: path.read_text(encoding="utf-8") for path in FILES})

    assert FILES
    assert not {path.name: underlined for path, underlined in found.items() if underlined}


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nsteps:\n  - signal: |\n",
        "name: x\nsteps:\n  - expect:\n      init: |\n",
        "name: x\nsteps:\n  - |\n",
        "name: x\nmatrix: |\n",
        "name: x\ncontainer: |\n",
        "|\n",
    ],
)
def test_what_is_offered_can_be_read(editor: LanguageServer, text: str) -> None:
    """Also where an example is a mapping."""
    offered = editor.insertions(text)

    assert offered
    assert not [one for one in offered.items() if "[object Object]" in "".join(one)]


def test_an_example_that_is_a_mapping_is_offered_as_it_is_written(editor: LanguageServer) -> None:
    """In one line; a brace is escaped, as the text of a snippet needs it."""
    offered = editor.insertions("name: x\nsteps:\n  - expect:\n      init: |\n")

    assert offered["{exited: 0}"] == "{exited: 0\\}"


def test_each_value_has_a_text_of_its_own(editor: LanguageServer) -> None:
    """Where it is offered, and where it stands."""
    offered = editor.completions("name: x\nsteps:\n  - expect:\n      outcome: |\n")
    shown = editor.hover(CORRECT.replace("from: inside", "from: ins|ide"))

    assert "kill(2) succeeds all the same" in offered["dropped_init"]
    assert "A handler was called" in offered["handler_runs"]
    assert "By a process in the container's own PID namespace" in shown


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("ima|ge: app", "Container"),
        ("fr|om: inside", "Signal step"),
        ("exi|ted: 0", "Init condition"),
    ],
)
def test_a_key_is_titled_by_what_it_belongs_to(
    editor: LanguageServer, word: str, title: str
) -> None:
    """Not by the document."""
    heading = editor.hover(CORRECT.replace(word.replace("|", ""), word)).splitlines()[0]

    assert title in heading
    assert "scenario-run" not in heading
