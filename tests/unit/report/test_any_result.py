"""Whatever a result holds, every report of it can be read."""

from __future__ import annotations

import re
import unicodedata
from typing import get_args
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, Phase, given, settings

from runner.model.result import RunResult
from runner.report import html, junit, markdown
from tests.support.shown import whole
from tests.unit.report.any_results import RESULTS

many = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=25,
    # Records are too large to be shrunk in a reasonable time.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@many
@given(RESULTS)
def test_junit_parses_and_has_every_case(result: RunResult) -> None:
    """No case is lost, and none is counted for another kind, in either dialect."""
    for dialect in get_args(junit.Dialect):
        root = ET.fromstring(junit.render(result, dialect=dialect).encode())

        assert len(list(root.iter("testcase"))) == result.totals.cases
        assert len(list(root.iter("failure"))) == result.totals.failed
        assert len(list(root.iter("error"))) == result.totals.errored
        assert len(list(root.iter("skipped"))) == result.totals.skipped


@many
@given(RESULTS)
def test_markdown_keeps_its_tables_and_blocks(result: RunResult) -> None:
    """Each row has the columns of its table, each opened block is closed."""
    text = markdown.render(result)

    text.encode()
    columns = 0
    for line in outside_of_fences(text):
        bars = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not bars or not columns or bars == columns, line
        columns = bars
    shown = re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(outside_of_fences(text)))
    assert shown.count("<details") == shown.count("</details>")
    assert shown.count("<summary>") >= result.totals.failed + result.totals.errored


@many
@given(RESULTS)
def test_html_has_every_case(result: RunResult) -> None:
    """Each is listed once and has its details, whatever its texts are."""
    page = html.render(result)

    page.encode()
    assert page.count(" data-case=") == result.totals.cases
    assert page.count('<script type="text/plain"') == result.totals.cases


@many
@given(RESULTS)
def test_the_console_prints_lines(result: RunResult) -> None:
    """One line each, that any terminal can show and that commands it to do nothing."""
    for verbosity in (-1, 0, 1, 2):
        for line in whole(result, verbosity=verbosity):
            line.encode()
            assert line.splitlines() in ([line], [])
            assert all(letter == "\t" or unicodedata.category(letter) != "Cc" for letter in line)


def outside_of_fences(text: str) -> list[str]:
    """The lines that are no code."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        ticks = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif ticks:
            fence = ticks[0]
        else:
            lines.append(line)
    assert not fence
    return lines
