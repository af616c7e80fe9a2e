"""
How records are stored: unions by their `kind`, signals by their names, masks in hexadecimal.

Pydantic reads the model's own dataclasses; nothing is written twice. The model and the kernel's
room must not know pydantic, so what is special about storing their records is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from runner.kernel.masks import SignalMasks
from runner.kernel.signals import ALL_SIGNALS, Signal
from runner.model.process import Process, SignalFd, ThreadSeen
from runner.model.result import RunResult

SCHEMA_NAME = "result/v2"

_Schema = Callable[[type[Any], GetCoreSchemaHandler], CoreSchema]


def _signal_schema(_source: type[Any], _handler: GetCoreSchemaHandler) -> CoreSchema:
    names = core_schema.literal_schema([signal.signal_name for signal in ALL_SIGNALS])
    return core_schema.no_info_after_validator_function(
        Signal.parse,
        names,
        serialization=core_schema.plain_serializer_function_ser_schema(
            str, return_schema=core_schema.str_schema()
        ),
    )


# As in /proc/PID/status. As numbers, masks with real-time signals are more than JavaScript and
# jq can hold exactly.
_MASK: Final = core_schema.no_info_after_validator_function(
    lambda digits: int(digits, 16),
    core_schema.str_schema(pattern="^[0-9a-f]{16}$"),
    serialization=core_schema.plain_serializer_function_ser_schema(
        lambda mask: f"{mask:016x}",
        return_schema=core_schema.str_schema(pattern="^[0-9a-f]{16}$"),
    ),
)


def _as_mask(schema: Mapping[str, Any]) -> CoreSchema:
    """Return a mask instead of a number, with the same default, and None where that may be."""
    if schema["type"] in {"default", "nullable"}:
        return cast("CoreSchema", {**schema, "schema": _as_mask(schema["schema"])})
    return _MASK


def _with_masks(*names: str) -> _Schema:
    """Store these fields of a record as masks."""

    def schema(source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        made = handler(source)
        inner: Any = handler.resolve_ref_schema(made)
        for field in inner["schema"]["fields"]:
            if field["name"] in names:
                field["schema"] = _as_mask(field["schema"])
        return made

    return schema


# pyright: reportAttributeAccessIssue=false
Signal.__get_pydantic_core_schema__ = _signal_schema
SignalMasks.__get_pydantic_core_schema__ = _with_masks(*SignalMasks.__dataclass_fields__)
Process.__get_pydantic_core_schema__ = _with_masks(
    "blocked_by_all", "pending_anywhere", "signalfd", "waits_for"
)
ThreadSeen.__get_pydantic_core_schema__ = _with_masks("blocked", "pending", "waits_for")
SignalFd.__get_pydantic_core_schema__ = _with_masks("mask")

RUN: TypeAdapter[RunResult] = TypeAdapter(RunResult)
