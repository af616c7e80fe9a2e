"""
`--tags` and `--skip-tags`: cases and steps, in Ansible's words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Final

from runner.model.case import Case
from runner.model.step import Step, Wait

NOT_SELECTED: Final = "not selected by --tags/--skip-tags"
NOTHING_EXPECTED: Final = "none of its selected steps expects anything"
_ALWAYS: Final = "always"
_NEVER: Final = "never"
_SPECIAL: Final = frozenset({_ALWAYS, _NEVER})


@dataclasses.dataclass(frozen=True, slots=True)
class TagChoice:
    """
    What was asked for by tags. Without `wanted`, all that is not `unwanted` is chosen.

    What is tagged `always` is chosen unless that tag is unwanted, what is tagged `never` only when
    a tag of its own is wanted; `all`, `tagged` and `untagged` mean what they say.
    """

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    def allows(self, tags: Collection[str]) -> bool:
        """Return whether something with these tags is chosen."""
        own = frozenset(tags)
        return self.spares(own) and (not self.wanted or _ALWAYS in own or _has(own, self.wanted))

    def spares(self, tags: Collection[str]) -> bool:
        """Return whether something with these tags is chosen where it need not be asked for."""
        own = frozenset(tags)
        unwanted = self.unwanted - ({"all"} if _ALWAYS in own else set())
        asked_for = own & (self.wanted - {"all", "tagged", "untagged"})
        return not _has(own, unwanted) and (_NEVER not in own or bool(asked_for))


def by_tags(cases: Sequence[Case], choice: TagChoice) -> tuple[Case, ...]:
    """
    Return the cases that have a chosen step; their other steps are skipped.

    A step has the tags of its scenario, too. An `always` step does not make a case a chosen one,
    and is carried out unless its tags are unwanted.
    """
    chosen = (
        dataclasses.replace(
            case,
            steps=tuple(
                _skipped_unless(choice.allows(_tags(case, one)), one) for one in case.steps
            ),
            always=tuple(
                _skipped_unless(choice.spares(_tags(case, one)), one) for one in case.always
            ),
        )
        for case in cases
    )
    return tuple(case for case in chosen if any(not step.skip for step in case.steps))


def all_tags(cases: Sequence[Case]) -> list[str]:
    """Return the tags that there are, of cases and of steps, sorted."""
    of_steps = {tag for case in cases for step in case.all_steps for tag in step.tags}
    return sorted(of_steps | {tag for case in cases for tag in case.tags})


def skip_what_expects_nothing(case: Case) -> Case:
    """Skip a case none of whose chosen steps expects anything: it could prove nothing."""
    expecting = any(
        step.expect and not step.skip and not isinstance(step.action, Wait) for step in case.steps
    )
    skip = case.skip or ("" if expecting else NOTHING_EXPECTED)
    return dataclasses.replace(case, skip=skip)


def _tags(case: Case, step: Step) -> tuple[str, ...]:
    return case.tags + step.tags


def _skipped_unless(chosen: bool, step: Step) -> Step:  # noqa: FBT001 - reads as a sentence
    return step if chosen else dataclasses.replace(step, skip=step.skip or NOT_SELECTED)


def _has(own: frozenset[str], asked: Collection[str]) -> bool:
    words = set(asked)
    return (
        bool(own & words)
        or "all" in words
        or ("tagged" in words and bool(own - _SPECIAL))
        or ("untagged" in words and not own - _SPECIAL)
    )
