"""
Which processes a selector means, and which lines a pattern.
"""

from __future__ import annotations

import re

from runner.model.expectation import Pattern, Selector
from runner.model.process import Process


def selects(selector: Selector, process: Process) -> bool:
    """Return whether all facts that the selector gives fit this process."""
    return (
        (selector.pid is None or selector.pid == process.pid)
        and (selector.comm is None or selector.comm == process.comm)
        and (selector.argv is None or bool(re.search(selector.argv, " ".join(process.argv))))
        and (selector.child_of is None or selector.child_of == process.ppid)
    )


def selector_words(selector: Selector) -> str:
    """Return which processes are meant: `process comm=worker`."""
    given = {
        "pid": selector.pid,
        "comm": selector.comm,
        "argv": selector.argv and f"/{selector.argv}/",
        "child_of": selector.child_of,
    }
    words = [f"{name}={value}" for name, value in given.items() if value is not None]
    return "process " + " ".join(words) if words else "any process"


def line_matches(pattern: Pattern, line: str) -> bool:
    """Return whether the pattern is found in this line."""
    return bool(re.search(pattern.text, line)) if pattern.regex else pattern.text in line
