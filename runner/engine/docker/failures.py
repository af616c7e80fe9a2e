"""
docker-py's and the connection's exceptions, turned into our own errors at the edge.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from docker.errors import APIError, DockerException
from requests.exceptions import ReadTimeout, RequestException
from urllib3.exceptions import HTTPError

from runner.errors import EngineCallFailed, EngineError, EngineUnreachable

CONNECTION_ERRORS = (RequestException, HTTPError, OSError)


@contextmanager
def translated(what: str, kind: type[EngineError] = EngineCallFailed) -> Generator[None]:
    """
    Turn whatever a call raises into an `EngineError`; `what` says what we were about to do.
    """
    try:
        yield
    except APIError as error:
        raise kind(f"{what}: {engine_words(error)}") from error
    except CONNECTION_ERRORS as error:
        raise gone(what, error) from error
    except DockerException as error:
        raise kind(f"{what}: {error}") from error


def engine_words(error: APIError) -> str:
    """Return the engine's own words, without docker-py's HTTP frame."""
    return str(error.explanation or error).strip()


def gone(what: str, error: BaseException | None = None) -> EngineUnreachable:
    """Return that the engine went away while we were doing something, or took too long."""
    if isinstance(error, ReadTimeout):
        return EngineUnreachable(
            f"{what}: the engine has not answered in time ({error})",
            advice="it may hang, or be too busy: look at its log, at the load of its machine and "
            "at its disk, or run fewer cases at a time (--forks)",
        )
    return EngineUnreachable(
        f"{what}: the engine does not answer any more" + (f" ({error})" if error else ""),
        advice="look at the engine's own log; was it stopped or restarted?",
    )
