"""
The engine contract, on the fake engine and on Docker alike.

What the fake plays has to be what Docker does; a rule that only one of them keeps fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.engine.contract import (
    PROBE_PATH,
    Container,
    Engine,
    EngineEvent,
    Inbox,
    NotStarted,
    Output,
    OutputEnded,
    StartReported,
)
from runner.engine.docker import DockerEngine
from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram, Reaction
from runner.engine.labels import Owner
from runner.errors import EngineError, ImageNotFound
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.container import (
    BuiltImage,
    ContainerPlan,
    ImageSource,
    NamedImage,
    Pull,
    RestartPolicy,
    WrongInit,
)
from runner.model.engine_facts import (
    EngineLost,
    EngineSent,
    InitEnded,
    Paused,
    StopAnswered,
    Unpaused,
)
from runner.model.observation import Interrupted
from runner.observe.probe import KillResult, PermissionCheck, ProbeDecoder, ProbeReady, ProcessList

IMAGES = Path(__file__).parents[2] / "images"
RUN_ID = "contract-suite"
SECOND_NS = 1_000_000_000

PROGRAMS = {
    "/c-init-nosig": FakeProgram(prints="c-init-nosig: ready (pid 1)\n"),
    "/c-init-sig": FakeProgram(
        prints="c-init-sig: ready (pid 1)\n",
        caught={SIGTERM: Reaction("received SIGTERM\n", exits=0)},
    ),
    "/bin/cat": FakeProgram(echoes=True),
    "/bin/sh": FakeProgram(prints="begun\n", exits=1, exits_after_s=0.3),
    "/bin/true": FakeProgram(exits=0),
    "/bin/false": FakeProgram(exits=1),
}


@dataclass
class Bench:
    """One engine, and what arrives of the containers made on it."""

    engine: Engine
    source: ImageSource

    def __post_init__(self) -> None:
        self.image = self.engine.ensure_image(self.source, lambda _: None)
        self.engine.prepare_probe(BuiltImage("probe", str(IMAGES / "probe")), lambda _: None)
        self.made: list[Container] = []
        self.inbox: Inbox = self.engine.open_inbox()
        self.queue = self.inbox.queue("app")
        self.arrived: list[EngineEvent] = []

    def create(self, *init: str, **keys: object) -> Container:
        """Create a container and follow its output."""
        plan = ContainerPlan(image=self.source, init=init, **keys)
        labels = Owner.this_process().labels(RUN_ID, "a case")
        container = self.engine.create(plan, image=self.image, labels=labels, queue=self.queue)
        self.made.append(container)
        container.follow_output()
        return container

    def running(self, *init: str, **keys: object) -> Container:
        """Create and start a container, and wait for its first line."""
        container = self.create(*init, **keys)
        assert container.start() is None
        self.until(lambda: "ready" in self.output())
        return container

    def until(self, done: Callable[[], bool], patience_s: float = 120) -> None:
        """Take what arrives until it is enough."""
        give_up_ns = self.inbox.now_ns() + round(patience_s * SECOND_NS)
        while not done():
            assert self.inbox.now_ns() < give_up_ns, self.arrived
            self.arrived += self.inbox.take(give_up_ns)

    def of(self, kind: type[EngineEvent]) -> list[EngineEvent]:
        """Give what arrived of one kind."""
        return [one for one in self.arrived if isinstance(one, kind)]

    def output(self, source: str = "init") -> str:
        """Give the text that has arrived from a source."""
        data = [
            one.data for one in self.arrived if isinstance(one, Output) and one.source == source
        ]
        return b"".join(data).decode()


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A bench on each engine."""
    if request.param == "fake":
        engine: Engine = FakeEngine(PROGRAMS)
    else:
        engine = DockerEngine(request.getfixturevalue("docker_address"), RUN_ID)
    one = Bench(engine, BuiltImage("sig-proc", str(IMAGES / "sig-proc")))
    yield one
    for container in one.made:
        container.remove()
    engine.close()


def test_the_first_line_is_not_lost(bench: Bench) -> None:
    """Output is followed from before the start."""
    bench.running("/c-init-nosig")

    assert bench.output().startswith("c-init-nosig: ready (pid 1)")


def test_the_end_of_init_is_reported_with_its_exit_code(bench: Bench) -> None:
    """A handler that exits 0 ends the container with 0; output and end arrive."""
    container = bench.running("/c-init-sig")
    container.kill(SIGTERM)

    bench.until(lambda: bool(bench.of(InitEnded)) and bool(bench.of(OutputEnded)))

    (end,) = bench.of(InitEnded)
    assert isinstance(end, InitEnded)
    assert end.exit_code == 0
    assert "received SIGTERM" in bench.output()
    state = container.inspect()
    assert (state.running, state.exit_code, state.oom_killed) == (False, 0, False)


