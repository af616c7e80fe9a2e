"""
How an init has ended, in words.
"""

from __future__ import annotations

from runner.kernel.signals import Signal, UnknownSignal
from runner.model.engine_facts import InitEnded


def how_ended(ended: InitEnded) -> str:
    """Return the exit status: `init exited 137 (128 + 9, as SIGKILL gives)`."""
    code = ended.exit_code
    try:
        hint = f" (128 + {code - 128}, as {Signal(code - 128)} gives)"
    except UnknownSignal:
        hint = ""  # below 128, or above the last signal
    return f"init exited {code}{hint}"
