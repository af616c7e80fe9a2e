"""
How records are stored: unions by their `kind`, signals by their names.

Pydantic reads the model's own dataclasses; nothing is written twice.
"""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from runner.kernel.signals import ALL_SIGNALS, Signal
from runner.model.result import RunResult

SCHEMA_NAME = "result/v1"


def _signal_schema(_source: type[Any], _handler: GetCoreSchemaHandler) -> CoreSchema:
    names = core_schema.literal_schema([signal.signal_name for signal in ALL_SIGNALS])
    return core_schema.no_info_after_validator_function(
        Signal.parse,
        names,
        serialization=core_schema.plain_serializer_function_ser_schema(
            str, return_schema=core_schema.str_schema()
        ),
    )


# The kernel's room must not know pydantic; how a Signal is stored is said here.
Signal.__get_pydantic_core_schema__ = _signal_schema  # pyright: ignore[reportAttributeAccessIssue]

RUN: TypeAdapter[RunResult] = TypeAdapter(RunResult)
