"""The console: Ansible's shape, words without colours, each case."""

from __future__ import annotations

import dataclasses

import pytest

from runner.kernel.signals import SIGTERM
from runner.model.case import READY, Case
from runner.model.observation import ContainerKept, FinalState, Interrupted, StepBegan
from runner.model.result import CaseResult
from runner.model.verdict import NOT_BEGUN, Errored, Evidence, Failed, Finding, Skipped
from runner.report import markdown
from tests.support.results import ERRORED, FAILED, FLAKY, MATRIX, NOT_RUN, PASSED, run_of
from tests.support.shown import recap_of_results, shown_of, whole


def in_row(result: CaseResult, **row: str) -> CaseResult:
    """A result as that of a row of a matrix."""
    name = f"ends on {' '.join(row.values())}"
    axes = " ".join(f"{{{{ {axis} }}}}" for axis in row)
    return of_case(result, name=name, scenario=f"ends on {axes}", row=row)


def of_case(result: CaseResult, **changes: object) -> CaseResult:
    """A result of another case."""
    case: Case = dataclasses.replace(result.case, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(result, case=case)


def test_a_passing_case_has_a_line_for_each_step_and_what_was_seen() -> None:
    """SCENARIO, ok."""
    assert shown_of(PASSED) == [
        "",
        "SCENARIO [stops gracefully] " + "*" * 52,
        "ok: [stop]  init exited 0; logs have 'bye'  (20 ms)",
    ]


def test_a_failing_case_says_what_was_expected_and_seen_and_when() -> None:
    """The place, why, and the last output; not the steps that were not run."""
    lines = shown_of(FAILED)

    assert lines[2:7] == [
        "failed: [signal TERM]  (550 ms)",
        "    expected: init exited 0",
        "    saw:      init is still running  (at 0.550 s, evidence: engine)",
        "    decided because: not met within 0.5 s",
        "    at scenarios/test.yml:1:1",
    ]
    assert lines[7].startswith("    why: By the masks in /proc")
    assert lines[-2:] == ["    last lines of the container's output (1 line in all):", "    | up"]
    assert not any("skipping" in line for line in lines)
    assert "skipping: [expect]  an earlier step ended the case" in "\n".join(
        shown_of(FAILED, verbosity=1)
    )


def test_what_several_checks_saw_is_said_once() -> None:
    """As of `delivered` and `outcome`, of which each has the same sentence."""
    seen = "SIGTERM delivered: it ends (terminated)"
    findings = tuple(
        Finding(expected, seen, expected == "good", Evidence.KERNEL, 0.25)
        for expected in ("the signal not delivered", "the outcome ignored")
    )
    step = dataclasses.replace(FAILED.steps[0], verdict=Failed(findings, "no later event"))
    twice = dataclasses.replace(FAILED, verdict=step.verdict, steps=(step, *FAILED.steps[1:]))

    text = "\n".join(whole(run_of(twice)))
    assert "    expected: the signal not delivered; the outcome ignored\n" in text
    assert text.count("saw:  ") == 1
    wide = whole(run_of(twice), width=200)[-2]
    assert wide == f"    expected the signal not delivered; the outcome ignored; saw {seen}"


def test_a_kept_container_says_how_to_look_at_it_and_how_to_remove_it() -> None:
    """By the command of its engine; a shell only where init still runs."""
    kept_as = ContainerKept(1, "kept-1", "podman")
    kept = dataclasses.replace(FAILED, timeline=(*FAILED.timeline, kept_as))
    commands = ["podman logs kept-1", "podman exec -it kept-1 sh", "podman rm -f kept-1"]

    assert shown_of(kept)[-3:] == [f"    $ {command}" for command in commands]
    assert "\n".join(commands) in markdown.render(run_of(kept))
    ended = [fact for fact in kept.timeline if not isinstance(fact, FinalState)]
    without = dataclasses.replace(kept, timeline=tuple(ended))
    assert len(shown_of(without)) == len(shown_of(kept)) - 1


def test_a_flaky_case_says_so_and_how_it_failed() -> None:
    """It counts as passed; the recap names it too."""
    text = "\n".join(shown_of(FLAKY))
    recap = recap_of_results(PASSED, FLAKY)

    assert "    flaky: passed at try 3\n    try 1: failed: expected init exited 0; saw" in text
    assert "    try 2: errored: the container never became ready" in text
    assert recap[3].endswith("test.yml  1 flaky")
    assert recap[-1].startswith("2 cases: 2 passed, 1 flaky in ")


def test_a_case_that_never_passes_says_how_often_it_was_tried() -> None:
    """With what came before."""
    again = dataclasses.replace(FAILED, earlier=(FAILED.verdict,))

    text = "\n".join(shown_of(again))
    assert "    tried 2 times; before that:\n    try 1: failed: expected" in text


def test_an_errored_case_says_why_and_where() -> None:
    """What could not be judged, even before the first step."""
    lines = shown_of(ERRORED)

    assert lines[2].startswith("errored: the container never became ready: expected logs")
    assert "    at scenarios/test.yml:1:1" in lines


def test_lines_of_an_error_are_kept() -> None:
    """As a builder wrote them; the advice comes last."""
    error = Errored("image 'app' does not build:\nStep 1/3 : FROM x\nno such image", "build it")

    lines = shown_of(dataclasses.replace(ERRORED, verdict=error))

    assert lines[2:6] == [
        "errored: image 'app' does not build:",
        "    Step 1/3 : FROM x",
        "    no such image",
        "    build it",
    ]


def test_a_step_that_may_fail_is_one_line() -> None:
    """As Ansible says it."""
    step = dataclasses.replace(FAILED.steps[0], ignored=True)

    lines = shown_of(dataclasses.replace(PASSED, steps=(step, *PASSED.steps)))

    assert lines[2] == (
        "failed: [signal TERM]  expected init exited 0; saw init is still…  ...ignoring"
    )


def test_a_skipped_case_is_one_line_with_its_reason() -> None:
    """There is nothing to read up on."""
    skipped = dataclasses.replace(PASSED, verdict=Skipped("when: cgroup == 'v2'"), took_s=0)

    assert shown_of(skipped)[2:] == ["skipping: when: cgroup == 'v2'"]
    assert shown_of(in_row(skipped, a="b"))[2:] == ["skipping: [a=b]  when: cgroup == 'v2'"]


def test_a_name_has_no_braces() -> None:
    """`<signal>` stands for all values; a long name is wrapped between words."""
    row = of_case(PASSED, row={"signal": "INT"}, scenario=f"{{{{ signal }}}} {'and so ' * 12}on")

    assert shown_of(row, width=60)[1:3] == [
        "SCENARIO [<signal> and so and so and so and so and so and so",
        "    and so and so and so and so and so and so on]",
    ]


def test_a_line_a_row_and_timelines_when_asked_for() -> None:
    """-v: cut to the width after a word; -vv: all that was seen."""
    rows = [
        in_row(PASSED, signal="SIGTERM", how="from the host, as with docker stop" + " it" * n)
        for n in (0, 9)
    ]

    assert shown_of(*rows, verbosity=1)[2:] == [
        "ok: [signal=SIGTERM, how=from the host, as with docker stop]  init…  (30 ms)",
        "ok: [signal=SIGTERM, how=from the host, as with docker stop it it it…  (30 ms)",
    ]
    full = "\n".join(shown_of(*rows, verbosity=2))
    assert "\nok: init exited 0; logs have 'bye'\n" in full
    assert full.count("    timeline:") == 2


def test_quiet_shows_what_went_wrong_and_the_last_line() -> None:
    """Nothing of what passed, no recap of files, no evidence."""
    run = run_of(PASSED, FAILED, *MATRIX.cases)
    lines = whole(run, verbosity=-1)

    assert [line for line in lines if line.startswith("SCENARIO")] == [
        "SCENARIO [ends on SIGTERM] " + "*" * 53
    ]
    assert lines[-3:-1] == [
        "FAILED scenarios/test.yml:1:1: ends on SIGTERM",
        "    expected init exited 0; saw init is still running",
    ]
    assert lines[-1].startswith("64 cases: 63 passed, 1 failed in ")
    assert not any("RECAP" in line or "evidence: proc" in line for line in lines)
    assert whole(run_of(PASSED), verbosity=-1) == ["", "1 case: 1 passed in 1.25 s"]


def test_colours_only_when_told_and_only_of_the_word() -> None:
    """And the words are the same."""
    plain, coloured = "\n".join(shown_of(FAILED)), "\n".join(shown_of(FAILED, color=True))

    assert "\x1b" not in plain
    assert "\n\x1b[31mfailed:\x1b[0m [signal TERM]" in coloured


def test_an_interrupt_has_a_line_for_each_case_that_was_running() -> None:
    """In which step; nothing for those that had not begun, which the last line counts."""
    cut_short = dataclasses.replace(
        in_row(FAILED, signal="SIGTERM"),
        verdict=Errored("interrupted"),
        timeline=(StepBegan(1, 0), Interrupted(2)),
    )
    text = shown_of(PASSED, cut_short, NOT_RUN)

    assert text[3:] == ["interrupted: ends on SIGTERM, in step [signal TERM]"]
    not_ready = dataclasses.replace(cut_short, timeline=(StepBegan(1, READY), Interrupted(2)))
    assert shown_of(not_ready) == ["interrupted: ends on SIGTERM, getting ready"]
    recap = recap_of_results(PASSED, cut_short, NOT_RUN, interrupted=True)
    assert recap[3].endswith("test.yml  1 interrupted  1 not begun")
    assert recap[-1] == ("interrupted - 3 cases: 1 passed, 1 interrupted, 1 not begun in 1.25 s")


def test_cases_that_did_not_begin_after_a_failure_are_counted() -> None:
    """They are not listed."""
    others = [
        of_case(dataclasses.replace(PASSED, verdict=Skipped(NOT_BEGUN)), name=f"other {n}")
        for n in range(3)
    ]

    assert len(shown_of(FAILED, *others)) == len(shown_of(FAILED))
    recap = recap_of_results(FAILED, *others)
    assert recap[-2:] == [
        f"3 cases not begun: {NOT_BEGUN}",
        "4 cases: 1 failed, 3 not begun in 1.25 s",
    ]


@pytest.mark.parametrize("verbosity", [-1, 0, 1, 2])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal(verbosity: int, width: int) -> None:
    """Whatever is shown."""
    rows = [
        in_row(one, signal=str(SIGTERM), n=str(n)) for n in range(9) for one in (PASSED, FAILED)
    ]
    run = run_of(PASSED, FAILED, ERRORED, FLAKY, *MATRIX.cases, *rows)

    for line in whole(run, verbosity=verbosity, width=width):
        assert len(line) <= width, line


def test_foreign_text_commands_no_terminal() -> None:
    """Titles and paths may hold escape sequences and line breaks; what is shown does not."""
    evil = "t\x1b[2J\x9b2J\nu\x85v"
    step = dataclasses.replace(FAILED.case.steps[0], title=evil)
    place = dataclasses.replace(FAILED.case.where, path=evil)
    result = dataclasses.replace(
        of_case(FAILED, steps=(step, *FAILED.case.steps[1:]), name=evil, where=place),
        steps=(dataclasses.replace(FAILED.steps[0], title=evil, where=place),),
    )

    for line in whole(run_of(result), verbosity=2):
        assert line.isprintable(), line
