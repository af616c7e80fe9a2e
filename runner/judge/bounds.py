"""
Numbers within bounds, and bounds in words.
"""

from __future__ import annotations

from runner.model.expectation import Bounds


def within(bounds: Bounds, number: float) -> bool:
    """Return whether a number lies within inclusive bounds."""
    return (bounds.at_least is None or number >= bounds.at_least) and (
        bounds.at_most is None or number <= bounds.at_most
    )


def bounds_words(bounds: Bounds, unit: str = "") -> str:
    """Describe the bounds: `3`, `at least 1`, `at most 2 s`, `1 to 2 s`."""
    low, high = bounds.at_least, bounds.at_most
    if low is not None and high is not None:
        return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
    return f"at least {low:g}{unit}" if low is not None else f"at most {high or 0:g}{unit}"


def times_words(bounds: Bounds | int) -> str:
    """Return how often: `once`, `never`, `3 times`, `at least once`, `1 to 2 times`."""
    if isinstance(bounds, int):
        bounds = Bounds(bounds, bounds)
    low, high = bounds.at_least, bounds.at_most
    if high in {0, 1} and low in {None, high}:
        exactly = "never" if high == 0 else "once"
        return exactly if high == 0 or low is not None else f"at most {exactly}"
    if low == 1 and high is None:
        return "at least once"
    return f"{bounds_words(bounds)} times"
