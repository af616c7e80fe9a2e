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

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Final, Literal
from xml.etree import ElementTree as ET

from junit_xml import TestCase, TestSuite, to_xml_report_string

from runner.model.result import CaseResult, RunResult, StepResult
from runner.model.verdict import Errored, Failed, Passed, Skipped
from runner.report.notes import notes
from runner.report.sentences import evidence_used, headline, output_of, sentences, story
from runner.report.text import clean, head_and_tail, one_line
from runner.report.why import reasons

Dialect = Literal["rich", "xunit"]

_FAILED: Final = "ExpectationFailed"
_ERRORED: Final = "CouldNotBeJudged"
_MOST_OUTPUT: Final = 64 * 1024
_STRICT_CASE: Final = {"name", "time", "classname", "group"}
_STRICT_ROOT: Final = {"name", "time", "tests", "failures", "errors"}
_STRICT_SUITE: Final = {"name", "tests", "failures", "errors", "time", "timestamp", "id", "package"}


def render(result: RunResult, *, dialect: Dialect = "rich") -> str:
    """
    Return the document. `xunit` is what the strict schema of Jenkins' xUnit plugin takes: no file,
    line or properties of a case.
    """
    suites = [
        _suite(path, list(cases), result)
        for path, cases in groupby(result.cases, key=lambda case: case.case.where.path)
    ]
    text: str = to_xml_report_string(suites, encoding="utf-8")
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


def _suite(path: str, cases: Sequence[CaseResult], result: RunResult) -> TestSuite:
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
        [_case(one, path) for one in cases],
        timestamp=clean(result.started_at).removesuffix("Z"),
        properties={name: clean(value) for name, value in properties.items() if value},
    )


def _case(result: CaseResult, path: str) -> TestCase:
    case = TestCase(
        clean(result.case.name),
        classname=clean(class_name(path)),
        elapsed_sec=max(result.took_s, 0.001),
        stdout=_output(result),
        file=clean(path),
        line=result.case.where.line,
        allow_multiple_subelements=True,
    )
    message = one_line(headline(result)) or result.verdict.kind
    match result.verdict:
        case Failed():
            case.add_failure_info(message, _details(result), _FAILED)
        case Errored():
            case.add_error_info(message, _details(result), _ERRORED)
        case Skipped():
            case.add_skipped_info(message, message)
        case Passed():
            pass
    return case


def _details(result: CaseResult) -> str:
    lines = [*sentences(result.verdict), *reasons(result)]
    lines += ["", *(line for step in result.steps for line in _step_lines(step))]
    lines += ["", *_timeline(result)]
    return clean(head_and_tail("\n".join(lines), _MOST_OUTPUT))


def _step_lines(step: StepResult) -> Iterator[str]:
    said = "; ".join(map(one_line, sentences(step.verdict)))
    yield f"{step.verdict.kind:8} {one_line(step.title)}" + (f": {said}" if said else "")
    yield from (f"{'':8} {note}" for note in notes(step))


def _output(result: CaseResult) -> str:
    output = output_of(result.timeline)
    said = [f"{one_line(step.title)}: {note}" for step in result.steps for note in notes(step)]
    parts = [*said, ""] if said else []
    parts.append(head_and_tail("\n".join(_timeline(result)), _MOST_OUTPUT))
    if output.strip():
        parts += ["", "container output:", head_and_tail(output, _MOST_OUTPUT)]
    return clean("\n".join(parts))


def _timeline(result: CaseResult) -> list[str]:
    return [f"{at_ms:10.3f} ms  {who:7} {what}" for at_ms, who, what in story(result)]


def _mend(root: ET.Element, result: RunResult, dialect: Dialect) -> None:
    root.set("name", "scenario-run")
    root.set("time", f"{result.took_s:.3f}")
    root.attrib.pop("disabled", None)
    if dialect == "rich":
        # junit-xml keeps the order; names and paths have been cleaned and cannot be looked up.
        for element, case in zip(root.iter("testcase"), result.cases, strict=True):
            _add_properties(element, _case_properties(case))
            _add_earlier_tries(element, case)
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
