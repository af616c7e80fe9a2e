"""
Words to the user beside the output: on standard error, at once.
"""

from __future__ import annotations

import sys


def tell(text: str) -> None:
    """Write a text and a line break to standard error."""
    print(text, file=sys.stderr, flush=True)
