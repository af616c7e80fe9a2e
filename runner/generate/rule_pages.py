"""
The pages of the kernel's rules: for `scenario-doc` and docs/kernel.

Which scenarios show a rule is read from their tags, `R0` to `R20`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runner.generate.tagged_scenarios import Proof, proofs_by_tag
from runner.generate.wrapped import WIDTH, indented
from runner.kernel.rules import Rule

_SCENARIOS: Final = "scenarios/kernel"
_DO_NOT_EDIT: Final = (
    "Made from `runner/kernel/` and the tags of scenarios by `make generate`; do not edit."
)


def rule_named(word: str) -> Rule | None:
    """Find a rule by its number (`R5`, `r5`) or its short name."""
    found = (rule for rule in Rule if word.upper() == rule.name or word.lower() == rule.short_name)
    return next(found, None)


def proofs(root: Path | None = None) -> Mapping[Rule, tuple[Proof, ...]]:
    """Return for each rule which scenarios of a checkout show it; none without a checkout."""
    found = proofs_by_tag(_SCENARIOS, [rule.name for rule in Rule], *([root] if root else []))
    return {rule: found[rule.name] for rule in Rule}


def rule_words(rule: Rule) -> Iterator[str]:
    """Yield the page of a rule for a terminal, line by line."""
    yield f"{rule}: {rule.title}"
    yield from indented(rule.sentence)
    yield ""
    yield from indented(rule.explanation)
    yield ""
    yield from indented(f"Sources: {rule.source}.")
    shown = proofs()[rule]
    if shown:
        yield f"\n  Shown by these scenarios; to run them: scenario-run -t {rule.name} {_SCENARIOS}"
        yield from (f"    {one.path}" for one in shown)


def rule_files() -> Mapping[str, str]:
    """Return the files of docs/kernel by name: one for each rule, and the index of them."""
    shown = proofs()
    pages = {_file_of(rule): _page(rule, shown[rule]) for rule in Rule}
    return {"README.md": _index(shown), **pages}


def _file_of(rule: Rule) -> str:
    return f"{rule.name}-{rule.short_name}.md"


def _page(rule: Rule, shown: tuple[Proof, ...]) -> str:
    lines = [
        f"# {rule.name} `{rule.short_name}`: {rule.title}",
        "",
        _DO_NOT_EDIT,
        "",
        f"**{rule.sentence}**",
        "",
        *textwrap.wrap(rule.explanation, WIDTH),
        "",
        f"Sources: {rule.source}.",
        "",
        f"Scenarios that show it; to run them: `scenario-run -t {rule.name} {_SCENARIOS}`",
        "",
    ]
    for one in shown:
        lines.append(f"- [{one.file}](../../{one.path})")
        lines += [f"  - {name}" for name in one.names]
    return "\n".join(
        [*lines, "", "[All rules](README.md) · [decision table](decision-table.md)", ""]
    )


def _index(shown: Mapping[Rule, tuple[Proof, ...]]) -> str:
    lines = [
        "# What the kernel does with a signal",
        "",
        _DO_NOT_EDIT,
        "",
        "The rules of Linux for signals, as far as one meets them with containers. Each has a",
        "page, and scenarios that show it on your machine: `scenario-run -t R5 scenarios/kernel`.",
        "`scenario-doc R5` prints the page. The [decision table](decision-table.md) has what was",
        "measured, from the point of view of a signal that is sent to PID 1.",
        "",
        "| rule | name | what the kernel does | scenarios |",
        "|---|---|---|---|",
    ]
    for rule in Rule:
        links = ", ".join(f"[{one.file[:2]}](../../{one.path})" for one in shown[rule])
        name = f"[`{rule.short_name}`]({_file_of(rule)})"
        lines.append(f"| {rule.name} | {name} | {rule.sentence} | {links} |")
    return "\n".join([*lines, ""])
