"""
Words of other tools, and what each is called here: a table, by the place in which it was written.

A word is only in it where the language has no such word at that place. `scenario-run` says what the
table says in place of a suggestion by spelling, which would be about another word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DOCUMENT, CONTAINER, STEP, EXPECT = "document", "container", "step", "expect"
INIT, PROCESS, SIGNAL, STOP, EXEC, WAIT = "init", "process", "signal", "stop", "exec", "wait"
EXEC_ENDED, LOGS, SHUTDOWN, BUILD = "expect.exec", "logs", "shutdown", "build"
HEALTHCHECK, FROM, TO, INIT_WORD, HEALTH = "healthcheck", "from", "to", "init word", "health"


_NO_PORT: Final = "no port is needed: look from inside the container, as in exec: [curl, localhost]"
_IN_ORDER: Final = (
    "the `containers` are started in the order they are written in, each when the one before is "
    "ready"
)
_EXPECT: Final = "say what must be so: expect: {init: running}, expect: {exec: {exit: 0}}"
_NO_SLEEP: Final = "say what must become so `within` a time, or stay so `for` a time"
_LOOP: Final = "it is `loop` here: loop: [SIGTERM, SIGINT], and {{ item }} in the step"
_WAIT: Final = "wait for a condition: wait: {until: {logs: listening}, within: 30s}"
_SHELL: Final = 'exec: [sh, -c, "kill -9 1"]; or signal: {send: SIGKILL, from: inside}'
_ARGV: Final = "exec: [nginx, -t]; no shell is involved"
_USER: Final = "`user` of an exec: exec: {argv: [id], user: nobody}"
_NOTHING_KEPT: Final = (
    "nothing is registered: expect: {exec: {exit: 0, stdout: ok}} sees the last exec"
)
_EXIT_CODE: Final = "init: {exited: 0}; of an exec, exec: {exit: 0}"
_INCLUDE: Final = "include: common/ready.yml, a file with a list of steps"
_ENVIRONMENT: Final = "it is `environment` here: environment: {LOG_LEVEL: debug}"
_KILL: Final = "it is `signal` here: signal: SIGTERM"
_SENT_BY_HOST: Final = "it is `host` here: from the host, an ancestor PID namespace"
_SENT_INSIDE: Final = "it is `inside` here: by a process of the same PID namespace"
_ONE_DOCUMENT: Final = "each scenario is a document of its own; --- stands between two"
_MATRIX: Final = "it is `matrix` here: matrix: {signal: [SIGTERM, SIGINT]}"
_ENDED: Final = "init: {exited: 0}, with the exit code"
_GRACE: Final = "it is `grace` here: stop: {grace: 10s}"
_CONTAINERS: Final = "it is `container` here, or `containers` by name"

FOREIGN_WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "Ansible": {
        DOCUMENT: {
            "hosts": _CONTAINERS,
            "tasks": "it is `steps` here",
            "pre_tasks": "they are the first of the `steps` here",
            "handlers": "nothing is notified: write the `steps` in order",
            "roles": f"as a step, {_INCLUDE}",
            "become": "leave it out; `container` has `user`",
            "vars_files": "`vars` here, or --extra-vars @FILE",
        },
        STEP: {
            "register": _NOTHING_KEPT,
            "shell": _SHELL,
            "command": _ARGV,
            "raw": _ARGV,
            "failed_when": _EXPECT,
            "with_items": _LOOP,
            "with_list": _LOOP,
            "with_dict": _LOOP,
            "with_sequence": _LOOP,
            "loop_control": "leave it out: the entry is {{ item }}",
            "until": _WAIT,
            "retries": _WAIT,
            "delay": _NO_SLEEP,
            "become": _USER,
            "become_user": _USER,
            "notify": "nothing is notified: write the steps in order",
            "assert": _EXPECT,
            "wait_for": _WAIT,
            "block": f"write the steps one after the other, or {_INCLUDE}",
            "rescue": "`always` beside `steps` is carried out in any case",
            "include_tasks": _INCLUDE,
            "import_tasks": _INCLUDE,
            "environment": "`env` of an exec: exec: {argv: [env], env: {A: b}}",
            "vars": "`vars` stands in the document, or in an include",
            "debug": "leave it out: -vv and the reports show all that was seen",
        },
    },
    "Compose": {
        DOCUMENT: {
            "services": "it is `containers` here",
            "version": "leave it out, or say schema: scenario/v1",
            "networks": "a container has `network_mode`: bridge, or none",
        },
        CONTAINER: {
            "ports": _NO_PORT,
            "expose": _NO_PORT,
            "depends_on": _IN_ORDER,
            "links": _IN_ORDER,
            "networks": "it is `network_mode` here: network_mode: bridge",
            "env_file": _ENVIRONMENT,
            "deploy": "`mem_limit` and `pids_limit` are limits here",
        },
    },
    "GitHub Actions": {
        DOCUMENT: {
            "jobs": _ONE_DOCUMENT,
            "strategy": _MATRIX,
            "runs-on": "`container` says which image runs",
            "if": "it is `when` here: when: cgroup == 'v2'",
            "timeout-minutes": "it is `timeout` here: timeout: 5m",
            "include": f"as a step, {_INCLUDE}",
        },
        STEP: {
            "run": _ARGV,
            "uses": _INCLUDE,
            "if": "it is `when` here: when: cgroup == 'v2'",
            "id": "it is `name` here",
        },
    },
    "docker": {
        CONTAINER: {
            "env": _ENVIRONMENT,
            "workdir": "it is `working_dir` here: working_dir: /srv",
            "cwd": "it is `working_dir` here: working_dir: /srv",
            "network": "it is `network_mode` here: network_mode: bridge",
            "memory": "it is `mem_limit` here: mem_limit: 64m",
            "publish": _NO_PORT,
            "name": "leave it out: in `containers` the key is its name",
        },
        STEP: {
            "kill": _KILL,
            "rm": "leave it out: containers are always removed",
        },
        STOP: {
            "time": _GRACE,
            "timeout": _GRACE,
        },
        EXEC: {
            "command": "it is `argv` here: exec: {argv: [nginx, -t]}",
            "cmd": "it is `argv` here: exec: {argv: [nginx, -t]}",
            "environment": "it is `env` here: env: {LANG: C}",
            "workdir": 'argv: [sh, -c, "cd /srv && ls"]',
        },
        BUILD: {
            "file": "it is `dockerfile` here",
            "path": "it is `context` here",
        },
        HEALTHCHECK: {
            "cmd": "it is `test` here: test: test -e /tmp/up",
        },
        FROM: {
            "docker": _SENT_BY_HOST,
            "engine": _SENT_BY_HOST,
            "container": _SENT_INSIDE,
        },
        TO: {
            "container": "it is `init` here; `all` are all processes",
        },
        INIT_WORD: {
            "exited": _ENDED,
            "dead": _ENDED,
            "up": "it is `running` here",
            "created": "it is `never_started` here",
        },
    },
    "pytest": {
        DOCUMENT: {
            "parametrize": _MATRIX,
            "markers": "it is `tags` here",
            "setup": "it is the first of the `steps` here",
            "teardown": "it is `always` here: steps carried out in any case",
        },
        STEP: {
            "parametrize": _LOOP,
            "skip": "it is `when` here: when: cgroup == 'v2'",
        },
    },
    "others": {
        DOCUMENT: {
            "description": "it is `why` here",
            "title": "it is `name` here",
            "tests": "it is `steps` here",
        },
        STEP: {
            "sig": _KILL,
            "sleep": _NO_SLEEP,
            "pause_for": _NO_SLEEP,
            "cmd": _ARGV,
            "args": _ARGV,
            "script": 'exec: [sh, -c, "ps -e && test -e /tmp/up"]',
            "timeout": "an `expect` has `within`, and the document `timeout`",
        },
        EXPECT: {
            "exit_code": _EXIT_CODE,
            "exitcode": _EXIT_CODE,
            "returncode": _EXIT_CODE,
            "rc": _EXIT_CODE,
            "running": "init: running",
            "stdout": "logs: ready; of an exec, exec: {stdout: ok}",
            "output": "logs: ready; of an exec, exec: {stdout: ok}",
            "timeout": "it is `within` here: within: 3s",
            "after": "it is `not_before` here: not_before: 500ms",
            "duration": "shutdown: {at_most: 3s}",
        },
        INIT: {
            "exit_code": "it is `exited` here: init: {exited: 0}",
            "code": "it is `exited` here: init: {exited: 0}",
            "status": "it is `exited` here: init: {exited: 0}",
            "exit": "it is `exited` here: init: {exited: 0}",
            "signal": "it is `killed_by` here: init: {killed_by: SIGKILL}",
        },
        PROCESS: {
            "name": "it is `comm` here: comm: worker",
            "ppid": "it is `child_of` here: child_of: init",
        },
        SIGNAL: {
            "sig": "it is `send` here: send: SIGTERM",
            "signal": "it is `send` here: send: SIGTERM",
            "name": "it is `send` here: send: SIGTERM",
            "pid": "it is `to` here: to: {pid: 7}",
            "target": "it is `to` here: to: {comm: worker}",
            "count": "it is `times` here: times: 3",
            "repeat": "it is `times` here: times: 3",
            "interval": "it is `every` here: every: 100ms",
            "sender": "it is `from` here: from: inside",
        },
        EXEC_ENDED: {
            "exit_code": "it is `exit` here: exec: {exit: 0}",
            "exited": "it is `exit` here: exec: {exit: 0}",
            "rc": "it is `exit` here: exec: {exit: 0}",
        },
        WAIT: {
            "timeout": "it is `within` here: within: 30s",
            "seconds": _WAIT,
        },
        LOGS: {
            "not": "it is `absent` here: logs: {absent: panic}",
        },
        SHUTDOWN: {
            "within": "it is `at_most` here: shutdown: {at_most: 3s}",
        },
        FROM: {
            "outside": _SENT_BY_HOST,
            "external": _SENT_BY_HOST,
            "init": _SENT_INSIDE,
        },
        INIT_WORD: {
            "ended": _ENDED,
            "terminated": _ENDED,
            "killed": "init: {killed_by: SIGKILL}, with the signal",
            "alive": "it is `running` here",
        },
    },
}
"""By tool, by place, by word: what to write here."""

_HERE: Final[Mapping[tuple[str, str], str]] = {
    (place, word): here
    for by_place in FOREIGN_WORDS.values()
    for place, by_word in by_place.items()
    for word, here in by_word.items()
}


def word_here(word: str, place: str) -> str:
    """Return what to write in place of a word of another tool; "" where it is not known."""
    return _HERE.get((place, word.lower()), "")
