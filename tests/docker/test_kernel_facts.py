"""What the kernel's record says of a real container: the same from both of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.engine.contract import PROBE_PATH, KernelSaid, Output
from runner.engine.docker import DockerEngine
from runner.engine.labels import Owner
from runner.errors import TraceUnavailable
from runner.execute.kernel_watch import KernelWatch
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.container import BuiltImage, ContainerPlan
from runner.model.kernel_facts import KernelFact, ProcessReaped, TraceLost
from runner.observe.kernel_noise import as_seen_from
from runner.observe.probe import Hello, ProbeDecoder
from runner.report.kernel_story import kernel_words

pytestmark = pytest.mark.docker

IMAGES = Path(__file__).parents[2] / "images"
RUN_ID = "kernel-facts"
SIG_PROC = BuiltImage("sig-proc", str(IMAGES / "sig-proc"))
SECOND_NS = 1_000_000_000


@pytest.fixture
def engine(docker_address: str) -> Iterator[DockerEngine]:
    """An engine with its probe."""
    one = DockerEngine(docker_address, RUN_ID)
    one.prepare_probe(BuiltImage("probe", str(IMAGES / "probe")), lambda _: None)
    yield one
    one.close()


@pytest.fixture(params=[True, False], ids=["local", "helper"])
def watch(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[KernelWatch]:
    """A reader of each source."""
    try:
        one = KernelWatch(engine.open_trace(local=request.param))
    except TraceUnavailable as error:
        pytest.skip(error.what)
    yield one
    one.close()


class Play:
    """One container, and what arrives of it."""

    def __init__(self, engine: DockerEngine, watch: KernelWatch) -> None:
        self.inbox = engine.open_inbox()
        slot = self.inbox.slot("")
        self.container = engine.create(
            ContainerPlan(image=SIG_PROC, init=("/c-init-nosig",)),
            image=engine.ensure_image(SIG_PROC, lambda _: None),
            labels=Owner.this_process().labels(RUN_ID, "a case"),
            slot=slot,
        )
        self.facts: list[KernelFact] = []
        self.times: list[int] = []
        self.probe_pid: int | None = None
        self.decoder = ProbeDecoder("5ec4e7")
        self.began_ns = self.inbox.now_ns()
        self.container.start()
        host_pid = self.container.host_pid()
        assert host_pid is not None
        watch.follow(host_pid, slot, alone=False)
        self.probe = self.container.exec((PROBE_PATH,), stdin=True)
        self.probe.write(b"secret 5ec4e7\n")
        self.until("is another program now")
        while self.probe_pid is None:
            self.take()

    def take(self) -> None:
        """Take what arrives within a second."""
        for posted in self.inbox.take(self.inbox.now_ns() + SECOND_NS):
            match posted.arrival:
                case KernelSaid(at_ns=at_ns, fact=fact):
                    self.facts.append(fact)
                    self.times.append(at_ns)
                case Output(source=self.probe.source, data=data):
                    said = [one for one in self.decoder.feed(data) if isinstance(one, Hello)]
                    self.probe_pid = said[0].pid if said else self.probe_pid
                case _:
                    pass

    def words(self) -> list[str]:
        """Say what was told."""
        seen = (as_seen_from(one, probe_pid=self.probe_pid) for one in self.facts)
        return [kernel_words(one) for one in seen if one is not None]

    def until(self, words: str) -> None:
        """Wait for a fact that is told so."""
        give_up_ns = self.inbox.now_ns() + 20 * SECOND_NS
        while not any(words in one for one in self.words()):
            assert self.inbox.now_ns() < give_up_ns, self.words()
            self.take()


def test_both_sources_tell_the_same_of_the_same_signals(
    engine: DockerEngine, watch: KernelWatch
) -> None:
    """From the birth of init to its end, in the runner's own time; and nothing is lost."""
    play = Play(engine, watch)
    try:
        play.probe.write(b"kill 1 1 15\n")
        play.until("SIGTERM from the probe")
        play.container.kill(SIGTERM)
        play.until("SIGTERM from runc")
        play.container.kill(SIGKILL)
        play.until("nothing is left of init")
    finally:
        play.container.remove()

    host = "runc on the host"
    assert play.words()[1:] == [
        "init (c-init-nosig) is another program now",
        "SIGTERM from the probe to init (c-init-nosig): discarded at once",
        f"SIGTERM from {host} to init (c-init-nosig): discarded at once",
        f"SIGKILL from {host} to init (c-init-nosig): queued",
        "SIGKILL delivered to init (c-init-nosig), with the default action",
        "init (c-init-nosig) has ended",
        "containerd-shim on the host is told that init (c-init-nosig) was killed by a signal",
        "nothing is left of init (c-init-nosig)",
    ]
    assert not any(isinstance(one, TraceLost) for one in play.facts)
    living = [
        at_ns
        for at_ns, fact in zip(play.times, play.facts, strict=True)
        if not isinstance(fact, ProcessReaped)
    ]
    assert all(play.began_ns - SECOND_NS < one < play.inbox.now_ns() for one in living)
