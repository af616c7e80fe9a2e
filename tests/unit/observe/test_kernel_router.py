"""
Real traces (tests/support/record_traces.py has recorded them), told as facts about containers.

The facts are compared by what the reports say of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.kernel_facts import (
    Delivery,
    KernelFact,
    ProcessForked,
    Role,
    SignalDelivered,
    SignalGenerated,
    TraceOpened,
)
from runner.observe.kernel_noise import as_seen_from
from runner.observe.kernel_router import KernelRouter
from runner.observe.kernel_trace import TraceReader
from runner.report.kernel_timeline import kernel_words
from tests.support.kernel_lines import events_of

TRACES = Path(__file__).parent / "traces"


@dataclass
class Recorded:
    """A recorded trace, and what is told of each container in it."""

    name: str
    alone: str = ""
    router: KernelRouter = field(default_factory=KernelRouter)
    reader: TraceReader = field(default_factory=TraceReader)
    told: dict[str, list[KernelFact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = (TRACES / f"{self.name}.txt").read_text(encoding="utf-8").splitlines()
        heads = takewhile(lambda one: one.startswith("#"), text)
        self.inits = {name: int(pid) for _, name, pid in map(str.split, heads)}
        self.lines = text[len(self.inits) :]

    def feed(self, *lines: str) -> None:
        """Let the router hear some lines."""
        for line in lines:
            for event in events_of(self.reader, line):
                self.router.feed(event)

    def register(self, *names: str) -> None:
        """Register containers."""
        for name in names:
            facts = self.told.setdefault(name, [])
            alone = name in self.alone
            self.router.register(self.inits[name], facts.append, now_ns=5, alone=alone)

    def words(self, name: str = "a") -> list[str]:
        """Say what was told, without what is no business of a case and what is about reaping."""
        seen = (as_seen_from(one, probe_pid=None) for one in self.told[name])
        words = [kernel_words(one) for one in seen if one is not None]
        return [one for one in words[1:] if not one.endswith("was reaped")]


def replayed(name: str, alone: str = "") -> Recorded:
    """Play a trace with all its containers registered from the start."""
    one = Recorded(name, alone)
    one.register(*one.inits)
    one.feed(*one.lines)
    return one


ENDS_BY_KILL = [
    "SIGKILL from runc on the host to init ({0}): queued",
    "SIGKILL delivered to init ({0}), with the default action",
    "init ({0}) has ended",
    "containerd-shim on the host gets SIGCHLD: init ({0}) was killed by a signal",
]


def ends_by_kill(init: str) -> list[str]:
    """Say how a container is removed."""
    return [one.format(init) for one in ENDS_BY_KILL]


def test_sigkill_from_inside_is_discarded_at_once() -> None:
    """By the kernel, for init, whoever sends it from inside; then the engine's is not."""
    assert replayed("kill-9-from-inside").words() == [
        "init (c-init-nosig) called execve(2)",
        "7 bash called execve(2)",
        "SIGKILL from 7 bash to init (c-init-nosig): discarded at once",
        "7 bash has ended",
        "containerd-shim on the host gets SIGCHLD: 7 bash has exited",
        *ends_by_kill("c-init-nosig"),
    ]


def test_a_handler_takes_the_signal() -> None:
    """And the process ends by itself afterwards."""
    assert replayed("term-to-a-handler").words() == [
        "init (c-init-sig) called execve(2)",
        "SIGTERM from runc on the host to init (c-init-sig): queued",
        "SIGTERM delivered to init (c-init-sig), to the handler at 0x401695",
        "init (c-init-sig) has ended",
        "containerd-shim on the host gets SIGCHLD: init (c-init-sig) has exited",
    ]


def test_a_signal_that_ends_a_process_is_the_one_that_was_sent() -> None:
    """The kernel trace says SIGKILL of the delivery; the cause is what was queued before."""
    recorded = replayed("term-default-to-a-child")
    (delivered,) = [
        one
        for one in recorded.told["a"]
        if isinstance(one, SignalDelivered) and one.task.role is Role.INSIDE
    ]

    assert (delivered.signal, delivered.cause) == (SIGKILL, SIGTERM)
    assert delivered.delivery is Delivery.DEFAULT
    assert recorded.words()[4:9] == [
        "SIGTERM from 9 pkill to 8 sleep: queued",
        "SIGTERM delivered to 8 sleep, with the default action",
        "8 sleep has ended",
        "9 pkill has ended",
        "init (bash) gets SIGCHLD: 8 sleep was killed by a signal",
    ]


