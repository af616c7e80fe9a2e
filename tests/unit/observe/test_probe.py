"""The probe's answers: read, or reported as garbled; never an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.kernel.processes import ProcessState
from runner.observe.probe import (
    Foreign,
    KillResult,
    PermissionCheck,
    ProbeDecoder,
    ProbeReady,
    ProcessList,
    ProtocolError,
    read_answer,
)

_KEY = "5ec4e7"

PROCESS = {
    "pid": 1, "ppid": 0, "pgid": 1, "sid": 1, "state": "S", "comm": "app", "argv": ["/app"],
    "uid": 0, "start": 5, "tracer": 0, "blk": "0000000000000002", "ign": "0" * 16,
    "cgt": "0000000000004000", "pnd": "0" * 16, "shdpnd": "0" * 16, "syscall": -1, "wchan": "",
}  # fmt: skip


def line(**fields: object) -> bytes:
    """An answer as the probe writes it."""
    return json.dumps({"now": 7, **fields}).encode()


def said(text: bytes, key: str = _KEY) -> bytes:
    """A line as the probe that was given a secret writes it."""
    return f"{key} {len(text)} ".encode() + text + b"\n"


HELLO = said(line(hello=1, pid=9))


def greeted() -> ProbeDecoder:
    """A decoder that has heard the probe."""
    decoder = ProbeDecoder(_KEY)
    assert list(decoder.feed(HELLO)) == [ProbeReady(7, 9)]
    return decoder


def test_each_kind_of_answer_is_read() -> None:
    """Greeting, kill(2)'s answer, a snapshot asked for and one that was not."""
    assert read_answer(line(hello=1, pid=9)) == ProbeReady(7, 9)
    assert read_answer(line(id=3, permission="")) == PermissionCheck(3, 7, "")
    assert read_answer(line(id=3, done=8, errno="ESRCH")) == KillResult(3, 7, 8, "ESRCH")
    asked, unasked = (read_answer(line(processes=[PROCESS], **more)) for more in ({"id": 2}, {}))
    assert isinstance(asked, ProcessList)
    assert isinstance(unasked, ProcessList)
    assert (asked.request, unasked.request) == (2, None)
    (process,) = asked.processes
    assert (process.comm, process.state) == ("app", ProcessState.SLEEPING)
    assert process.masks.caught == 0x4000


def test_a_signal_is_blocked_only_if_every_thread_blocks_it() -> None:
    """And pending if it is pending for any thread or the process."""
    threads = [
        {"tid": 1, "blk": "0000000000000003", "pnd": "0" * 16},
        {"tid": 2, "blk": "0000000000000002", "pnd": "0000000000000008"},
    ]
    answer = read_answer(line(processes=[{**PROCESS, "threads": threads}]))

    assert isinstance(answer, ProcessList)
    assert answer.processes[0].blocked_by_all == 0b10
    assert answer.processes[0].pending_anywhere == 0b1000


@pytest.mark.parametrize("comm", ["runc:[2:INIT]", "crun"])
def test_the_runtimes_own_program_is_no_process_of_the_container(comm: str) -> None:
    """A process on its way in by an exec; PID 1 before its exec is kept, it is init."""
    incoming = {**PROCESS, "pid": 20, "comm": comm}
    answer = read_answer(line(processes=[{**PROCESS, "comm": comm}, incoming]))

    assert isinstance(answer, ProcessList)
    assert [one.pid for one in answer.processes] == [1]


def test_names_are_utf_8_or_shown_as_bytes() -> None:
    """The probe writes one code point a byte."""
    names = ["caf\u00c3\u00a9", "x\u00ff"]
    answer = read_answer(line(processes=[{**PROCESS, "argv": names}]))

    assert isinstance(answer, ProcessList)
    assert answer.processes[0].argv == ("café", "x\\xff")


def test_lines_may_come_in_pieces() -> None:
    """As a stream does."""
    decoder = ProbeDecoder(_KEY)
    data = said(line(hello=1, pid=2)) + said(line(id=1, done=1, errno=""))

    answers = [answer for at in range(len(data)) for answer in decoder.feed(data[at : at + 1])]

    assert [type(answer) for answer in answers] == [ProbeReady, KillResult]


@given(st.binary(max_size=200))
def test_any_bytes_are_garbled_at_worst(data: bytes) -> None:
    """A container can write what it likes."""
    read_answer(data)


@given(st.lists(st.binary(max_size=60) | st.just(HELLO) | st.just(said(b"[" * 9)), max_size=6))
def test_any_stream_is_read_without_an_exception(pieces: list[bytes]) -> None:
    """And nothing is taken for an answer that does not carry the secret."""
    decoder = ProbeDecoder("0123456789abcdef")

    words = [word for piece in pieces for word in decoder.feed(piece)]

    assert all(isinstance(word, Foreign) for word in words)


