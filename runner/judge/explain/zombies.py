"""
Zombies that pile up: whose children they are, and who should reap them.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because, name, names
from runner.kernel.masks import holds
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.expectation import ProcessCount, ProcessIs
from runner.model.explanation import Explanation
from runner.model.kernel_facts import ProcessForked, Role
from runner.model.process import Process

_SIGCHLD = Signal.parse("SIGCHLD")


def of_zombies(step: StepHistory) -> Iterator[Explanation]:
    """Yield who does not reap, where zombies were not wanted."""
    snapshot = step.latest
    if snapshot is None or not any(map(_wants_none, step.failed)):
        return
    zombies = [one for one in snapshot.processes if one.state is ProcessState.ZOMBIE]
    by_pid = {one.pid: one for one in snapshot.processes}
    init = snapshot.init
    for parent in {one.ppid: by_pid.get(one.ppid) for one in zombies}.values():
        if parent is None:
            continue
        own = [one for one in zombies if one.ppid == parent.pid]
        if init is not None and parent.pid == init.pid:
            yield _of_init(step, parent, own)
        else:
            whose = name(parent)
            yield because(
                f"{_are(own)} of {whose}, which has not waited for {_them(own)}; as long as it "
                "lives, nobody else can, not even an init.",
                rule="R17",
            )


def _wants_none(check: object) -> bool:
    if isinstance(check, ProcessCount):
        return check.zombies is not None and check.zombies.at_most is not None
    return isinstance(check, ProcessIs) and not check.exists


def _of_init(step: StepHistory, init: Process, own: list[Process]) -> Explanation:
    orphans = [one for one in own if one.pid in _born_elsewhere(step)]
    handled = "catches SIGCHLD" if holds(init.masks.caught, _SIGCHLD) else "does not catch SIGCHLD"
    first = (
        f"{_are(own)} of init ({init.comm}), which {handled} and has not waited for {_them(own)}."
    )
    adopted = ""
    if orphans:
        verb = "was an orphan" if len(orphans) == 1 else "were orphans"
        adopted = f"{names(orphans)} {verb}: when a parent ends, its children become those of init."
    return because(
        first,
        adopted,
        rule="R17" if orphans else "R16",
        diagnosis=Diagnosis.D22,
    )


def _born_elsewhere(step: StepHistory) -> set[int | None]:
    """Return the PIDs of processes whose parent was another than init, by the kernel trace."""
    if not step.traced:
        return set()
    forks = [one for one in step.life if isinstance(one, ProcessForked)]
    return {one.child.pid for one in forks if one.parent.role is Role.INSIDE}


def _are(own: list[Process]) -> str:
    if len(own) == 1:
        return f"The zombie {names(own)} is a child"
    return f"The zombies {names(own)} are children"


def _them(own: list[Process]) -> str:
    return "it" if len(own) == 1 else "them"
