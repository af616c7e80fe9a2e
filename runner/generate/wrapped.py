"""
Running text on the lines of a page.
"""

from __future__ import annotations

import textwrap
from typing import Final

WIDTH: Final = 100


def indented(text: str) -> list[str]:
    """Return the lines of a text for a terminal, two spaces in."""
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
