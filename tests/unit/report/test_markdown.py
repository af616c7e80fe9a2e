"""The Markdown report: complete, safe, and never too long."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Where
from runner.model.expectation import Stream
from runner.model.observation import LogText
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Skipped
from runner.report import markdown
from runner.report.source_links import SourceLinks
from tests.support.results import ERRORED, FAILED, FLAKY, MATRIX, MIXED, PASSED, named, run_of
from tests.unit.report.test_any_result import outside_of_fences

LINKS = SourceLinks(root="/repo", folder="/repo/e2e", base="https://forge.example/o/r/blob/abc")


def in_file(result: CaseResult, path: str, line: int = 1) -> CaseResult:
    """The case as if it stood there."""
    where = Where(path, line, 3)
    steps = tuple(dataclasses.replace(one, where=where) for one in result.steps)
    case = dataclasses.replace(result.case, where=where)
    return dataclasses.replace(result, case=case, steps=steps)


def many(result: CaseResult, number: int) -> RunResult:
    """As many cases, each a scenario of its own."""
    return run_of(*(named(result, f"{result.case.name} {at}") for at in range(number)))


def test_what_went_wrong_comes_first() -> None:
    """Totals in words, then the table: what was expected and seen, why, what helps, and where."""
    lines = markdown.render(MIXED).splitlines()

    assert lines[0] == "### scenario-run: ✅ 1 passed · ❌ 1 failed · 💥 1 errored in 1.25 s"
    assert "What went wrong" in lines[2]
    (row,) = [line for line in lines[3:8] if "**ends on SIGTERM**" in line]
    assert "`scenarios/test.yml:1`" in row
    assert "| signal TERM: expected init exited 0, saw **init is still running** at " in row
    assert "<br>**Why:** By the masks in /proc" in row
    assert "**Help:** let the program handle SIGTERM" in row


def test_flaky_cases_have_a_table_of_their_own() -> None:
    """With what each earlier try came to."""
    text = markdown.render(run_of(PASSED, FLAKY))

    assert text.startswith("### scenario-run: ✅ 2 passed · 🔁 1 flaky in 1.25 s")
    (row,) = [line for line in text.splitlines() if line.startswith("| 🔁 |")]
    assert "passes at last" in row
    assert "try 1: failed: expected init exited 0" in row


def test_the_first_failure_is_open_and_all_else_is_folded() -> None:
    """A reader sees at once what matters."""
    text = markdown.render(MIXED)

    assert "<details open><summary>❌ ends on SIGTERM" in text
    assert "<details><summary>💥 gets ready" in text
    assert "<details><summary>✅ stops gracefully" in text
    assert "expected init exited 0; saw init is still running" in text


def test_a_matrix_is_one_table() -> None:
    """A row a case, with the values of the axes; folded where all have passed."""
    text = markdown.render(MATRIX)
    rows = [line for line in text.splitlines() if line.startswith("| ✅&nbsp;passed | `")]

    assert len(rows) == 62
    assert "`61` | `inside`" in rows[-1]
    assert "<details><summary>✅ row &lt;number&gt; (62 of 62 passed, 30 ms)</summary>" in text


def test_a_matrix_with_a_failure_has_its_table_in_sight() -> None:
    """The details of the rows that passed are folded behind it; those of others stand above."""
    row = dataclasses.replace(
        FAILED.case, name="row x", scenario="row {{ number }}", row={"number": "x", "from": "host"}
    )
    failed = dataclasses.replace(FAILED, case=row)

    text = markdown.render(run_of(*MATRIX.cases[:9], failed, *MATRIX.cases[9:]))

    assert "{{" not in text
    line = text.index("- ❌ **row &lt;number&gt;** (62 of 63 passed, 30 ms to 560 ms)")
    table, passed = text.index("| number | from |"), text.index("<summary>✅ 62 passed</summary>")
    assert text.index("<summary>❌ row x (failed, 560 ms)") < line < table < passed
    assert passed < text.index("<summary>✅ row 0 (passed")


def test_each_file_has_a_line() -> None:
    """With how many of its cases ended how, and how long they took."""
    skipped = dataclasses.replace(PASSED, verdict=Skipped("not here"), took_s=0.0)
    cases = (PASSED, FLAKY, in_file(FAILED, "b|c.yml"), in_file(skipped, "d.yml"))

    lines = markdown.render(run_of(*cases)).splitlines()

    at = lines.index("#### Files")
    assert lines[at + 2 : at + 7] == [
        "|  | File | Passed | Failed | Skipped | Flaky | Time |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| ✅ | `scenarios/test.yml` | 2 |  |  | 1 | 60&nbsp;ms |",
        "| ❌ | `b\\|c.yml` |  | 1 |  |  | 560&nbsp;ms |",
        "| ⏭️ | `d.yml` |  |  | 1 |  | 0.0&nbsp;ms |",
    ]
    assert "  <br>Skipped: not here" in lines


def test_files_and_lines_are_links_where_the_forge_is_known() -> None:
    """By their paths in the repository, whatever folder the command runs in."""
    run = run_of(in_file(FAILED, "a b#1.yml", 7), in_file(PASSED, "/etc/else.yml"))

    text = markdown.render(run, links=LINKS)

    address = "https://forge.example/o/r/blob/abc/e2e/a%20b%231.yml"
    assert f"<br>[`a b#1.yml:7`]({address}#L7) |" in text
    assert f"#### [`a b#1.yml`]({address})" in text
    assert "At `/etc/else.yml:1`" in text
    assert "forge.example" not in markdown.render(run)


def test_a_diagram_shows_signals_and_the_end() -> None:
    """For failures and the first passes."""
    text = markdown.render(MIXED)

    assert "sequenceDiagram" in text
    assert "H->>I: +0.000 s SIGTERM" in text
    assert "Note over I: +0.020 s exited 0" in text
    assert markdown.render(many(PASSED, 5)).count("```mermaid") == 3


def test_a_summary_shows_a_name_as_it_is() -> None:
    """It is HTML, in which a backslash is a backslash; in a list it is Markdown."""
    name = "init_sh *ends* <now>"

    assert "<summary>✅ init_sh *ends* &lt;now&gt; (passed, 30 ms)</summary>" in markdown.render(
        run_of(named(PASSED, name))
    )
    assert r"**init\_sh \*ends\* &lt;now&gt;**" in markdown.render(run_of(named(FAILED, name)))


def test_a_matrix_says_the_worst_of_its_rows() -> None:
    """A row that could not be judged is no failure, and no pass."""
    rows = [
        dataclasses.replace(
            result,
            case=dataclasses.replace(result.case, scenario="rows", row={"shell": value}),
        )
        for result, value in ((PASSED, "sh|ash"), (ERRORED, ""))
    ]

    text = markdown.render(run_of(*rows))

    assert "- 💥 **rows** (1 of 2 passed, " in text
    assert "| ✅&nbsp;passed | `sh\\|ash` | init exited 0; logs have 'bye' |" in text


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (MATRIX, "_Details of 1 passed case omitted for length._"),
        (many(PASSED, 9), "_Details of 1 passed case omitted for length._"),
        (MIXED, "_Details of 1 passed case omitted for length._"),
        (many(FAILED, 9), "_9 scenarios omitted for length._"),
    ],
    ids=["matrix", "plain", "mixed", "failed"],
)
def test_exactly_what_fits_is_there(run: RunResult, words: str) -> None:
    """A byte less, and what matters least is left out, and counted."""
    whole = markdown.render(run)
    size = len(whole.encode())

    assert markdown.render(run, budget_bytes=size) == whole
    cut = markdown.render(run, budget_bytes=size - 1)
    assert len(cut.encode()) < size
    assert "omitted for length" in cut
    for budget in range(0, size, max(1, size // 97)):
        text = markdown.render(run, budget_bytes=budget)
        assert len(text.encode()) <= budget
        assert budget < 2000 or text.endswith("</sub>\n")


def test_failures_come_before_passes() -> None:
    """With 400 failures every one has its reason, and the first ones their details, too."""
    cases = (*many(PASSED, 100).cases, *many(FAILED, 400).cases)

    text = markdown.render(run_of(*cases))

    assert len(text.encode()) <= markdown.BUDGET_BYTES
    assert text.count("| ❌ **ends on SIGTERM") == 400
    assert text.count("**Help:**") > 400
    detailed = text.count("<summary>❌")
    assert 200 < detailed < 400
    assert f"_Details of {400 - detailed} cases that went wrong omitted for length._" in text
    assert "<summary>✅" not in text
    assert "| ❌ | `scenarios/test.yml` | 100 | 400 |" in text


def test_so_many_failures_leave_room_for_details() -> None:
    """The table of them takes a half of the room at most."""
    text = markdown.render(many(FAILED, 50), budget_bytes=20_000)

    rows = text.count("| ❌ **")
    assert 0 < rows < 50
    assert f"_{50 - rows} more failed or errored cases omitted for length._" in text
    assert 0 < text.count("<summary>❌") < rows


def test_thousands_of_passes_have_a_line_each() -> None:
    """And as many details as there is room for."""
    cases = [in_file(one, f"{at // 100}.yml") for at, one in enumerate(many(PASSED, 5000).cases)]

    text = markdown.render(run_of(*cases))

    assert markdown.BUDGET_BYTES - 10_000 < len(text.encode()) <= markdown.BUDGET_BYTES
    lines, detailed = text.count("- ✅ **"), text.count("<summary>✅")
    assert lines + detailed == 5000
    assert detailed > 50
    assert text.count("| ✅ | `") == 50


def test_a_report_without_room_still_begins_with_its_heading() -> None:
    """However small the budget is."""
    for budget in (0, 1, 100, 1000):
        text = markdown.render(many(FAILED, 50), budget_bytes=budget)

        assert len(text.encode()) <= budget
        assert "### scenario-run: ❌ 50 failed".startswith(text[:25])


def test_a_long_timeline_is_cut_in_the_middle() -> None:
    """One case that prints for hours must not take the room of all others."""
    lines = tuple(LogText(at, Stream.STDOUT, f"line {at}\n") for at in range(2000))
    noisy = dataclasses.replace(FAILED, timeline=lines)

    text = markdown.render(run_of(noisy))

    assert text.count("| stdout: line ") == 300
    assert "_1700 facts omitted_" in text
    assert "stdout: line 0 |" in text
    assert "stdout: line 1999 |" in text
    for number, left_out in ((300, False), (301, True)):
        text = markdown.render(run_of(dataclasses.replace(FAILED, timeline=lines[:number])))
        assert text.count("| stdout: line ") == 300
        assert ("_1 fact omitted_" in text) == left_out


def test_markdown_in_values_is_shown_not_read() -> None:
    """A bar in a value of the matrix, underscores in a summary, code in a reason."""
    case = dataclasses.replace(
        PASSED.case, name="a_b*c", row={"argv": "a|b"}, why="`docker stop` & <more>"
    )

    text = markdown.render(run_of(dataclasses.replace(PASSED, case=case)))

    assert "<summary>✅ a_b*c (passed, 30 ms)</summary>" in text
    assert "| `a\\|b` |" in text
    assert "`docker stop` &amp; &lt;more&gt;" in text


def test_a_diagram_says_how_it_ended() -> None:
    """The step's verdict, an init that still runs, and text that Mermaid would read as its own."""
    steps = tuple(dataclasses.replace(one, title="x; y #1 <b>") for one in FAILED.case.steps)
    case = dataclasses.replace(FAILED.case, steps=steps)

    text = markdown.render(run_of(dataclasses.replace(FAILED, case=case)))

    assert "Note over H,I: ❌ x#59; y #35;1 #60;b#62; (at 0.010 s)" in text
    assert "Note over I: +0.550 s running when the case ended" in text


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_no_text_breaks_out(text: str) -> None:
    """Whatever a name or an output holds, tables keep their columns and blocks their ends."""
    noisy = dataclasses.replace(
        PASSED, timeline=(*PASSED.timeline, LogText(1, Stream.STDERR, text))
    )

    report = markdown.render(run_of(named(noisy, text, why=text)))

    report.encode()
    shown = "\n".join(outside_of_fences(report))
    # The case, and its timeline.
    assert shown.count("\n<details") == shown.count("\n</details>") == 2
    steps = [line for line in report.splitlines() if re.match(r"\| stop \|", line)]
    assert len(steps) == 1
