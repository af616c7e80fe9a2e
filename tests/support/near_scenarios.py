"""
Documents near to real scenarios, as a hypothesis strategy: examples with a few changes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from runner.language.yaml_text import read
from tests.support.language_server import ROOT

Json = Any

_FILES: Final = sorted(
    [*ROOT.glob("tests/examples/valid/*.yml"), *ROOT.glob("scenarios/**/[!_]*.yml")]
)
EXAMPLES: Final[Sequence[Json]] = [
    document.data for path in _FILES for document in read(path.name, path.read_bytes())[0]
]
_STRAYS: Final = st.sampled_from(
    [None, True, False, 0, 1, -1, 15, 300, 1.5, "", "x", "running", "SIGTERM", "3s", "0s", "true",
     "/x/", "\n", [], [[]], {}, {"x": 1}, "٣s", "1", "host", 10**20]
)  # fmt: skip


def _holders(node: Json) -> Iterator[dict[str, Json] | list[Json]]:
    """Give every mapping and list inside that is not empty."""
    if isinstance(node, dict | list) and node:
        yield node
        for one in node.values() if isinstance(node, dict) else node:
            yield from _holders(one)


_HOLDERS: Final = [node for one in EXAMPLES for node in _holders(one)]
_KEYS: Final = sorted({key for node in _HOLDERS if isinstance(node, dict) for key in node})
_VALUES: Final = [
    value for node in _HOLDERS for value in (node.values() if isinstance(node, dict) else node)
]


def _change(draw: st.DrawFn, document: Json) -> None:
    """Drop, rename, retype, duplicate or move one entry."""
    holders = list(_holders(document))
    if not holders:
        return
    node = draw(st.sampled_from(holders))
    key = draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
    kind = draw(st.sampled_from(["drop", "rename", "retype", "another", "duplicate", "move"]))
    value = node[key]
    match kind:
        case "drop":
            del node[key]
        case "retype":
            node[key] = copy.deepcopy(draw(_STRAYS))
        case "another":
            node[key] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
        case "rename" if isinstance(node, dict):
            node[draw(st.sampled_from(_KEYS))] = node.pop(key)
        case "duplicate" if isinstance(node, list):
            node.insert(key, copy.deepcopy(value))
        case _:
            other = draw(st.sampled_from(holders))
            if isinstance(other, dict):
                other[draw(st.sampled_from(_KEYS))] = copy.deepcopy(value)
            else:
                other.append(copy.deepcopy(value))


@st.composite
def near_scenarios(draw: st.DrawFn) -> Json:
    """Give an example with one to three changes."""
    document = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        _change(draw, document)
    return document
