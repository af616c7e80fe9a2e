"""
A case as a Mermaid sequence diagram: who sent what to whom and when, and what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from runner.model.result import CaseResult
from runner.report.diagram_line import HOST, INIT, INSIDE, OTHERS, DiagramLine, Lane
from runner.report.diagram_story import DiagramStory
from runner.report.text import one_line
from runner.words import count

_MOST_FIRST: Final = 40
_MOST_LAST: Final = 20
_MOST_TEXT: Final = 60
_NAMES: Final = {INSIDE: "inside", INIT: "init", OTHERS: "other processes"}

Lanes = Mapping[Lane, tuple[str, str]]
"""From left to right, each with its short and its full name."""


def sequence_diagram(result: CaseResult) -> str:
    """
    Draw the signals and what the container did; long stories are cut in the middle.

    A step has the time since the first fact, and each line in it the time since the step began.
    """
    lines = list(_merged(DiagramStory(result).lines()))
    omitted = len(lines) - _MOST_FIRST - _MOST_LAST
    first, last = (lines[:_MOST_FIRST], lines[-_MOST_LAST:]) if omitted > 0 else (lines, [])
    lanes = _lanes([*first, *last], list(result.case.containers))
    drawn = [_drawn(one, lanes) for one in first]
    if omitted > 0:
        drawn.append(f"  Note over {_all(lanes)}: {count(omitted, 'line')} not drawn")
    drawn += [_drawn(one, lanes) for one in last]
    names = [f"  participant {short} as {name}" for short, name in lanes.values()]
    return "\n".join(["sequenceDiagram", *names, *drawn])


def _merged(lines: Iterable[DiagramLine]) -> Iterator[DiagramLine]:
    """Yield the lines, those in a row that say the same as one."""
    last: DiagramLine | None = None
    for line in lines:
        if last is not None and last.same(line):
            last.times += 1
            continue
        if last is not None:
            yield last
        last = line
    if last is not None:
        yield last


def _lanes(lines: Iterable[DiagramLine], containers: list[str]) -> Lanes:
    """Return the lanes that are used, and that of the first init in any case."""
    used = {lane for line in lines for lane in line.lanes}
    used.add((INIT, containers[0]))
    lanes: dict[Lane, tuple[str, str]] = {}
    if (HOST, "") in used:
        lanes[HOST, ""] = (HOST, "host")
    every = dict.fromkeys([*containers, *sorted(name for kind, name in used if kind != HOST)])
    for number, container in enumerate(every):
        of = f" of {_label(container)}" if len(every) > 1 else ""
        for kind, name in _NAMES.items():
            if (kind, container) in used:
                full = name + (of or (" (PID 1)" if kind == INIT else ""))
                lanes[kind, container] = (f"{kind}{number or ''}", full)
    return lanes


def _all(lanes: Lanes) -> str:
    """Name the first and the last lane, for a note over all."""
    shorts = [short for short, _ in lanes.values()]
    return ",".join(dict.fromkeys((shorts[0], shorts[-1])))


def _drawn(line: DiagramLine, lanes: Lanes) -> str:
    time = f"{max(line.at_ns - line.since_ns, 0) / 1e9:.3f} s"
    text = _label(line.text) + (f" ({line.times} times)" if line.times > 1 else "")
    if line.lane is None:
        return f"  Note over {_all(lanes)}: {text} (at {time})"
    at = lanes[line.lane][0]
    if line.target is None:
        return f"  Note over {at}: +{time} {text}"
    arrow = "-->>" if line.answer else "-x" if line.lost else "->>"
    return f"  {at}{arrow}{lanes[line.target][0]}: +{time} {text}"


def _label(text: str) -> str:
    text = one_line(text)
    text = (text[: _MOST_TEXT - 1] + "…" if len(text) > _MOST_TEXT else text) or "(empty)"
    # Mermaid and HTML read some characters as their own; Mermaid's entities name them by number.
    return re.sub(r"[^\w\s.,/()'=…+*✅❌💥-]", lambda found: f"#{ord(found[0])};", text)