def test_a_stop_and_its_end_are_told_to_the_parent() -> None:
    """SIGCONT has done its work when it is sent; without a handler nothing is delivered."""
    assert replayed("stop-and-continue").words()[4:12] == [
        "SIGSTOP from 8 pkill to 7 sleep: queued",
        "SIGSTOP delivered to 7 sleep, with the default action",
        "init (bash) gets SIGCHLD: 7 sleep was stopped",
        "8 pkill has ended",
        "containerd-shim on the host gets SIGCHLD: 8 pkill has exited",
        "14 pkill called execve(2)",
        "SIGCONT from 14 pkill to 7 sleep: discarded at once",
        "init (bash) gets SIGCHLD: 7 sleep was continued",
    ]


def test_a_stop_of_the_engine_escalates() -> None:
    """SIGTERM is discarded, SIGKILL is not."""
    assert replayed("docker-stop-escalates").words() == [
        "init (c-init-nosig) called execve(2)",
        "SIGTERM from runc on the host to init (c-init-nosig): discarded at once",
        *ends_by_kill("c-init-nosig"),
    ]


def test_an_init_that_waits_for_signals_forwards_one() -> None:
    """Tini takes it by sigtimedwait(2), so that there is no delivery to it."""
    assert replayed("tini-forwards").words()[3:8] == [
        "SIGTERM from runc on the host to init (docker-init): queued",
        "SIGTERM from init (docker-init) to 8 c-init-sig: queued",
        "SIGTERM delivered to 8 c-init-sig, to the handler at 0x401695",
        "8 c-init-sig has ended",
        "init (docker-init) gets SIGCHLD: 8 c-init-sig has exited",
    ]


def signals(recorded: Recorded, sender: Role) -> list[SignalGenerated]:
    """Give the signals sent by tasks of one place."""
    return [
        one
        for one in recorded.told["a"]
        if isinstance(one, SignalGenerated) and one.sender.role is sender
    ]


def test_a_master_forwards_to_its_workers_and_the_end_of_the_namespace_is_no_forwarding() -> None:
    """What init sends after its end is the kernel's doing (zap_pid_ns_processes)."""
    sent = signals(replayed("master-forwards"), Role.INIT)

    assert [(one.signal, one.target.comm, one.teardown) for one in sent] == [
        (SIGTERM, "bash", False),
        (SIGTERM, "bash", False),
        (SIGKILL, "sleep", True),
        (SIGKILL, "sleep", True),
    ]


def test_the_end_of_init_ends_all_others() -> None:
    """By SIGKILL from the kernel, told apart from what a program sends."""
    words = replayed("teardown").words()

    assert words[5:] == [
        "init (bash) has ended",
        "SIGKILL from the kernel, at the end of init (bash), to 7 sleep: queued",
        "SIGKILL delivered to 7 sleep, with the default action",
        "7 sleep has ended",
        "containerd-shim on the host gets SIGCHLD: init (bash) has exited",
    ]


def test_a_child_that_dies_at_once_is_a_child_without_a_pid() -> None:
    """It is gone before /proc can be asked; that it was no thread, its birth has said."""
    words = replayed("master-forwards").words()

    at = words.index("init (bash) forked ? bash")
    assert words[at + 1 : at + 3] == [
        "? bash has ended",
        "init (bash) gets SIGCHLD: ? bash has exited",
    ]


def test_what_a_thread_does_is_its_process_doing() -> None:
    """Threads are no processes; SIGURG by which Go lets them take turns is no signal of note."""
    recorded = replayed("threads")
    tasks = {
        (one.task.role, one.task.comm)
        for one in recorded.told["a"]
        if isinstance(one, SignalDelivered)
    }

    assert tasks == {(Role.INIT, "go-init")}
    assert not any(isinstance(one, ProcessForked) for one in recorded.told["a"])
    assert {str(one.signal) for one in signals(recorded, Role.INIT)} == {"SIGTERM"}


