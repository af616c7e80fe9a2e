"""
The timeline while it grows.

Looks that show the same are kept as one, of a long output only head and tail, and of very many
births and ends of processes only the first.
"""

from __future__ import annotations

import dataclasses
from collections import deque

from runner.execute.process_event_limiter import ProcessEventLimiter
from runner.model.fact import InContainer
from runner.model.kernel_facts import ProcessEventsOmitted
from runner.model.observation import (
    LogsCut,
    LogText,
    Observation,
    ProcessSnapshot,
    StepActed,
    StepBegan,
    Timeline,
)

_HEAD_CHARACTERS = 64 * 1024
_TAIL_CHARACTERS = 64 * 1024


class TimelineBuilder:
    """Takes observations in order; `timeline` gives them back as an immutable record."""

    def __init__(self) -> None:
        self._observations: list[Observation | None] = []
        self._head_room = _HEAD_CHARACTERS
        self._tail: deque[tuple[int, LogText]] = deque()
        self._tail_size = 0
        self._cut: tuple[int, LogsCut] | None = None
        self._limiters: dict[str, ProcessEventLimiter] = {}
        self._omitted: dict[str, tuple[int, ProcessEventsOmitted]] = {}

    def append(self, observation: Observation) -> Observation | None:
        """
        Add an observation; give it back as it stands, merged with the last one or not.

        Of those that are left out, the first gives the fact that some are, and the others None.
        """
        if isinstance(observation, StepBegan | StepActed):
            self._start_step()
        elif isinstance(observation, InContainer):
            name = observation.container
            if not self._limiters.setdefault(name, ProcessEventLimiter()).keeps(observation):
                return self._leave_out(name, observation.at_ns)
        merged = self._merged(observation)
        if merged is not None:
            self._observations[-1] = merged
            return merged
        self._observations.append(observation)
        if isinstance(observation, LogText):
            self._make_room_for(observation)
        return observation

    def timeline(self) -> Timeline:
        """Return all that was kept."""
        return tuple(one for one in self._observations if one is not None)

    def _start_step(self) -> None:
        self._omitted.clear()
        for lives in self._limiters.values():
            lives.start_step()

    def _leave_out(self, name: str, at_ns: int) -> ProcessEventsOmitted | None:
        if name not in self._omitted:
            begun = ProcessEventsOmitted(at_ns, at_ns, 1, container=name)
            self._omitted[name] = len(self._observations), begun
            self._observations.append(begun)
            return begun
        index, omitted = self._omitted[name]
        omitted = dataclasses.replace(omitted, until_ns=at_ns, facts=omitted.facts + 1)
        self._omitted[name] = index, omitted
        self._observations[index] = omitted
        return None

    def _merged(self, observation: Observation) -> ProcessSnapshot | None:
        last = self._observations[-1] if self._observations else None
        if not isinstance(observation, ProcessSnapshot) or not isinstance(last, ProcessSnapshot):
            return None
        if (last.container, last.processes) != (observation.container, observation.processes):
            return None
        snapshots = last.snapshots + observation.snapshots
        return dataclasses.replace(last, until_ns=observation.until_ns, snapshots=snapshots)

    def _make_room_for(self, text: LogText) -> None:
        if self._head_room > 0:
            self._head_room -= len(text.text)
            return
        self._tail.append((len(self._observations) - 1, text))
        self._tail_size += len(text.text)
        while self._tail_size > _TAIL_CHARACTERS and len(self._tail) > 1:
            self._omit(*self._tail.popleft())

    def _omit(self, index: int, text: LogText) -> None:
        self._tail_size -= len(text.text)
        size = len(text.text.encode("utf-8", "replace"))
        first, cut = self._cut or (index, LogsCut(text.at_ns, 0, container=text.container))
        cut = dataclasses.replace(cut, omitted_bytes=cut.omitted_bytes + size)
        self._cut = first, cut
        self._observations[index] = None
        self._observations[first] = cut
