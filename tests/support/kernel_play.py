"""
A real container, and what arrives of it from the kernel trace.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runner.engine.contract import PROBE_PATH, Output
from runner.engine.docker import DockerEngine
from runner.engine.labels import Owner
from runner.execute.kernel_watch import KernelWatch
from runner.model.container import BuiltImage, ContainerPlan
from runner.model.kernel_facts import KernelFact
from runner.observe.kernel_noise import as_seen_from
from runner.observe.probe import ProbeDecoder, ProbeReady
from runner.report.kernel_timeline import kernel_words

IMAGES = Path(__file__).parents[2] / "images"
RUN_ID = "kernel-facts"
SIG_PROC = BuiltImage("sig-proc", str(IMAGES / "sig-proc"))
CONFORMANCE = BuiltImage("conformance", str(IMAGES / "conformance"))
PROBE = BuiltImage("probe", str(IMAGES / "probe"))
SECOND_NS = 1_000_000_000
PATIENCE_S = 60
RUN_KEY = "5ec4e7"

C_INIT = ContainerPlan(image=SIG_PROC, init=("/c-init-nosig",))


class Play:
    """One container, and what arrives of it; `share_pid_of` is one whose namespace it has."""

    def __init__(
        self,
        engine: DockerEngine,
        watch: KernelWatch,
        plan: ContainerPlan = C_INIT,
        *,
        share_pid_of: Play | None = None,
        probe: bool = True,
    ) -> None:
        self.inbox = engine.open_inbox()
        queue = self.inbox.queue("")
        self.container = engine.create(
            plan,
            image=engine.ensure_image(plan.image, lambda _: None),
            labels=Owner.this_process().labels(RUN_ID, "a case"),
            queue=queue,
            share_pid_of=share_pid_of.container.container_id if share_pid_of else "",
        )
        self.facts: list[KernelFact] = []
        self.probe_pid: int | None = None
        self.decoder = ProbeDecoder(RUN_KEY)
        self.began_ns = self.inbox.now_ns()
        self.container.start()
        self.host_pid = self.container.host_pid() or 0
        assert self.host_pid
        alone = share_pid_of is not None or bool(plan.pid)
        watch.follow(self.host_pid, queue, alone=alone)
        self.probe = self.container.exec((PROBE_PATH,), stdin=True) if probe else None
        if self.probe is not None:
            self.probe.write(f"secret {RUN_KEY}\n".encode())
        self.until("complete from here on")
        self.until_so(lambda: self.probe is None or self.probe_pid is not None)

    def take(self) -> None:
        """Take what arrives within a second."""
        source = self.probe.source if self.probe is not None else None
        for event in self.inbox.take(self.inbox.now_ns() + SECOND_NS):
            match event:
                case _ if isinstance(event, KernelFact):
                    self.facts.append(event)
                case Output(source=other, data=data) if other == source:
                    said = [one for one in self.decoder.feed(data) if isinstance(one, ProbeReady)]
                    self.probe_pid = said[0].pid if said else self.probe_pid
                case _:
                    pass

    def words(self) -> list[str]:
        """Say what was told."""
        seen = (as_seen_from(one, probe_pid=self.probe_pid) for one in self.facts)
        return [kernel_words(one) for one in seen if one is not None]

    def until(self, words: str) -> None:
        """Wait for a fact that is told so."""
        self.until_so(lambda: any(words in one for one in self.words()))

    def until_so(self, done: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        give_up_ns = self.inbox.now_ns() + PATIENCE_S * SECOND_NS
        while not done():
            assert self.inbox.now_ns() < give_up_ns, self.words()
            self.take()