def test_threads_that_end_with_their_process_take_no_signal() -> None:
    """The kernel trace has a SIGKILL for each of them, also at a plain exit or exec."""
    recorded = replayed("threads")
    taken = [one for one in recorded.told["a"] if isinstance(one, SignalDelivered)]

    assert SIGKILL not in {one.signal for one in taken}


def test_two_containers_are_told_apart() -> None:
    """Each by its own PID namespace."""
    recorded = replayed("two-containers")

    assert recorded.words("a") == recorded.words("b") == replayed("term-to-a-handler").words()


def test_a_container_on_the_machines_own_namespace_has_what_descends_from_its_first_process() -> (
    None
):
    """And what is exec'd into it; everything else there is nobody's business here."""
    words = replayed("pid-host-tini", alone="a").words()
    child, execed = (pid_in(words, one) for one in ("c-init-sig", "bash"))

    assert words == [
        "init (tini) called execve(2)",
        "init (tini) is a subreaper now",
        f"init (tini) forked {child} tini",
        f"{child} c-init-sig called execve(2)",
        f"{execed} bash called execve(2)",
        f"{execed} bash calls exit(3)",
        f"{execed} bash has ended",
        f"containerd-shim on the host gets SIGCHLD: {execed} bash has exited",
        "SIGTERM from runc on the host to init (tini): queued",
        "init (tini) accepted SIGTERM by sigwait(3) or the like",
        f"SIGTERM from init (tini) to {child} c-init-sig: queued",
        f"SIGTERM delivered to {child} c-init-sig, to the handler at 0x401695",
        f"{child} c-init-sig calls exit(0)",
        f"{child} c-init-sig has ended",
        f"init (tini) gets SIGCHLD: {child} c-init-sig has exited",
        "init (tini) accepted SIGCHLD by sigwait(3) or the like",
        "init (tini) calls exit(0)",
        "init (tini) has ended",
        "containerd-shim on the host gets SIGCHLD: init (tini) has exited",
    ]


@pytest.mark.parametrize("without", ["cgroup_attach_task", "identity"])
@pytest.mark.parametrize("name", ["shared-tini", "pid-host-tini"])
def test_who_is_execd_into_a_container_is_known_in_either_way(name: str, without: str) -> None:
    """The runtime puts it into its cgroups, or makes it there, which /proc says."""
    recorded = Recorded(name, "b" if name == "shared-tini" else "a")
    recorded.register(*recorded.inits)
    attach, cgroup = re.compile(r"cgroup_attach_task: "), re.compile(r"(identity: .*) \S+")
    for line in recorded.lines:
        if without == "identity":
            recorded.feed(cgroup.sub(r"\1 -", line))
        elif not attach.search(line):
            recorded.feed(line)

    assert recorded.words(recorded.alone) == replayed(name, recorded.alone).words(recorded.alone)
    assert any(one.endswith("bash calls exit(3)") for one in recorded.words(recorded.alone))


@pytest.mark.parametrize("name", ["shared-tini", "pid-host-tini"])
def test_who_is_execd_into_a_container_and_gone_before_proc_is_asked_is_known(name: str) -> None:
    """By the cgroups that the runtime has put it into. Its PID is known on the machine only."""
    recorded = Recorded(name, "b" if name == "shared-tini" else "a")
    recorded.register(*recorded.inits)
    whole = replayed(name, recorded.alone).words(recorded.alone)
    (execed,) = {
        found[1]
        for line in recorded.lines
        if (found := re.search(r"exec: filename=/usr/bin/bash pid=(\d+)", line))
        and int(found[1]) not in recorded.inits.values()
    }
    recorded.feed(*(one for one in recorded.lines if not one.startswith(f"identity: {execed} ")))

    pid = pid_in(whole, "bash")
    without_pid = [one if name == "pid-host-tini" else one.replace(pid, "?") for one in whole]
    assert recorded.words(recorded.alone) == without_pid
    assert any(one.endswith("bash calls exit(3)") for one in without_pid)


def pid_in(words: list[str], name: str) -> str:
    """Give the PID of who has become a program of that name."""
    (found,) = [one.split()[0] for one in words if one.endswith(f"{name} called execve(2)")]
    return found


