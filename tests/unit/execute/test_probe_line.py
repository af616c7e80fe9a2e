"""The line to the probe: who is believed, and why there is no greeting."""

from __future__ import annotations

import json

from runner.engine.contract import Output
from runner.errors import EngineCallFailed, StepError
from runner.execute.probe_line import ProbeLine
from runner.model.expectation import Stream
from runner.model.observation import ProbeOpened


class Program:
    """An exec'd probe that has not said anything yet: an `ExecStream`."""

    source = "probe"

    def __init__(self) -> None:
        self.read: list[str] = []

    def write(self, data: bytes) -> None:
        """As `ExecStream.write`."""
        self.read.append(data.decode())

    def end_input(self) -> None:
        """As `ExecStream.end_input`."""

    def has_started(self) -> bool:
        """As `ExecStream.has_started`."""
        return True

    def exit_code(self) -> int | None:
        """As `ExecStream.exit_code`."""
        return None


def said(text: str) -> Output:
    """Give what arrives on its output."""
    return Output(10, "probe", Stream.STDOUT, text.encode())


def greeting(program: Program) -> Output:
    """Give the first answer of one that has read its secret."""
    secret = program.read[0].split()[1]
    answer = json.dumps({"now": 9, "hello": 1, "pid": 7})
    return said(f"{secret} {len(answer)} {answer}\n")


def test_a_probe_that_has_the_secret_is_greeted_and_watches() -> None:
    """And tells its PID."""
    program = Program()
    line = ProbeLine(program, "app")

    assert list(line.on_output(greeting(program))) == [ProbeOpened(10, 7, container="app")]
    assert line.greeted
    assert program.read[1].startswith("watch ")


def test_an_engine_that_cannot_start_it_says_why() -> None:
    """It ends the stream behind its words."""
    line = ProbeLine(Program(), "app")
    assert list(line.on_output(said("OCI runtime exec failed: no such file\n"))) == []
    line.close(20)

    why = line.why_not_greeted()

    assert isinstance(why, EngineCallFailed)
    assert "OCI runtime exec failed: no such file" in why.what
    assert "user" in why.advice


def test_a_stream_that_is_silent_has_no_answer() -> None:
    """Whatever the reason."""
    assert "no answer" in ProbeLine(Program(), "app").why_not_greeted().what


def test_foreign_words_before_the_greeting_on_an_open_stream_are_of_another_process() -> None:
    """The probe's own may have come behind them in one line."""
    line = ProbeLine(Program(), "app")
    list(line.on_output(said("[[[[\n")))

    why = line.why_not_greeted()

    assert isinstance(why, StepError)
    assert "somebody else has written to the probe's stream" in why.what


def test_foreign_words_after_the_greeting_break_it_at_once() -> None:
    """Nothing that comes later is believed."""
    program = Program()
    line = ProbeLine(program, "app")
    list(line.on_output(greeting(program)))

    assert list(line.on_output(said('{"now": 9, "processes": []}\n'))) == []
    assert isinstance(line.fault, StepError)
    assert list(line.on_output(greeting(program))) == []
