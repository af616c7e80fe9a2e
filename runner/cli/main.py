"""
`scenario-run`: from the command line to an exit code. The only room that prints or exits.

The engine, the reports and all they need are imported only when something is really run.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import traceback
from types import FrameType
from typing import TYPE_CHECKING, Final

from runner.cli.options import Command, build_parser, parse
from runner.errors import InvalidScenarios, ReportNotWritten, ScenarioRunError, UsageError
from runner.language.rendered_problem import picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from runner.cli.options import Mode, Shell
    from runner.model.case import Case
    from runner.model.result import CaseResult, RunResult
    from runner.plan.fill import Variables
    from runner.report.console import Console
    from runner.report.progress import Progress

FAILED: Final = 2
ENGINE: Final = 4
INTERNAL: Final = 1
INTERRUPTED: Final = 128 + signal.SIGINT
_ISSUE: Final = "this is a mistake of scenario-run; please report it with the lines above"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; give its exit code."""
    try:
        return _run_command(parse(list(sys.argv[1:] if arguments is None else arguments)))
    except InvalidScenarios as error:
        _tell("\n".join(picture(problem) for problem in error.problems))
        _tell(f"\n{error.what}")
        return error.exit_code
    except ScenarioRunError as error:
        _tell(f"scenario-run: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _tell("scenario-run: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, as in `scenario-run ... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL
    except Exception:  # noqa: BLE001 - the last resort: show it whole, and say whose fault it is
        traceback.print_exc()
        _tell(f"scenario-run: {_ISSUE}")
        return INTERNAL


def _run_command(command: Command) -> int:
    # Each part of the program is imported when it is its turn, so that --help is quick.
    from runner.cli.starter import write_starter  # noqa: PLC0415
    from runner.plan.find import find_files  # noqa: PLC0415
    from runner.plan.load import load_cases  # noqa: PLC0415

    if command.mode == "show-config":
        print("\n".join(_settings(command)))
        return 0
    if command.mode == "print-completion":
        print(_completion(command.shell))
        return 0
    if command.mode == "new":
        path = write_starter(command.new)
        print(f"wrote {path}; run it: scenario-run {shlex.quote(str(path))}")
        return 0
    paths = find_files(command.paths)
    variables = _variables(command)
    cases = load_cases(paths, variables)
    if command.mode == "syntax-check":
        files = f"{len(paths)} file{'s' if len(paths) != 1 else ''}"
        print(f"{files} with {len(cases)} case{'s' if len(cases) != 1 else ''}: all correct")
        return 0
    chosen = _chosen(command, cases)
    if command.mode == "run":
        return _run_cases(command, chosen)
    if command.mode == "explain":
        print(_explained(paths, variables, cases, chosen), end="")
        return 0
    print("\n".join(_listing(command.mode, chosen)))
    return 0


def _completion(shell: Shell) -> str:
    from runner.cli.completion import completion_script  # noqa: PLC0415

    return completion_script(build_parser(), shell, {"paths": "files", "report_dir": "folders"})


def _variables(command: Command) -> Variables:
    from runner.plan.extra_vars import parse_extra_vars  # noqa: PLC0415
    from runner.plan.fill import Variables  # noqa: PLC0415

    return Variables(defaults=command.defaults, extra=parse_extra_vars(command.extra_vars))


def _settings(command: Command) -> Iterator[str]:
    for name, setting in command.origins.items():
        yield f"{name} = {setting.value!r}  ({setting.origin})"
    for name, value in command.defaults.items():
        yield f"defaults.{name} = {value!r}  ([defaults])"


def _chosen(command: Command, cases: Sequence[Case]) -> tuple[Case, ...]:
    from runner.plan.select import Selection, select  # noqa: PLC0415

    chosen = select(
        cases,
        Selection(
            tags=command.tags,
            skip_tags=command.skip_tags,
            limit=command.limit,
            names=_failed_last_time(command.report_dir) if command.failed else None,
            start_at_step=command.start_at_step,
            shard=command.shard,
            repeat=1 if command.mode == "explain" else command.repeat,
            timeout_s=command.timeout_s,
        ),
    )
    if not chosen:
        raise UsageError(
            f"no case is selected (there are {len(cases)})", advice=_why_none(command, cases)
        )
    return chosen


def _why_none(command: Command, cases: Sequence[Case]) -> str:
    from runner.language.fields import RESERVED_TAGS, nearest  # noqa: PLC0415
    from runner.plan.tags import all_tags  # noqa: PLC0415

    unknown = [tag for tag in command.tags if tag not in {*all_tags(cases), *RESERVED_TAGS}]
    if unknown:
        origin = command.origins["tags"].origin
        return (
            f"nothing has the tag '{unknown[0]}' ({origin}): {nearest(unknown[0], all_tags(cases))}"
        )
    if command.failed:
        return f"of these, none failed or errored last time, says {command.report_dir}/result.json"
    return "--list shows the names; look at --tags, --limit, --failed and --shard"


def _failed_last_time(report_dir: Path) -> frozenset[str]:
    from runner.archive.wrong_cases import wrong_cases  # noqa: PLC0415

    path = report_dir / "result.json"
    try:
        return wrong_cases(path.read_bytes())
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise UsageError(
            f"--failed looks at {path}: {what}", advice="run once without it"
        ) from error


def _listing(mode: Mode, cases: Sequence[Case]) -> Iterator[str]:
    from runner.judge.conditions import describe  # noqa: PLC0415
    from runner.plan.tags import all_tags  # noqa: PLC0415

    if mode == "list-tags":
        yield from all_tags(cases)
    if mode == "list":
        yield from (case.name for case in cases)
    for case in cases if mode == "check" else ():
        yield f"\nSCENARIO [{case.name}]" + (f"  skipped: {case.skip}" if case.skip else "")
        for name, container in case.containers.items():
            yield f"  image{name and f' of {name}'}: {container.plan.image.title}"
        for step in case.all_steps:
            yield f"  STEP [{step.title}]" + (f"  skipped: {step.skip}" if step.skip else "")
            checks = step.expect.checks if step.expect else ()
            yield from (f"    expects {describe(check)}" for check in checks)


def _explained(
    paths: Sequence[str], variables: Variables, cases: Sequence[Case], chosen: Sequence[Case]
) -> str:
    from runner.plan.explain import explained  # noqa: PLC0415

    return "".join(explained(paths, variables, cases, chosen={case.name: case for case in chosen}))


def _run_cases(command: Command, cases: tuple[Case, ...]) -> int:
    from runner.engine.docker import DockerEngine, engine_address  # noqa: PLC0415
    from runner.model.settings import Settings  # noqa: PLC0415
    from runner.model.verdict import Evidence  # noqa: PLC0415
    from runner.report.console import Console  # noqa: PLC0415
    from runner.report.progress import Progress  # noqa: PLC0415
    from runner.run import pipeline  # noqa: PLC0415

    width = shutil.get_terminal_size().columns
    console = Console(colour=_colour(command.colour), width=width, verbosity=command.verbosity)
    progress = Progress(sys.stderr, total=len(cases), live=sys.stderr.isatty(), width=width)
    settings = Settings(
        run_id=pipeline.new_run_id(),
        quiet_s=command.quiet_s,
        keep=command.keep,
        retries=command.retries,
        evidence=None if command.evidence == "auto" else Evidence(command.evidence),
        strict_oracle=command.strict_oracle,
    )
    engine = DockerEngine(engine_address(), settings.run_id)
    with _EndOnSignals():
        try:
            result = pipeline.run(
                cases,
                engine=engine,
                settings=settings,
                forks=command.forks,
                fail_fast=command.fail_fast,
                listener=_Screen(console, progress),
            )
        finally:
            engine.close()
    return _report(command, console, result)


def _report(command: Command, console: Console, result: RunResult) -> int:
    from runner.archive import result_json  # noqa: PLC0415
    from runner.cli.report_files import write_all  # noqa: PLC0415
    from runner.report import junit, markdown  # noqa: PLC0415

    reports = {
        "junit.xml": junit.render(result, dialect=command.junit_dialect),
        "report.md": markdown.render(result),
        "result.json": result_json.dump(result),
    }
    code = exit_code(result)
    try:
        written = write_all(command.report_dir, reports)
        outcome = "reports: " + " ".join(map(str, written))
    except ReportNotWritten as error:
        outcome, code = f"scenario-run: {error}", code if code == INTERRUPTED else error.exit_code
    print("\n".join(console.recap(result)))
    print(outcome, file=sys.stderr if outcome.startswith("scenario-run") else sys.stdout)
    return code


def exit_code(result: RunResult) -> int:
    """
    Give the exit code of a run: interrupted, then the engine's trouble, then failures.
    """
    from runner.model.verdict import went_wrong  # noqa: PLC0415

    if result.interrupted:
        return INTERRUPTED
    verdicts = [case.verdict for case in result.cases]
    if any(verdict.kind == "errored" and verdict.engine for verdict in verdicts):
        return ENGINE
    return FAILED if any(map(went_wrong, verdicts)) else 0


class _Screen:
    """A `Listener` that shows results on standard output and progress on standard error."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self.note = progress.note
        self.progress = progress.progress

    def started(self, case: Case) -> None:
        """As `Listener.started`."""
        self._progress.started(case.name)

    def finished(self, case: Case) -> None:
        """As `Listener.finished`."""
        self._progress.finished(case.name)

    def result(self, result: CaseResult) -> None:
        """As `Listener.result`."""
        with self._progress.paused():
            print("\n".join(self._console.lines_for(result)), flush=True)


class _EndOnSignals:
    """
    SIGINT, SIGTERM and SIGHUP end the run in good order; a second one ends the program at once.

    Python has no handler for SIGTERM, which as PID 1 of a container would mean that it is
    dropped. A signal that was ignored when we were started (nohup) stays ignored.
    """

    _signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        self._before = {number: signal.getsignal(number) for number in self._signals}
        self._asked = False
        for number, handler in self._before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._end)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            _tell("\nscenario-run: ended at once; the next run removes what is left")
            os._exit(128 + number)
        self._asked = True
        _tell("\nscenario-run: ending; once more to end at once")
        raise KeyboardInterrupt


def _colour(wanted: str) -> bool:
    if wanted != "auto":
        return wanted == "always"
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not dumb


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
