"""
Timelines of real cases that go wrong, each in a way of its own; tests judge them again.

`python -m tests.support.timelines cases.jsonl.gz` records them anew, from a run of their scenarios:
`scenario-run tests/unit/judge/timelines/why.yml`.
"""

from __future__ import annotations

import dataclasses
import gzip
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from runner.archive.case_file import CaseFile
from runner.archive.stored_run import open_run
from runner.model.explanation import Explanation
from runner.model.kernel_facts import KernelFact, SignalDelivered, SignalGenerated, TraceOpened
from runner.model.observation import Observation, Timeline
from runner.model.result import CaseResult

FOLDER: Final = Path(__file__).parents[1] / "unit" / "judge" / "timelines"
SCENARIOS: Final = FOLDER / "why.yml"


WHY: Final = {
    "shell form with dash": (
        "SIGTERM was dropped: init (sh) has the default disposition for it",
        "sleep never received SIGTERM: the shell forwarded nothing",
        "Init ran on until the grace period of 1 s was over, and the engine then sent SIGKILL.",
        "R5 kill(2), pid_namespaces(7)",
        "exec form",
    ),
    "no handler": ("SIGTERM was dropped: init (sleep) has the default", "R5", "`init: true`"),
    "no handler and a plain signal": ("SIGTERM was dropped", "Init ran on.", "R5"),
    "handler runs but stays": (
        "SIGTERM was delivered to a handler of init (perl), and init did not exit.",
        "R8",
        "let the handler of SIGTERM end the program",
    ),
    "trap behind a foreground child": (
        "delivered to a handler of init (bash), but a shell runs the trap only when its foreground",
        "sleep was still running",
        "`trap 'kill -TERM $!' TERM; sleep & wait $!; wait $!`",
    ),
    "trap behind a child that ends late": (
        "a handler of init (sh), but a shell runs the trap only when its foreground",
        "Init ran on.",
    ),
    "blocked": ("Init (perl) blocks SIGTERM", "stayed pending", "R3", "unblock SIGTERM"),
    "a chain whose init catches and sends nothing on": (
        "Init (perl) got SIGTERM and forwarded no signal:",
        "never received it",
    ),
    "grace too short": ("that handler was still running at the last snapshot", "stop_grace_period"),
    "our own sigkill": ("The SIGKILL of this test ended init: it was sent by runc on the host.",),
    "out of memory": ("SIGKILL", "kernel itself", "OOM killer", "Its limit is 32 MiB."),
    "exits 137 of its own": ("exited by itself with status 137", "no SIGKILL killed it"),
    "exits 143 of its own": ("handled SIGTERM, and exited by itself with 143", "exited: [0, 143]"),
    "143 below docker init": (
        "Init itself was not killed: init forwarded SIGTERM to its child",
        "Init (docker-init) then exited with 143, 128 + 15",
        "exited: [0, 143]",
    ),
    "not found": ("Init never started", "(127)", 'exec: "/no/such": stat /no/such: no such file'),
    "not executable": ("Init never started", "(126)", 'exec: "/etc/passwd": permission denied'),
    "init waited for a child": (
        "Init (perl) caught SIGTERM, but ended only when its child",
        "Nobody had forwarded SIGTERM to it.",
        "forward SIGTERM to perl",
    ),
    "zombies": ("are children of init (perl), which does not catch SIGCHLD", "R16", "`init: true`"),
    "zombies of orphans": ("were orphans: when a parent ends, its children become", "R17"),
    "ignores": ("Init (sh) ignores SIGTERM", "R6", "`trap '' TERM`"),
    "stopped init": ("Init (perl) was stopped (state T) when SIGTERM came", "R19", "SIGCONT"),
    "kill from inside": ("from inside its PID namespace not even that acts on init", "from: host"),
    "a trap that does nothing and a background child": (
        "Init (bash) got SIGTERM and forwarded no signal",
    ),
    "a shell that cleans up for too long": (
        "delivered to a handler of init (bash), and init had started",
        "sleep since, which was still running",
        "stop_grace_period",
    ),
    "a child that ignores what init passes on": (
        "Init (docker-init) forwarded SIGTERM to",
        "It ignores SIGTERM (SigIgn)",
        "R6",
    ),
    "a command that the shell does not find": ("exited by itself with 127", "PATH"),
    "a fault": ("A fault of init itself ended it: the kernel sent it SIGSEGV", "R12"),
    "quits on another signal": ("SIGTERM was dropped", "STOPSIGNAL SIGQUIT, which it catches"),
}
"""What must be said of each of them, word for word."""


def said_of(explanations: Iterable[Explanation]) -> str:
    """All that explanations say."""
    return "\n".join(
        " ".join((*one.sentences, one.rule, one.source, one.advice)) for one in explanations
    )


def recorded(name: str) -> CaseResult:
    """One case, as it was recorded."""
    with open_run(FOLDER / f"{name.replace(' ', '-')}.jsonl") as run:
        (case,) = run.result.cases
        return dataclasses.replace(case, timeline=tuple(case.timeline))


def without_record(timeline: Timeline) -> Timeline:
    """The same, as if the kernel trace had not been read."""
    return tuple(fact for fact in timeline if not isinstance(fact, KernelFact))


def _matters(fact: Observation) -> bool:
    """Leave out how runc gets ready: hundreds of lines that say nothing."""
    if isinstance(fact, KernelFact) and not isinstance(fact, TraceOpened):
        own = not any(word in str(fact) for word in ("runc:[", "SIGURG"))
        return own or not isinstance(fact, SignalDelivered | SignalGenerated)
    return True


def _record(path: Path) -> None:
    with open_run(path) as run, tempfile.TemporaryDirectory() as folder:
        for case in run.result.cases:
            slim = tuple(filter(_matters, case.timeline))
            one = dataclasses.replace(case, timeline=slim, steps=(), explanations=())
            result = dataclasses.replace(run.result, cases=(one,))
            with CaseFile(Path(folder, "one"), run.settings) as stored:
                stored.begin(result, 1)
                stored.add(0, one)
                stored.end(result)
            name = f"{case.case.name.replace(' ', '-')}.jsonl"
            (FOLDER / name).write_bytes(gzip.decompress(Path(folder, "one").read_bytes()))


if __name__ == "__main__":
    _record(Path(sys.argv[1]))
