"""Plain data on one line of YAML."""

from __future__ import annotations

import pytest

from runner.language.flow import flow_text
from runner.language.plain import Plain
from runner.language.yaml_text import read


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        ("7", '"7"'),
        ("1.5", '"1.5"'),
        ("1.2.3", "1.2.3"),
        ("true", '"true"'),
        ("", '""'),
        ("a b", "a b"),
        ("a: b", '"a: b"'),
        ("a, b", '"a, b"'),
        ("a #b", '"a #b"'),
        ("-a", '"-a"'),
        ("a-b", "a-b"),
        (["a", 1], "[a, 1]"),
        ({"a": ["b", "2"], "c": {}}, '{a: [b, "2"], c: {}}'),
    ],
)
def test_a_text_has_quotes_where_it_would_be_read_as_something_else(
    value: Plain, text: str
) -> None:
    """And only there: read again, it is what it was."""
    assert flow_text(value) == text
    (document,), _ = read("x.yml", f"x: {text}\n".encode())
    assert document.data == {"x": value}
