"""
What the words mean that a key may have as its value, for editors and `scenario-doc`.

A test holds the words against the models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from runner.kernel.signals import Signal


@dataclass(frozen=True, slots=True)
class ValueTexts:
    """The words that `key` may have as its value, each with what it means."""

    key: str
    words: Mapping[str, str]


VALUE_TEXTS: Final = (
    ValueTexts(
        "init",
        {
            "running": "Init has been started, has not ended, and is not stopped or paused.",
            "stopped": "Init has been stopped by a signal (state T).",
            "paused": "The engine has frozen all processes of the container, as by `pause`.",
            "never_started": "Init could not be executed: it is missing, or not executable.",
        },
    ),
    ValueTexts(
        "accepted",
        {
            "true": "kill(2) returned 0. That does not say that the signal was delivered.",
            "EPERM": "kill(2) refused the signal: the sender may not send it to that process.",
            "ESRCH": "kill(2) found no process of that number.",
            "EINVAL": "kill(2) knows no signal of that number.",
        },
    ),
    ValueTexts(
        "outcome",
        {
            "handler_runs": "A handler was called; delivered.",
            "ignored": "Discarded: it is ignored, or its default action is Ign; not delivered.",
            "dropped_init": (
                "Discarded, since an init has no handler for it; kill(2) succeeds all the same, "
                "and the signal is not delivered."
            ),
            "pending": (
                "It waits: it is blocked, or its target is stopped, or it was merged with one that "
                "waits; not delivered."
            ),
            "consumed": "Taken by sigwait(3), or read from a signalfd; delivered.",
            "terminated": "It ended its target, by the default action Term; delivered.",
            "core_dumped": (
                "It ended its target, by the default action Core, whether or not a file is "
                "written; delivered."
            ),
            "stopped": "Its target has stopped; delivered.",
            "continued": "Its target has resumed; delivered.",
            "rejected": "kill(2) refused it; not delivered.",
            "predicted": (
                "What followed from masks, dispositions and state right before it was sent, by "
                "the rules of the kernel."
            ),
        },
    ),
    ValueTexts(
        "health",
        {
            "starting": "No check has passed yet, and the start period is not over.",
            "healthy": "The last check has passed.",
            "unhealthy": "As many checks in a row as `retries` says have failed.",
        },
    ),
    ValueTexts(
        "pull",
        {
            "missing": "Ask the registry only for an image that is not on the engine.",
            "always": "Ask the registry each time.",
            "never": "Use what is on the engine, and ask no registry.",
        },
    ),
    ValueTexts(
        "stream",
        {
            "stdout": "Standard output alone.",
            "stderr": "Standard error alone.",
        },
    ),
    ValueTexts(
        "state",
        {
            "R": "Running, or waiting for a CPU.",
            "S": "Sleeping; a signal wakes it up.",
            "D": "Waiting, mostly for a disk; no signal wakes it up.",
            "T": "Stopped by a signal.",
            "t": "Stopped by a tracer.",
            "Z": "Zombie: it has ended, and its parent has not waited for it.",
        },
    ),
    ValueTexts(
        "to",
        {
            "init": "The init process of the container, PID 1 of its PID namespace.",
            "group": "The process group of init, as kill(0) or a terminal sends it.",
            "all": "Every process that kill(-1) reaches: all but init and the sender.",
        },
    ),
    ValueTexts(
        "from",
        {
            "inside": "By a process in the container's own PID namespace, with kill(2).",
            "host": "By the engine, from an ancestor PID namespace, as `docker kill` does.",
        },
    ),
    ValueTexts(
        "type",
        {
            "volume": "A volume of the engine.",
            "bind": "A file or folder of the engine's machine.",
            "tmpfs": "A file system in memory, empty at first.",
        },
    ),
)


def value_descriptions(values: Sequence[object]) -> list[str]:
    """Describe the values of an enumeration, in their order; empty where they have no texts."""
    words = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    if words[0].startswith("SIG"):
        return [
            f"Number {int(one)}, default action {one.default_action.value}."
            for one in map(Signal.parse, words)
        ]
    for texts in VALUE_TEXTS:
        if sorted(words) == sorted(texts.words):
            return [texts.words[word] for word in words]
    return []
