"""
Long texts on a terminal, a screen at a time, as git and man show theirs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import Final

_DEFAULT: Final = "less -FRX"


def show(text: str) -> None:
    """Print a text; through $PAGER (or less) if it is longer than the terminal."""
    command = shlex.split(os.environ.get("PAGER", _DEFAULT))
    lines = text.count("\n") + 1
    fits = lines < shutil.get_terminal_size().lines
    if fits or not sys.stdout.isatty() or not command or not shutil.which(command[0]):
        print(text)
        return
    subprocess.run(command, input=text, text=True, encoding="utf-8", check=False)  # noqa: S603 - the user's own
