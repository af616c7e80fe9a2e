"""Checking against the models: nothing given is lost."""

from __future__ import annotations

import copy
from typing import Any, cast

import pytest
from pydantic import ValidationError

from runner.errors import Problem
from runner.language.check import check
from runner.language.yaml_text import content_of, read

FULL = """\
name: x
skip: true
when: "true"
container:
  image: app
  init: [/app]
  stop_signal: SIGQUIT
  mem_limit: 64m
  pids_limit: 5
  ready: {logs: up, within: 5s}
steps:
  - name: a
    signal: {send: SIGTERM, to: {comm: app, argv: app, pid: 1, child_of: 1}, from: inside}
    expect:
      init: {caught: SIGTERM, ignored: SIGHUP, default: SIGINT, blocked: 1, pending: 2, comm: a}
      process: {comm: app, state: S, parent: init}
      processes: {alive: {at_least: 1, at_most: 2}, zombies: 0, comm: app, argv: app}
      accepted: true
      logs: {contains: a, matches: b, absent: c, in_order: [d], stream: stdout}
      exec: {exit: 0, stdout: a, stderr: b}
      within: 5s
      for: 1s
      not_before: 1s
  - stop: {grace: 10s, signal: SIGTERM}
    expect:
      shutdown: {at_least: 1s, at_most: 2s, escalated: false}
  - wait: {until: {init: running}, within: 5s}
  - exec: [a]
"""


def _paths(
    data: dict[str, Any] | list[Any], path: tuple[str | int, ...] = ()
) -> list[tuple[str | int, ...]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    found: list[tuple[str | int, ...]] = []
    for key, value in entries:
        found += [(*path, key)] if isinstance(key, str) else []
        if isinstance(value, dict | list):
            found += _paths(value, (*path, key))
    return found


(DOCUMENT,), _ = read("x.yml", FULL.encode())


def test_the_full_scenario_is_right_as_it_stands() -> None:
    """Or the next test would prove nothing."""
    assert not isinstance(check(DOCUMENT.data, DOCUMENT), list)


@pytest.mark.parametrize(
    "path", _paths(cast("dict[str, Any]", DOCUMENT.data)), ids=lambda path: ".".join(map(str, path))
)
def test_a_key_without_a_value_is_never_taken_for_one_that_is_not_given(
    path: tuple[str | int, ...],
) -> None:
    """An expectation that is left empty must not vanish; the problem stands at its key."""
    data: Any = copy.deepcopy(DOCUMENT.data)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = None

    problems = check(data, DOCUMENT)

    assert isinstance(problems, list)
    lines = {DOCUMENT.where(path).line, DOCUMENT.where(path, key=True).line}
    assert [one for one in problems if isinstance(one, Problem) and one.where.line in lines]


def test_no_more_of_a_file_is_read_than_a_scenario_may_have() -> None:
    """A device that never ends is refused like any file that is too big."""
    _, problems = read("/dev/zero", content_of("/dev/zero"))

    assert "more than the 1048576 bytes" in problems[0].what


def test_a_mapping_of_the_language_does_not_change() -> None:
    """What was checked stays what it was."""
    model = check(DOCUMENT.data, DOCUMENT)

    assert not isinstance(model, list)
    with pytest.raises(ValidationError, match="frozen"):
        model.name = "y"
