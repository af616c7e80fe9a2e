"""
Container engines behind one contract: `contract` says what one must do, `docker` and `fake` do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runner.engine.contract import Engine

_ENGINES: Final[Mapping[str, tuple[str, str]]] = {
    "docker": ("runner.engine.docker", "DockerEngine"),
}
"""The module and the class of each: imported when it is opened, as it needs time and packages."""


def open_engine(name: str, run_id: str, address: str = "") -> Engine:
    """
    Connect a run to the engine of that kind at `address`, or where its own client would look.

    Raises:
        EngineUnreachable: none answers there.
    """
    module, kind = _ENGINES[name]
    engine: Engine = getattr(import_module(module), kind)(address, run_id)
    return engine
