"""The console: Ansible's shape, words without colours, and progress."""

from __future__ import annotations

import dataclasses
import io

from runner.model.observation import ContainerKept, FinalState
from runner.model.result import CaseResult
from runner.model.verdict import Skipped
from runner.report import markdown
from runner.report.console import Console
from runner.report.progress import Progress
from tests.support.results import ERRORED, FAILED, FLAKY, MATRIX, MIXED, PASSED, run_of


def lines(*results: CaseResult, verbosity: int = 0, color: bool = False) -> list[str]:
    """What the console shows of results."""
    console = Console(color=color, width=60, verbosity=verbosity)
    return [line for result in results for line in console.lines_for(result)]


def test_a_passing_case_shows_its_steps_and_what_was_seen() -> None:
    """SCENARIO, STEP, ok."""
    shown = lines(PASSED)

    assert shown[1] == "SCENARIO [stops gracefully] " + "*" * 32
    assert shown[2] == "STEP [stop] " + "*" * 48
    assert shown[3].startswith("ok: init exited 0; logs have 'bye'  (2")


def test_a_failing_case_says_what_was_expected_and_seen_and_when() -> None:
    """And the steps that were not run, the place, and the last output."""
    text = "\n".join(lines(FAILED))

    assert "failed: expected init exited 0; saw init is still running (at 0.5" in text
    assert "decided because: not met within 0.5 s" in text
    assert "at scenarios/test.yml:1:1" in text
    assert "skipping: an earlier step ended the case" in text
    assert "    | up" in text


def test_a_kept_container_says_how_to_look_at_it_and_how_to_remove_it() -> None:
    """By the command of its engine; a shell only where init still runs."""
    kept_as = ContainerKept(1, "kept-1", "podman")
    kept = dataclasses.replace(FAILED, timeline=(*FAILED.timeline, kept_as))
    commands = ["podman logs kept-1", "podman exec -it kept-1 sh", "podman rm -f kept-1"]

    assert lines(kept)[-3:] == [f"    $ {command}" for command in commands]
    assert "\n".join(commands) in markdown.render(run_of(kept))
    ended = [fact for fact in kept.timeline if not isinstance(fact, FinalState)]
    assert len(lines(dataclasses.replace(kept, timeline=tuple(ended)))) == len(lines(kept)) - 1


def test_a_flaky_case_says_so_and_how_it_failed() -> None:
    """It counts as passed; the recap names it too."""
    text = "\n".join(lines(FLAKY))
    recap = list(Console(color=False, width=60, verbosity=0).recap(run_of(PASSED, FLAKY)))

    assert "flaky: passed at try 3\n    try 1: failed: expected init exited 0; saw" in text
    assert "    try 2: errored: the container never became ready" in text
    assert "ok=2    failed=0    errored=0    skipped=0    flaky=1 " in recap[2]
    assert recap[-1].startswith("2 cases: 2 passed, 1 flaky in ")


def test_a_case_that_never_passes_says_how_often_it_was_tried() -> None:
    """With what came before."""
    again = dataclasses.replace(FAILED, earlier=(FAILED.verdict,))

    text = "\n".join(lines(again))
    assert "    tried 2 times; before that:\n    try 1: failed: expected" in text


def test_an_errored_case_says_why() -> None:
    """What could not be judged, even before the first step."""
    text = "\n".join(lines(ERRORED))

    assert "errored: the container never became ready" in text


def test_a_matrix_has_one_header_and_a_line_a_row() -> None:
    """62 rows must read well."""
    shown = lines(*MATRIX.cases)

    assert sum(line.startswith("SCENARIO") for line in shown) == 1
    assert sum(line.startswith("ok: [number=") for line in shown) == 62
    assert not any(line.startswith("STEP") for line in shown)


def test_a_row_of_several_steps_says_where_they_led() -> None:
    """In the one line that it has."""
    row = {"from": "inside"}
    steps = (*FAILED.steps[1:], *PASSED.steps)
    a_case = dataclasses.replace(PASSED.case, row=row)

    shown = lines(dataclasses.replace(PASSED, case=a_case, steps=steps))

    assert shown[-1].startswith("ok: [from=inside]  2 steps, the last: init exited 0; logs")


