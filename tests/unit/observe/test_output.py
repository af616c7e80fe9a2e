"""The container's output: lines, patterns, and what is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.engine.contract import Output
from runner.execute.timeline_builder import TimelineBuilder
from runner.model.expectation import Pattern, Stream
from runner.model.observation import LogMatched, LogsCut, LogText, ProcessSnapshot
from runner.observe.output import OutputDecoder

BYE = Pattern("bye")
START = Pattern("^a.c$", regex=True)


def matches(
    decoder: OutputDecoder, *pieces: bytes, stream: Stream = Stream.STDOUT
) -> list[tuple[Pattern, str]]:
    """Feed pieces, give pattern and line of each match."""
    found = [one for piece in pieces for one in decoder.feed(Output(1, "init", stream, piece))]
    return [(one.pattern, one.line) for one in found if isinstance(one, LogMatched)]


def test_each_line_that_matches_is_told_once() -> None:
    """Also when it comes in pieces, and also before its end."""
    assert matches(OutputDecoder([BYE]), b"good", b"b", b"ye", b" all\nbye\n") == [
        (BYE, "goodbye"),
        (BYE, "bye"),
    ]


def test_an_expression_sees_one_line_at_a_time() -> None:
    """`^` and `$` are the ends of the line."""
    assert matches(OutputDecoder([START]), b"xabc\nabc\nabcd\n") == [(START, "abc")]


def test_a_stream_is_only_its_own() -> None:
    """Half a line on each does not make a line."""
    decoder = OutputDecoder([Pattern("bye", stream=Stream.STDERR)])

    assert not matches(decoder, b"bye\n")
    assert not matches(decoder, b"b", stream=Stream.STDERR)
    assert not matches(decoder, b"ye\n")
    assert matches(decoder, b"ye\n", stream=Stream.STDERR)


def test_a_flood_of_matches_is_bounded_and_counts_anew_for_each_step() -> None:
    """Fifty of each pattern, then again after a step has acted."""
    decoder = OutputDecoder([BYE])

    assert len(matches(decoder, b"bye\n" * 1000)) == 50
    assert not matches(decoder, b"bye\n")
    decoder.start_step()
    assert len(matches(decoder, b"bye\n" * 3)) == 3


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_become_text(pieces: list[bytes]) -> None:
    """What is not UTF-8 is replaced, also across pieces."""
    decoder = OutputDecoder([BYE])
    texts = [
        one.text
        for piece in pieces
        for one in decoder.feed(Output(1, "init", Stream.STDOUT, piece))
        if isinstance(one, LogText)
    ]

    whole = b"".join(pieces).decode("utf-8", "replace")
    assert whole.startswith("".join(texts))


def test_of_a_long_output_head_and_tail_are_kept() -> None:
    """In bounded memory, and how much is gone is said."""
    recorder = TimelineBuilder()
    for number in range(1000):
        recorder.append(LogText(number, Stream.STDOUT, f"{number:03}" + "x" * 997))

    timeline = recorder.timeline()
    texts = [one.text[:3] for one in timeline if isinstance(one, LogText)]
    (cut,) = [one for one in timeline if isinstance(one, LogsCut)]
    assert texts[0] == "000"
    assert texts[-1] == "999"
    assert 120 < len(texts) < 140
    assert cut.omitted_bytes == (1000 - len(texts)) * 1000


def test_looks_that_show_the_same_are_one() -> None:
    """With the time of the first and the last, until something else happens."""
    recorder = TimelineBuilder()
    for at_ns in (1, 2, 3):
        recorder.append(ProcessSnapshot(at_ns, at_ns, 1, ()))
    recorder.append(LogText(4, Stream.STDOUT, "x"))
    recorder.append(ProcessSnapshot(5, 5, 1, ()))

    snapshots = [one for one in recorder.timeline() if isinstance(one, ProcessSnapshot)]
    assert snapshots == [ProcessSnapshot(1, 3, 3, ()), ProcessSnapshot(5, 5, 1, ())]
