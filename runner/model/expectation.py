"""
What a scenario expects: checks that must hold at once, and when they must hold.

Each check is a noun of the scenario language. How a check is matched is `runner.judge`'s
business; this module only says what can be asked.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal


class InitState(enum.Enum):
    """What the init process can be seen to be."""

    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    NEVER_STARTED = "never_started"


class Stream(enum.Enum):
    """One of the two output streams of a process."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    A text, or with `regex` a regular expression, looked for line by line.

    Written in YAML as `text` or `/expression/`. `stream` None means either stream.
    """

    text: str
    regex: bool = False
    stream: Stream | None = None

    def __str__(self) -> str:
        """As written in the scenario."""
        return f"/{self.text}/" if self.regex else repr(self.text)


@dataclass(frozen=True, slots=True)
class Bounds:
    """An inclusive range; None means unbounded. `Bounds(3, 3)` is exactly three."""

    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """
    Which processes are meant: all of the given facts must fit; None means any.

    `argv` is a regular expression searched in the arguments joined by spaces. `child_of` is
    the PID of the parent.
    """

    pid: int | None = None
    comm: str | None = None
    argv: str | None = None
    child_of: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """
    So often the kernel has delivered this signal to a process since the step began.

    `sender` selects by whom it was sent; None: whoever it was.
    """

    signal: Signal
    times: Bounds = Bounds(at_least=1)
    sender: Selector | None = None


class Own(enum.Enum):
    """A number that must be that of the process itself: it leads its group or its session."""

    OWN = "own"


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """
    Facts that a process must show; None means not asked.

    Each signal listed must be in that disposition (`default`: neither caught nor ignored), in
    the blocked mask, or pending. `parent` selects what the parent must be. `pgid` and `sid` are the
    numbers of its process group and session, `OWN` where it leads them (setpgid(2), setsid(2));
    `subreaper`: whether orphans below it become its children (PR_SET_CHILD_SUBREAPER of prctl(2)).
    `received`: what it was delivered since the step began; an empty one: no signal at all.

    `exited`: it has called exit(2) with one of these statuses (0..255). `killed_by`: one of these
    signals has ended it. `killed_with_init`: whether the kernel has killed it because init ended
    (pid_namespaces(7)).
    """

    state: ProcessState | None = None
    parent: Selector | None = None
    comm: str | None = None
    argv: str | None = None
    caught: tuple[Signal, ...] = ()
    ignored: tuple[Signal, ...] = ()
    default: tuple[Signal, ...] = ()
    blocked: tuple[Signal, ...] = ()
    pending: tuple[Signal, ...] = ()
    received: tuple[Received, ...] | None = None
    pgid: int | Own | None = None
    sid: int | Own | None = None
    subreaper: bool | None = None
    exited: tuple[int, ...] | None = None
    killed_by: tuple[Signal, ...] = ()
    killed_with_init: bool | None = None


@dataclass(frozen=True, slots=True)
class InitSettled:
    """
    The default readiness: PID 1 has exec'd its program and has come to rest.

    Its name, arguments and masks have held still for `asleep_s` while it sleeps, or for
    `awake_s` when it never sleeps.
    """

    asleep_s: float = 0.01
    awake_s: float = 0.25
    kind: Literal["init_settled"] = "init_settled"


@dataclass(frozen=True, slots=True)
class InitIs:
    """`init: running`, `stopped` or `never_started`."""

    state: InitState
    kind: Literal["init_is"] = "init_is"


@dataclass(frozen=True, slots=True)
class InitExited:
    """`init: {exited: [0, 143]}`: any of these as the engine reports them (0..255)."""

    codes: tuple[int, ...]
    kind: Literal["init_exited"] = "init_exited"


@dataclass(frozen=True, slots=True)
class InitShows:
    """`init: {caught: [SIGTERM]}`: facts of PID 1."""

    facts: ProcessFacts
    kind: Literal["init_shows"] = "init_shows"


@dataclass(frozen=True, slots=True)
class ProcessIs:
    """
    `process: {comm: worker, state: T}`: at least one process is selected and each shows the facts.

    With `exists` False: no process is selected.
    """

    selector: Selector
    facts: ProcessFacts
    exists: bool = True
    kind: Literal["process_is"] = "process_is"


@dataclass(frozen=True, slots=True)
class ProcessCount:
    """
    `processes: {alive: 3, zombies: 0}`, init included, our probe never.

    `unchanged` True: the same processes as in the last snapshot before the step, none gone, none
    new. `zombies_longer_than_s`: a zombie counts once it has been one for longer than that; None:
    than the quiet period.
    """

    selector: Selector
    alive: Bounds | None = None
    zombies: Bounds | None = None
    unchanged: bool = False
    zombies_longer_than_s: float | None = None
    kind: Literal["process_count"] = "process_count"


@dataclass(frozen=True, slots=True)
class KillAnswered:
    """`accepted: true` (`errno` ""), or the errno that kill(2) must have answered."""

    errno: str
    kind: Literal["kill_answered"] = "kill_answered"


@dataclass(frozen=True, slots=True)
class LogsHave:
    """`logs`: all of `contains`, none of `absent`, and `in_order` one after the other."""

    contains: tuple[Pattern, ...] = ()
    absent: tuple[Pattern, ...] = ()
    in_order: tuple[Pattern, ...] = ()
    kind: Literal["logs_have"] = "logs_have"


@dataclass(frozen=True, slots=True)
class ShutdownWas:
    """
    `shutdown`: seconds from the request to end to the end of init.

    `escalated` True: the grace period ran out and the engine sent SIGKILL. `killed`: so many
    processes were left and killed by the kernel when init ended. None: not asked.
    """

    took_s: Bounds | None = None
    escalated: bool | None = None
    killed: Bounds | None = None
    kind: Literal["shutdown_was"] = "shutdown_was"


@dataclass(frozen=True, slots=True)
class ExecEndedWith:
    """`exec`: how the exec step's program ended and what it wrote."""

    exit_codes: tuple[int, ...] | None = None
    stdout: tuple[Pattern, ...] = ()
    stderr: tuple[Pattern, ...] = ()
    kind: Literal["exec_ended_with"] = "exec_ended_with"


