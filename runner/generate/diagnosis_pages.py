"""
The pages of the diagnoses: for `scenario-doc` and docs/diagnoses.

Which scenarios show a mistake and its cure is read from their tags, `D1` and up.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from runner.diagnoses.diagnosis_text import Change, Cure
from runner.diagnoses.table import Diagnosis
from runner.generate.tagged_scenarios import Proof, proofs_by_tag
from runner.generate.wrapped import WIDTH, indented

FOLDER: Final = "scenarios/mistakes"
_DO_NOT_EDIT: Final = (
    "Made from `runner/diagnoses/` and the tags of scenarios by `make generate`; do not edit."
)
_LANGUAGES: Final = {"Dockerfile": "dockerfile", "docker-entrypoint.sh": "sh", "Python": "python"}
_YAML: Final = ("Compose", "Kubernetes", "scenario")


def diagnosis_named(word: str) -> Diagnosis | None:
    """Find a diagnosis by its number: `D1`, `d1`."""
    return next((one for one in Diagnosis if word.upper() == one.name), None)


def shown_by() -> Mapping[Diagnosis, tuple[Proof, ...]]:
    """Return for each diagnosis the scenarios of a checkout that show it; none without one."""
    found = proofs_by_tag(FOLDER, [one.name for one in Diagnosis])
    return {one: found[one.name] for one in Diagnosis}


def diagnosis_words(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield the page of a diagnosis for a terminal, line by line."""
    text = diagnosis.text
    yield f"{diagnosis}: {text.title}"
    yield from indented(text.happens)
    yield ""
    yield from indented(f"Shown by: {text.shown_by}.")
    for number, cure in enumerate(text.cures, 1):
        yield ""
        yield from indented(f"Cure {number}: {_general(cure)}.")
        for change in cure.changes:
            yield f"    {change.where}:"
            yield from (f"      {line}".rstrip() for line in change.text.splitlines())
    if text.does_not_help:
        yield ""
        yield "  Does not help:"
        yield from (line for one in text.does_not_help for line in indented(f"- {one}"))
    yield ""
    yield from indented(f"Sources: {text.source}.{_rules(text.rules)}")
    shown = shown_by()[diagnosis]
    if shown:
        run = f"scenario-run -t {diagnosis} {FOLDER}"
        yield f"\n  Shown by these scenarios; to run them: {run}"
        yield from (f"    {one.path}" for one in shown)


def _general(cure: Cure) -> str:
    """Return its advice for any program and signal, and what it does not do."""
    words = cure.advice.format_map(_Placeholders())
    return f"{words} ({cure.but})" if cure.but else words


class _Placeholders(dict[str, str]):
    """The words that stand for what a run fills in."""

    def __missing__(self, key: str) -> str:
        return _ANY[key]


_ANY: Final = {
    "signal": "SIGTERM",
    "short": "TERM",
    "program": "the program",
    "command": "program",
    "status": "143",
    "graceful": "SIGQUIT",
}


def _rules(rules: tuple[str, ...]) -> str:
    return f" Rules of the kernel: {', '.join(rules)}." if rules else ""


def diagnosis_files() -> Mapping[str, str]:
    """Return the files of docs/diagnoses by name: one for each diagnosis, and the index of them."""
    shown = shown_by()
    pages = {f"{one}.md": "\n".join(_page(one, shown[one])) for one in Diagnosis}
    return {"README.md": "\n".join(_index()), **pages}


def _page(diagnosis: Diagnosis, shown: tuple[Proof, ...]) -> Iterator[str]:
    text = diagnosis.text
    yield f"# {diagnosis}: {text.title}\n"
    yield f"{_DO_NOT_EDIT}\n"
    yield "\n".join(textwrap.wrap(text.happens, WIDTH))
    yield f"\n**Shown by:** {text.shown_by}.\n"
    yield f"## {'Cures, the best first' if len(text.cures) > 1 else 'Cure'}\n"
    for number, cure in enumerate(text.cures, 1):
        mark = f"{number}. " if len(text.cures) > 1 else ""
        yield f"**{mark}{_upper(_general(cure))}.**\n"
        yield from (line for change in cure.changes for line in _change(change))
    if text.does_not_help:
        yield "## Does not help\n"
        yield from (f"- {one}" for one in text.does_not_help)
        yield ""
    yield f"Sources: {text.source}.{_rules(text.rules)}\n"
    if shown:
        run = f"`scenario-run -t {diagnosis} {FOLDER}`"
        yield f"Scenarios that show the mistake and its cure; to run them: {run}\n"
        for one in shown:
            yield f"- [{one.file}](../../{one.path})"
            yield from (f"  - {name}" for name in one.names)
        yield ""
    yield "[All diagnoses](README.md)\n"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _change(change: Change) -> Iterator[str]:
    first = change.where.partition(",")[0]
    yaml = "yaml" if first.startswith(_YAML) else ""
    yield f"{change.where}:\n"
    yield f"```{_LANGUAGES.get(first, yaml)}\n{change.text}```\n"


def _index() -> Iterator[str]:
    yield "# Diagnoses\n"
    yield f"{_DO_NOT_EDIT}\n"
    yield "What goes wrong with containers and signals, by number. A run that fails prints the"
    yield "number; `scenario-doc D1` prints the page. Each cure is made by a test, which then sees"
    yield "the same expectation pass.\n"
    yield "| number | what is wrong | best cure |"
    yield "|---|---|---|"
    for one in Diagnosis:
        cure = _upper(_general(one.text.cures[0])).replace("|", "\\|")
        yield f"| [{one}]({one}.md) | {one.text.title.replace('|', chr(92) + '|')} | {cure} |"
    yield ""
