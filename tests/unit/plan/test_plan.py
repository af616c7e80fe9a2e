"""Finding files, expanding the matrix, selecting cases."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from runner.errors import UsageError
from runner.model.expectation import InitIs, InitState
from runner.model.step import Addressee, Sender, SendSignals
from runner.plan.fill import Variables
from runner.plan.find import find_files
from runner.plan.load import load_cases
from runner.plan.names import advice_on_pattern
from runner.plan.select import Selection, select
from runner.plan.start import start_at
from tests.support.cases import case, send, snapshot

RUNNING = InitIs(InitState.RUNNING)

SCENARIO = """\
name: "{{ signal }} from {{ from }}"
tags: [a]
matrix: {signal: [SIGTERM, 2], from: [inside, host]}
container: {image: app}
steps: [{signal: {send: "{{ signal }}", from: "{{ from }}"}, expect: {init: running}}]
---
name: other
tags: [b, never]
container: {image: app}
steps: [{expect: {init: running}}]
---
name: third
container: {image: app}
steps: [{expect: {init: running}}]
---
name: fourth
tags: [always]
container: {image: app}
steps: [{expect: {init: running}}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with scenarios, as the working folder."""
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "one.yml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "sub" / "two.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / ".hidden" / "three.yml").write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(**selection: object) -> list[str]:
    """Names of the selected cases of one.yml."""
    return [case.name for case in select(load_cases(["one.yml"]), Selection(**selection))]  # type: ignore[arg-type]


def test_a_folder_means_all_scenarios_below_it(folder: Path) -> None:
    """Sorted, without what is hidden or there to be included, and each file once."""
    (folder / "_part.yml").write_text("- stop: 1s\n", encoding="utf-8")

    assert find_files(["."]) == ["one.yml", "sub/two.yaml"]
    assert find_files(["one.yml", str(folder)]) == ["one.yml", f"{folder}/sub/two.yaml"]


@pytest.mark.parametrize(
    ("argument", "advice"),
    [
        ("on.yml", "did you mean 'one.yml'?"),
        ("*.yaml", "no file matches"),
        ("no/x.yml", "no folder no"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_path_that_is_not_there_is_a_usage_error(argument: str, advice: str) -> None:
    """With the nearest name."""
    with pytest.raises(UsageError) as caught:
        find_files([argument])

    assert advice in caught.value.advice


def test_a_folder_without_scenarios_is_a_usage_error(folder: Path) -> None:
    """Nothing to run must not look like all is well."""
    (folder / "empty").mkdir()

    with pytest.raises(UsageError, match="no scenarios in empty"):
        find_files(["empty"])


@pytest.mark.usefixtures("folder")
def test_the_matrix_is_every_combination_and_keeps_types() -> None:
    """In the order of the axes; a value that is one placeholder stays what it is."""
    cases = load_cases(["one.yml"])[:4]

    assert [case.name for case in cases] == [
        "SIGTERM from inside",
        "SIGTERM from host",
        "2 from inside",
        "2 from host",
    ]
    assert [dict(case.row) for case in cases][3] == {"signal": "2", "from": "host"}
    action = cases[2].steps[0].action
    assert isinstance(action, SendSignals)
    assert (action.to, action.sender) == (Addressee.INIT, Sender.INSIDE)
    assert [int(one) for one in action.signals] == [2]


@pytest.mark.usefixtures("folder")
def test_tags_select_as_ansibles() -> None:
    """`always` is run unless skipped, `never` only by a tag of its own."""
    matrix = ["SIGTERM from inside", "SIGTERM from host", "2 from inside", "2 from host"]

    assert names() == [*matrix, "third", "fourth"]
    assert names(tags=["a"]) == [*matrix, "fourth"]
    assert names(tags=["b"]) == ["other", "fourth"]
    assert names(tags=["never"]) == ["other", "fourth"]
    assert names(tags=["untagged"]) == ["third", "fourth"]
    assert names(tags=["tagged"]) == [*matrix, "fourth"]
    assert names(skip_tags=["a"]) == ["third", "fourth"]
    assert names(skip_tags=["always"]) == [*matrix, "third"]
    assert names(skip_tags=["all"]) == ["fourth"]
    assert names(skip_tags=["all", "always"]) == []


@pytest.mark.usefixtures("folder")
def test_limits_are_globs_with_ansibles_signs() -> None:
    """Either, and also, but not; on the case, the scenario or the file."""
    assert names(limit=["third"]) == ["third"]
    assert names(limit=["third:fourth"]) == ["third", "fourth"]
    assert names(limit=["*inside*,third"]) == ["SIGTERM from inside", "2 from inside", "third"]
    assert names(limit=["*from*:&*inside"]) == ["SIGTERM from inside", "2 from inside"]
    assert names(limit=["*from*:!*inside"]) == ["SIGTERM from host", "2 from host"]
    assert names(limit=["!*from*"]) == ["third", "fourth"]
    assert len(names(limit=["one.yml"])) == 6
    assert names(limit=["{{ signal }} from {{ from }}"]) == names(limit=["*from*"])
    assert names(limit=["third", "fourth", "!fourth"]) == ["third"]
    assert names(limit=[""]) == names()


@pytest.mark.parametrize(
    ("limit", "what", "advice"),
    [
        (["third:forth"], "no case fits 'forth'", "did you mean 'fourth'?"),
        (["*inside:*qqqqqq*"], "no case fits '*qqqqqq*'", "--list shows the names"),
        (["*from hots"], "no case fits '*from hots'", "did you mean '2 from host'?"),
        (["inside"], "no case fits 'inside'", "did you mean '*inside*'?"),
        (["third", "none"], "no case fits 'none'", ""),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_pattern_that_means_no_case_is_a_usage_error(
    limit: list[str], what: str, advice: str
) -> None:
    """Of several, one that is misspelt must not be silent."""
    with pytest.raises(UsageError) as caught:
        names(limit=limit)

    assert what in caught.value.what
    assert advice in caught.value.advice


def test_a_file_of_names_is_a_limit(folder: Path) -> None:
    """Each a whole name, taken literally; blank lines are nothing; other limits hold beside."""
    (folder / "some").write_text("\ufeff2 from host\r\n\n  third\n", encoding="utf-8")

    assert names(limit=["@some"]) == ["2 from host", "third"]
    assert names(limit=["@some", "fourth:!2*"]) == ["third", "fourth"]
    assert names(limit=["@some"], tags=["untagged"]) == ["third"]


def test_names_may_come_from_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that `--list`, `grep` and `--limit @-` make a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO("fourth\n2 from inside\n"))

    assert names(limit=["@-"]) == ["2 from inside", "fourth"]


@pytest.mark.parametrize(
    ("content", "what", "advice"),
    [
        (b"third\n*from*\nx\n", "no case has the name '*from*' (nor 1 more of its names)", ""),
        (b"thurd\n", "no case has the name 'thurd'", "did you mean 'third'?"),
        (b"\n \n", "there is no name in it", "one name a line"),
        (b"\xff\n", "codec can't decode", "save the file as UTF-8"),
        (None, "No such file", "one name a line"),
    ],
)
def test_a_file_of_names_is_checked(
    folder: Path, content: bytes | None, what: str, advice: str
) -> None:
    """An empty one must not mean everything, and a name that nobody has must be told."""
    if content is not None:
        (folder / "some").write_bytes(content)

    with pytest.raises(UsageError) as caught:
        names(limit=["@some"])

    assert what in caught.value.what
    assert advice in caught.value.advice


def test_steps_before_the_one_to_start_at_are_skipped() -> None:
    """As Ansible's tasks; cases without such a step are not chosen, `always` steps stay."""
    first, second, third = snapshot(RUNNING), send("TERM"), snapshot(RUNNING)
    three = case(first, second, third, always=(first,), name="three")
    cases = [three, case(first, name="one"), case(second, name="at once")]

    found = start_at(cases, "signal *")

    assert [one.name for one in found] == ["three", "at once"]
    assert [step.skip for step in found[0].all_steps] == ["before --start-at-step", "", "", ""]
    assert found[1] == cases[2]
    assert start_at([], "signal *") == ()


def test_a_step_to_start_at_that_nobody_has_is_a_usage_error() -> None:
    """With the nearest name."""
    with pytest.raises(UsageError) as caught:
        start_at([case(send("TERM"))], "signal TREM")

    assert caught.value.what == "--start-at-step: no step is called 'signal TREM'"
    assert caught.value.advice == "did you mean 'signal TERM'?"


@pytest.mark.parametrize(
    ("pattern", "advice"),
    [
        ("SIGTREM", "did you mean 'SIGTERM is forwarded to every worker'?"),
        ("nginx stpos*", "did you mean 'nginx stops gracefully'?"),
        ("gracefully", "a pattern is about the whole name: did you mean '*gracefully*'?"),
        ("something else", "--list"),
    ],
)
def test_a_long_name_is_known_by_its_beginning(pattern: str, advice: str) -> None:
    """A slip in a few words of it is one slip, however long the name is."""
    names = ["nginx stops gracefully", "SIGTERM is forwarded to every worker"]

    assert advice == advice_on_pattern(pattern, names, otherwise="--list")


EXAMPLES = Path(__file__).parents[2] / "examples"


def test_loops_and_includes_become_steps_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its item and variables, and the place where it was written."""
    monkeypatch.chdir(EXAMPLES)

    (case,) = load_cases(["valid/loop-and-include.yml"])

    sent = [str(one.action.signals[0]) for one in case.steps if isinstance(one.action, SendSignals)]
    assert sent == ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGHUP", "SIGHUP", "SIGINT"]
    places = [f"{one.where.path}:{one.where.line}" for one in case.steps]
    assert places[0] == places[1] == "valid/loop-and-include.yml:5"
    assert places[4] == places[5] == "parts/signal.yml:1"
    assert places[6] == "parts/stop.yml:1"


def test_variables_from_outside_override_or_give_way(folder: Path) -> None:
    """Defaults give way to the scenario's own, which give way to the command line's."""
    (folder / "vars.yml").write_text(
        'name: "{{ a }} {{ b }} {{ c }}"\nvars: {b: own, c: own}\ncontainer: {image: app}\n'
        "steps: [{expect: {init: running}}]\n",
        encoding="utf-8",
    )

    (case,) = load_cases(
        ["vars.yml"],
        Variables(defaults={"a": "default", "b": "default"}, extra={"c": "extra"}),
    )

    assert case.name == "default own extra"


def test_excluded_rows_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that fit a rule, and no others."""
    monkeypatch.chdir(EXAMPLES)

    names = [case.name for case in load_cases(["valid/matrix-exclude.yml"])]

    assert names == ["SIGTERM from inside", "SIGTERM from host", "SIGINT from inside"]
