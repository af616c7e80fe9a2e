"""What the kernel trace says of a real container: the same from both of its sources."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator

import pytest

from runner.engine.docker import DockerEngine
from runner.engine.labels import Owner
from runner.engine.trace.settings import PREFIX
from runner.engine.trace.tasks import LEFT_OUT
from runner.engine.trace.tracefs import TRACEFS
from runner.errors import TraceUnavailable
from runner.execute.kernel_watch import KernelWatch
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.container import ContainerPlan
from runner.model.kernel_facts import (
    ExitCalled,
    ProcessReaped,
    SignalAccepted,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
    TraceLost,
    TraceOpened,
)
from runner.observe.kernel_noise import as_seen_from
from tests.support.kernel_play import (
    CONFORMANCE,
    PATIENCE_S,
    RUN_ID,
    SECOND_NS,
    SIG_PROC,
    Play,
)

pytestmark = pytest.mark.docker

NOISE = ("bash", "-c", "trap : USR1; while :; do kill -USR1 $$; done")
FORWARDER = ("bash", "-c", "trap 'kill -TERM $!' TERM; /c-init-sig & wait; wait; exit 3")


@pytest.fixture(params=[True, False], ids=["local", "helper"])
def watch(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[KernelWatch]:
    """A reader of each source."""
    try:
        one = KernelWatch(engine.open_trace(local=request.param))
    except TraceUnavailable as error:
        pytest.skip(error.what)
    yield one
    one.close()


def test_both_sources_tell_the_same_of_the_same_signals(
    engine: DockerEngine, watch: KernelWatch
) -> None:
    """From the birth of init to its end, in the runner's own time; and nothing is lost."""
    play = Play(engine, watch)
    try:
        play.until("called execve(2)")
        assert play.probe is not None
        play.probe.write(b"kill 1 1 15\n")
        play.until("SIGTERM from the probe")
        play.container.kill(SIGTERM)
        play.until("SIGTERM from runc")
        play.container.kill(SIGKILL)
        play.until("was reaped")
    finally:
        play.container.remove()

    host = "runc on the host"
    assert play.words()[1:] == [
        "init (c-init-nosig) called execve(2)",
        "SIGTERM from the probe to init (c-init-nosig): discarded at once",
        f"SIGTERM from {host} to init (c-init-nosig): discarded at once",
        f"SIGKILL from {host} to init (c-init-nosig): queued",
        "SIGKILL delivered to init (c-init-nosig), with the default action",
        "init (c-init-nosig) has ended",
        "containerd-shim on the host gets SIGCHLD: init (c-init-nosig) was killed by a signal",
        "init (c-init-nosig) was reaped",
    ]
    assert not any(isinstance(one, TraceLost) for one in play.facts)
    living = [one.at_ns for one in play.facts if not isinstance(one, ProcessReaped)]
    assert all(play.began_ns - SECOND_NS < one < play.inbox.now_ns() for one in living)


def test_what_is_taken_without_a_delivery_is_on_record(
    engine: DockerEngine, watch: KernelWatch
) -> None:
    """By sigwaitinfo(2) and from a signalfd; and how a process exits, with which status."""
    requests = ("consume wait TERM", "consume signalfd USR1", "subreaper")
    init = ("/conformance", "run", *requests)
    play = Play(engine, watch, ContainerPlan(image=CONFORMANCE, init=init))
    try:
        opened = play.facts[0]
        assert isinstance(opened, TraceOpened)
        if not opened.syscalls:
            pytest.skip("this kernel has no tracepoints for system calls")
        play.until("is a subreaper now")
        play.container.kill(SIGTERM)
        play.until_so(lambda: any(isinstance(one, SignalAccepted) for one in play.facts))
        play.container.kill(Signal.parse("SIGUSR1"))
        play.until_so(lambda: any(isinstance(one, SignalfdRead) for one in play.facts))
        play.container.exec(("/conformance", "tell", "exit 300"))
        play.until("init (conformance) has ended")
    finally:
        play.container.remove()

    (accepted,) = [one for one in play.facts if isinstance(one, SignalAccepted)]
    reads = [one for one in play.facts if isinstance(one, SignalfdRead)]
    (read,) = [one for one in reads if as_seen_from(one, probe_pid=play.probe_pid) is not None]
    (subreaper,) = [one for one in play.facts if isinstance(one, SubreaperSet)]
    (status,) = [
        one.status
        for one in play.facts
        if isinstance(one, ExitCalled) and one.task.host_pid == play.host_pid
    ]
    assert (accepted.signal, accepted.task) == (SIGTERM, subreaper.task)
    assert (read.signals, read.task, subreaper.on) == (1, subreaper.task, True)
    assert read.fd is not None
    assert status == 300 & 0xFF


@pytest.mark.parametrize("share", ["container", "host"])
def test_forwarding_is_on_record_without_a_pid_namespace_of_its_own(
    share: str, engine: DockerEngine, watch: KernelWatch
) -> None:
    """From the first process to its child, and the child's end; exec'd processes are inside."""
    plan = ContainerPlan(image=SIG_PROC, init=FORWARDER, pid="host" if share == "host" else "")
    owner = Play(engine, watch, probe=False) if share == "container" else None
    play = Play(engine, watch, plan, share_pid_of=owner)
    try:
        play.until("c-init-sig called execve(2)")
        play.container.exec(("bash", "-c", "exit 4"))
        play.until("bash calls exit(4)")
        play.container.kill(SIGTERM)
        play.until("init (bash) has ended")
    finally:
        play.container.remove()
        if owner is not None:
            owner.container.remove()

    sent = [
        one
        for one in play.facts
        if isinstance(one, SignalGenerated) and one.target.comm == "c-init-sig" and one.code <= 0
    ]
    assert [(one.sender.host_pid, one.signal) for one in sent] == [(play.host_pid, SIGTERM)]
    child = sent[0].target
    words = play.words()
    assert f"{child.pid} c-init-sig calls exit(0)" in words
    assert f"init (bash) gets SIGCHLD: {child.pid} c-init-sig has exited" in words
    assert "init (bash) calls exit(3)" in words
    assert not any("c-init-nosig" in one for one in words)


@pytest.mark.alone
def test_a_noisy_container_of_somebody_else_is_left_out(
    engine: DockerEngine, watch: KernelWatch
) -> None:
    """It sends itself signals without end; the record of others goes on, and is whole."""
    if not (TRACEFS / "instances").is_dir():
        pytest.skip("what is left out cannot be looked at from here")
    inbox = engine.open_inbox()
    plan = ContainerPlan(image=SIG_PROC, init=NOISE)
    noisy = engine.create(
        plan,
        image=engine.ensure_image(SIG_PROC, lambda _: None),
        labels=Owner.this_process().labels(RUN_ID, "noise"),
        queue=inbox.queue(""),
    )
    try:
        noisy.start()
        until_left_out(noisy.host_pid())
        play = Play(engine, watch)
        try:
            play.container.kill(SIGKILL)
            play.until("init (c-init-nosig) has ended")
        finally:
            play.container.remove()
    finally:
        noisy.remove()

    assert not any(isinstance(one, TraceLost) for one in play.facts)


def until_left_out(host_pid: int | None) -> None:
    """Wait until some instance of ours records no more of a task."""
    give_up_s = time.monotonic() + PATIENCE_S
    while True:
        found = [one.read_text() for one in (TRACEFS / "instances").glob(f"{PREFIX}*/{LEFT_OUT}")]
        if any(str(host_pid) in one.split() for one in found):
            return
        assert time.monotonic() < give_up_s
        select.select([], [], [], 0.02)