def test_a_container_in_anothers_namespace_has_its_own_processes_only() -> None:
    """Those of the other are senders with their PIDs. The owner of the namespace is told of all."""
    recorded = replayed("shared-tini", alone="b")
    words = recorded.words("b")
    child, execed = (pid_in(words, one) for one in ("c-init-sig", "bash"))

    assert words == [
        "init (tini) called execve(2)",
        "init (tini) is a subreaper now",
        f"init (tini) forked {child} tini",
        f"{child} c-init-sig called execve(2)",
        f"{execed} bash called execve(2)",
        f"{execed} bash calls exit(3)",
        f"{execed} bash has ended",
        f"containerd-shim on the host gets SIGCHLD: {execed} bash has exited",
        "SIGUSR2 from 1 bash to init (tini): queued",
        "init (tini) accepted SIGUSR2 by sigwait(3) or the like",
        f"SIGUSR2 from init (tini) to {child} c-init-sig: queued",
        f"SIGUSR2 delivered to {child} c-init-sig, with the default action",
        f"{child} c-init-sig has ended",
        f"init (tini) gets SIGCHLD: {child} c-init-sig was killed by a signal",
        "init (tini) accepted SIGCHLD by sigwait(3) or the like",
        "init (tini) calls exit(140)",
        "init (tini) has ended",
        "containerd-shim on the host gets SIGCHLD: init (tini) has exited",
    ]
    assert f"SIGUSR2 from 8 tini to {child} c-init-sig: queued" in recorded.words("a")
    assert "init (bash) forked 7 bash" in recorded.words("a")


def test_another_container_in_the_same_namespace_is_not_told_of_what_is_not_its_business() -> None:
    """Of the signals and the end of the first process only."""
    recorded = replayed("shared-pid-namespace", alone="b")

    assert recorded.words("b") == [
        "init (c-init-sig) called execve(2)",
        "SIGTERM from runc on the host to init (c-init-sig): queued",
        "SIGTERM delivered to init (c-init-sig), to the handler at 0x401695",
        "init (c-init-sig) calls exit(0)",
        "init (c-init-sig) has ended",
        "containerd-shim on the host gets SIGCHLD: init (c-init-sig) has exited",
    ]
    child = pid_in(recorded.words("a")[1:], "c-init-sig")
    assert f"SIGTERM from runc on the host to {child} c-init-sig: queued" in recorded.words("a")
    assert recorded.words("a")[-4:] == ends_by_kill("c-init-nosig")


@pytest.mark.parametrize(
    "name", ["kill-9-from-inside", "master-forwards", "teardown", "child-that-dies-at-once"]
)
def test_what_was_before_the_registration_is_told_then(name: str) -> None:
    """Once init's PID is known all is as if it had been known from the start; also at the end."""
    early = replayed(name)
    freed = f"pid={early.inits['a']} prio"
    last = next(at for at, one in enumerate(early.lines) if "process_free" in one and freed in one)
    for at in range(2, last, 7):
        late = Recorded(name)
        late.feed(*late.lines[:at])
        late.register("a")
        late.feed(*late.lines[at:])

        assert late.told == early.told


def test_the_record_of_a_container_is_complete_from_its_birth_on() -> None:
    """Where the birth was seen; else from its registration."""
    recorded = replayed("term-to-a-handler")
    begun = recorded.told["a"][0]
    late = Recorded("term-to-a-handler")
    late.register("a")
    late.feed(*(one for one in late.lines if not one.lstrip().startswith("runc:[")))

    assert isinstance(begun, TraceOpened)
    assert 5 < begun.at_ns < recorded.told["a"][1].at_ns
    assert late.told["a"][0] == TraceOpened(5, late.inits["a"])


def test_a_container_that_nobody_registers_is_forgotten_with_its_init() -> None:
    """Other people's containers take no memory once they are gone."""
    recorded = Recorded("teardown")
    recorded.feed(*recorded.lines)

    assert not recorded.router._spaces
    assert not recorded.router._tasks._tasks.keys() & {recorded.inits["a"]}


def test_an_unregistered_container_is_told_of_no_more() -> None:
    """Nor is it kept."""
    recorded = Recorded("teardown")
    recorded.register("a")
    recorded.feed(*recorded.lines[:30])
    recorded.router.unregister(recorded.inits["a"])
    count = len(recorded.told["a"])
    recorded.feed(*recorded.lines[30:])

    assert len(recorded.told["a"]) == count
    assert not recorded.router._spaces
