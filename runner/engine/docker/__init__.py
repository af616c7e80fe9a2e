"""The Docker engine. Nothing outside this folder knows docker-py."""

from runner.engine.docker.address import engine_address
from runner.engine.docker.engine import DockerEngine

__all__ = ["DockerEngine", "engine_address"]
