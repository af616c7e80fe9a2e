#!/usr/bin/python3
"""SIGTERM has a handler, and is not blocked, whatever mask was inherited."""

import signal
import sys


def stop(_signal: int, _frame: object) -> None:
    """Say so, and end."""
    print("app has finished", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
print("app ready", flush=True)
while True:
    signal.pause()
