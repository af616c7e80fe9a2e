"""The status line: what is done, what failed, for how long, and what is running."""

from __future__ import annotations

import io
import threading

from runner.report.console_style import Style
from runner.report.progress import Progress

ERASE = "\r\x1b[2K"


def live(stream: io.StringIO, *, total: int = 65, width: int = 60) -> Progress:
    """A status line on a terminal, at 64 seconds."""
    times = iter([100.0])
    return Progress(
        stream,
        total=total,
        live=True,
        style=Style(width=width),
        clock=lambda: next(times, 164.9),
    )


def test_the_line_is_rewritten_in_place_and_cut_to_the_width() -> None:
    """Done of all, failed so far, elapsed, and the names share the room that is left."""
    stream = io.StringIO()
    progress = live(stream)

    progress.started("SIGBUS from inside does nothing to an init")
    progress.started("SIGFPE from inside does nothing to an init")
    progress.finished("SIGFPE from inside does nothing to an init", wrong=True)
    with progress.paused():
        stream.write("a result\n")

    shown = stream.getvalue().split(ERASE)
    assert shown[1] == "[ 0/65]  1:04  SIGBUS from inside does nothing to an init"
    assert shown[2] == "[ 0/65]  1:04  SIGBUS from inside…, SIGFPE from inside…"
    assert shown[3] == "[ 1/65]  1 failed  1:04  SIGBUS from inside does nothing…"
    assert shown[4] == "a result\n"
    assert shown[5] == shown[3]
    assert all(len(line) < 60 for line in shown)


def test_of_two_cases_of_one_name_the_other_still_runs() -> None:
    """They are of two files."""
    stream = io.StringIO()
    progress = live(stream)

    progress.started("it stops")
    progress.started("it stops")
    progress.finished("it stops", wrong=False)
    progress.finished("it stops", wrong=False)

    shown = stream.getvalue().split(ERASE)
    assert shown[2].endswith("it stops, it stops")
    assert shown[3].endswith("  it stops")
    assert "it stops" not in "".join(shown[4:])


def test_of_many_that_run_the_rest_is_counted() -> None:
    """A name of four letters helps nobody."""
    stream = io.StringIO()
    progress = live(stream, total=8)

    for number in range(6):
        progress.started(f"case number {number} of a long name")

    last = stream.getvalue().split(ERASE)[-1]
    assert last == "[0/8]  1:04  case number 0 of…, case number 1 of…, 4 more"


def test_the_time_goes_on_by_itself_and_the_line_goes_at_the_end() -> None:
    """While nothing else happens."""
    again = threading.Event()

    class Told(io.StringIO):
        def write(self, text: str) -> int:
            if self.getvalue().count("a case") == 2:
                again.set()
            return super().write(text)

    stream = Told()
    with live(stream) as progress:
        progress.started("a case")
        assert again.wait(30)

    assert stream.getvalue().endswith(f"a case{ERASE}")


def test_without_a_terminal_long_work_still_shows() -> None:
    """The first line of each image, not the hundred that follow, and no control sequence."""
    stream = io.StringIO()
    with Progress(stream, total=1, live=False, style=Style()) as progress:
        progress.progress("building app (first use)")
        progress.progress("building app: Step 1/3")
        progress.progress("building app: Step 2/3")
        progress.started("a case")
        progress.note("removed 1 container")
        with progress.paused():
            stream.write("a result\n")
        progress.finished("a case", wrong=False)

    assert stream.getvalue() == "building app (first use)\nremoved 1 container\na result\n"