@pytest.mark.parametrize(
    "written",
    [
        line(id=1, done=8, errno="ESRCH") + b"\n",
        said(line(id=1, done=8, errno="ESRCH"), key="5ec4e8"),
        b"[" * 200_000,
        b'{"now":1' + b"0" * 4000 + b',"processes":[]}\n',
        b"x",
        b"\n",
    ],
)
def test_what_does_not_carry_the_secret_is_not_the_probes(written: bytes) -> None:
    """It is told at once, and what follows is not read, for it may not be whole."""
    decoder = greeted()

    (word,) = decoder.feed(written)

    assert isinstance(word, Foreign)
    assert not list(decoder.feed(b"\n" + HELLO))


@pytest.mark.parametrize("inserted", [b"0", b" ", b"\n", b'"x":1,', HELLO])
def test_a_line_into_which_another_process_has_written_is_not_believed(inserted: bytes) -> None:
    """The pipe may be full in the middle of a long line; the line says how long it is."""
    whole = said(line(id=1, processes=[PROCESS]))

    for at in range(1, len(whole) - 1):
        words = list(greeted().feed(whole[:at] + inserted + whole[at:]))

        assert any(isinstance(word, Foreign) for word in words)
        assert not any(isinstance(word, ProcessList) for word in words)


def test_before_the_first_answer_the_engine_says_why_there_is_none() -> None:
    """Its words carry no secret, and come as lines; a flood of them has an end."""
    decoder = ProbeDecoder(_KEY)

    assert list(decoder.feed(b"OCI runtime exec failed\n")) == [Foreign("OCI runtime exec failed")]
    assert list(decoder.feed(HELLO)) == [ProbeReady(7, 9)]
    assert len(list(ProbeDecoder(_KEY).feed(b"[" * 70_000))) == 1


def test_a_line_of_the_probe_has_a_longest() -> None:
    """What never ends is not kept for ever, even when it carries the secret."""
    decoder = greeted()
    assert not list(decoder.feed(f"{_KEY} 99999999 ".encode()))

    words = [word for _ in range(33) for word in decoder.feed(b" " * 1024 * 1024)]

    assert [type(word) for word in words] == [Foreign]


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 200_000,
        b'{"now":1' + b"0" * 5000 + b',"processes":[]}',
        b'{"now":1' + b"0" * 19 + b',"processes":[]}',
        b'{"now":1.0,"processes":[]}',
        b'{"now":NaN,"processes":[]}',
        b'{"now":true,"processes":[]}',
        line(processes=[{**PROCESS, "blk": "0x00000000000001"}]),
        line(processes=[{**PROCESS, "blk": 16}]),
        line(processes=[{**PROCESS, "comm": 7}]),
        line(processes=[PROCESS], id="1"),
        line(error="/proc cannot be listed: EACCES"),
    ],
)
def test_an_answer_that_is_out_of_bounds_is_garbled(text: bytes) -> None:
    """Nesting, digits, types: never an exception, never a fact."""
    assert isinstance(read_answer(text), ProtocolError)


def test_what_a_thread_waits_for_counts_as_blocked() -> None:
    """SigBlk lacks it only until the call returns; of a set that is not known nothing is said."""
    tini = {"blk": "fffffffe7ffabaff", "waits": True, "waits_for": "0000000000014500"}
    known = read_answer(line(processes=[{**PROCESS, **tini}]))
    threads = [
        {"tid": 1, "blk": "0000000000000001", "pnd": "0" * 16, "waits": True},
        {"tid": 2, "blk": "0" * 16, "pnd": "0" * 16, "waits": True, "waits_for": "0" * 15 + "3"},
    ]
    several = read_answer(line(processes=[{**PROCESS, "threads": threads}]))

    assert isinstance(known, ProcessList)
    assert known.processes[0].blocked_by_all == 0xFFFFFFFE7FFBFFFF
    assert known.processes[0].waits_for == 0x14500
    assert isinstance(several, ProcessList)
    assert [one.waits_for for one in several.processes[0].threads] == [None, 3]
    assert several.processes[0].blocked_by_all == 1


def test_each_signalfd_has_its_descriptor() -> None:
    """And the union of their masks is what can be read from any of them."""
    found = [{"fd": 3, "mask": "0" * 15 + "1"}, {"fd": 9, "mask": "0" * 15 + "4"}]
    answer = read_answer(line(processes=[{**PROCESS, "signalfd": found}]))

    assert isinstance(answer, ProcessList)
    assert [(one.fd, one.mask) for one in answer.processes[0].signalfds] == [(3, 1), (9, 4)]
    assert answer.processes[0].signalfd == 5


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["now", "id", "hello", "errno", "done", "processes"]), inner
            )
        ),
    )
)
def test_any_json_is_garbled_at_worst(tree: object) -> None:
    """The right words in the wrong places."""
    answer = read_answer(json.dumps(tree).encode())

    assert isinstance(
        answer, ProbeReady | PermissionCheck | KillResult | ProcessList | ProtocolError
    )


@pytest.mark.parametrize(("fields", "exe"), [({"exe": "/usr/bin/app"}, "/usr/bin/app"), ({}, "")])
def test_what_a_process_executes_is_known_where_it_may_be_read(
    fields: dict[str, object], exe: str
) -> None:
    """By its path."""
    answer = read_answer(line(processes=[{**PROCESS, **fields}]))

    assert isinstance(answer, ProcessList)
    assert answer.processes[0].exe == exe
