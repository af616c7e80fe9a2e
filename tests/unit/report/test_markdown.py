"""The Markdown report: complete, safe, and never too long."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from runner.model.expectation import Stream
from runner.model.observation import LogText
from runner.report import markdown
from tests.support.results import ERRORED, FAILED, FLAKY, MATRIX, MIXED, PASSED, named, run_of
from tests.unit.report.test_any_result import outside_of_fences


def test_what_went_wrong_comes_first() -> None:
    """Totals in words, then the table of what went wrong, with its place."""
    lines = markdown.render(MIXED).splitlines()

    assert lines[0] == "### scenario-run: ✅ 1 passed · ❌ 1 failed · 💥 1 errored in 1.25 s"
    assert "What went wrong" in lines[2]
    assert any("ends on SIGTERM" in line and "scenarios/test.yml:1" in line for line in lines[3:8])


def test_flaky_cases_have_a_table_of_their_own() -> None:
    """With what each earlier try came to."""
    text = markdown.render(run_of(PASSED, FLAKY))

    assert text.startswith("### scenario-run: ✅ 2 passed · 🔁 1 flaky in 1.25 s")
    (row,) = [line for line in text.splitlines() if line.startswith("| 🔁 |")]
    assert "passes at last" in row
    assert "try 1: failed: expected init exited 0" in row


def test_failures_are_open_and_passes_are_folded() -> None:
    """A reader sees at once what matters."""
    text = markdown.render(MIXED)

    assert "<details open><summary>❌ ends on SIGTERM" in text
    assert "<details><summary>✅ stops gracefully" in text
    assert "expected init exited 0; saw init is still running" in text


def test_a_matrix_is_one_table() -> None:
    """A row a case, with the values of the axes."""
    rows = [
        line
        for line in markdown.render(MATRIX).splitlines()
        if line.startswith("| ✅&nbsp;passed | `")
    ]

    assert len(rows) == 62
    assert "`61` | `inside`" in rows[-1]


def test_a_diagram_shows_signals_and_the_end() -> None:
    """For failures and the first passes."""
    text = markdown.render(MIXED)

    assert "sequenceDiagram" in text
    assert "H->>I: SIGTERM" in text
    assert "Note over I: exited 0" in text


def test_a_summary_shows_a_name_as_it_is() -> None:
    """It is HTML, in which a backslash is a backslash."""
    text = markdown.render(run_of(named(PASSED, "init_sh *ends* <now>")))

    assert "<summary>✅ init_sh *ends* &lt;now&gt; (passed)</summary>" in text
    assert r"**init\_sh \*ends\* &lt;now&gt;**" in text


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

    assert "- 💥 **rows** (1 of 2 passed)" in text
    assert "| ✅&nbsp;passed | `sh\\|ash` | init exited 0; logs have 'bye' |" in text


def test_the_report_says_less_rather_than_nothing() -> None:
    """Every budget is kept, and what is left out is said."""
    full = len(markdown.render(MATRIX).encode())
    for budget, words in (
        (full, ""),
        (full - 1, "62 passed cases omitted"),
        (5_000, "62 cases omitted"),
    ):
        text = markdown.render(MATRIX, budget_bytes=budget)

        assert len(text.encode()) <= budget
        assert words in text


def test_the_shortest_report_counts_what_it_leaves_out() -> None:
    """Whole rows only, and still a heading first."""
    result = run_of(*[FAILED] * 50)
    text = markdown.render(result, budget_bytes=3000)

    assert len(text.encode()) <= 3000
    assert text.startswith("### scenario-run: ❌ 50 failed")
    rows = text.count("| ❌ |")
    assert 0 < rows < 50
    assert f"_{50 - rows} more cases that went wrong omitted for length._" in text
    for budget in (0, 1, 100):
        assert len(markdown.render(result, budget_bytes=budget).encode()) <= budget


def test_passed_rows_are_folded_together() -> None:
    """62 blocks to scroll over would hide the next scenario; failed rows stay outside."""
    row = dataclasses.replace(
        FAILED.case, name="row x", scenario="row {{ number }}", row={"number": "x", "from": "host"}
    )
    failed = dataclasses.replace(FAILED, case=row)

    text = markdown.render(run_of(*MATRIX.cases[:9], failed, *MATRIX.cases[9:]))

    details = text[text.index("#### Details") :]
    assert details.index("row x (failed)") < details.index("row {{ number }} (62 passed)")
    assert details.count("<details") == 64


def test_markdown_in_values_is_shown_not_read() -> None:
    """A bar in a value of the matrix, underscores in a summary, code in a reason."""
    case = dataclasses.replace(
        PASSED.case, name="a_b*c", row={"argv": "a|b"}, why="`docker stop` & <more>"
    )

    text = markdown.render(run_of(dataclasses.replace(PASSED, case=case)))

    assert "<summary>✅ a_b*c (passed)</summary>" in text
    assert "| `a\\|b` |" in text
    assert "`docker stop` &amp; &lt;more&gt;" in text


def test_a_diagram_says_how_it_ended() -> None:
    """The step's verdict, an init that still runs, and text that Mermaid would read as its own."""
    steps = tuple(dataclasses.replace(one, title="x; y #1 <b>") for one in FAILED.case.steps)
    case = dataclasses.replace(FAILED.case, steps=steps)

    text = markdown.render(run_of(dataclasses.replace(FAILED, case=case)))

    assert "Note over H,I: ❌ x#59; y #35;1 #60;b#62;" in text
    assert "Note over I: running when the case ended" in text


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_no_text_breaks_out(text: str) -> None:
    """Whatever a name or an output holds, tables keep their columns and blocks their ends."""
    noisy = dataclasses.replace(
        PASSED, timeline=(*PASSED.timeline, LogText(1, Stream.STDERR, text))
    )

    report = markdown.render(run_of(named(noisy, text, why=text)))

    report.encode()
    shown = "\n".join(outside_of_fences(report))
    assert shown.count("\n<details") == shown.count("\n</details>") == 1
    steps = [line for line in report.splitlines() if line.startswith("| stop |")]
    assert len(steps) == 1
