"""
Record real traces for tests of the router: `python -m tests.support.record_traces [NAME...]`.

Needs root and Docker. Of each trace only the lines about the containers are kept; the first line
says which containers there were, as `# NAME HOST_PID`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from runner.engine.trace.lines import NO_CGROUP, Identity, read_identity
from runner.engine.trace.tracefs import LocalTrace
from runner.observe.kernel_events import (
    Attached,
    Forked,
    Lost,
    Mark,
    ReadBegun,
    ReadEnded,
    tasks_of,
)
from runner.observe.kernel_trace import TraceReader, read_event

FOLDER = Path(__file__).parents[1] / "unit" / "observe" / "traces"
PREFIX = "recorded-"
BASH = ["--entrypoint", "bash", "IMAGE", "-c"]
# The engine adds no init where the PID namespace is not the container's own.
DOCKER_INIT = "/usr/bin/docker-init:/tini"
TINI = ["-v", DOCKER_INIT, "--entrypoint", "/tini", "IMAGE", "-s", "--", "/c-init-sig"]
# Long enough that /proc can be asked for it.
LONG_EXEC = "docker exec NAME{} bash -c 'for ((n = 0; n < 300000; n++)); do :; done; exit 3'"
FORWARDS = (
    "for n in 1 2; do bash -c 'trap \"exit 0\" TERM; sleep 60 & wait' & done; "
    "trap 'kill $(jobs -p); wait; exit 0' TERM; wait"
)

# What is recorded: containers by name with the words after `docker run`, then commands; NAME is
# replaced by the container's full name, IMAGE by the image of sig-proc.
SETS: dict[str, tuple[dict[str, list[str]], list[str]]] = {
    "kill-9-from-inside": (
        {"a": ["--entrypoint", "/c-init-nosig", "IMAGE"]},
        ["docker exec NAMEa bash -c 'kill -9 1'"],
    ),
    "term-to-a-handler": (
        {"a": ["--entrypoint", "/c-init-sig", "IMAGE"]},
        ["docker kill -s TERM NAMEa"],
    ),
    "term-default-to-a-child": (
        {"a": [*BASH, "sleep 60 & wait; sleep 60"]},
        ["docker exec NAMEa pkill -TERM sleep"],
    ),
    "stop-and-continue": (
        {"a": [*BASH, "sleep 60 & wait; sleep 60"]},
        ["docker exec NAMEa pkill -STOP sleep", "docker exec NAMEa pkill -CONT sleep"],
    ),
    "docker-stop-escalates": (
        {"a": ["--entrypoint", "/c-init-nosig", "IMAGE"]},
        ["docker stop -t 1 NAMEa"],
    ),
    "tini-forwards": (
        {"a": ["--init", "--entrypoint", "/c-init-sig", "IMAGE"]},
        ["docker kill -s TERM NAMEa"],
    ),
    "master-forwards": ({"a": [*BASH, FORWARDS]}, ["docker kill -s TERM NAMEa"]),
    "teardown": (
        {"a": [*BASH, "sleep 60 & trap 'exit 3' TERM; wait"]},
        ["docker kill -s TERM NAMEa"],
    ),
    "child-that-dies-at-once": (
        {"a": [*BASH, "trap '( : )' USR1; sleep 60 & wait; wait"]},
        ["docker exec NAMEa kill -USR1 1"],
    ),
    "threads": (
        {"a": ["--entrypoint", "/go-init", "IMAGE"]},
        ["docker kill -s TERM NAMEa"],
    ),
    "two-containers": (
        {
            "a": ["--entrypoint", "/c-init-sig", "IMAGE"],
            "b": ["--entrypoint", "/c-init-sig", "IMAGE"],
        },
        ["docker kill -s TERM NAMEa NAMEb"],
    ),
    "pid-host": (
        {"a": ["--pid", "host", *BASH, "trap 'exit 0' TERM; while :; do sleep 0.1; done"]},
        ["docker kill -s TERM NAMEa"],
    ),
    "pid-host-tini": (
        {"a": ["--pid", "host", *TINI]},
        [LONG_EXEC.format("a"), "docker kill -s TERM NAMEa"],
    ),
    "shared-tini": (
        {
            "a": [*BASH, "sleep 60 & trap 'kill -USR2 $(pidof tini)' HUP; wait; wait"],
            "b": ["--pid", "container:NAMEa", *TINI],
        },
        [
            LONG_EXEC.format("b"),
            "docker kill -s HUP NAMEa",
            "docker kill -s TERM NAMEb",
        ],
    ),
    "shared-pid-namespace": (
        {
            "a": ["--entrypoint", "/c-init-nosig", "IMAGE"],
            "b": ["--pid", "container:NAMEa", "--entrypoint", "/c-init-sig", "IMAGE"],
        },
        ["docker kill -s TERM NAMEb"],
    ),
}


def record(name: str, image: str) -> None:
    """Record one set."""
    containers, commands = SETS[name]
    trace = LocalTrace()
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(trace.lines()))
    reader.start()
    pids: dict[str, int] = {}
    try:
        for one, words in containers.items():
            run = " ".join(["docker run -d --network none --name", f"NAME{one}", *quoted(words)])
            shell(run.replace("IMAGE", image))
            pids[one] = int(shell(f"docker inspect -f '{{{{.State.Pid}}}}' NAME{one}"))
            trace.identify(pids[one])
        time.sleep(0.2)
        for command in commands:
            shell(command)
            time.sleep(0.3)
    finally:
        shell(" ".join(["docker rm -f", *(f"NAME{one}" for one in containers)]))
        time.sleep(0.3)
        trace.close()
        reader.join()
        trace.remove()
    head = [f"# {one} {pid}" for one, pid in pids.items()]
    text = "\n".join([*head, *about(ordered(lines), set(pids.values()))]) + "\n"
    (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")


def quoted(words: list[str]) -> list[str]:
    """Give words that a shell takes as they are."""
    return [word if word.replace("-", "").isalnum() else f'"{escaped(word)}"' for word in words]


def escaped(word: str) -> str:
    """Give a word for double quotes."""
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")


def shell(command: str) -> str:
    """Run a command, and give what it says."""
    command = command.replace("NAME", PREFIX)
    return subprocess.run(
        ["/bin/bash", "-c", command], check=False, capture_output=True, text=True
    ).stdout


def ordered(lines: list[str]) -> list[str]:
    """Put the lines of both instances into the order of time, as TraceOrder does with events."""
    last_ns = {"1 ": 0, "2 ": 0}
    timed: list[tuple[int, bool, str]] = []
    for line in lines:
        tag, text = line[:2], line[2:]
        if tag in last_ns:
            event = read_event(text)
            last_ns[tag] = event.at_ns if event is not None else last_ns[tag]
            timed.append((last_ns[tag], tag == "1 ", text))
        elif read_identity(line) is not None:
            timed.append((last_ns["1 "], True, line))
    timed.sort(key=lambda one: one[:2])
    return [text for _, _, text in timed]


def about(lines: list[str], inits: set[int]) -> list[str]:
    """Keep the lines about tasks of the containers' namespaces, and about inits' descendants."""
    spaces = {one.namespace for one in identities(lines) if one.task in inits and one.depth > 1}
    mine = inits | {one.task for one in identities(lines) if one.namespace in spaces}
    # Those that the runtime has started for a container are found by its cgroup.
    cgroups = {one.cgroup for one in identities(lines) if one.task in inits}
    mine |= {one.task for one in identities(lines) if one.cgroup in cgroups - {NO_CGROUP}}
    mine |= attached(lines, mine)
    reader = TraceReader()
    kept = []
    for line in lines:
        identity = read_identity(line)
        if identity is not None and identity.task in mine:
            kept.append(line)
        for event in reader.read(line):
            if isinstance(event, Mark | Lost):
                continue
            if isinstance(event, Forked) and event.parent in mine:
                mine.add(event.child)
            if mine & {*tasks_of(event)} and not isinstance(event, ReadBegun | ReadEnded):
                kept.append(line)
    return kept


def attached(lines: list[str], tasks: set[int]) -> set[int]:
    """Give whom the runtime has put into the same cgroups, and their parents of the runtime's."""
    events = [event for line in lines for event in TraceReader().read(line)]
    births = {one.child: one.parent for one in events if isinstance(one, Forked)}
    mine, parents = set(tasks), set(tasks)
    for _ in range(2):
        parents = {births.get(one, one) for one in parents}
        mine |= {one.task for one in events if isinstance(one, Attached) and one.task in parents}
    cgroups = {one.cgroup for one in events if isinstance(one, Attached) and one.task in mine}
    return {one.task for one in events if isinstance(one, Attached) and one.cgroup in cgroups}


def identities(lines: list[str]) -> list[Identity]:
    """Give what the lines say of who is who."""
    return [one for line in lines if (one := read_identity(line)) is not None]


def main(names: list[str]) -> None:
    """Record the sets of these names, or all."""
    image = shell("docker images -q --filter label=scenario-run.image=sig-proc").split()[0]
    for name in names or SETS:
        record(name, image)


if __name__ == "__main__":
    main(sys.argv[1:])
