"""
Checked scenarios back to YAML: every short form in its long form, and the defaults filled in.

What has no value of its own (that of the image or of the container counts) and what is empty by
default stay out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import yaml
from pydantic import BaseModel

from runner.language.conditions import Condition
from runner.language.container import ContainerModel, bind_source
from runner.language.document import ScenarioModel
from runner.language.fields import duration_text
from runner.language.plain import Plain
from runner.language.signal_step import SignalStep
from runner.language.step_kinds import StopStep
from runner.language.steps import StepModel
from runner.language.wait_step import WAIT_WITHIN_S, WaitStep
from runner.language.yaml_text import plain_scalar
from runner.model.case import READY_WITHIN_S
from runner.model.expectation import DEFAULT_WITHIN_S

_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
_NEEDS_PLACEHOLDER: Final = re.compile(r"\{[{%]|[\ud800-\udfff]")
"""Lone surrogates have no other way through YAML; they may come from the command line."""

_UNWRITABLE: Final = re.compile(r"\{\{|\}\}|[\ud800-\udfff]")
_BREAKS_OF_YAML: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks to PyYAML, which it folds away unless they are escaped."""

_NO_FOLDING: Final = 1_000_000

_Mapping = dict[str, Any]


def long_form(
    model: ScenarioModel,
    *,
    name: str,
    timeout_s: float,
    folder: Path,
    contexts: Mapping[str, str],
    variables: Mapping[str, Plain],
) -> str:
    """
    Write one case as a YAML document of its own that means the same.

    `name` and `timeout_s` are those of the case, `folder` is where paths are from, `contexts` say
    where the images of containers are built, by container, and `variables` are all those that its
    `when`s may name.
    """
    written = _written(model)
    written["name"], written["timeout"] = name, duration_text(timeout_s)
    written.pop("matrix", None)
    written.pop("vars", None)
    if variables:
        written["vars"] = dict(variables)
    containers = model.named_containers()
    for container_name, container in containers.items():
        one = written["container"] if model.container else written["containers"][container_name]
        if container_name in contexts:
            one["build"]["context"] = contexts[container_name]
        _fill_in_container(container, one, folder)
    for key, steps in (("steps", model.steps), ("always", model.always)):
        for step, one in zip(steps, written.get(key, ()), strict=True):
            _fill_in_defaults(step, one, containers[model.container_of(step)])
    return yaml.dump(
        _literal(_ordered(written, ScenarioModel)),
        Dumper=_Dumper,
        sort_keys=False,
        explicit_start=True,
        allow_unicode=True,
        width=_NO_FOLDING,
    )


def _fill_in_container(container: ContainerModel, written: _Mapping, folder: Path) -> None:
    if container.ready is not None:
        written["ready"] = _with_time(written["ready"], Condition, READY_WITHIN_S)
    for volume in written.get("volumes", ()):
        if volume["type"] == "bind":
            volume["source"] = bind_source(volume["source"], folder)


def _written(model: BaseModel) -> _Mapping:
    """Return the mapping that a model stands for, its values as the language writes them."""
    found: _Mapping = {}
    dumped = model.model_dump(by_alias=True)
    for name, field in type(model).model_fields.items():
        key = field.alias or name
        default = field.get_default(call_default_factory=True, validated_data={})
        if dumped[key] in _EMPTY and getattr(model, name) == default:
            continue
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            # A kind of step that has no more to say is written as `true`.
            found[key] = _written(value) if type(value).model_fields else True
        elif isinstance(value, list) and any(isinstance(one, BaseModel) for one in value):  # pyright: ignore[reportUnknownVariableType]
            found[key] = [_written(one) for one in cast("list[BaseModel]", value)]
        elif isinstance(value, dict) and any(isinstance(one, BaseModel) for one in value.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportUnknownArgumentType]
            models = cast("dict[str, BaseModel]", value)
            found[key] = {one: _written(model) for one, model in models.items()}
        else:
            found[key] = dumped[key]
    return found


def _fill_in_defaults(step: StepModel, written: _Mapping, container: ContainerModel) -> None:
    form = step.form
    if isinstance(form, SignalStep):
        sender = {"from": form.to_domain().sender.value}
        written["signal"] = _ordered({**sender, **written["signal"]}, SignalStep)
    if isinstance(form, WaitStep):
        within_s = _within_of_wait(form, container.ready)
        written["wait"] = _with_time(written["wait"], WaitStep, within_s)
    if step.expect is not None:
        within_s = DEFAULT_WITHIN_S
        if isinstance(form, StopStep):
            within_s += container.stop_grace_period if form.grace is None else form.grace
        within_s = max(within_s, step.expect.not_before or 0.0)
        written["expect"] = _with_time(written["expect"], Condition, within_s)


def _within_of_wait(wait: WaitStep, ready: Condition | None) -> float | None:
    if isinstance(wait.until, str):
        return (ready and ready.within) or READY_WITHIN_S
    return WAIT_WITHIN_S if wait.until.within is None else None


def _with_time(written: _Mapping, model: type[BaseModel], within_s: float | None) -> _Mapping:
    """Put in the default of `within`, if there is one."""
    if within_s is None:
        return written
    return _ordered({"within": duration_text(within_s), **written}, model)


def _ordered(written: _Mapping, model: type[BaseModel]) -> _Mapping:
    names = [field.alias or name for name, field in model.model_fields.items()]
    return {name: written[name] for name in names if name in written}


def _literal(value: Any) -> Any:  # noqa: ANN401 - plain data of any shape
    """Keep texts that look like placeholders from being filled in a second time."""
    match value:
        case str() if _NEEDS_PLACEHOLDER.search(value):
            quoted = json.dumps(value, ensure_ascii=False)
            return f"{{{{ {_UNWRITABLE.sub(_escape, quoted)} }}}}"
        case list():
            return [_literal(one) for one in cast("list[Any]", value)]
        case dict():
            return {key: _literal(one) for key, one in cast("_Mapping", value).items()}
        case _:
            return value


def _escape(found: re.Match[str]) -> str:
    return "".join(f"\\u{ord(one):04x}" for one in found[0])


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        # PyYAML quotes what YAML 1.1 would not take for a text; scenarios are YAML 1.2.
        style = "|" if "\n" in text else None if plain_scalar(text) == text else "'"
        if _BREAKS_OF_YAML.search(text):
            style = '"'
        return self.represent_scalar(  # pyright: ignore[reportUnknownMemberType]
            "tag:yaml.org,2002:str", text, style
        )

    def represent_entries(self, entries: list[Any]) -> yaml.SequenceNode:
        short = all(isinstance(one, str | int | float) and "\n" not in str(one) for one in entries)
        return self.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=short)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(list, _Dumper.represent_entries)