def test_a_signal_is_reported_as_sent_though_the_kernel_drops_it(bench: Bench) -> None:
    """The engine reports what it has sent; whether it was delivered is another matter."""
    container = bench.running("/c-init-nosig")
    container.kill(SIGTERM)

    bench.until(lambda: bool(bench.of(EngineSent)))

    (sent,) = bench.of(EngineSent)
    assert isinstance(sent, EngineSent)
    assert (sent.signal, sent.container) == (SIGTERM, "app")
    assert container.inspect().running


def test_sigkill_from_the_engine_ends_any_init(bench: Bench) -> None:
    """128 + 9."""
    container = bench.running("/c-init-nosig")
    container.kill(SIGKILL)

    bench.until(lambda: bool(bench.of(InitEnded)))

    assert container.inspect().exit_code == 137


def test_a_stop_escalates_after_the_grace_period(bench: Bench) -> None:
    """SIGTERM, then SIGKILL, then the end; and the stop returns."""
    container = bench.running("/c-init-nosig")
    asked_ns = bench.inbox.now_ns()
    container.request_stop(1, None)

    bench.until(lambda: bool(bench.of(StopAnswered)) and bool(bench.of(InitEnded)))

    assert [one.signal for one in bench.of(EngineSent)] == [SIGTERM, SIGKILL]
    (end,) = bench.of(InitEnded)
    assert end.at_ns - asked_ns >= SECOND_NS
    assert len(bench.of(StopAnswered)) == 1
    assert not bench.of(EngineLost)


def test_a_stop_that_is_heard_does_not_escalate(bench: Bench) -> None:
    """One SIGTERM only, long before the grace period is over."""
    container = bench.running("/c-init-sig")
    container.request_stop(10, None)

    bench.until(lambda: bool(bench.of(StopAnswered)) and bool(bench.of(InitEnded)))

    assert [one.signal for one in bench.of(EngineSent)] == [SIGTERM]


def test_an_init_that_is_not_there_is_not_started(bench: Bench) -> None:
    """127, with the engine's words, and no end is reported: it never began."""
    container = bench.create("/nope")

    answer = container.start()

    assert isinstance(answer, NotStarted)
    assert answer.exit_code == 127
    assert "/nope" in answer.reason
    assert "no such file" in answer.reason
    bench.until(lambda: bool(bench.of(OutputEnded)))
    assert not bench.of(InitEnded)


def test_the_probe_answers_and_sends(bench: Bench) -> None:
    """The probe greets, sees init and not itself, and sends with the kernel's answer."""
    container = bench.running("/c-init-nosig")
    probe = container.exec((PROBE_PATH,), stdin=True)
    probe.write(b"secret 5ec4e7\nlook 1\nkill 2 1 15\nkill 3 4194000 15\n")
    decoder = ProbeDecoder("5ec4e7")

    bench.until(lambda: bench.output(probe.source).count("\n") == 6)

    hello, looked, sure, killed, vain, nobody = decoder.feed(bench.output(probe.source).encode())
    assert isinstance(hello, ProbeReady)
    assert isinstance(looked, ProcessList)
    assert [(one.pid, one.comm) for one in looked.processes] == [(1, "c-init-nosig")]
    assert isinstance(sure, PermissionCheck)
    assert isinstance(vain, PermissionCheck)
    assert isinstance(killed, KillResult)
    assert isinstance(nobody, KillResult)
    assert (killed.errno, nobody.errno) == ("", "ESRCH")
    assert [sure.errno, vain.errno] == ["", "ESRCH"]
    assert container.inspect().running


def test_the_probe_ends_with_init(bench: Bench) -> None:
    """The end of its stream is the end of the namespace."""
    container = bench.running("/c-init-nosig")
    probe = container.exec((PROBE_PATH,), stdin=True)
    probe.write(b"secret 5ec4e7\n")
    bench.until(lambda: "hello" in bench.output(probe.source))
    container.kill(SIGKILL)

    bench.until(
        lambda: any(
            isinstance(one, OutputEnded) and one.source == probe.source for one in bench.arrived
        )
    )


@pytest.mark.parametrize(("program", "code"), [("/bin/true", 0), ("/bin/false", 1)])
def test_an_exec_tells_its_exit_code(bench: Bench, program: str, code: int) -> None:
    """Once its output has ended."""
    stream = bench.running("/c-init-nosig").exec((program,))

    bench.until(
        lambda: any(
            isinstance(one, OutputEnded) and one.source == stream.source for one in bench.arrived
        )
    )

    assert stream.exit_code() == code


