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
from docker.errors import DockerException
from docker.utils import kwargs_from_env
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
        EngineUnreachable: there is no context of that name.
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
    name = os.environ.get("DOCKER_CONTEXT")
    try:
        if name and ContextAPI.get_context(name) is None:
            raise EngineUnreachable(
                f"there is no Docker context '{name}', which DOCKER_CONTEXT names",
                advice="`docker context ls` lists them",
            )
        return {**ContextAPI.kwargs_from_context(), **settings}
    except (DockerException, OSError, ValueError):
        return settings


def _root_cause(error: BaseException) -> str:
    while deeper := error.__cause__ or error.__context__:
        if isinstance(deeper, NameError):  # docker-py's sign of a package that is not installed
            break
        error = deeper
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
