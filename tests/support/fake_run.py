"""
`scenario-run` on the fake engine, as a program: for tests of what it does with its streams.

The cases of the fake engine are run one at a time, since its clock is for one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from runner.cli import main as cli
from runner.cli.commands import run
from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram, Reaction
from runner.kernel.signals import SIGTERM

PROGRAMS: Final[Mapping[str, FakeProgram]] = {
    "/init": FakeProgram(prints="up\n", caught={SIGTERM: Reaction("bye\n", exits=7, after_s=0.02)}),
}


def main() -> int:
    """Run the command with the arguments of the program."""
    setattr(run, "open_engine", lambda *_: FakeEngine(PROGRAMS))  # noqa: B010 - as monkeypatch does
    return cli.main(["-f", "1", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
