"""What the connection to the engine raises, in our own words."""

from __future__ import annotations

import pytest
from requests.exceptions import ConnectionError as Refused
from requests.exceptions import ReadTimeout

from runner.engine.docker.failures import translated
from runner.errors import EngineUnreachable


@pytest.mark.parametrize(
    ("error", "what", "advice"),
    [
        (ReadTimeout("60 s"), "start it: the engine has not answered in time (60 s)", "--forks"),
        (Refused("reset"), "start it: the engine does not answer any more (reset)", "restarted"),
    ],
)
def test_an_engine_that_is_slow_is_told_from_one_that_is_gone(
    error: Exception, what: str, advice: str
) -> None:
    """Whoever reads it has to look for another cause."""
    with pytest.raises(EngineUnreachable) as raised, translated("start it"):
        raise error

    assert raised.value.what == what
    assert advice in raised.value.advice
