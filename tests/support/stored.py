"""Runs that are written to the disk, and read again."""

from __future__ import annotations

import dataclasses
import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

from runner.archive.case_file import CaseFile
from runner.archive.stored_run import open_run
from runner.model.result import RunResult
from tests.support.cases import SETTINGS


def write_run(path: Path, run: RunResult) -> None:
    """Write a cases.jsonl.gz, as a run that came to its end."""
    with CaseFile(path, SETTINGS) as file:
        file.begin(run, len(run.cases))
        for number, result in enumerate(run.cases):
            file.add(number, result)
        file.end(run)
        file.written()


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Give the lines of a cases.jsonl.gz."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def results_in(path: Path) -> list[dict[str, Any]]:
    """Give the results of the cases in it, in the order of the cases."""
    cases = [line for line in lines_of(path) if line["kind"] == "case_ended"]
    return [line["result"] for line in sorted(cases, key=lambda line: line["number"])]


def lines_written(run: RunResult) -> list[dict[str, Any]]:
    """Give the lines that are written of a run."""
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder, "x"), run)
        return lines_of(Path(folder, "x"))


def read_again(run: RunResult) -> RunResult:
    """Write a run and read it, with all timelines in memory."""
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder, "x"), run)
        with open_run(Path(folder, "x")) as stored:
            cases = (
                dataclasses.replace(one, timeline=tuple(one.timeline))
                for one in stored.result.cases
            )
            return dataclasses.replace(stored.result, cases=tuple(cases))
