"""
How records are stored: facts by their `kind`, signals by their names, masks in hexadecimal.

Pydantic reads the model's own dataclasses; nothing is written twice. The model and the kernel's
room must not know pydantic, so what is special about storing their records is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Discriminator, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from runner.kernel.masks import SignalMasks
from runner.kernel.signals import ALL_SIGNALS, Signal
from runner.model.observation import Observation
from runner.model.process import Process, SignalFd, ThreadSeen
from runner.model.result import CaseResult, EngineFacts
from runner.model.settings import Settings
from runner.model.summary import CaseSummary, RunSummary, TotalsSummary

RESULT_SCHEMA_NAME: Final = "result/v3"
RESULT_SCHEMA_FILE: Final = "result.v3.json"
CASES_SCHEMA_NAME: Final = "cases/v1"
CASES_SCHEMA_FILE: Final = "cases.v1.json"
OUTPUT_SCHEMA_FILE: Final = "output.v1.json"

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


def _with_facts(source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    """
    Read each fact by its `kind`.

    Trying one record after the other takes twenty times as long: there are fifty.
    """
    made = handler(source)
    inner: Any = handler.resolve_ref_schema(made)
    for field in inner["schema"]["fields"]:
        if field["name"] == "timeline":
            field["schema"] = handler.generate_schema(_FACTS)
    return made


_FACTS: Final = tuple[Annotated[Observation, Discriminator("kind")], ...]

# pyright: reportAttributeAccessIssue=false
Signal.__get_pydantic_core_schema__ = _signal_schema
SignalMasks.__get_pydantic_core_schema__ = _with_masks(*SignalMasks.__dataclass_fields__)
Process.__get_pydantic_core_schema__ = _with_masks(
    "blocked_by_all", "pending_anywhere", "signalfd", "waits_for"
)
ThreadSeen.__get_pydantic_core_schema__ = _with_masks("blocked", "pending", "waits_for")
SignalFd.__get_pydantic_core_schema__ = _with_masks("mask")

CaseResult.__get_pydantic_core_schema__ = _with_facts


@dataclass(frozen=True, slots=True)
class RunBegan:
    """The first line of cases.jsonl.gz: the run, and how many cases it was to have."""

    schema: Literal["cases/v1"]
    run_id: str
    version: str
    started_at: str
    engine: EngineFacts
    settings: Settings
    cases: int
    kind: Literal["run_began"] = "run_began"


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """A case with its facts and verdicts. `number` is its place in the order of the cases."""

    number: int
    result: CaseResult
    kind: Literal["case_ended"] = "case_ended"


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last line; without it the run was killed. `interrupted`: not all cases could be run."""

    took_s: float
    interrupted: bool
    kind: Literal["run_ended"] = "run_ended"


@dataclass(frozen=True, slots=True)
class RunTotals:
    """The last line on standard output: as a `RunSummary`, without the cases."""

    totals: TotalsSummary
    run_id: str
    version: str
    started_at: str
    took_s: float
    engine: EngineFacts
    interrupted: bool
    kind: Literal["run"] = "run"


@dataclass(frozen=True, slots=True)
class CaseOutput:
    """A line on standard output: a case that has ended."""

    case: CaseSummary
    kind: Literal["case"] = "case"


Line = Annotated[RunBegan | CaseEnded | RunEnded, Discriminator("kind")]
Output = Annotated[CaseOutput | RunTotals, Discriminator("kind")]

LINE: TypeAdapter[RunBegan | CaseEnded | RunEnded] = TypeAdapter(Line)
OUTPUT: TypeAdapter[CaseOutput | RunTotals] = TypeAdapter(Output)
SUMMARY: TypeAdapter[RunSummary] = TypeAdapter(RunSummary)