@dataclass(frozen=True, slots=True)
class OomKilled:
    """`oom_killed`: whether the kernel's OOM killer was invoked in the container."""

    killed: bool
    kind: Literal["oom_killed"] = "oom_killed"


@dataclass(frozen=True, slots=True)
class RestartsAre:
    """`restarts: 2`: how often the restart policy has restarted init."""

    count: Bounds
    kind: Literal["restarts_are"] = "restarts_are"


@dataclass(frozen=True, slots=True)
class HealthIs:
    """`health: healthy`, as the engine reports it of the container's health check."""

    status: Literal["starting", "healthy", "unhealthy"]
    kind: Literal["health_is"] = "health_is"


@dataclass(frozen=True, slots=True)
class InitKilledBy:
    """`init: {killed_by: SIGKILL}`: one of these signals ended it, and not an exit of its own."""

    signals: tuple[Signal, ...]
    kind: Literal["init_killed_by"] = "init_killed_by"


@dataclass(frozen=True, slots=True)
class DeliveredWas:
    """
    `delivered: false`: whether the kernel delivered the last signals to their targets.

    `signal` None means each signal of the step.
    """

    delivered: bool
    signal: Signal | None = None
    kind: Literal["delivered_was"] = "delivered_was"


@dataclass(frozen=True, slots=True)
class OutcomeWas:
    """
    `outcome: dropped_init`: what became of the last signals; None: what was predicted.

    `signal` None means each signal that the step asked for.
    """

    outcome: Outcome | None
    signal: Signal | None = None
    kind: Literal["outcome_was"] = "outcome_was"


@dataclass(frozen=True, slots=True)
class ForwardedWas:
    """
    `forwarded: {SIGTERM: {to: ..., times: 1}}`: a process has sent it on to others, so often.

    `sender` selects which process that is; None: init itself.
    """

    signal: Signal
    to: Selector | None = None
    times: Bounds = Bounds(at_least=1)
    sender: Selector | None = None
    kind: Literal["forwarded_was"] = "forwarded_was"


Check = (
    InitSettled
    | InitIs
    | InitExited
    | InitShows
    | ProcessIs
    | ProcessCount
    | KillAnswered
    | LogsHave
    | ShutdownWas
    | ExecEndedWith
    | OomKilled
    | InitKilledBy
    | DeliveredWas
    | OutcomeWas
    | ForwardedWas
    | RestartsAre
    | HealthIs
)


DEFAULT_WITHIN_S = 5.0
"""
By when a step's expectation must have become true if it does not say; after a stop, so much after
the grace period.
"""


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    Checks that must all hold at once, and when.

    They must become true by `within_s` after the step acted, not before `not_before_s`, and
    then stay true for `for_s`. None means the default: see `runner.judge.expectation_timer`.
    """

    checks: tuple[Check, ...]
    within_s: float | None = None
    for_s: float | None = None
    not_before_s: float | None = None
