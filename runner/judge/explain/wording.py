"""
How explanations are put: sentences, the rule with its source, the diagnosis with its advice.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import called
from runner.kernel.rules import Rule
from runner.model.explanation import Explanation
from runner.model.kernel_facts import Task
from runner.model.process import Process


def because(
    *sentences: str, rule: str = "", diagnosis: Diagnosis | None = None, **values: str
) -> Explanation:
    """
    Make an explanation; the manual pages are those of the rule, the advice that of the diagnosis.

    `values` are what its advice has places for.
    """
    source = Rule[rule].source.partition(";")[0] if rule else ""
    said = tuple(one[0].upper() + one[1:] for one in sentences if one)
    if diagnosis is None:
        return Explanation(said, rule, source)
    return Explanation(
        said,
        rule,
        source,
        diagnosis.text.advice(command=values.get("program", ""), **values),
        diagnosis.name,
    )


def name(one: Process | Task) -> str:
    """`7 nginx`; of a script `7 sh backup.sh`."""
    return f"{one.pid} {called(one) if isinstance(one, Process) else one.comm}"


def names(all_of_them: Sequence[Process]) -> str:
    """`7 sleep and 8 cat`, at most a few."""
    return listed([name(one) for one in all_of_them])


def listed(words: Sequence[str]) -> str:
    """Join at most three of them, and say how many more there are."""
    rest = len(words) - 3
    few = [*words[:3], f"{rest} more"] if rest > 0 else list(words)
    return " and ".join(filter(None, (", ".join(few[:-1]), few[-1])))
