"""
One expectation over time: when it may be called met, when it must be called not met.

- It must become true by `within` after the step acted (default 5 s; after a stop, 5 s more than
  the grace period) and then stay true for
  `for`. If `for` is given and it breaks before that, it is not met.
- Without `for`, checks that say that nothing happened must stay true for the quiet period, unless
  the kernel's record has decided them; if they break, they may become true again by `within`.
- Becoming true earlier than `not_before` is not met.
- It is not met at once where no later fact can make it true.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from runner.judge.checks import needs_look, says_nothing_happened, sight_of, words_of
from runner.judge.scene import Scene
from runner.judge.sight import Sight, View
from runner.model.expectation import DEFAULT_WITHIN_S, Check, Expectation
from runner.model.verdict import Decision, Errored, Failed, Finding, Passed, Undecided

# Changes are reported by the probe as they come; this is for what is no change, such as rest.
_LOOK_EVERY_NS = 10_000_000


@dataclass(frozen=True, slots=True)
class Watch:
    """
    The state of one expectation while its step is current.

    `began_ns`, `since_ns` and `of_step` are as in `View`; `patience_s` is the `within` of an
    expectation that names none. `true_since_ns` is since when it has been true without a break;
    `broke` says that it was true before and was seen not to be any more.
    """

    expectation: Expectation
    quiet_s: float
    began_ns: int
    since_ns: int
    of_step: bool
    patience_s: float = DEFAULT_WITHIN_S
    true_since_ns: int | None = None
    broke: bool = False

    def after(self, scene: Scene, at_ns: int) -> Watch:
        """Take the scene at a new fact into account."""
        sights = [sight for _, sight in self._sights(scene, at_ns)]
        true = all(sight.holds for sight in sights)
        was_true = self.true_since_ns is not None
        if true and was_true:
            return self
        since_ns = max(at_ns, self.since_ns) if true else None
        false = any(sight.known and not sight.holds for sight in sights)
        broke = self.broke or (was_true and false)
        return dataclasses.replace(self, true_since_ns=since_ns, broke=broke)

    def decide(self, scene: Scene, now_ns: int) -> Decision:
        """Say how the expectation stands now."""
        sights = self._sights(scene, now_ns)
        undecidable = next((s for _, s in sights if s.final and not s.known), None)
        if undecidable is not None:
            return Errored(f"this cannot be judged: {undecidable.seen}")
        findings = tuple(self._finding(check, sight) for check, sight in sights)
        if all(sight.holds for _, sight in sights):
            return self._while_true(scene, sights, now_ns=now_ns, findings=findings)
        return self._while_false(scene, sights, now_ns=now_ns, findings=findings)

    def _true_since_ns(self, sights: Sequence[Sight]) -> int:
        """
        Give since when all are true.

        Without a fact since, time alone has made them so, as what is queued and not taken is
        pending after a while: true since what they rest on. Else one would wait for ever anew.
        """
        if self.true_since_ns is not None:
            return self.true_since_ns
        return max(self.since_ns, *(sight.at_ns for sight in sights))

    def _while_true(
        self,
        scene: Scene,
        sights: list[tuple[Check, Sight]],
        *,
        now_ns: int,
        findings: tuple[Finding, ...],
    ) -> Decision:
        """Decide while all hold; those that are not final a later fact could still change."""
        true_since_ns = self._true_since_ns([sight for _, sight in sights])
        open_checks = [check for check, sight in sights if not sight.final]
        not_before_s = self.expectation.not_before_s
        if not_before_s is not None and true_since_ns < self.since_ns + _ns(not_before_s):
            early_s = (true_since_ns - self.since_ns) / 1e9
            too_early = tuple(dataclasses.replace(one, holds=False) for one in findings)
            return Failed(too_early, f"so after {early_s:.3f} s, not before {not_before_s:g} s")
        held_ns = true_since_ns + _ns(self._hold_s(open_checks))
        looks = any(map(needs_look, open_checks)) and _can_be_looked_at(scene)
        if now_ns >= held_ns and (not looks or _looked_ns(scene) >= held_ns):
            return Passed(findings)
        return Undecided(wake_ns=held_ns, look_ns=held_ns if looks else None)

    def _while_false(
        self,
        scene: Scene,
        sights: list[tuple[Check, Sight]],
        *,
        now_ns: int,
        findings: tuple[Finding, ...],
    ) -> Decision:
        if any(sight.final and not sight.holds for _, sight in sights):
            return Failed(findings, "nothing later can change that")
        if self.broke and self.expectation.for_s is not None:
            return Failed(findings, f"it did not stay so for {self.expectation.for_s:g} s")
        deadline_ns = self.since_ns + _ns(self._within_s)
        if now_ns < deadline_ns:
            return Undecided(wake_ns=deadline_ns, look_ns=self._next_look_ns(scene))
        blind = next((s for _, s in sights if not s.known), None)
        if blind is not None:
            return Errored(f"this cannot be judged: {blind.seen}")
        return Failed(findings, f"not so within {self._within_s:g} s")

    def _next_look_ns(self, scene: Scene) -> int | None:
        if not self._looks or not _can_be_looked_at(scene):
            return None
        return max(self.since_ns, _looked_ns(scene) + _LOOK_EVERY_NS)

    @property
    def _looks(self) -> bool:
        return any(needs_look(check) for check in self.expectation.checks)

    @property
    def _within_s(self) -> float:
        within_s = self.expectation.within_s
        if within_s is None:
            within_s = max(self.patience_s, self.expectation.not_before_s or 0.0)
        return within_s

    def _hold_s(self, open_checks: Sequence[Check]) -> float:
        if self.expectation.for_s is not None:
            return self.expectation.for_s
        return self.quiet_s if any(map(says_nothing_happened, open_checks)) else 0.0

    def _sights(self, scene: Scene, now_ns: int) -> list[tuple[Check, Sight]]:
        view = View(scene, self.began_ns, self.since_ns, now_ns, self.of_step)
        return [(check, sight_of(check, view)) for check in self.expectation.checks]

    def _finding(self, check: Check, sight: Sight) -> Finding:
        return Finding(
            expected=words_of(check),
            seen=sight.seen,
            holds=sight.holds,
            evidence=sight.evidence,
            at_s=round((sight.at_ns - self.since_ns) / 1e9, 6),
        )


def _can_be_looked_at(scene: Scene) -> bool:
    # In a paused container the probe is frozen with everything else.
    return scene.init_running and scene.paused is None


def _looked_ns(scene: Scene) -> int:
    return scene.look.until_ns if scene.look else -1


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