def test_a_skipped_row_is_one_line_with_its_reason() -> None:
    """There is nothing to read up on."""
    a_case = dataclasses.replace(PASSED.case, row={"from": "inside"})

    shown = lines(CaseResult(a_case, Skipped("when: cgroup == 'v2'"), PASSED.steps, (), 0))

    assert shown[2:] == ["skipping: [from=inside]  when: cgroup == 'v2'"]


def test_more_is_shown_when_asked_for() -> None:
    """-v shows the steps of rows, -vv timelines."""
    assert any(line.startswith("STEP") for line in lines(MATRIX.cases[0], verbosity=1))
    assert any("timeline:" in line for line in lines(MATRIX.cases[0], verbosity=2))


def test_colours_only_when_told() -> None:
    """And the words are the same."""
    plain, coloured = "\n".join(lines(FAILED)), "\n".join(lines(FAILED, color=True))

    assert "\x1b" not in plain
    assert "\x1b[31mfailed:" in coloured


def test_foreign_text_commands_no_terminal() -> None:
    """Titles and paths may hold escape sequences and line breaks; what is shown does not."""
    evil = "t\x1b[2J\x9b2J\nu\x85v"
    step = dataclasses.replace(FAILED.case.steps[0], title=evil)
    place = dataclasses.replace(FAILED.case.where, path=evil)
    result = dataclasses.replace(
        FAILED,
        case=dataclasses.replace(
            FAILED.case, steps=(step, *FAILED.case.steps[1:]), name=evil, where=place
        ),
        steps=(dataclasses.replace(FAILED.steps[0], title=evil, where=place),),
    )
    recap = Console(color=False, width=60, verbosity=0).recap(run_of(result))

    for line in [*lines(result, verbosity=2), *recap]:
        assert line.isprintable(), line


def test_the_recap_counts_by_file() -> None:
    """One line a file, then the totals."""
    shown = list(Console(color=False, width=60, verbosity=0).recap(MIXED))

    assert shown[1] == "RECAP " + "*" * 54
    assert shown[2].startswith("scenarios/test.yml : ok=1    failed=1    errored=1    skipped=0")
    assert shown[-1] == "3 cases: 1 passed, 1 failed, 1 errored in 1.25 s"


def test_a_run_without_cases_says_so() -> None:
    """Interrupted before the first one."""
    shown = list(Console(color=False, width=60, verbosity=0).recap(run_of()))

    assert shown[-1] == "0 cases in 1.25 s"


def test_an_interrupted_run_says_so() -> None:
    """In the last line."""
    shown = list(
        Console(color=False, width=60, verbosity=0).recap(run_of(PASSED, interrupted=True))
    )

    assert shown[-1].startswith("interrupted - 1 case: 1 passed")


def test_progress_is_one_line_on_a_terminal() -> None:
    """Rewritten in place, cut to the width."""
    stream = io.StringIO()
    progress = Progress(stream, total=3, live=True, width=40)
    progress.started("a case with a long name")
    progress.started("another")
    progress.finished("another")
    with progress.paused():
        stream.write("a result\n")
    progress.finished("a case with a long name")
    with progress.paused():
        pass

    shown = stream.getvalue().split("\r\x1b[2K")
    assert shown[1] == "0/3 done, running: a case with a long n"
    assert shown[3] == "1/3 done, running: a case with a long n"
    assert shown[4] == "a result\n"
    assert shown[5] == shown[3]
    assert shown[-1] == ""


def test_without_a_terminal_long_work_still_shows() -> None:
    """The first line of each image, not the hundred that follow."""
    stream = io.StringIO()
    progress = Progress(stream, total=1, live=False, width=80)
    progress.progress("building app (first use)")
    progress.progress("building app: Step 1/3")
    progress.progress("building app: Step 2/3")
    progress.started("a case")
    progress.note("removed 1 container")

    assert stream.getvalue() == "building app (first use)\nremoved 1 container\n"
