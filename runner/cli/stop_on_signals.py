"""
What signals do while cases run: the first stops the run in good order, the second at once.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

from runner.cli.tell import tell


class StopOnSignals:
    """
    SIGINT, SIGTERM and SIGHUP stop the run in good order; a second one ends the program at once.

    Python has no handler for SIGTERM, which as PID 1 of a container would mean that it is
    dropped. A signal that was ignored when we were started (nohup) stays ignored.
    """

    _signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        self._before = {number: signal.getsignal(number) for number in self._signals}
        self._asked = False
        for number, handler in self._before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            tell("\nscenario-run: stopped at once; the next run removes what is left")
            os._exit(128 + number)
        self._asked = True
        tell("\nscenario-run: stopping; press Ctrl-C again to stop at once")
        raise KeyboardInterrupt
