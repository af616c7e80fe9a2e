"""
Where the Docker engine is: DOCKER_HOST, else DOCKER_CONTEXT or the current context, else the
default socket.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from docker.api.client import APIClient
from docker.constants import DEFAULT_TIMEOUT_SECONDS
from docker.context import ContextAPI
from docker.context.config import get_current_context_name
from docker.errors import DockerException
from docker.utils import kwargs_from_env
from docker.utils.config import find_config_file
from requests.exceptions import RequestException

from runner.errors import EngineUnreachable

_DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
_CONNECTIONS = 64
_SCHEMES = ("unix://", "tcp://", "http://", "https://", "ssh://")
_ADVICE = (
    "start one (`sudo systemctl start docker`, or `make run` in a checkout), "
    "or name one in DOCKER_HOST"
)


def engine_address() -> str:
    """
    Return which engine is meant: by DOCKER_HOST, else by DOCKER_CONTEXT or the current context.

    Raises:
        EngineUnreachable: there is no context of that name, or it cannot be read.
    """
    return str(_settings().get("base_url") or _DEFAULT_ADDRESS)


def open_client(address: str) -> APIClient:
    """
    Connect to the engine, agreeing on the newest API version that both know.

    Raises:
        EngineUnreachable: nothing answers there, or not as an engine does.
    """
    settings = _settings()
    # What is said of TLS is said of that engine only.
    tls = settings.get("tls") if settings.get("base_url") == address else None
    try:
        return APIClient(
            base_url=address,
            version="auto",
            timeout=DEFAULT_TIMEOUT_SECONDS,
            tls=tls or False,
            max_pool_size=_CONNECTIONS,
        )
    except (DockerException, RequestException, OSError, ValueError) as error:
        cause = _root_cause(error)
        if not address.startswith(_SCHEMES):
            cause = f"not a valid address: {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]} comes first"
        raise EngineUnreachable(
            f"no Docker engine answers at {address}: {cause}", advice=_ADVICE
        ) from error


def _settings() -> Mapping[str, Any]:
    """Return the `base_url` and `tls` that a Docker client would choose, where they are said."""
    settings = kwargs_from_env()
    if "base_url" in settings:
        return settings
    name, said_by = os.environ.get("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
    if not name:
        name, said_by = get_current_context_name(), f"the current one of {find_config_file()}"
    try:
        known = ContextAPI.get_context(name) is not None
        found = ContextAPI.kwargs_from_context(name)
    except Exception as error:  # docker-py raises nothing more particular
        raise EngineUnreachable(
            f"the Docker context '{name}' ({said_by}) cannot be read: {error}",
            advice="`docker context ls` lists them; DOCKER_HOST names an engine without one",
        ) from error
    if not known:
        raise EngineUnreachable(
            f"there is no Docker context '{name}' ({said_by})",
            advice="`docker context ls` lists them, and `docker context use` chooses one",
        )
    return {**found, **settings}


def _root_cause(error: BaseException) -> str:
    while deeper := error.__cause__ or error.__context__:
        if isinstance(deeper, NameError):  # docker-py's sign of a package that is not installed
            break
        error = deeper
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
