"""The lines of two instances are put into the order of time, and nothing is held for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.engine.trace.lines import Identity, Scope, Until, until_line
from runner.observe.kernel_events import Delivered, Freed, Generated, Lost, Mark
from runner.observe.kernel_order import TraceOrder
from runner.observe.kernel_rates import MOST_A_SECOND, Rates
from tests.support.kernel_lines import birth_of, head, sent, taken

BOTH = (True, True)


def us(at_us: int) -> int:
    """A time of the made-up trace."""
    return 1_000_000_000 + at_us * 1000


def freed(at_us: int) -> str:
    """An event that says its time by its PID, too."""
    return head("x-1", f"sched_process_free: comm=x pid={at_us} prio=120", at_us)


def taken_from(order: TraceOrder, *lines: str) -> list[object]:
    """Give what comes of some lines."""
    return [item for line in lines for item in order.take(line) if not isinstance(item, Until)]


def test_a_signal_is_sent_before_it_is_taken() -> None:
    """The one is in the second instance and the other in the first, in the same microsecond."""
    order = TraceOrder()
    found = taken_from(
        order,
        f"1 {taken('app-10', 15, at_us=5)}",
        f"2 {sent('app-10', 15, 10, at_us=5)}",
        until_line(Until(us(9), BOTH)),
    )

    assert [type(one) for one in found] == [Generated, Delivered]


def test_what_may_have_something_before_it_is_held() -> None:
    """Up to the time before which all is read; where more waits, to that of the last line."""
    order = TraceOrder()

    assert not taken_from(order, f"1 {freed(5)}", f"2 {freed(6)}")
    assert taken_from(order, until_line(Until(us(7), BOTH))) == [Freed(us(5), 5)]
    assert not taken_from(order, until_line(Until(us(9), (True, False))))
    assert taken_from(order, f"2 {freed(8)}", until_line(Until(us(20), (True, False)))) == [
        Freed(us(6), 6)
    ]
    assert list(order.rest())[:-1] == [Freed(us(8), 8)]


def test_who_is_born_is_said_right_after_the_birth() -> None:
    """Whatever the other instance has at that time."""
    order = TraceOrder()
    found = taken_from(
        order,
        f"1 {head('app-10', birth_of(12, 'app'), 5)}",
        "identity: 12 12 2 2 77 0 -",
        f"2 {freed(5)}",
        f"2 {freed(6)}",
        until_line(Until(us(9), BOTH)),
    )

    assert found[0] == Freed(us(5), 5)
    assert found[2] == Identity(12, 12, 2, 2, 77)
    assert found[3] == Freed(us(6), 6)


def test_marks_gaps_and_scope_come_in_their_turn() -> None:
    """A gap before anything is read begins with the trace."""
    order = TraceOrder()
    found = taken_from(
        order,
        f"clock: {us(0)}",
        "scope: 1 0",
        "1 " + head("x-1", "tracing_mark_write: scenario-run mark 3", 8),
        "2 CPU:0 [LOST 4 EVENTS]",
        f"2 {freed(7)}",
        until_line(Until(us(20), BOTH)),
    )

    assert found == [
        Scope(engine_only=True, syscalls=False),
        Lost(us(7), 4, us(0)),
        Freed(us(7), 7),
        Mark(us(8), 3),
    ]


@given(st.lists(st.tuples(st.integers(1, 500), st.booleans()), unique_by=lambda one: one[0]))
def test_any_two_instances_are_merged(times: list[tuple[int, bool]]) -> None:
    """Each is in order by itself."""
    order = TraceOrder()
    lines = [f"{1 + second} {freed(at_us)}" for at_us, second in sorted(times)]
    halves = [line for line in lines if line[0] == "1"] + [line for line in lines if line[0] == "2"]

    found = taken_from(order, *halves, until_line(Until(us(900), BOTH)))

    assert [one.task for one in found if isinstance(one, Freed)] == sorted(at for at, _ in times)


def signals(count: int, apart_us: int) -> list[str]:
    """Give signals that a process sends itself."""
    return [f"2 {sent('app-10', 15, 10, at_us=at * apart_us)}" for at in range(count)]


def test_who_makes_too_many_signals_is_found_before_its_turn_and_passed_over() -> None:
    """What is read of it later is not taken; that of others is, and its own birth and end."""
    asked: list[int] = []

    def too_many(task: int) -> bool:
        asked.append(task)
        return True

    order = TraceOrder(too_many)
    taken_from(order, *signals(MOST_A_SECOND, 10))
    assert asked == [10]

    columns = "{:>16}-{:<7} [000] .....     1.900000: signal_generate: "
    rest = "sig=15 errno=0 code=0 comm=app pid=10 grp=1 res=0"
    muted, other = (columns.format("app", task) + rest for task in (10, 11))
    before = len(order._held[1])
    taken_from(order, f"2 {muted}", f"2 {other}")
    assert len(order._held[1]) == before + 1


def test_many_signals_in_a_longer_time_are_not_too_many() -> None:
    """By the trace's clock, in whatever time they are read."""
    rates = Rates()
    apart_ns = 1_100_000_000 // MOST_A_SECOND

    assert not any(rates.too_many(10, at * apart_ns) for at in range(3 * MOST_A_SECOND))
