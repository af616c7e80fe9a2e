"""The HTML report: complete, closed in itself, and safe whatever a container prints."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any, Final

from runner.model.expectation import Stream
from runner.model.explanation import Explanation
from runner.model.observation import LogText
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Failed, Finding
from runner.report import html
from tests.support.results import ERRORED, FAILED, FLAKY, MATRIX, MIXED, PASSED, named, run_of
from tests.unit.report.any_results import NASTY

_VOID: Final = {"meta", "input", "br"}


class Reader(HTMLParser):
    """Tags in order, with the texts of what is asked for; complains of what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open it, unless it has no end."""
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As in SVG."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep it with its tag."""
        if self.open:
            self.texts.append((self.open[-1], data))


def read(text: str) -> Reader:
    """Parse a page or a part of one; everything that is opened is closed."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def packed(page: str) -> dict[int, dict[str, str]]:
    """Unpack the details of the cases, as the script of the page does."""
    found = re.findall(r'<script type="text/plain" id="packed-(\d+)">([\w+/=]+)</script>', page)
    return {
        int(number): json.loads(zlib.decompress(base64.b64decode(text))) for number, text in found
    }


def explained(name: str, *explanations: Explanation) -> CaseResult:
    """A failed case, with reasons."""
    return dataclasses.replace(named(FAILED, name), explanations=explanations)


D1 = Explanation(("The shell forwarded nothing.",), "R5", "kill(2)", "start it with `exec`", "D1")


def test_every_case_is_listed_with_its_verdict_and_has_details() -> None:
    """In the order of the run."""
    page = html.render(MIXED)

    links = [attrs for _, attrs in read(page).tags if "data-case" in attrs]
    assert [(one["data-case"], one["data-verdict"]) for one in links] == [
        ("0", "passed"),
        ("1", "failed"),
        ("2", "errored"),
    ]
    details = packed(page)
    assert sorted(details) == [0, 1, 2]
    assert all(read(one["details"]).tags and "<svg" in one["picture"] for one in details.values())


def test_what_went_wrong_comes_before_the_list() -> None:
    """Name, place, expected, seen, why, diagnosis, and what to do, without a click."""
    page = html.render(run_of(PASSED, explained("it fails", D1)))
    card = page[page.index('id="wrong"') : page.index('id="cases"')]

    for words in (
        "it fails",
        "scenarios/test.yml:1",
        "init exited 0",
        "init is still running",
        "The shell forwarded nothing.",
        "D1: A script is PID 1",
        "start it with <code>exec</code>",
    ):
        assert words in card, words
    assert "<title>✗ 1 of 2 went wrong" in page


def test_a_run_where_all_passed_has_no_such_section() -> None:
    """And its title says so."""
    page = html.render(run_of(PASSED, FLAKY))

    assert 'id="wrong"' not in page
    assert "<title>✓ 2 cases" in page
    assert 'data-verdict="passed flaky"' in page


def test_the_same_reason_is_told_once() -> None:
    """With links to the others; another diagnosis has its own."""
    other = dataclasses.replace(D1, diagnosis="D3")
    wrong = explained("a", D1), explained("b", D1), explained("c", other)
    cases = [
        dataclasses.replace(
            one, case=dataclasses.replace(one.case, scenario="rows", row={"n": str(number)})
        )
        for number, one in enumerate(wrong)
    ]

    page = html.render(run_of(*cases))

    assert page.count("<article") == 2
    assert "1 more for the same reason" in page
    assert '<a href="#case=1">1</a>' in page


def test_a_matrix_of_two_axes_is_a_grid() -> None:
    """The shorter axis goes to the right, and each cell is its case."""
    rows = [
        {"signal": signal, "from": sender}
        for signal in ("SIGHUP", "SIGINT", "SIGTERM")
        for sender in ("host", "inside")
    ]
    cases = [
        dataclasses.replace(
            PASSED, case=dataclasses.replace(PASSED.case, name=str(row), scenario="s", row=row)
        )
        for row in rows
    ]

    page = html.render(run_of(*cases))
    grid = page[page.index('class="grid"') : page.index("</table>", page.index('class="grid"'))]

    heads = [text for tag, text in read(f"<table {grid}</table>").texts if tag == "th"]
    assert heads == ["signal \\ from", "host", "inside", "SIGHUP", "SIGINT", "SIGTERM"]
    assert grid.count("data-case=") == 6


def test_a_matrix_of_one_axis_is_a_row_of_values() -> None:
    """Under the name of the scenario, with what stands for a value in angle brackets."""
    page = html.render(MATRIX)

    assert "row &lt;number&gt;" in page
    assert "62 of 62 passed" in page
    assert page.count('class="case chip passed') == 62
    assert 'href="#matrix=0"' in page


def test_no_text_of_a_container_is_markup() -> None:
    """In names, reasons, findings, output, tags: nothing opens a tag or a script."""
    attack = (
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'`javascript:alert(1)`"
    )
    finding = Finding(attack, attack, False, FAILED.verdict.findings[0].evidence, 0.0)  # type: ignore[union-attr]
    case = dataclasses.replace(
        FAILED.case, name=attack, scenario=attack, why=attack, tags=(attack,), source=(attack,)
    )
    wrong = dataclasses.replace(
        FAILED,
        case=case,
        verdict=Failed((finding,), attack),
        explanations=(Explanation((attack,), attack, attack, attack, attack),),
        timeline=(*FAILED.timeline, LogText(10**9, Stream.STDOUT, attack)),
    )
    page = html.render(run_of(wrong, *(named(PASSED, nasty) for nasty in NASTY)))

    reader = read(page)
    parts = [read(part) for one in packed(page).values() for part in one.values()]
    tags = [*reader.tags, *(tag for part in parts for tag in part.tags)]
    scripts = [attrs for tag, attrs in tags if tag == "script"]
    assert [attrs.get("type") for attrs in scripts] == ["text/plain"] * (1 + len(NASTY)) + [None]
    assert not [tag for tag, _ in tags if tag in {"img", "iframe", "object", "embed", "link"}]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in tags)
    assert "alert(1)" in packed(page)[0]["details"]


def test_the_policy_allows_the_pages_own_style_and_script_only() -> None:
    """By their digests: with anything else in them a browser would not run them."""
    page = html.render(MIXED)
    policy: Any = next(attrs["content"] for _, attrs in read(page).tags if attrs.get("http-equiv"))

    assert policy.startswith("default-src 'none'; ")
    for name, tag in (("style", "style"), ("script", "script")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_page_asks_for_nothing_else() -> None:
    """No address of another place, in the page or in its parts."""
    page = html.render(MIXED)
    parts = "".join(part for one in packed(page).values() for part in one.values())

    assert not re.findall(r"(?:src|url)\s*[=(]\s*[\"']?(?!#)[\w/:.]+", page + parts)
    assert "http://" not in page + parts
    assert "https://" not in page + parts


def test_a_thousand_cases_are_a_few_megabytes() -> None:
    """Of cases that are as long as these: some 3 kB each."""
    many = tuple(named(PASSED, f"case {number}") for number in range(1000))

    page = html.render(run_of(*many))

    assert len(page.encode()) < 5_000_000


def test_half_a_character_does_not_keep_the_page_from_being_written() -> None:
    """It becomes a question mark."""
    result: RunResult = dataclasses.replace(run_of(named(ERRORED, "\udcff")), run_id="\ud800")

    html.render(result).encode()
