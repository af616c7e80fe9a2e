"""Scenarios written out in their long form mean the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner.cli import main as cli
from runner.language.fields import duration_text, parse_duration
from runner.language.yaml_text import read
from runner.model.case import Case
from runner.model.expectation import DEFAULT_WITHIN_S
from runner.model.step import Step, Stop, Wait
from runner.plan.explain import explained
from runner.plan.fill import NO_VARIABLES, Variables
from runner.plan.load import load, load_cases
from tests.support.cases import HERE
from tests.unit.language.test_examples import SCHEMA, SHIPPED, VALID

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SMALLEST = "name: x\ncontainer: {image: app}\nsteps: [{expect: {init: running}}]\n"


def with_defaults(case: Case) -> Case:
    """A case as it is judged, without where it stands and what it was made of."""

    def filled(step: Step) -> Step:
        step = dataclasses.replace(step, where=HERE)
        if step.expect is None or step.expect.within_s is not None or isinstance(step.action, Wait):
            return step
        within_s = DEFAULT_WITHIN_S
        if isinstance(step.action, Stop):
            own_s = step.action.grace_s
            within_s += case.containers[""].plan.stop_grace_s if own_s is None else own_s
        within_s = max(within_s, step.expect.not_before_s or 0)
        return dataclasses.replace(step, expect=dataclasses.replace(step.expect, within_s=within_s))

    return dataclasses.replace(
        case,
        where=HERE,
        scenario=case.name,
        row={},
        steps=tuple(map(filled, case.steps)),
        always=tuple(map(filled, case.always)),
    )


def explain(path: Path, variables: Variables = NO_VARIABLES) -> tuple[tuple[Case, ...], str]:
    """The cases of a file, and the file in its long form."""
    checked = load([str(path)], variables)
    cases = tuple(one.case for one in checked)
    return cases, "".join(explained(checked, chosen={case.key: case for case in cases}))


def again(text: str, folder: Path) -> tuple[Case, ...]:
    """The cases of a text, in a folder far from where it was made."""
    path = folder / "again.yml"
    path.write_text(text, encoding="utf-8")
    return load_cases([str(path)])


@pytest.mark.parametrize("path", [*VALID, *SHIPPED], ids=lambda path: path.stem)
def test_the_long_form_means_the_same_and_has_itself_as_its_long_form(
    path: Path, tmp_path: Path
) -> None:
    """
    Each case is a document, which gives the same case wherever it is read.

    Nothing is left to be filled in, and editors accept it. One test, because writing a long form
    is what takes the time.
    """
    cases, text = explain(path)
    (tmp_path / "again.yml").write_text(text, encoding="utf-8")

    cases_again, text_again = explain(tmp_path / "again.yml")

    assert list(map(with_defaults, cases)) == list(map(with_defaults, cases_again))
    assert text_again == text
    documents, problems = read("x", text.encode())
    assert not problems
    assert all(VALIDATOR.is_valid(document.data) for document in documents)


def test_what_was_left_out_is_filled_in(tmp_path: Path) -> None:
    """Defaults that have a value, and long forms; what is empty stays out."""
    path = tmp_path / "x.yml"
    path.write_text(
        'name: "{{ n }}"\nvars: {n: one}\ncontainer: {image: app, stop_grace_period: 2s}\n'
        "steps:\n  - signal: {send: 15, to: all}\n  - {stop: true, expect: {logs: [a, /b/]}}\n",
        encoding="utf-8",
    )

    assert (
        explain(path)[1]
        == """\
---
schema: scenario/v1
name: one
vars:
  n: one
timeout: 60s
container:
  image: app
  pull: missing
  docker_init: false
  stop_grace_period: 2s
  network_mode: none
  read_only: false
  tty: false
  stdin_open: false
  restart: 'no'
steps:
- signal:
    send: [SIGTERM]
    to: all
    from: inside
    times: 1
    every: 0s
  ignore_errors: false
- stop: {}
  ignore_errors: false
  expect:
    logs:
      lines: [a, /b/]
    within: 7s
"""
    )


def test_what_looks_like_a_placeholder_stays_readable() -> None:
    """Only its braces are escaped; its letters are as they were."""
    path = Path("x.yml")
    text = SMALLEST.replace("{image: app}", '{image: app, init: ["{{ t }}"]}')
    path.write_text(text, encoding="utf-8")

    _, written = explain(path, Variables(extra={"t": "{{ é }}"}))

    assert r'"\u007b\u007b é \u007d\u007d"' in written


@settings(deadline=None)
@given(
    st.one_of(
        st.text(st.characters(exclude_characters="\0"), max_size=30),
        st.text("{}%#-'\"\\\n\r ab", max_size=30),
        st.sampled_from(["no", "0o17", "1e5", ".5", "~", "0x1F", "1.5e3", "2020-01-01", "=", "<<"]),
    )
)
@example("a\x85b")
def test_any_text_stays_what_it_is(text: str) -> None:
    """YAML 1.2 and Jinja2 read nothing into it."""
    folder = Path("long-form")
    folder.mkdir(exist_ok=True)
    path = folder / "x.yml"
    path.write_text(SMALLEST.replace("{image: app}", '{image: app, init: ["{{ t }}", "{{ t }}"]}'))

    cases, written = explain(path, Variables(extra={"t": text}))

    (one,) = again(written, folder)
    assert one.containers[""].plan.init == cases[0].containers[""].plan.init == (text, text)
    assert one.variables == {"t": text}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@given(
    st.builds(
        "{}{}".format,
        st.one_of(st.integers(0, 999_999_999), st.decimals(0, 9999, places=3)),
        st.sampled_from(["ms", "s", "m", "h"]),
    )
)
def test_any_duration_is_read_back(text: str) -> None:
    """In whatever unit it was."""
    seconds = parse_duration(text)

    assert parse_duration(duration_text(seconds)) == pytest.approx(seconds, abs=1e-9)


def test_only_what_is_chosen_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """By tag and by name as for a run; the options of the command line count."""
    Path("x.yml").write_text(
        SMALLEST + "---\n" + SMALLEST.replace("name: x", "name: y"), encoding="utf-8"
    )

    assert cli.main(["--explain", "-l", "y", "--timeout", "250ms", "--repeat", "2", "x.yml"]) == 0

    out = capsys.readouterr().out
    assert "name: y\ntimeout: 250ms\n" in out
    assert "name: x" not in out
