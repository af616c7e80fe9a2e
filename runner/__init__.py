"""Declarative tests for how containers behave under signals."""

__version__ = "0.1.0"