@pytest.mark.parametrize("program", ["/bin/true", "/nope"])
def test_an_exec_tells_when_its_program_has_been_executed(bench: Bench, program: str) -> None:
    """Not before; and one that is not there will never be."""
    stream = bench.running("/c-init-nosig").exec((program,))

    bench.until(stream.has_started)

    assert stream.exit_code() is not None
    assert stream.has_started()


def test_nothing_can_be_done_to_an_init_that_has_ended(bench: Bench) -> None:
    """Signals and execs are refused with an EngineError."""
    container = bench.running("/c-init-nosig")
    container.kill(SIGKILL)
    bench.until(lambda: bool(bench.of(InitEnded)))

    with pytest.raises(EngineError):
        container.kill(SIGTERM)
    with pytest.raises(EngineError):
        container.exec(("/bin/true",))


def test_owned_containers_are_listed_until_they_are_removed(bench: Bench) -> None:
    """By label, running or not; removing twice is no error."""
    container = bench.running("/c-init-nosig")
    (owned,) = [
        one for one in bench.engine.list_owned() if one.container_id == container.container_id
    ]
    assert owned.labels["scenario-run.run"] == RUN_ID

    bench.engine.remove_owned(container.container_id)
    bench.engine.remove_owned(container.container_id)

    assert container.container_id not in {one.container_id for one in bench.engine.list_owned()}


def test_a_kept_container_is_known_as_kept(bench: Bench) -> None:
    """It is left as it is, under a name of its own, and can still be removed."""
    container = bench.running("/c-init-nosig")

    name = container.keep()

    (owned,) = [
        one for one in bench.engine.list_owned() if one.container_id == container.container_id
    ]
    assert owned.kept
    assert name.startswith("scenario-run-kept-")
    assert container.inspect().running


def test_an_interrupt_reaches_every_inbox(bench: Bench) -> None:
    """Cases are told; what they do then is theirs."""
    bench.running("/c-init-nosig")
    bench.engine.interrupt()

    bench.until(lambda: bool(bench.of(Interrupted)))


def test_an_image_that_is_not_there_is_not_found(bench: Bench) -> None:
    """Neither here nor to be pulled."""
    source = NamedImage("missing-scenario-run-image:1", pull=Pull.NEVER)

    with pytest.raises(ImageNotFound):
        bench.engine.ensure_image(source, lambda _: None)


def test_a_real_time_signal_is_taken(bench: Bench) -> None:
    """64 is the last one, and SIGRTMIN+3 is 37 for all."""
    container = bench.running("/c-init-nosig")
    container.kill(Signal(64))
    container.kill(Signal.parse("RTMIN+3"))

    bench.until(lambda: len(bench.of(EngineSent)) == 2)

    assert {int(one.signal) for one in bench.of(EngineSent)} == {64, 37}


