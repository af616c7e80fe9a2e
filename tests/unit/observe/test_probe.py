"""The probe's answers: read, or reported as garbled; never an exception."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from runner.kernel.processes import ProcessState
from runner.observe.probe import Foreseen, Garbled, Hello, Killed, Looked, ProbeDecoder, read_answer

PROCESS = {
    "pid": 1, "ppid": 0, "pgid": 1, "sid": 1, "state": "S", "comm": "app", "argv": ["/app"],
    "uid": 0, "start": 5, "tracer": 0, "blk": "0000000000000002", "ign": "0" * 16,
    "cgt": "0000000000004000", "pnd": "0" * 16, "shdpnd": "0" * 16, "syscall": -1, "wchan": "",
}  # fmt: skip


def line(**fields: object) -> bytes:
    """An answer as the probe writes it."""
    return json.dumps({"now": 7, **fields}).encode()


def test_each_kind_of_answer_is_read() -> None:
    """Greeting, kill(2)'s answer, a look asked for and one that was not."""
    assert read_answer(line(hello=1, pid=9)) == Hello(7, 9)
    assert read_answer(line(id=3, foreseen="")) == Foreseen(3, 7, "")
    assert read_answer(line(id=3, done=8, errno="ESRCH")) == Killed(3, 7, 8, "ESRCH")
    asked, unasked = (read_answer(line(processes=[PROCESS], **more)) for more in ({"id": 2}, {}))
    assert isinstance(asked, Looked)
    assert isinstance(unasked, Looked)
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

    assert isinstance(answer, Looked)
    assert answer.processes[0].blocked_by_all == 0b10
    assert answer.processes[0].pending_anywhere == 0b1000


def test_the_runtimes_own_program_is_no_process_of_the_container() -> None:
    """A process on its way in by an exec; PID 1 before its exec is kept, it is init."""
    incoming = {**PROCESS, "pid": 20, "comm": "runc:[2:INIT]"}
    answer = read_answer(line(processes=[{**PROCESS, "comm": "runc:[2:INIT]"}, incoming]))

    assert isinstance(answer, Looked)
    assert [one.pid for one in answer.processes] == [1]


def test_names_are_utf_8_or_shown_as_bytes() -> None:
    """The probe writes one code point a byte."""
    names = ["caf\u00c3\u00a9", "x\u00ff"]
    answer = read_answer(line(processes=[{**PROCESS, "argv": names}]))

    assert isinstance(answer, Looked)
    assert answer.processes[0].argv == ("café", "x\\xff")


def test_lines_may_come_in_pieces() -> None:
    """As a stream does."""
    decoder = ProbeDecoder()
    data = line(hello=1, pid=2) + b"\n" + line(id=1, done=1, errno="") + b"\n"

    answers = [answer for at in range(len(data)) for answer in decoder.feed(data[at : at + 1])]

    assert [type(answer) for answer in answers] == [Hello, Killed]


@given(st.binary(max_size=200))
def test_any_bytes_are_garbled_at_worst(data: bytes) -> None:
    """A container can write what it likes."""
    read_answer(data)


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

    assert isinstance(answer, Hello | Foreseen | Killed | Looked | Garbled)
