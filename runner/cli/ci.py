"""
What the CI system around a run tells, and is told: where files can be read, and errors at lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from runner.cli.tell import tell
from runner.report.source_links import SourceLinks


def source_links(environment: Mapping[str, str], folder: Path) -> SourceLinks:
    """Return how to link to files, as far as the variables of the CI system tell."""
    known = environment.get
    github = [known(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA")]
    gitlab = [known("CI_PROJECT_URL", ""), known("CI_COMMIT_SHA", "")]
    base = ""
    if all(github):
        base = "{}/{}/blob/{}".format(*github)
    elif all(gitlab):
        base = "{}/-/blob/{}".format(*gitlab)
    root = _repository(folder) or known("GITHUB_WORKSPACE") or known("CI_PROJECT_DIR")
    return SourceLinks(root=root or str(folder), folder=str(folder), base=base)


def _repository(folder: Path) -> str:
    """Return the folder of the checkout that this one is in; "" if there is none."""
    found = (one for one in (folder, *folder.parents) if (one / ".git").exists())
    return str(next(found, ""))


def annotate(environment: Mapping[str, str], commands: Iterable[str]) -> None:
    """
    Write workflow commands where GitHub Actions reads them.

    It reads standard error, too, and a program may read standard output.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        for command in commands:
            tell(command)
