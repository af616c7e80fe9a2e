"""
What to say of a key or a word that the language does not have at its place.

In this order: what another tool's word is called here; where the key belongs, if that is a level
further in or out; a word that is spelt almost so; and which words there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from runner.language import foreign_words as foreign
from runner.language.compose import HealthcheckModel
from runner.language.conditions import Condition, ExecCondition, ShutdownCondition
from runner.language.container import BuildModel, ContainerModel
from runner.language.document import ScenarioModel
from runner.language.flow import flow_text
from runner.language.foreign_words import word_here
from runner.language.logs import LogsCondition
from runner.language.models_by_path import keys_at, keys_of, model_at, model_in
from runner.language.plain import Path, Plain
from runner.language.processes import InitCondition, ProcessCondition
from runner.language.signal_step import SignalStep
from runner.language.step_kinds import KINDS, ExecStep, RestartStep, StopStep
from runner.language.steps import StepModel
from runner.language.wait_step import WaitStep
from runner.words import most_alike, nearest

PLACES: Final[Mapping[type[BaseModel], str]] = {
    ScenarioModel: foreign.DOCUMENT,
    ContainerModel: foreign.CONTAINER,
    BuildModel: foreign.BUILD,
    HealthcheckModel: foreign.HEALTHCHECK,
    StepModel: foreign.STEP,
    SignalStep: foreign.SIGNAL,
    StopStep: foreign.STOP,
    RestartStep: foreign.STOP,
    ExecStep: foreign.EXEC,
    WaitStep: foreign.WAIT,
    Condition: foreign.EXPECT,
    InitCondition: foreign.INIT,
    ProcessCondition: foreign.PROCESS,
    ExecCondition: foreign.EXEC_ENDED,
    LogsCondition: foreign.LOGS,
    ShutdownCondition: foreign.SHUTDOWN,
}
_VALUE_PLACES: Final[Mapping[tuple[type[BaseModel], str], str]] = {
    (SignalStep, "from"): foreign.FROM,
    (SignalStep, "to"): foreign.TO,
    (Condition, "init"): foreign.INIT_WORD,
    (InitCondition, "state"): foreign.INIT_WORD,
}
PAGES: Final[Mapping[type[BaseModel], str]] = {
    ScenarioModel: " scenario",
    ContainerModel: " container",
    InitCondition: " init",
    ProcessCondition: " process",
}
"""Where `scenario-doc` has the keys of a model on a page of their own."""

_MOST_LISTED: Final = 8
_LONGEST_EXAMPLE: Final = 60


def unknown_key(path: Path, data: Plain) -> tuple[str, str]:
    """Return what is wrong with the key at the end of this path, and give advice."""
    key, place = str(path[-1]), path[:-1]
    advice = (
        word_here(key, PLACES.get(model_at(place) or BaseModel, ""))
        or _further_in(key, place, data)
        or _further_out(key, place)
        or _spelt(key, place, data)
    )
    return f"unknown key '{key}' in {place_name(path)}", advice


def unknown_word(word: str, path: Path, known: list[str]) -> tuple[str, str]:
    """Return what is wrong with the word at this path, and give advice."""
    model = model_at(path[:-1]) if path else None
    place = _VALUE_PLACES.get((model or BaseModel, str(path[-1]) if path else ""), "")
    return f"'{word}' is not known here", word_here(word, place) or nearest(word, known)


def place_name(path: Path) -> str:
    """Name what the last key of a path stands in."""
    parent = path[:-1]
    names = [str(part) for part in parent if isinstance(part, str)]
    if not names:
        return "the document"
    if parent and isinstance(parent[-1], int):
        return "this step" if names[-1] in {"steps", "always"} else f"an entry of {names[-1]}"
    return names[-1]


def _given_at(path: Path, data: Plain) -> Mapping[str, Plain]:
    for part in path:
        if isinstance(data, dict):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
    return data if isinstance(data, dict) else {}


def _further_in(key: str, place: Path, data: Plain) -> str:
    """Say into which key of the same mapping it belongs."""
    given = _given_at(place, data)
    found = list(_fields_with(key, place))
    # What is there already comes first, then what can be added to it.
    found.sort(key=lambda name: (name not in given, name != "expect"))
    if not found:
        return ""
    name, value = found[0], given.get(key)
    inner: dict[str, Plain] = {key: value}
    if name in {"steps", "always"}:
        return f"it belongs in a step, as in {name}: [{_example(inner)}]"
    old = given.get(name)
    if isinstance(old, dict):
        inner = {**old, **inner}
    elif name in given and place and name != "expect":
        inner = {keys_at((*place, name))[0]: old, **inner}
    return f"it belongs in `{name}`: {name}: {_example(inner, key)}"


def _fields_with(key: str, place: Path) -> Iterator[str]:
    model = model_at(place)
    for field_name, field in model.model_fields.items() if model else ():
        inner = model_in(field.annotation)
        if inner is not None and key in keys_of(inner):
            yield field.alias or field_name


def _example(value: Mapping[str, Plain], key: str = "") -> str:
    text = flow_text(dict(value))
    if len(text) <= _LONGEST_EXAMPLE:
        return text
    return f"{{{key or next(iter(value))}: ...}}"


def _further_out(key: str, place: Path) -> str:
    """Say beside which key it belongs, in place of in it."""
    outer = place
    while outer and isinstance(outer[-1], int):
        outer = outer[:-1]
    if not outer:
        return ""
    name, outer = outer[-1], outer[:-1]
    if key not in keys_at(outer):
        return ""
    return f"it belongs beside `{name}`, not in it"


def _spelt(key: str, place: Path, data: Plain) -> str:
    """Suggest a key that is spelt almost so, and could be added; else say which keys there are."""
    model, known, given = model_at(place), keys_at(place), _given_at(place, data)
    free = [one for one in known if one not in given]
    if model is StepModel and any(kind in given for kind in KINDS[:-1]):
        free = [one for one in free if one not in KINDS[:-1]]
    found = most_alike(key, free)
    if found:
        return f"did you mean '{found}'?"
    if len(known) <= _MOST_LISTED:
        return f"known here: {', '.join(known)}"
    page = PAGES.get(model or BaseModel, "")
    return f"scenario-doc{page} lists the {len(known)} keys"
