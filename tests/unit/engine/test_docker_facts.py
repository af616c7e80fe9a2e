"""What the Docker engine reports, as the facts that it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from docker.errors import APIError
from requests.exceptions import ReadTimeout

from runner.engine.contract import EngineEvent, StartReported
from runner.engine.docker.container import DockerContainer
from runner.engine.docker.events import EventRouter
from runner.engine.inbox import RealInbox
from runner.kernel.signals import SIGTERM
from runner.model.container import ContainerPlan, NamedImage
from runner.model.engine_facts import (
    EngineLost,
    EngineSent,
    HealthReported,
    InitEnded,
    OutOfMemory,
    Paused,
    StopAnswered,
    Unpaused,
)

PLAN = ContainerPlan(image=NamedImage("x"))


@pytest.mark.parametrize(
    ("action", "attributes", "fact"),
    [
        ("start", {}, StartReported(0, container="app")),
        ("kill", {"signal": "15"}, EngineSent(0, SIGTERM, container="app")),
        ("die", {"exitCode": "143"}, InitEnded(0, 143, container="app")),
        ("pause", {}, Paused(0, container="app")),
        ("unpause", {}, Unpaused(0, container="app")),
        ("oom", {}, OutOfMemory(0, container="app")),
        ("health_status: healthy", {}, HealthReported(0, "healthy", container="app")),
        ("attach", {}, None),
    ],
)
def test_an_event_of_the_engine_is_a_fact(
    action: str, attributes: Mapping[str, str], fact: EngineEvent | None
) -> None:
    """Of the container whose queue it is put into; anything else is none."""
    inbox, actor = RealInbox(), {"ID": "c0ffee", "Attributes": attributes}
    inbox.now_ns = lambda: 0
    router = EventRouter(
        SimpleNamespace(events=lambda **_: [{"Action": action, "Actor": actor}]), ""
    )
    router.register("c0ffee", inbox.queue("app"))
    router.open()
    arrived: list[EngineEvent] = []
    while not any(isinstance(one, EngineLost) for one in arrived):
        arrived += inbox.take(10**9)

    assert arrived[:-1] == ([fact] if fact else [])
    assert arrived[-1].for_good


@pytest.mark.parametrize(
    ("error", "told", "for_good"),
    [
        (None, "", False),
        (APIError("x", explanation="no such container"), "no such container", False),
        (ReadTimeout("60 s"), "the engine has not answered in time (60 s)", True),
    ],
    ids=["answered", "refused", "silent"],
)
def test_a_stop_is_answered_or_the_engine_is_lost(
    error: Exception | None, told: str, *, for_good: bool
) -> None:
    """With what it says, and whether it will never answer again."""

    def stop(*_: object, **__: object) -> None:
        if error is not None:
            raise error

    inbox = RealInbox()
    events = SimpleNamespace(register=lambda *_: None)
    container = DockerContainer(
        SimpleNamespace(stop=stop),
        events,
        container_id="c0ffee",
        plan=PLAN,
        queue=inbox.queue("app"),
    )
    container.request_stop(1, None)

    (fact,) = inbox.take(inbox.now_ns() + 60 * 10**9)

    if error is None:
        assert isinstance(fact, StopAnswered)
    else:
        assert isinstance(fact, EngineLost)
        assert fact.what == f"cannot stop the container: {told}"
        assert (bool(fact.advice), fact.for_good) == (for_good, for_good)
