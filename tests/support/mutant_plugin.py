"""
A pytest plugin that runs chosen tests on mutants; `benchmarks/mutants.py` loads it.

Three ways: `--note-seconds` writes how long each test takes; `--serve` collects all tests once, and
then forks for each mutant, which costs milliseconds, not seconds: the fork gives the functions of
the mutated module their new code; `--chosen` runs a list of tests in a new process.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final, NoReturn

import pytest

SURVIVED: Final = 0
KILLED: Final = 1
UNDECIDED: Final = 3
"""The change cannot be made in a process that has imported the module."""
TOO_LONG: Final = 4
"""The tests did not come to their end in time."""
MEMORY: Final = 4 << 30
"""A mutant may go on for ever, and append while it does."""

Functions = Mapping[tuple[str, int], Sequence[FunctionType]]
"""By their qualified name and first line: a property and its setter have one name."""

_seconds: dict[str, float] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what the other side asks for."""
    parser.addoption("--note-seconds", metavar="FILE")
    parser.addoption("--chosen", metavar="FILE")
    parser.addoption("--serve", metavar="REQUESTS,ANSWERS")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what a test takes; one that fails is not to be used."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration
    if not report.passed:
        _seconds[report.nodeid] = float("inf")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write them down, but not in each process of pytest-xdist."""
    path = session.config.getoption("--note-seconds")
    if path and not hasattr(session.config, "workerinput"):
        passed = {name: took for name, took in _seconds.items() if took != float("inf")}
        Path(path).write_text(json.dumps(passed), encoding="utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the chosen tests, in their order."""
    path = config.getoption("--chosen")
    if path:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        by_id = {item.nodeid: item for item in items}
        names = json.loads(Path(path).read_text(encoding="utf-8"))
        items[:] = [by_id[name] for name in names if name in by_id]


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Answer requests until there are no more."""
    pipes = session.config.getoption("--serve")
    if not pipes:
        return None
    if session.testsfailed:
        raise session.Interrupted("a file of tests could not be collected")
    reads, writes = (int(number) for number in pipes.split(","))
    items = {item.nodeid: item for item in session.items}
    functions = functions_by_place(session.config.rootpath / "runner")
    # What is collected stays, and a fork shall not copy the memory of it.
    gc.collect()
    gc.freeze()
    with os.fdopen(reads) as requests, os.fdopen(writes, "w") as answers:
        print(UNDECIDED, file=answers, flush=True)
        for line in requests:
            print(_answer(json.loads(line), session, items, functions), file=answers, flush=True)
    return True


def functions_by_place(folder: Path) -> dict[str, Functions]:
    """Find all functions that were defined in the files of a folder, by file."""
    found: dict[str, dict[tuple[str, int], list[FunctionType]]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{folder}/"):
            code = one.__code__
            places = found.setdefault(code.co_filename, {})
            places.setdefault((code.co_qualname, code.co_firstlineno), []).append(one)
    return dict(found)


def replace_code(functions: Functions, module: CodeType) -> bool:
    """
    Give functions the code of the changed module, whose lines are where they were.

    False if one cannot take it, for it needs other variables of the function around it.
    """
    codes = [module]
    while codes:
        code = codes.pop()
        codes.extend(one for one in code.co_consts if isinstance(one, CodeType))
        for function in functions.get((code.co_qualname, code.co_firstlineno), ()):
            try:
                function.__code__ = code
            except ValueError:
                return False
    return True


def _answer(
    asked: Mapping[str, object],
    session: pytest.Session,
    items: Mapping[str, pytest.Item],
    functions: Mapping[str, Functions],
) -> int:
    """Run tests on a mutant in a fork; what takes too long is killed."""
    child = os.fork()
    if not child:
        _run(asked, session, items, functions)
    over_s = time.monotonic() + float(str(asked["timeout_s"]))
    handle = os.pidfd_open(child)
    try:
        select.select([handle], [], [], max(0.0, over_s - time.monotonic()))
        with_all_it_started = -child
        try:
            os.kill(with_all_it_started, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(handle)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else TOO_LONG


def _run(
    asked: Mapping[str, object],
    session: pytest.Session,
    items: Mapping[str, pytest.Item],
    functions: Mapping[str, Functions],
) -> NoReturn:
    """Run the tests in this process and end it."""
    code = UNDECIDED
    try:
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        path, text, names = str(asked["path"]), str(asked["text"]), asked["tests"]
        module = compile(text, path, "exec", dont_inherit=True)
        if replace_code(functions.get(path, {}), module) and isinstance(names, list):
            code = _outcome(session, [items[name] for name in names])
    finally:
        os._exit(code)


def _outcome(session: pytest.Session, chosen: Sequence[pytest.Item]) -> int:
    for item, following in zip(chosen, (*chosen[1:], None), strict=True):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return KILLED
    return SURVIVED
