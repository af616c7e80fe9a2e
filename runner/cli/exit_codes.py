"""
The exit codes that no error of `runner.errors` has.
"""

from __future__ import annotations

import signal
from typing import Final

INTERNAL: Final = 1
FAILED: Final = 2
ENGINE: Final = 4
NOTHING: Final = 5
"""Nothing was run, as for a `UsageError`."""
INTERRUPTED: Final = 128 + signal.SIGINT
