"""
The reference of the language, made from the models: pages for `scenario-doc` and docs/reference.

Descriptions and examples stand once, in the models; the JSON Schema has them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from runner.generate.quiet_period import examples_that_wait
from runner.kernel.signals import ALL_SIGNALS, DefaultAction, Signal
from runner.language.conditions import Condition
from runner.language.container import ContainerModel
from runner.language.document import ScenarioModel
from runner.language.flow import flow_text
from runner.language.models_by_path import model_in
from runner.language.step_kinds import KINDS
from runner.language.steps import StepModel


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping of the language."""

    name: str
    description: str
    required: bool
    default: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """
    What there is to know about one word: a kind of step, a condition, or a part of the document.

    `examples` are of the word itself; `keys` those of its long form, none where it has none.
    `waits` are examples of a condition that wait for the quiet period.
    """

    name: str
    group: str
    summary: str
    examples: tuple[str, ...]
    keys: tuple[Key, ...]
    waits: tuple[str, ...] = ()


GROUPS: Final = ("scenario", "steps", "conditions")
_TIMES: Final = ("within", "for", "not_before")


def pages() -> list[Page]:
    """Return all pages, in the order in which one would read them."""
    steps, conditions = _fields(StepModel), _fields(Condition)
    keywords = [name for name in steps if name not in KINDS]
    return [
        _page("scenario", "scenario", ScenarioModel, "One YAML document of a file."),
        _page("container", "scenario", ContainerModel, _summary(ScenarioModel, "container")),
        *(_page_of(name, "steps", steps[name]) for name in KINDS if name != "expect"),
        replace(_page_of("expect", "steps", steps["expect"]), keys=()),  # it has the conditions
        Page(
            "keywords", "steps", "Keys that go with any kind of step.", (), _keys(steps, keywords)
        ),
        *(
            replace(_page_of(name, "conditions", field), waits=examples_that_wait(name, field))
            for name, field in conditions.items()
            if name not in _TIMES
        ),
        Page(
            "time",
            "conditions",
            "When a condition must hold; beside the conditions.",
            (),
            _keys(conditions, _TIMES),
        ),
    ]


def signal_words(signal: Signal) -> list[str]:
    """Return what a signal does, and what it does to an init."""
    action = signal.default_action
    words = {
        DefaultAction.TERM: "ends the process",
        DefaultAction.CORE: "ends the process and may leave a core dump",
        DefaultAction.STOP: "stops the process",
        DefaultAction.CONT: "resumes a stopped process",
        DefaultAction.IGN: "is ignored",
    }[action]
    privileged = signal.signal_name in {"SIGKILL", "SIGSTOP"}
    inside = "from its own PID namespace: dropped, though kill(2) succeeds"
    if privileged:
        effect = "kills it" if action is DefaultAction.TERM else "stops it"
        init = [inside, f"from an ancestor namespace (the host): {effect}"]
        caught = "It cannot be caught, ignored or blocked."
    elif action is DefaultAction.CONT:
        init, caught = ["a stopped init resumes, whoever sends it"], "It may be caught or ignored."
    else:
        init = [
            f"{inside} (unless it is caught)",
            "from the host: dropped too, unless it is caught",
        ]
        caught = "It may be caught, ignored or blocked."
    return [
        f"{signal} is number {int(signal)}. Default action {action.value}: it {words}.",
        caught,
        *(f"Sent to init {line}." for line in init),
        "Sources: signal(7), pid_namespaces(7).",
    ]


def markdown_files() -> Mapping[str, str]:
    """Return the files of docs/reference by name."""
    titles = {
        "scenario": "The document and its container",
        "steps": "Steps",
        "conditions": "Conditions",
    }
    files = {
        f"{group}.md": _markdown(titles[group], [one for one in pages() if one.group == group])
        for group in GROUPS
    }
    return {**files, "signals.md": _signal_table()}


def _markdown(title: str, some: Sequence[Page]) -> str:
    lines = [f"# {title}", "", "Made from the models by `make generate`; do not edit.", ""]
    for page in some:
        lines += [f"## `{page.name}`", "", page.summary, ""]
        if page.examples:
            lines += ["```yaml", *(f"{page.name}: {one}" for one in page.examples), "```", ""]
        if page.keys:
            lines += ["| key | meaning | default | examples |", "|---|---|---|---|"]
            lines += [_row(key) for key in page.keys]
            lines.append("")
        if page.waits:
            lines += ["These wait for the [quiet period](../authoring.md#time):", ""]
            lines += ["```yaml", *page.waits, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _row(key: Key) -> str:
    examples = "<br>".join(f"`{one}`" for one in key.examples).replace("|", "\\|")
    default = "required" if key.required else f"`{key.default}`" if key.default else ""
    return f"| `{key.name}` | {key.description} | {default} | {examples} |"


def _signal_table() -> str:
    lines = [
        "# Signals",
        "",
        "Made by `make generate`; do not edit. The default action is that of an ordinary process;",
        "an init takes it only for SIGKILL and SIGSTOP from an ancestor namespace.",
        "",
        "| number | name | default action |",
        "|---:|---|---|",
        *(f"| {int(one)} | `{one}` | {one.default_action.value} |" for one in ALL_SIGNALS),
    ]
    return "\n".join(lines) + "\n"


def _page_of(name: str, group: str, field: FieldInfo) -> Page:
    model = model_in(field.annotation)
    examples = tuple(map(flow_text, field.examples or ()))
    keys = _keys(_fields(model)) if model else ()
    return Page(name, group, field.description or "", examples, keys)


def _page(name: str, group: str, model: type[BaseModel], summary: str) -> Page:
    return Page(name, group, summary, (), _keys(_fields(model)))


def _summary(model: type[BaseModel], name: str) -> str:
    return _fields(model)[name].description or ""


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _keys(fields: Mapping[str, FieldInfo], names: Sequence[str] | None = None) -> tuple[Key, ...]:
    return tuple(
        Key(
            name,
            fields[name].description or "",
            fields[name].is_required(),
            _default(fields[name].default),
            tuple(map(flow_text, fields[name].examples or ())),
        )
        for name in names or fields
    )


def _default(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}s" if value else ""
    return flow_text(value) if isinstance(value, str | int) and value not in {"", False} else ""
