"""A folder of one's own and the command, as people use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from runner.engine.docker.address import open_client
from runner.engine.labels import RUN
from tests.support.stored import results_in

ROOT = Path(__file__).parents[2]
GIVE_UP_AFTER_S = 240
"""Ends a hang; far more than a busy machine takes, and less than pytest's own limit."""


@dataclass
class Outcome:
    """What a run of the command has left."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def result(self) -> dict:
        """The stored result."""
        return json.loads((self.folder / "reports" / "result.json").read_text())

    @property
    def timelines(self) -> list[dict]:
        """All facts of all cases."""
        return [fact for case in self.cases for fact in case["timeline"]]

    @property
    def cases(self) -> list[dict]:
        """The results of all cases, with their facts."""
        return results_in(self.folder / "reports" / "cases.jsonl.gz")


@dataclass
class Desk:
    """A folder of one's own, and the command; run as another user, where one is given."""

    folder: Path
    address: str
    python: str = sys.executable
    user: int | None = None
    groups: list[int] = field(default_factory=list)

    def start(self, text: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the command on a scenario file."""
        (self.folder / "x.yml").write_text(text, encoding="utf-8")
        return subprocess.Popen(
            [self.python, "-m", "runner", "x.yml", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "999", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=self.groups if self.user is not None else None,
            # A shell that runs us in the background has SIGINT ignored, and so would the command.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,  # noqa: PLW1509
        )

    def run(self, text: str, *arguments: str, **environment: str) -> Outcome:
        """Run the command on a scenario file."""
        return self.end(self.start(text, *arguments, **environment))

    def end(self, process: subprocess.Popen[str]) -> Outcome:
        """Wait for its end."""
        out, err = process.communicate(timeout=GIVE_UP_AFTER_S)
        return Outcome(process.returncode, out, err, self.folder)

    def containers(self, run_id: str | None = None) -> list[dict]:
        """List containers of ours: of one run, or of processes that this test started."""
        client = open_client(self.address)
        label = f"{RUN}={run_id}" if run_id else RUN
        found = client.containers(all=True, filters={"label": label})
        client.close()
        return found

    def remove(self, name: str) -> None:
        """Remove a container that was kept."""
        client = open_client(self.address)
        client.remove_container(name, force=True)
        client.close()

    def wait_for_a_container_of(self, process: subprocess.Popen[str]) -> None:
        """Wait until a container of this process runs."""
        give_up_s = time.monotonic() + GIVE_UP_AFTER_S
        while not self.containers_of(process.pid, running=True):
            assert time.monotonic() < give_up_s
            assert process.poll() is None
            time.sleep(0.05)

    def containers_of(self, pid: int, *, running: bool = False) -> list[dict]:
        """List the containers of one process."""
        return [
            one
            for one in self.containers()
            if one["Labels"]["scenario-run.pid"] == str(pid)
            and (not running or one["State"] == "running")
        ]
