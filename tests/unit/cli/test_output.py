"""What becomes of a run where its output cannot be written: reports are, and no traceback is."""

from __future__ import annotations

import errno
import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import main as cli
from runner.cli.output import Output
from runner.cli.running import ellipsis_of, width

ROOT = Path(__file__).parents[3]

SCENARIO = """\
name: "{{ n }} ends with a long name that has to be cut somewhere … or wrapped, as it is here"
matrix: {n: [1, 2, 3, 4]}
container: {image: app, init: [/init], ready: {logs: up}}
steps: [{stop: 2s, expect: {init: {exited: 7}, logs: bye}}]
"""
WRONG = SCENARIO.replace("exited: 7", "exited: 3").replace("ends", "fails")

CLOSED = {
    "a reader that has gone": ("| true", 2),
    "a reader of both that has gone": ("2>&1 | true", 0),
    "a reader of one line": ("| head -1", 0),
    "closed": (">&-", 2),
    "both closed": (">&- 2>&-", 0),
    "errors to a full disk": ("2>/dev/full", 2),
}
"""What stands behind the command, and what it is to end with."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.yml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def shell(
    rest: str, *, text: str = SCENARIO, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command below a shell, with what comes after it on the line."""
    Path("x.yml").write_text(text, encoding="utf-8")
    command = f"set -o pipefail; {sys.executable} -m tests.support.fake_run x.yml {rest}"
    return subprocess.run(
        ["/bin/bash", "-c", command],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("rest", "code"), CLOSED.values(), ids=CLOSED)
def test_a_run_that_nobody_reads_is_a_run(rest: str, code: int) -> None:
    """Its exit code is that of its cases, and the reports are whole."""
    ended = shell(rest, text=WRONG if code else SCENARIO)

    assert ended.returncode == code
    assert b"Traceback" not in ended.stdout + ended.stderr
    assert b"Exception ignored" not in ended.stdout + ended.stderr
    kinds = ("failures" if code else "tests", "4")
    assert f'{kinds[0]}="{kinds[1]}"' in Path("reports/junit.xml").read_text(encoding="utf-8")
    assert Path("reports/result.json").exists()


@pytest.mark.parametrize(("text", "code"), [(SCENARIO, 1), (WRONG, 2)], ids=["good", "wrong"])
def test_a_full_disk_is_told(text: str, code: int) -> None:
    """A run that passed is not called so, as nobody can read what it was."""
    ended = shell(">/dev/full", text=text)

    assert ended.returncode == code
    said = "scenario-run: cannot write to standard output: No space left on device\n"
    assert ended.stderr.decode().endswith(said)
    assert b"Traceback" not in ended.stderr
    assert Path("reports/report.md").exists()


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "latin-1", "C"],
)
def test_an_encoding_without_some_characters_is_enough(environment: dict[str, str]) -> None:
    """What is cut has three dots, what is said has escapes; reports are UTF-8 all the same."""
    ended = shell("-v", text=WRONG, **environment)

    assert ended.returncode == 2
    assert b"Traceback" not in ended.stderr
    assert rb"has to be cut somewhere \u2026 or" in ended.stdout
    assert "somewhere … or" in Path("reports/report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["--list", "--help"])
def test_other_modes_say_it_too(mode: str) -> None:
    """Without a word of a bug."""
    ended = shell(f"{mode} >/dev/full")

    assert (ended.returncode, ended.stderr.decode()) == (
        1,
        "scenario-run: cannot write to standard output: No space left on device\n",
    )


def test_a_list_that_is_cut_short_by_its_reader_is_fine() -> None:
    """As with `head`."""
    ended = shell("--list | true")

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("environment", "sequences"),
    [
        ({"TERM": "xterm-256color"}, {"\x1b[2K", "\x1b[32m", "\x1b[0m"}),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, {"\x1b[2K"}),
        ({"TERM": "dumb"}, set()),
    ],
    ids=["a terminal", "NO_COLOR", "TERM=dumb"],
)
def test_a_terminal_gets_what_it_understands(
    environment: dict[str, str], sequences: set[str]
) -> None:
    """A dumb one no control sequence at all; NO_COLOR is about colours only."""
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "tests.support.fake_run", "x.yml"],
        env={
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "PYTHONPATH": str(ROOT),
            **environment,
        },
        stdout=follower,
        stderr=follower,
        timeout=120,
        check=True,
    )
    os.close(follower)
    shown = _all_of(leader)

    assert set(re.findall(r"\x1b\[\d*[A-Za-z]", shown)) == sequences
    assert shown.count("\x1b") == len(re.findall(r"\x1b\[\d*[A-Za-z]", shown))
    assert "4 cases: 4 passed in " in shown


def _all_of(leader: int) -> str:
    parts: list[bytes] = []
    with open(leader, "rb", buffering=0) as stream:
        try:
            while part := stream.read(65536):
                parts.append(part)
        except OSError:
            pass  # how Linux says that nobody has the other end
    return b"".join(parts).decode()


def test_the_width_is_the_terminals_or_80(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS comes first, as with pytest, and too narrow a one does not count."""
    nowhere = io.StringIO()
    monkeypatch.delenv("COLUMNS", raising=False)
    assert width(nowhere) == 80
    for given, wanted in (("100", 100), ("10", 80), ("0", 80), ("many", 80)):
        monkeypatch.setenv("COLUMNS", given)
        assert width(nowhere) == wanted


def test_dots_stand_for_an_ellipsis_that_cannot_be_written() -> None:
    """By the encoding of the stream."""
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    assert ellipsis_of(ascii_only) == "..."
    assert ellipsis_of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == "…"


def test_after_an_error_nothing_more_is_written() -> None:
    """The first error counts."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    output = Output(Full())
    output.write("a")
    output.write("b")
    output.flush()

    assert output.failure is not None
    assert output.failure.errno == errno.ENOSPC


def test_the_streams_are_as_they_were_afterwards() -> None:
    """For a program that calls ours."""
    before = sys.stdout, sys.stderr

    assert cli.main(["--list", "x.yml"]) == 0

    assert (sys.stdout, sys.stderr) == before
