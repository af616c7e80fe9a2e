"""
Documents that follow a JSON Schema, as a hypothesis strategy.

It knows the keywords that pydantic and runner.generate write (hypothesis-jsonschema knows no
draft later than 7). Any other is an error, so that none is passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from runner.generate.scenario_schema import PLACEHOLDER

Json = Any
Node = Mapping[str, Any]
Strategy = st.SearchStrategy[Json]

_SILENT: Final = {
    *("description", "examples", "default", "title", "$schema", "$id", "$defs"),
    *("markdownDescription", "defaultSnippets", "enumDescriptions", "markdownEnumDescriptions"),
}
_TEXTS: Final = st.sampled_from(["a", "app", "b c", "/x/", "-1", "true", "é"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="{"), max_size=20
)
_ANYTHING: Final = st.none() | st.booleans() | st.integers(-2, 300) | _TEXTS
_MOST_OPTIONAL_KEYS: Final = 3


def documents(schema: Node) -> Strategy:
    """Give documents that the schema accepts, but for what only placeholders make possible."""
    return _Maker(schema["$defs"]).make(schema)


class _Maker:
    """Makes a strategy for each definition once."""

    def __init__(self, definitions: Mapping[str, Node]) -> None:
        self._definitions = definitions
        self._made: dict[str, Strategy] = {}

    def make(self, node: Node) -> Strategy:
        node = {key: value for key, value in node.items() if key not in _SILENT}
        if not node:
            return _ANYTHING
        if "$ref" in node:
            return self._named(node["$ref"].rpartition("/")[2])
        if "enum" in node:
            return st.sampled_from(node["enum"])
        if "const" in node:
            return st.just(node["const"])
        if node.get("type") == "object":
            return self._object(node)
        if "anyOf" in node:
            return self._choice(node)
        makers: dict[str, Callable[[Node], Strategy]] = {
            "array": self._array,
            "string": _text,
            "integer": _integer,
            "boolean": lambda _: st.booleans(),
        }
        return makers[node["type"]](node)

    def _named(self, name: str) -> Strategy:
        if name not in self._made:
            self._made[name] = st.deferred(lambda: self.make(self._definitions[name]))
        return self._made[name]

    def _choice(self, node: Node) -> Strategy:
        _only(node, "anyOf", "if", "then", "minLength", "maxLength", "minItems")
        # The choice that a mapping is one is told apart by `if` and `then`.
        apart = (PLACEHOLDER, node.get("if"))
        choices = [self.make(one) for one in node["anyOf"] if one not in apart]
        if "then" in node:
            choices.append(self.make(node["then"]))
        return st.one_of(choices).filter(lambda one: _has_size(one, node))

    def _object(self, node: Node) -> Strategy:
        known = ("type", "properties", "required", "additionalProperties", "propertyNames")
        _only(node, *known, "anyOf", "minProperties")
        properties: Mapping[str, Node] = node.get("properties", {})
        others = node.get("additionalProperties", True)
        made = {key: self.make(one) for key, one in properties.items()}
        required = set(node.get("required", ()))
        kinds = [set(one["required"]) for one in node.get("anyOf", ({"required": ()},))]
        names = _text({"type": "string", **node.get("propertyNames", {})})

        @st.composite
        def objects(draw: st.DrawFn) -> Json:
            keys = required.union(*draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2)))
            rest = sorted(made.keys() - keys.union(*kinds))
            if rest:
                keys |= draw(st.sets(st.sampled_from(rest), max_size=_MOST_OPTIONAL_KEYS))
            found = {key: draw(made[key]) for key in sorted(keys)}
            if not made:
                more = {} if others is True else others
                found |= draw(
                    st.dictionaries(
                        names, self.make(more), min_size=node.get("minProperties", 0), max_size=2
                    )
                )
            return found

        return objects()

    def _array(self, node: Node) -> Strategy:
        _only(node, "type", "items", "minItems", "maxItems")
        least = node.get("minItems", 0)
        most = min(node.get("maxItems", 3), least + 2)
        return st.lists(self.make(node.get("items", {})), min_size=least, max_size=most)


def _text(node: Node) -> Strategy:
    _only(node, "type", "pattern", "minLength", "maxLength", "format")
    texts = st.from_regex(node["pattern"]) if "pattern" in node else _TEXTS
    # In ECMA's expressions, which a schema means, $ is the very end, and Python's is not.
    return texts.filter(lambda one: _has_size(one, node) and not one.endswith("\n"))


def _has_size(value: Json, node: Node) -> bool:
    if isinstance(value, str):
        return node.get("minLength", 0) <= len(value) <= node.get("maxLength", 1000)
    return not isinstance(value, list) or node.get("minItems", 0) <= len(value)


def _integer(node: Node) -> Strategy:
    _only(node, "type", "minimum", "maximum")
    least, most = node.get("minimum"), node.get("maximum")
    edges = [one for one in (least, most, 0, 1, 32, 100_000) if one is not None]
    fitting = [
        one for one in edges if (least is None or one >= least) and (most is None or one <= most)
    ]
    return st.sampled_from(fitting) | st.integers(least, most)


def _only(node: Node, *known: str) -> None:
    unknown = node.keys() - set(known)
    assert not unknown, f"make {unknown} known to {__file__}: {node}"