def test_time_passes_while_one_waits(bench: Bench) -> None:
    """`take` returns at the time given when nothing arrives."""
    began_ns = bench.inbox.now_ns()

    assert not bench.inbox.take(began_ns + SECOND_NS // 10)

    assert bench.inbox.now_ns() >= began_ns + SECOND_NS // 10


def test_a_pause_is_reported_and_ended(bench: Bench) -> None:
    """Both by the engine's own events; pausing twice is refused."""
    container = bench.running("/c-init-nosig")
    container.pause()
    with pytest.raises(EngineError):
        container.pause()
    container.unpause()

    bench.until(lambda: bool(bench.of(Unpaused)))

    told = [type(one) for one in bench.arrived if isinstance(one, Paused | Unpaused)]
    assert told == [Paused, Unpaused]


def test_a_signal_thaws_a_paused_container(bench: Bench) -> None:
    """The engine lets it go on, so that the handler runs."""
    container = bench.running("/c-init-sig")
    container.pause()
    container.kill(SIGTERM)

    bench.until(lambda: bool(bench.of(InitEnded)))

    assert container.inspect().exit_code == 0


def test_what_is_written_is_read_and_then_its_end(bench: Bench) -> None:
    """Standard input that was opened reaches init, and so does its end."""
    container = bench.create("/bin/cat", stdin_open=True)
    container.start()
    container.write_input(b"hello\n")
    bench.until(lambda: bench.output() == "hello\n")
    container.write_input(b"bye\n", end=True)

    bench.until(lambda: bool(bench.of(InitEnded)) and bool(bench.of(OutputEnded)))

    assert bench.output() == "hello\nbye\n"
    assert [one.exit_code for one in bench.of(InitEnded)] == [0]


def test_a_restart_ends_init_and_starts_it_anew(bench: Bench) -> None:
    """The old output and the new one arrive whole, each under a source of its own."""
    container = bench.running("/c-init-sig")
    bench.until(lambda: len(bench.of(StartReported)) == 1)
    container.request_restart(5)
    bench.until(lambda: len(bench.of(StartReported)) == 2 and bool(bench.of(StopAnswered)))
    source = container.follow_output_again()

    bench.until(lambda: "ready" in bench.output(source))

    assert source != "init"
    assert "received SIGTERM" in bench.output()
    assert bench.output(source) == "c-init-sig: ready (pid 1)\n"
    state = container.inspect()
    assert (state.running, state.restart_count) == (True, 0)


def test_an_init_that_has_ended_is_started_again(bench: Bench) -> None:
    """As a restart does it: the new output arrives from its first line, by another source."""
    container = bench.running("/c-init-sig")
    container.kill(SIGTERM)
    bench.until(lambda: bool(bench.of(InitEnded)) and bool(bench.of(OutputEnded)))

    assert container.start() is None
    bench.until(lambda: len(bench.of(StartReported)) == 2)
    source = container.follow_output_again()
    bench.until(lambda: "ready" in bench.output(source))

    assert source != "init"
    assert bench.output() == "c-init-sig: ready (pid 1)\nreceived SIGTERM\n"
    assert bench.output(source) == "c-init-sig: ready (pid 1)\n"
    state = container.inspect()
    assert (state.running, state.exit_code, state.restart_count) == (True, None, 0)


def test_to_start_an_init_that_runs_changes_nothing(bench: Bench) -> None:
    """It is no error to the engine, and no second start is reported."""
    container = bench.running("/c-init-sig")

    assert container.start() is None
    container.kill(SIGTERM)
    bench.until(lambda: bool(bench.of(InitEnded)))

    assert len(bench.of(StartReported)) == 1


def test_a_restart_policy_starts_init_anew_so_often(bench: Bench) -> None:
    """With on-failure:1, the second end is the last."""
    policy = RestartPolicy("on-failure", 1)
    container = bench.create("/bin/sh", "-c", "echo begun; sleep 0.3; exit 1", restart=policy)
    container.start()

    bench.until(lambda: len(bench.of(InitEnded)) == 2)

    assert len(bench.of(StartReported)) == 2
    state = container.inspect()
    assert (state.running, state.exit_code, state.restart_count) == (False, 1, 1)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (WrongInit.EXITS_AT_ONCE, 0),
        (WrongInit.DOES_NOT_WAIT, 0),
        (WrongInit.WRONG_STATUS, 1),
    ],
)
def test_a_wrong_init_ends_by_a_signal_with_its_own_code(
    bench: Bench, kind: WrongInit, code: int
) -> None:
    """Whatever the program makes of it: here it exits 0."""
    container = bench.running("/c-init-sig", wrong_init=kind)

    container.kill(SIGTERM)
    bench.until(lambda: bool(bench.of(InitEnded)))

    assert [one.exit_code for one in bench.of(InitEnded)] == [code]


@pytest.mark.parametrize("kind", [WrongInit.IGNORES, WrongInit.NEVER_FORWARDS])
def test_a_wrong_init_that_keeps_signals_runs_until_sigkill(bench: Bench, kind: WrongInit) -> None:
    """The program, which would end at SIGTERM, gets none."""
    container = bench.running("/c-init-sig", wrong_init=kind)

    container.kill(SIGTERM)
    container.kill(SIGKILL)
    bench.until(lambda: bool(bench.of(InitEnded)))

    assert [one.exit_code for one in bench.of(InitEnded)] == [128 + SIGKILL]
    assert "SIGTERM" not in bench.output()


@pytest.mark.parametrize(
    ("init", "code"), [("/bin/true", 0), ("/bin/false", 1), ("/nonesuch", 127)]
)
@pytest.mark.parametrize("kind", WrongInit)
def test_a_wrong_init_ends_with_its_child(
    bench: Bench, kind: WrongInit, init: str, code: int
) -> None:
    """With its status, or one more, where that is what is wrong; also if there is no program."""
    container = bench.create(init, wrong_init=kind)

    assert container.start() is None
    bench.until(lambda: bool(bench.of(InitEnded)))

    more = 1 if kind is WrongInit.WRONG_STATUS else 0
    assert [one.exit_code for one in bench.of(InitEnded)] == [code + more]


def test_a_forwarded_signal_has_its_default_action(bench: Bench) -> None:
    """A child is not an init: what PID 1 would never get ends it; 128 + 15, and one more."""
    container = bench.running("/c-init-nosig", wrong_init=WrongInit.WRONG_STATUS)

    container.kill(SIGTERM)
    bench.until(lambda: bool(bench.of(InitEnded)))

    assert [one.exit_code for one in bench.of(InitEnded)] == [128 + SIGTERM + 1]
