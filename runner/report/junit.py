"""
JUnit XML, for every CI system that reads it.

junit-xml builds the document; what it gets wrong is mended here: it drops a failure that has no
text, writes a `disabled` attribute that strict schemas refuse, writes times in any precision, and
cannot write properties of a case or a name for the whole.
"""

# junit-xml is not typed.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Final, Literal
from xml.etree import ElementTree as ET

from junit_xml import TestCase, TestSuite, to_xml_report_string

from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Errored, Failed, Passed, Skipped
from runner.report.junit_texts import CaseText, texts_of
from runner.report.sentences import evidence_used, headline, sentences
from runner.report.text import clean, one_line

Dialect = Literal["rich", "xunit"]

_FAILED: Final = "ExpectationFailed"
_ERRORED: Final = "CouldNotBeJudged"
_STRICT_CASE: Final = {"name", "time", "classname", "group"}
_STRICT_ROOT: Final = {"name", "time", "tests", "failures", "errors"}
_STRICT_SUITE: Final = {"name", "tests", "failures", "errors", "time", "timestamp", "id", "package"}


def render(result: RunResult, *, dialect: Dialect = "rich") -> str:
    """
    Return the document. `xunit` is what the strict schema of Jenkins' xUnit plugin takes: no file,
    line or properties of a case.
    """
    with_texts = zip(result.cases, texts_of(result.cases), strict=True)
    suites = [
        _suite(path, list(cases), result)
        for path, cases in groupby(with_texts, key=lambda entry: entry[0].case.where.path)
    ]
    text: str = to_xml_report_string(suites, prettyprint=False, encoding="utf-8")
    root = ET.fromstring(text)  # noqa: S314 - made in the line above
    _mend(root, result, dialect)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def class_name(path: str) -> str:
    """
    Return a dotted name for a scenario file; Jenkins splits it into package and class.
    """
    pure = PurePath(path)
    parts = (part for part in (*pure.parent.parts, pure.stem) if part not in {"/", "..", ".", ""})
    return ".".join(part.replace(".", "_") for part in parts) or "scenarios"


def _suite(path: str, cases: Sequence[tuple[CaseResult, CaseText]], result: RunResult) -> TestSuite:
    engine = result.engine
    properties = {
        "scenario-run": result.version,
        "run": result.run_id,
        "engine": f"{engine.name} {engine.version}",
        "kernel": engine.kernel,
        "arch": engine.arch,
        "cgroup": engine.cgroup,
        "evidence": evidence_used(engine).removeprefix("evidence: "),
    }
    return TestSuite(
        clean(class_name(path)),
        [_case(one, text, path) for one, text in cases],
        timestamp=clean(result.started_at).removesuffix("Z"),
        properties={name: clean(value) for name, value in properties.items() if value},
    )


def _case(result: CaseResult, text: CaseText, path: str) -> TestCase:
    case = TestCase(
        clean(result.case.name),
        classname=clean(class_name(path)),
        elapsed_sec=max(result.took_s, 0.001),
        stdout=text.output,
        file=clean(path),
        line=result.case.where.line,
        allow_multiple_subelements=True,
    )
    message = one_line(headline(result)) or result.verdict.kind
    match result.verdict:
        case Failed():
            case.add_failure_info(message, text.details, _FAILED)
        case Errored():
            case.add_error_info(message, text.details, _ERRORED)
        case Skipped(reason=reason):
            case.add_skipped_info(one_line(reason) or message, clean(reason) or message)
        case Passed():
            pass
    return case


def _mend(root: ET.Element, result: RunResult, dialect: Dialect) -> None:
    root.set("name", "scenario-run")
    root.set("time", f"{result.took_s:.3f}")
    root.attrib.pop("disabled", None)
    # junit-xml keeps the order; names and paths have been cleaned and cannot be looked up.
    for element, case in zip(root.iter("testcase"), result.cases, strict=True):
        _add_earlier_tries(element, case)
        if dialect == "rich":
            _add_properties(element, _case_properties(case))
    for suite in root.iter("testsuite"):
        suite.attrib.pop("disabled", None)
        suite.set("time", f"{float(suite.get('time', '0')):.3f}")
        for element in suite.iter("testcase"):
            element.set("time", f"{float(element.get('time', '0')):.3f}")
    if dialect == "xunit":
        _keep(root, _STRICT_ROOT)
        for suite in root.iter("testsuite"):
            _keep(suite, _STRICT_SUITE)
            for element in suite.iter("testcase"):
                _keep(element, _STRICT_CASE)


def _keep(element: ET.Element, names: set[str]) -> None:
    for name in set(element.attrib) - names:
        del element.attrib[name]


def _case_properties(result: CaseResult) -> Mapping[str, str]:
    case = result.case
    properties = {f"matrix.{axis}": value for axis, value in case.row.items()}
    properties["scenario"] = case.scenario
    properties["tags"] = ", ".join(case.tags)
    properties["why"] = case.why
    properties["source"] = ", ".join(case.source)
    if isinstance(result.verdict, Passed | Failed):
        kinds = {one.evidence.value for one in result.verdict.findings}
        properties["evidence"] = ", ".join(sorted(kinds))
    return {name: one_line(value) for name, value in properties.items() if value}


def _add_earlier_tries(element: ET.Element, result: CaseResult) -> None:
    """Add what failed before, in the words of Maven Surefire: `flaky...` if it passed at last."""
    when = "flaky" if result.flaky else "rerun"
    output = element.find("system-out")
    at = list(element).index(output) if output is not None else len(element)
    for verdict in reversed(result.earlier):
        failed = isinstance(verdict, Failed)
        said = [one_line(line) for line in sentences(verdict)] or [verdict.kind]
        tag = when + ("Failure" if failed else "Error")
        kind = _FAILED if failed else _ERRORED
        holder = ET.Element(tag, {"message": said[0], "type": kind})
        ET.SubElement(holder, "stackTrace").text = clean("\n".join(said))
        element.insert(at, holder)


def _add_properties(element: ET.Element, properties: Mapping[str, str]) -> None:
    holder = ET.Element("properties")
    for name, value in properties.items():
        ET.SubElement(holder, "property", {"name": clean(name), "value": value})
    element.insert(0, holder)
