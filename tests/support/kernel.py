"""Strategies for hypothesis: any process and any sending."""

from __future__ import annotations

from hypothesis import strategies as st

from runner.kernel.pending import Pending
from runner.kernel.processes import ProcessState
from runner.kernel.signals import ALL_SIGNALS, Signal
from runner.kernel.target import Freezer, Sending, TargetView, ThreadView

MASKS = st.integers(0, (1 << 64) - 1) | st.just(0) | st.just((1 << 64) - 1)
SIGNALS = st.sampled_from(ALL_SIGNALS)
SENDINGS = st.builds(
    Sending,
    signal=SIGNALS,
    from_ancestor=st.booleans(),
    permitted=st.sampled_from([True, False, None]),
    to_thread=st.sampled_from([None, 1, 2, 9]),
)


def pendings() -> st.SearchStrategy[Pending]:
    """Give any pending set, built as the kernel does: signal by signal."""
    return st.lists(SIGNALS, max_size=8).map(_pending)


def _pending(signals: list[Signal]) -> Pending:
    pending = Pending()
    for signal in signals:
        pending = pending.add(signal)
    return pending


def _thread(tid: int) -> st.SearchStrategy[ThreadView]:
    return st.builds(
        ThreadView,
        tid=st.just(tid),
        blocked=MASKS,
        pending=pendings(),
        waits_for=st.none() | MASKS,
        waits_unknown=st.booleans(),
    )


TARGETS = st.builds(
    TargetView,
    leader=_thread(1),
    is_init=st.booleans(),
    others=st.just(()) | st.tuples(_thread(2)),
    state=st.sampled_from(ProcessState),
    freezer=st.sampled_from(Freezer),
    ignored=MASKS,
    caught=MASKS,
    pending=pendings(),
    signalfd=MASKS,
    traced=st.booleans(),
    orphaned_group=st.sampled_from([True, False, None]),
)
