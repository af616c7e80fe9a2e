"""
Waiting until a step is decided: what its decision needs is asked for when it is due.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.execute.live_container import LiveContainer
from runner.execute.session import PATIENCE_NS, CaseSession
from runner.model.observation import EngineAnswered, EvidenceLate, Way
from runner.model.verdict import Errored, Failed, Passed, Undecided

_ASK_AGAIN_NS = 50_000_000

Decided = Passed | Failed | Errored


def await_decision(session: CaseSession, live: LiveContainer) -> Decided:
    """Wait until the step that has begun last is decided."""
    asked_since_ns: dict[Way, int] = {}
    while True:
        now_ns = session.now_ns()
        decision = session.evaluator.decide(now_ns)
        if not isinstance(decision, Undecided):
            return decision
        probe = live.probe if session.init_running(live) else None
        if probe is not None and probe.ended_long_ago(now_ns):
            session.init_ends(live)
            continue
        wake_ns = _bring_evidence(session, live, decision, now_ns, asked_since_ns)
        if live.probe is not None and live.probe.closed and session.init_running(live):
            wake_ns = min(wake_ns, now_ns + _ASK_AGAIN_NS)
        session.dispatch(wake_ns)


def _bring_evidence(
    session: CaseSession,
    live: LiveContainer,
    wanted: Undecided,
    now_ns: int,
    asked_since_ns: dict[Way, int],
) -> int:
    """Ask for what is due now; give when to ask for the next."""
    wake_ns = wanted.wake_ns if wanted.wake_ns > now_ns else now_ns + _ASK_AGAIN_NS
    probe = live.probe
    awaited = probe is not None and not probe.closed and probe.snapshot_asked
    due: list[tuple[Way, int | None, bool, Callable[[CaseSession, LiveContainer], None]]] = [
        (Way.SNAPSHOT, wanted.snapshot_ns, awaited, _ask_for_snapshot),
        (Way.TRACE, wanted.trace_ns, live.trace_asked, lambda _, live: live.ask_for_trace()),
        (Way.ENGINE, wanted.engine_ns, False, _ask_engine),
    ]
    for way, at_ns, asked, ask in due:
        if at_ns is None or at_ns > now_ns:
            asked_since_ns.pop(way, None)
            wake_ns = wake_ns if at_ns is None else min(wake_ns, at_ns)
            continue
        since_ns = asked_since_ns.setdefault(way, now_ns)
        if now_ns - since_ns > PATIENCE_NS:
            session.append(EvidenceLate(now_ns, way, container=live.name))
            del asked_since_ns[way]
        elif not asked:
            ask(session, live)
            wake_ns = min(wake_ns, now_ns + _ASK_AGAIN_NS)
    return wake_ns


def _ask_for_snapshot(session: CaseSession, live: LiveContainer) -> None:
    probe = session.open_probe(live)
    if probe is not None:
        probe.snapshot()


def _ask_engine(session: CaseSession, live: LiveContainer) -> None:
    """
    Let what the engine has to tell arrive.

    What the probe writes takes the same way as the output of init, through the engine's shim: when
    its answer comes, what init wrote before has had its turn. The engine answers twice: when the
    second answer comes, what it was about to tell with the first one has been on its way for as
    long as an answer takes.
    """
    asked_ns = session.now_ns()
    probe = live.probe
    if probe is not None and not probe.closed and session.history(live).can_be_looked_at:
        session.take_snapshot(probe)
    for _ in range(2):
        live.container.inspect()
        session.dispatch(session.now_ns())
    session.append(EngineAnswered(asked_ns, container=live.name))
