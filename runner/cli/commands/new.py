"""
`--new NAME`: a commented scenario to start from.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from runner import shipped
from runner.cli.command import Command
from runner.cli.commands.print_schema import SCHEMA_FILE
from runner.errors import UsageError

_TEXT: Final = """\
# yaml-language-server: $schema={schema}
# Run it: scenario-run {file}
# What the words mean: scenario-doc, scenario-doc signal, scenario-doc SIGTERM

name: {name} stops gracefully
why: A stop must not take the whole grace period, and must not end in SIGKILL.
tags: [stop]

container:
  # Put your own image here, and leave `init` out to test it as it is shipped.
  image: debian:bookworm-slim
  # Exactly this becomes PID 1. Take the trap away and see the stop escalate.
  init: [bash, -c, "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"]
  # The line that says that the handlers are installed.
  ready: {{logs: ready}}

steps:
  # From a process of the container's own PID namespace, SIGKILL does nothing to init.
  - signal: {{send: SIGKILL, to: init, from: inside}}
    expect: {{accepted: true, init: running}}

  # What `docker stop` does: the stop signal, the grace period, SIGKILL.
  - stop: 10s
    expect:
      init: {{exited: 0}}
      logs: bye
      shutdown: {{at_most: 2s, escalated: false}}
"""


def run(command: Command) -> int:
    """Write the starter, and say how to run it."""
    path = _write_starter(command.new or "")
    print(f"wrote {path}; run it: scenario-run {shlex.quote(str(path))}")
    return 0


def _write_starter(name: str) -> Path:
    """
    Write the starter to `NAME.yml` and give its path. Nothing is overwritten.

    Raises:
        UsageError: the file is there already, or cannot be written, or has no name.
    """
    if not Path(name).name.removesuffix(".yml").strip("."):
        raise UsageError(f"'{name}' is not a valid name for a scenario", advice="as in --new mine")
    path = Path(name if name.endswith((".yml", ".yaml")) else f"{name}.yml")
    schema = shipped.folder("schemas") / SCHEMA_FILE
    text = _TEXT.format(file=shlex.quote(str(path)), name=path.stem, schema=schema.as_uri())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", advice="give another name") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return path
