"""JUnit XML: what CI systems count, and the traps of junit-xml."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.model.expectation import Stream
from runner.model.observation import LogText
from runner.model.result import RunResult
from runner.model.verdict import Skipped
from runner.report import junit
from runner.report.junit_texts import texts_of
from runner.report.text import html
from tests.support.results import (
    ERRORED,
    FAILED,
    FLAKY,
    MATRIX,
    MIXED,
    NOT_RUN,
    PASSED,
    named,
    run_of,
)

NASTY = ']]> <&" \x00\x1b[31m \ud800\uffff \x0b | ` é 中'


def suite_of(result: RunResult, dialect: junit.Dialect = "rich") -> ET.Element:
    """Parse the document and give its only suite."""
    root = ET.fromstring(junit.render(result, dialect=dialect))
    assert root.tag == "testsuites"
    (suite,) = root.findall("testsuite")
    return suite


def test_failures_errors_and_passes_are_counted() -> None:
    """A failed expectation is a failure, what could not be judged an error."""
    suite = suite_of(MIXED)

    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == list("3110")
    kinds = [
        [child.tag for child in one if child.tag in {"failure", "error"}]
        for one in suite.iter("testcase")
    ]
    assert kinds == [[], ["failure"], ["error"]]


def test_a_failure_has_type_message_and_text() -> None:
    """Readers use one or the other; the message says what was expected and seen."""
    (failure,) = suite_of(MIXED).iter("failure")

    assert failure.get("type") == "ExpectationFailed"
    assert "expected init exited 0; saw init is still running" in (failure.get("message") or "")
    assert "not met within 0.5 s" in (failure.text or "")
    assert "skipped" in (failure.text or "")
    assert "kill(1, SIGTERM): accepted" in (failure.text or "")


def test_earlier_tries_are_told_in_surefires_words() -> None:
    """Flaky if it passed in the end, else reruns; the strict schema knows them, too."""
    again = dataclasses.replace(FAILED, earlier=(FAILED.verdict,))
    flaky, failed = suite_of(run_of(FLAKY, again)).iter("testcase")

    assert [one.tag for one in flaky] == [
        "properties", "flakyFailure", "flakyError", "system-out",
    ]  # fmt: skip
    assert [one.tag for one in failed] == ["properties", "failure", "rerunFailure", "system-out"]
    strict = list(suite_of(run_of(FLAKY, again), "xunit").iter("testcase"))
    assert [[one.tag for one in case] for case in strict] == [
        ["flakyFailure", "flakyError", "system-out"],
        ["failure", "rerunFailure", "system-out"],
    ]
    (first, *_) = flaky.findall("flakyFailure")
    assert "expected init exited 0" in (first.get("message") or "")
    assert first.get("type") == "ExpectationFailed"
    assert "not met within 0.5 s" in (first.findtext("stackTrace") or "")
    assert suite_of(run_of(FLAKY, again), "xunit").get("failures") == "1"


def test_a_skip_gives_its_reason_and_nothing_else() -> None:
    """The step that was skipped is no news."""
    steps = tuple(dataclasses.replace(one, verdict=Skipped("not here")) for one in PASSED.steps)
    case = dataclasses.replace(PASSED, verdict=Skipped("not here"), steps=steps)

    (skipped,) = suite_of(run_of(case)).iter("skipped")

    assert (skipped.get("message"), skipped.text) == ("not here", "not here")


def test_a_timeline_is_there_once() -> None:
    """In the failure where there is one, and else in the output."""
    failed, passed = suite_of(run_of(FAILED, PASSED)).iter("testcase")

    assert "kill(1, SIGTERM): accepted" in (failed.findtext("failure") or "")
    assert failed.findtext("system-out") == "container output:\nup\n"
    assert "requests a stop" in (passed.findtext("system-out") or "")


def test_texts_of_what_went_wrong_take_their_room_first() -> None:
    """Exactly what fits is there; of the rest it is said that it is not."""
    cases = (PASSED, FAILED)
    whole = texts_of(cases)
    wrong = len(html(whole[1].details).encode()) + len(html(whole[1].output).encode())
    size = wrong + len(html(whole[0].output).encode())

    assert texts_of(cases, size) == whole
    short, first = texts_of(cases, size - 1)
    assert first == whole[1]
    assert short.output == "(omitted for length: result.json has all)"
    assert texts_of(cases, wrong)[1] == whole[1]
    cut = texts_of(cases, 0)[1]
    assert cut.details.startswith("expected init exited 0")
    assert "why: " in cut.details
    assert cut.details.endswith("(omitted for length: result.json has all)")


def test_five_thousand_cases_stay_under_ten_megabytes() -> None:
    """GitLab takes 30 MB, and others get slow; each case is there."""
    text = LogText(1, Stream.STDOUT, "a line of output\n" * 500)
    noisy = dataclasses.replace(PASSED, timeline=(*PASSED.timeline, text))

    written = junit.render(run_of(*[noisy] * 4500, *[FAILED] * 500))

    assert written.count("<testcase ") == 5000
    assert len(written.encode()) < 10_000_000


def test_a_case_says_where_it_stands_and_what_happened() -> None:
    """File, line, class and name; the timeline as its output."""
    (case,) = suite_of(run_of(PASSED)).iter("testcase")

    assert case.get("classname") == "scenarios.test"
    assert (case.get("file"), case.get("line")) == ("scenarios/test.yml", "1")
    output = case.findtext("system-out") or ""
    assert "stdout: bye" in output
    assert "requests a stop" in output
    names = {one.get("name") for one in case.iter("property")}
    assert {"why", "source", "tags", "evidence"} <= names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("scenarios/01-a.b.yml", "scenarios.01-a_b"),
        ("../x/y.yaml", "x.y"),
        ("/srv/z.yml", "srv.z"),
        ("", "scenarios"),
        (".", "scenarios"),
    ],
)
def test_a_file_is_a_class_in_a_package(path: str, name: str) -> None:
    """Readers split at the last dot, so none but those between folders may stay."""
    assert junit.class_name(path) == name


def test_an_interrupted_case_is_an_error() -> None:
    """It was not judged."""
    (case,) = suite_of(run_of(NOT_RUN, interrupted=True)).iter("testcase")

    assert case.find("error") is not None


def test_the_strict_dialect_has_nothing_the_schema_refuses() -> None:
    """junit-10.xsd: allowed attributes and elements, at most three decimals in times."""
    root = ET.fromstring(junit.render(run_of(PASSED, FAILED, ERRORED), dialect="xunit"))

    assert set(root.attrib) <= {"name", "time", "tests", "failures", "errors"}
    for suite in root:
        assert set(suite.attrib) <= {
            "name", "tests", "failures", "errors", "time", "timestamp", "id", "package",
        }  # fmt: skip
        assert {"name", "tests", "failures", "errors"} <= set(suite.attrib)
        for case in suite.iter("testcase"):
            assert set(case.attrib) <= {"name", "time", "classname", "group"}
            assert case.find("properties") is None
    for element in root.iter():
        assert len((element.get("time") or "0").partition(".")[2]) <= 3


def test_nothing_says_disabled_and_every_row_is_there() -> None:
    """`disabled` is refused by strict readers; names are unique."""
    text = junit.render(MATRIX)

    assert "disabled" not in text
    names = [case.get("name") for case in ET.fromstring(text).iter("testcase")]
    assert len(set(names)) == 62


def test_text_that_xml_cannot_hold_does_not_lose_the_report() -> None:
    """Surrogates and control characters become U+FFFD, `]]>` and markup are kept as text."""
    noisy = dataclasses.replace(
        PASSED, timeline=(*PASSED.timeline, LogText(1, Stream.STDOUT, NASTY))
    )

    (case,) = suite_of(run_of(named(noisy, f"nasty {NASTY}"))).iter("testcase")

    assert "]]> <&" in (case.get("name") or "")
    assert {one.get("name") for one in case.iter("property")} >= {"why", "source", "tags"}
    assert "]]> <&" in (case.findtext("system-out") or "")


def test_a_flood_of_output_does_not_push_out_the_timeline() -> None:
    """Each is cut by itself, in the middle."""
    flood = LogText(1, Stream.STDOUT, "first\n" + "é\n" * 100_000 + "last\n")
    noisy = dataclasses.replace(
        PASSED, timeline=(*PASSED.timeline[:3], flood, *PASSED.timeline[3:])
    )

    (case,) = suite_of(run_of(noisy)).iter("testcase")

    output = case.findtext("system-out") or ""
    assert "requests a stop" in output
    assert "first\n" in output
    assert output.rstrip().endswith("bye")
    assert "bytes omitted" in output
    assert len(output.encode()) < 130 * 1024


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_any_text_gives_a_document_that_parses(text: str) -> None:
    """Names, reasons and output may hold anything."""
    noisy = dataclasses.replace(
        FAILED, timeline=(*FAILED.timeline, LogText(1, Stream.STDERR, text))
    )

    for dialect in ("rich", "xunit"):
        suite_of(run_of(named(noisy, text, why=text, source=(text,))), dialect)
