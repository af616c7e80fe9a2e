"""
A plugin of pytest: each case of a scenario file is an item.

Nothing is collected unless --scenarios is given, or the setting `scenarios` of pytest says so: YAML
files in a project of tests are somebody else's as a rule. Imports are late, since pytest loads the
plugin in every run. A case runs in the setup of its item, so that one that errored is pytest's
*error*, and one that failed its *failure*.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from runner.errors import InvalidScenarios, ScenarioRunError, UsageError

if TYPE_CHECKING:
    from runner.cli.command import Command
    from runner.engine.contract import Engine
    from runner.model.case import Case
    from runner.model.result import CaseResult
    from runner.model.settings import Settings

_SUFFIXES: Final = (".yml", ".yaml")


class _WentWrong(Exception):  # noqa: N818 - a verdict, not a mistake
    """What a case says that did not pass."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the setting that turn it on."""
    text = "collect scenario files (*.yml, *.yaml) of scenario-run, each case as an item"
    parser.getgroup("scenario-run").addoption("--scenarios", action="store_true", help=text)
    parser.addini("scenarios", text, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collect a scenario file; what has a name that begins with _ is for includes."""
    wanted = parent.config.getoption("--scenarios") or parent.config.getini("scenarios")
    if not wanted or file_path.suffix not in _SUFFIXES or file_path.name.startswith("_"):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType]


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Yield an item for each case; a mistake in the file is an error of the collection."""
        from runner.cli.command import parse  # noqa: PLC0415 - see above
        from runner.cli.selected import read_files  # noqa: PLC0415
        from runner.language.rendered_problem import render_problem  # noqa: PLC0415

        try:
            command = parse([str(self.path)])
            checked = read_files(command)
        except InvalidScenarios as error:
            raise self.CollectError("\n".join(map(render_problem, error.problems))) from error
        except UsageError as error:
            raise self.CollectError(str(error)) from error
        for one in checked:
            item = ScenarioItem.from_parent(self, name=one.case.name)  # pyright: ignore[reportUnknownMemberType]
            yield item.about(one.case, command)


class ScenarioItem(pytest.Item):
    """A case."""

    _case: Case
    _command: Command
    _result: CaseResult

    def about(self, case: Case, command: Command) -> ScenarioItem:
        """Give the item its case; -k knows its tags, too."""
        self._case, self._command = case, command
        self.extra_keyword_matches.update(case.tags)
        return self

    def setup(self) -> None:
        """Run the case; raise if it could not be run or judged, and skip if it says so."""
        from runner.model.verdict import Errored, Skipped  # noqa: PLC0415
        from runner.run import pipeline  # noqa: PLC0415

        engine, settings = _session(self.config, self._command)
        run = pipeline.run(
            [self._case], engine=engine, settings=settings, forks=1, listener=_Quiet()
        )
        if run.interrupted:
            raise KeyboardInterrupt
        (self._result,) = run.cases
        match self._result.verdict:
            case Skipped(reason=reason):
                raise pytest.skip.Exception(reason, _use_item_location=True)
            case Errored():
                raise _WentWrong(self._told())
            case _:
                pass

    def runtest(self) -> None:
        """Raise if the case has failed."""
        from runner.model.verdict import went_wrong  # noqa: PLC0415

        if went_wrong(self._result.verdict):
            raise _WentWrong(self._told())

    def _told(self) -> str:
        from runner.cli.running import console_of  # noqa: PLC0415

        return "\n".join(console_of(self._command, [self._case]).lines_for(self._result)).strip()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - as pytest's
        """Show what is for the user without a traceback."""
        if isinstance(excinfo.value, (_WentWrong, ScenarioRunError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the scenario stands."""
        return self.path, self._case.where.line - 1, self.name


_OPENED: Final = pytest.StashKey["tuple[Engine, Settings]"]()


def _session(config: pytest.Config, command: Command) -> tuple[Engine, Settings]:
    """Return the engine and the settings that all items of this process share."""
    from runner.cli.running import settings_of  # noqa: PLC0415
    from runner.engine import open_engine  # noqa: PLC0415

    if _OPENED not in config.stash:
        settings = settings_of(command)
        engine = open_engine("docker", settings.run_id)
        config.stash[_OPENED] = engine, settings
        config.add_cleanup(engine.close)
    return config.stash[_OPENED]


class _Quiet:
    """A `Listener` that says nothing: pytest tells what happens."""

    def note(self, line: str) -> None:
        """As `Listener.note`."""

    def progress(self, line: str) -> None:
        """As `Listener.progress`."""

    def started(self, case: Case) -> None:
        """As `Listener.started`."""

    def finished(self, result: CaseResult) -> None:
        """As `Listener.finished`."""

    def result(self, result: CaseResult) -> None:
        """As `Listener.result`."""
