"""A copy of the project, in which mutants are tried: nothing is changed in the project itself."""

from __future__ import annotations

import contextlib
import enum
import itertools
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from tests.support.covering_tests import PYTEST, environment
from tests.support.mutant_plugin import KILLED, TOO_LONG, UNDECIDED
from tests.support.mutation import Mutant

ROOT: Final = Path(__file__).parents[2]
TIMEOUT_S: Final = 180.0
"""A mutant that takes longer is noticed. Its tests take seconds, but the machine may be busy."""
NO_FAILURE: Final = frozenset({0, 5})
"""pytest's exit codes; 5 is that no test was collected: the names of the chosen have changed."""


class Fate(enum.Enum):
    """What became of a mutant; `TOO_LONG`: its tests ran into the time limit, which is noticed."""

    SURVIVED = "survived"
    KILLED = "killed"
    TOO_LONG = "ran too long"


class Copy:
    """One folder; `collected` starts a pytest that collects all tests once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._times = itertools.count(1)
        self._requests: IO[str] | None = None
        self._answers: IO[str] | None = None

    @classmethod
    def of_project(cls, folder: Path) -> Copy:
        """Copy what is, or may be, in the repository."""
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
        for name in names.decode().split("\0"):
            source = ROOT / name
            if name and source.is_file() and not source.is_symlink():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        return cls(folder)

    def another(self, folder: Path) -> Copy:
        """Copy the copy, with all that Python has compiled in it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Copy(folder)

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """
        Keep a pytest that has collected all tests.

        Raises:
            RuntimeError: it could not.
        """
        requests, answers = os.pipe(), os.pipe()
        command = [*PYTEST, "-s", "--serve", f"{requests[0]},{answers[1]}",
                   "--basetemp", f"{self.folder}-temporary", "tests/unit"]  # fmt: skip
        pytest = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment(self.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(requests[0], answers[1]),
        )
        os.close(requests[0])
        os.close(answers[1])
        try:
            with open(requests[1], "w") as self._requests, open(answers[0]) as self._answers:  # noqa: PTH123
                if not self._answers.readline():
                    raise RuntimeError(f"pytest could not collect the tests: {command}")
                yield
        finally:
            pytest.wait()

    def attempt(self, mutant: Mutant, tests: Sequence[str]) -> Fate:
        """Run the tests on a mutant."""
        if not tests:
            return Fate.SURVIVED
        code = self._in_fork(mutant, tests) if mutant.in_function else UNDECIDED
        if code in {KILLED, TOO_LONG}:
            return Fate.KILLED if code == KILLED else Fate.TOO_LONG
        return self._in_new_process(mutant, tests)

    def _in_fork(self, mutant: Mutant, tests: Sequence[str]) -> int:
        asked = {
            "path": str(self.folder / mutant.path),
            "text": mutant.text,
            "tests": tests,
            "timeout_s": TIMEOUT_S,
        }
        assert self._requests is not None
        assert self._answers is not None
        print(json.dumps(asked), file=self._requests, flush=True)
        return int(self._answers.readline())

    def _in_new_process(self, mutant: Mutant, tests: Sequence[str]) -> Fate:
        source, chosen = self.folder / mutant.path, self.folder / "chosen.json"
        chosen.write_text(json.dumps(tests), encoding="utf-8")
        files = sorted({name.partition("::")[0] for name in tests})
        before, when = source.read_text(encoding="utf-8"), source.stat()
        source.write_text(mutant.text, encoding="utf-8")
        # Python compiles anew only where the size differs or the second.
        second = next(self._times)
        os.utime(source, (second, second))
        try:
            code = _run([*PYTEST, "-x", "--chosen", str(chosen), *files], self.folder)
        finally:
            source.write_text(before, encoding="utf-8")
            os.utime(source, ns=(when.st_atime_ns, when.st_mtime_ns))
        if code is None:
            return Fate.TOO_LONG
        return Fate.SURVIVED if code in NO_FAILURE else Fate.KILLED


def _run(command: Sequence[str], folder: Path) -> int | None:
    """Run a command to its end, or end it with all that it has started."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
