"""What is said of words that the language does not have: other tools', misplaced, misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli.doc import main as scenario_doc
from runner.errors import InvalidScenarios, Problem
from runner.language.foreign_words import FOREIGN_WORDS
from runner.language.models_by_path import keys_of
from runner.language.unknown_words import PAGES, PLACES
from runner.plan.load import load_cases


def problems_of(folder: Path, text: str) -> list[Problem]:
    """Give what is wrong with a file."""
    path = folder / "x.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidScenarios) as caught:
        load_cases([str(path)])
    return list(caught.value.problems)


def advice_on(folder: Path, step: str) -> str:
    """Give the advice on the only problem of a step."""
    text = f"name: x\ncontainer: {{image: app}}\nsteps:\n  - {step}\n"
    (problem,) = problems_of(folder, text)
    return problem.advice


def test_no_foreign_word_is_a_key_of_the_language() -> None:
    """Or it would never be looked up."""
    keys = {place: set(keys_of(model)) for model, place in PLACES.items()}
    ours = [
        (place, word)
        for by_place in FOREIGN_WORDS.values()
        for place, by_word in by_place.items()
        for word in by_word
        if word in keys.get(place, ())
    ]

    assert not ours


def test_a_foreign_word_has_one_meaning_at_a_place() -> None:
    """Whichever tool it is from."""
    places = [
        (place, word)
        for by_place in FOREIGN_WORDS.values()
        for place, by_word in by_place.items()
        for word in by_word
    ]

    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("step", "advice"),
    [
        (
            "{signal: TERM, from: inside, expect: {init: running}}",
            "it belongs in `signal`: signal: {send: TERM, from: inside}",
        ),
        (
            "{signal: {send: TERM}, times: 2, expect: {init: running}}",
            "it belongs in `signal`: signal: {send: TERM, times: 2}",
        ),
        ("{stop: true, expect: {alive: 0}}", "it belongs in `processes`: processes: {alive: 0}"),
        ("{expect: {init: {exited: 0, within: 3s}}}", "it belongs beside `init`, not in it"),
        ("{stop: {grace: 3s, expect: {init: running}}}", "it belongs beside `stop`, not in it"),
        ("{expect: {init: running}, timeouts: 3s}", "scenario-doc lists the 17 keys"),
        ("{expect: {init: running, logz: a}}", "did you mean 'logs'?"),
        ("{expect: {init: running, healht: healthy}}", "did you mean 'health'?"),
    ],
)
def test_a_key_at_the_wrong_place_is_told_where_it_belongs(
    step: str, advice: str, tmp_path: Path
) -> None:
    """A level further in, with what is there already, or further out; else as it is spelt."""
    assert advice_on(tmp_path, step) == advice


@pytest.mark.parametrize("word", ["stup", "satrt"])
def test_a_second_kind_of_step_is_not_suggested(word: str, tmp_path: Path) -> None:
    """That would be wrong too."""
    step = f"{{signal: TERM, {word}: true, expect: {{init: running}}}}"

    assert "did you mean" not in advice_on(tmp_path, step)


def test_a_key_that_is_there_already_is_not_suggested(tmp_path: Path) -> None:
    """It stands once in a mapping."""
    step = "{expect: {init: running, inti: running}}"

    assert "did you mean" not in advice_on(tmp_path, step)


def test_an_unknown_key_is_told_beside_a_placeholder_that_it_was_meant_to_fill(
    tmp_path: Path,
) -> None:
    """With `with_items` there is no `item`."""
    text = (
        "name: x\ncontainer: {image: app}\nsteps:\n"
        '  - {signal: "{{ item }}", with_items: [TERM], expect: {init: running}}\n'
    )

    assert [one.what for one in problems_of(tmp_path, text)] == [
        "unknown variable 'item'",
        "unknown key 'with_items' in this step",
    ]


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("  - stop: 10s\n  expect: {init: {exited: 0}}", "indent it as its 'stop'"),
        ("  - stop: 10s\n   expect: {init: {exited: 0}}", "indent it as its 'stop'"),
    ],
)
def test_a_key_that_is_indented_wrongly_is_told_where_it_belongs(
    lines: str, advice: str, tmp_path: Path
) -> None:
    """The YAML parser itself knows of indicators only."""
    (problem,) = problems_of(tmp_path, f"name: x\ncontainer: {{image: app}}\nsteps:\n{lines}\n")

    assert advice in problem.advice


@pytest.mark.parametrize("word", ["no", "off", "No"])
def test_a_skip_that_says_no_is_refused(word: str, tmp_path: Path) -> None:
    """As a reason, it would skip the scenario."""
    steps = "[{expect: {init: running}}]"
    text = f"name: x\nskip: {word}\ncontainer: {{image: app}}\nsteps: {steps}\n"

    (problem,) = problems_of(tmp_path, text)

    assert problem.advice == "write false"


@pytest.mark.parametrize("page", sorted(set(PAGES.values())))
def test_the_pages_that_are_pointed_to_are_there(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the keys."""
    assert scenario_doc(page.split()) == 0
    assert capsys.readouterr().out
