"""
Variables from the command line, in Ansible's forms: `k=v`, JSON or YAML, `@file`.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from runner.errors import UsageError
from runner.language.plain import Plain
from runner.language.yaml_text import content_of, read


def parse_extra_vars(given: Sequence[str]) -> dict[str, Plain]:
    """
    Read what was given to `--extra-vars`; later ones win. In `k=v`, every value is a text.

    Raises:
        UsageError: it is none of the forms, or a file that cannot be read.
    """
    found: dict[str, Plain] = {}
    for one in given:
        if one.startswith("@"):
            found |= _mapping(_content(one[1:]), one)
        elif one.lstrip().startswith("{"):
            found |= _mapping(one.encode(), one)
        else:
            found |= _pairs(one)
    return found


def _content(path: str) -> bytes:
    try:
        return content_of(path)
    except OSError as error:
        raise UsageError(
            f"--extra-vars @{path}: {error.strerror}", advice="a file with a mapping, YAML or JSON"
        ) from error


def _mapping(content: bytes, given: str) -> dict[str, Plain]:
    documents, problems = read(given, content)
    if problems:
        raise UsageError(f"--extra-vars {given}: {problems[0].what}", advice=problems[0].advice)
    data = documents[0].data if len(documents) == 1 else None
    if not isinstance(data, dict):
        raise UsageError(f"--extra-vars {given}: this is not a mapping", advice="as in {grace: 5s}")
    return data


def _pairs(text: str) -> dict[str, Plain]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--extra-vars {text}: {error}", advice="as in grace=5s") from error
    found: dict[str, Plain] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError(
                f"--extra-vars: '{word}' is not a valid variable with its value",
                advice="as in grace=5s, {grace: 5s} or @file",
            )
        found[name] = value
    return found
