"""cases.jsonl.gz while it is written: by a runner that is killed, and where there is no room."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.archive.case_file import CaseFile
from runner.archive.stored_run import open_run
from runner.errors import ReportNotWritten
from tests.support.cases import SETTINGS
from tests.support.results import FAILED, MIXED, PASSED, run_of
from tests.support.stored import lines_of, write_run

ROOT = Path(__file__).parents[3]

KILLED = """
import os, signal, sys, threading
from pathlib import Path
from runner.archive.case_file import CaseFile
from runner.run import pipeline
from tests.support.cases import SETTINGS
from tests.unit.run.test_pipeline import RUNNING, Ear, bare, case

class Killed(CaseFile):
    def add(self, number, result):
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().add(number, result)

cases = [case(RUNNING, name=f"case {n}") for n in range(6)]
with Killed(Path(sys.argv[1]), SETTINGS) as store:
    pipeline.run(cases, engine=bare(), settings=SETTINGS, forks=1, listener=Ear(), store=store)
"""


def test_a_runner_that_is_killed_loses_only_the_running_cases(tmp_path: Path) -> None:
    """SIGKILL cannot be caught; what had ended is on the disk, with its facts."""
    path = tmp_path / "x"

    ended = subprocess.run(
        [sys.executable, "-c", KILLED, path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    with open_run(path) as run:
        assert [one.case.name for one in run.result.cases] == ["case 0", "case 1", "case 2"]
        assert all(len(one.timeline) > 3 for one in run.result.cases)
        assert run.killed
        assert run.planned == 6
        assert run.result.interrupted
        assert 0 < run.result.took_s < 60


def test_what_was_cut_off_in_a_line_does_not_matter(tmp_path: Path) -> None:
    """Wherever the last line ends, the ones before it are read, packed or not."""
    path = tmp_path / "x"
    write_run(path, run_of(PASSED, FAILED))
    whole = path.read_bytes()
    plain = gzip.decompress(whole)
    ends = len(whole) - 5, len(whole) - len(gzip.compress(plain.splitlines()[-1])) - 20

    for data, cases in [(whole[: ends[0]], 2), (whole[: ends[1]], 1), (plain[:-3], 2)]:
        path.write_bytes(data)
        with open_run(path) as run:
            assert len(run.result.cases) == cases
            assert run.killed


def test_timelines_leave_the_memory_and_come_back(tmp_path: Path) -> None:
    """They are read when somebody looks, also after the file was removed by another run."""
    with CaseFile(tmp_path / "a" / "x", SETTINGS) as file:
        file.begin(MIXED, 3)
        kept = [file.add(number, one) for number, one in enumerate(MIXED.cases)]
        (tmp_path / "a" / "x").unlink()

        assert [one.timeline for one in kept] == [one.timeline for one in MIXED.cases]
        assert kept == list(MIXED.cases)
        assert not any(isinstance(one.timeline, tuple) for one in kept)
        assert kept[1].timeline[2:4] == MIXED.cases[1].timeline[2:4]
        assert len(kept[0].timeline) == len(MIXED.cases[0].timeline)


def test_cases_are_put_in_their_order_when_they_are_read(tmp_path: Path) -> None:
    """They are written as they end."""
    with CaseFile(tmp_path / "x", SETTINGS) as file:
        file.begin(MIXED, 3)
        for number in (2, 0, 1):
            file.add(number, MIXED.cases[number])
        file.end(MIXED)

    assert [line.get("number") for line in lines_of(tmp_path / "x")] == [None, 2, 0, 1, None]
    with open_run(tmp_path / "x") as run:
        assert run.result == MIXED
        assert run.settings == SETTINGS
        assert not run.killed


def test_without_a_case_there_is_no_file(tmp_path: Path) -> None:
    """A run that ended before any case leaves none."""
    with CaseFile(tmp_path / "a" / "x", SETTINGS) as file:
        file.begin(MIXED, 3)
        file.end(dataclasses.replace(MIXED, cases=()))

        assert file.written() == []
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_cases_stay_in_memory(tmp_path: Path) -> None:
    """The run goes on, and what failed is told at its end."""
    (tmp_path / "file").touch()
    with CaseFile(tmp_path / "file" / "x", SETTINGS) as file:
        file.begin(MIXED, 3)

        assert [file.add(0, PASSED), file.add(1, FAILED)] == [PASSED, FAILED]
        assert isinstance(file.add(2, PASSED).timeline, tuple)
        file.end(MIXED)
        with pytest.raises(ReportNotWritten, match="cannot write"):
            file.written()


def test_a_line_that_finds_no_room_leaves_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half-written stays behind them."""
    with CaseFile(tmp_path / "x", SETTINGS) as file:
        file.begin(MIXED, 3)
        file.add(0, PASSED)
        timelines = file._timelines
        assert timelines is not None
        real = timelines.lines._file

        class Full:
            """A file on a disk that has room for ten more bytes."""

            def write(self, data: bytes) -> int:
                """Write ten bytes once, and then nothing."""
                if len(data) % 10 == 0:
                    raise OSError(28, "No space left on device")
                return real.write(data[: len(data) % 10])

            def truncate(self, size: int) -> None:
                """As the real one."""
                real.truncate(size)

            def fileno(self) -> int:
                """As the real one."""
                return real.fileno()

        monkeypatch.setattr(timelines.lines, "_file", Full())
        kept = file.add(1, FAILED)
        monkeypatch.setattr(timelines.lines, "_file", real)

        assert kept is FAILED
        with pytest.raises(ReportNotWritten, match="No space left"):
            file.written()
    assert len(lines_of(tmp_path / "x")) == 2


def test_zcat_gives_json_lines(tmp_path: Path) -> None:
    """Any tool that knows gzip and JSON can read it."""
    write_run(tmp_path / "x", MIXED)

    with (tmp_path / "x").open("rb") as packed:
        out = subprocess.run(["/bin/zcat"], stdin=packed, capture_output=True, check=True)

    kinds = [json.loads(line)["kind"] for line in out.stdout.splitlines()]
    assert kinds == ["run_began", *["case_ended"] * 3, "run_ended"]
