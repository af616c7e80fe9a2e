"""The Docker engine. Nothing outside this folder knows docker-py."""

from runner.engine.docker.engine import DockerEngine

__all__ = ["DockerEngine"]
