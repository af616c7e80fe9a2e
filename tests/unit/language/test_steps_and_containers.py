"""What steps and the keys of a container mean, and which of their forms are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import InvalidScenarios
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.case import Case
from runner.model.container import ContainerPlan, Healthcheck, NamedImage, RestartPolicy, Ulimit
from runner.model.expectation import Selector
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    GroupOf,
    Look,
    Pause,
    Restart,
    Sender,
    SendSignals,
    Start,
    Stop,
    Unpause,
    Wait,
    Write,
)
from runner.plan.load import load_cases

SIGHUP = Signal.parse("SIGHUP")
APP = Selector(comm="app")


def case_of(folder: Path, steps: str, container: str = "", more: str = "") -> Case:
    """Load a scenario; `more` are other keys of it."""
    path = folder / "x.yml"
    keys = f"image: app, stdin_open: true{container and ', '}{container}"
    text = f"name: x\ncontainer: {{{keys}}}\nsteps: [{steps}]\n{more}\n"
    path.write_text(text, encoding="utf-8")
    (case,) = load_cases([str(path)])
    return case


def said_of(folder: Path, steps: str, container: str = "", more: str = "") -> str:
    """Say why a scenario is refused."""
    with pytest.raises(InvalidScenarios) as caught:
        case_of(folder, steps, container, more)
    return " ".join(f"{one.what} {one.advice}" for one in caught.value.problems)


EXPECT = "{expect: {processes: {zombies: 0}}}"
STEPS: dict[str, tuple[Action, str]] = {
    "signal: TERM": (SendSignals((SIGTERM,)), "signal SIGTERM to init from host"),
    "signal: [TERM, 1]": (
        SendSignals((SIGTERM, SIGHUP)),
        "signal SIGTERM SIGHUP to init from host",
    ),
    "signal: {send: TERM, from: inside}": (
        SendSignals((SIGTERM,), sender=Sender.INSIDE),
        "signal SIGTERM to init from inside",
    ),
    "signal: {send: TERM, from: host}": (
        SendSignals((SIGTERM,)),
        "signal SIGTERM to init from host",
    ),
    "signal: {send: TERM, to: all}": (
        SendSignals((SIGTERM,), Addressee.ALL, Sender.INSIDE),
        "signal SIGTERM to all from inside",
    ),
    "signal: {send: TERM, to: group}": (
        SendSignals((SIGTERM,), Addressee.GROUP, Sender.INSIDE),
        "signal SIGTERM to group from inside",
    ),
    "signal: {send: TERM, to: {comm: app}, times: 2, every: 100ms}": (
        SendSignals((SIGTERM,), APP, Sender.INSIDE, 2, 0.1),
        "signal SIGTERM 2 times to process comm=app from inside",
    ),
    "signal: {send: TERM, to: {group_of: {comm: app}}, times: 1}": (
        SendSignals((SIGTERM,), GroupOf(APP), Sender.INSIDE),
        "signal SIGTERM to the process group of process comm=app from inside",
    ),
    "stop: true": (Stop(), "stop"),
    "stop: 5s": (Stop(5.0), "stop (grace 5 s)"),
    "stop: 0": (Stop(0.0), "stop (grace 0 s)"),
    "stop: {signal: KILL}": (Stop(signal=SIGKILL), "stop with SIGKILL"),
    "stop: {grace: 2s, signal: HUP}": (Stop(2.0, SIGHUP), "stop with SIGHUP (grace 2 s)"),
    "restart: true": (Restart(), "restart"),
    "restart: 2s": (Restart(2.0), "restart (grace 2 s)"),
    "start: true": (Start(), "start"),
    "pause: true": (Pause(), "pause"),
    "unpause: true": (Unpause(), "unpause"),
    "exec: [a, 7]": (Exec(("a", "7")), "exec a 7"),
    "exec: {argv: [a], user: u, env: {A: b}, stdin: x, detach: true}": (
        Exec(("a",), "u", {"A": "b"}, detach=True, stdin="x"),
        "exec a (detached)",
    ),
    "write: hello": (Write("hello"), "write 'hello'"),
    "write: {text: a, close: true}": (Write("a", close=True), "write 'a' and close"),
    "write: {close: true}": (Write("", close=True), "write '' and close"),
    "wait: ready": (Wait(), "wait for ready"),
    "wait: {until: {logs: up}}": (Wait(), "wait for logs"),
    "expect: {init: running, logs: up}": (Look(), "expect init running, logs"),
    "expect: {init: {exited: [0, 1]}}": (Look(), "expect init exited 0 or 1"),
}


@pytest.mark.parametrize("text", STEPS)
def test_a_step_means_its_action_and_is_called_by_it(text: str, tmp_path: Path) -> None:
    """Where it has no name of its own."""
    step, *_ = case_of(
        tmp_path, f"{{{text}}}, {EXPECT}" if "exited" not in text else f"{{{text}}}"
    ).steps

    assert (step.action, step.title) == STEPS[text]
    assert (step.tags, step.when, step.ignore_errors) == ((), "", False)


def test_keywords_of_a_step_go_with_it(tmp_path: Path) -> None:
    """Its name counts for its title."""
    step, _ = case_of(
        tmp_path,
        "{name: n, pause: true, tags: [a, 7], ignore_errors: true}, " + EXPECT,
    ).steps

    assert (step.title, step.tags, step.ignore_errors) == ("n", ("a", "7"), True)


@pytest.mark.parametrize(
    ("given", "skip"), [("false", ""), ("true", "skip is set"), ("too slow", "too slow")]
)
def test_a_scenario_is_skipped_for_a_reason(given: str, skip: str, tmp_path: Path) -> None:
    """Or for none; a reason is a text with something in it."""
    assert case_of(tmp_path, EXPECT, more=f"skip: {given}").skip == skip


@pytest.mark.parametrize("given", ["''", "7"])
def test_what_is_no_reason_skips_no_scenario(given: str, tmp_path: Path) -> None:
    """It is refused."""
    assert "expected a reason or true" in said_of(tmp_path, EXPECT, more=f"skip: {given}")


@pytest.mark.parametrize(
    ("wait", "ready", "within"),
    [
        ("ready", "ready: {logs: up}", 10.0),
        ("ready", "ready: {logs: up, within: 7s}", 7.0),
        ("{until: ready, within: 3s}", "ready: {logs: up, within: 7s}", 3.0),
        ("{until: {logs: up}}", "", 10.0),
        ("{until: {logs: up}, within: 3s}", "", 3.0),
        ("{until: {logs: up, within: 4s}}", "", 4.0),
    ],
)
def test_a_wait_has_one_deadline(wait: str, ready: str, within: float, tmp_path: Path) -> None:
    """Its own, that of its condition or of readiness, else the default."""
    case = case_of(tmp_path, f"{{wait: {wait}}}, {EXPECT}", ready)
    expectation = case.steps[0].expect

    assert expectation is not None
    assert expectation.within_s == within


REFUSED = {
    "{signal: {send: TERM, to: all, from: host}}": "the engine's API reaches init only",
    "{signal: {send: TERM, times: 0}}": "1",
    "{signal: {send: TERM, times: 10001}}": "at most 10000",
    "{signal: {send: TERM, to: {}}}": "this selects nothing in particular",
    "{signal: {send: TERM, to: {comm: a, group_of: {comm: b}}}}": "processes or to process groups",
    "{signal: true}": "'true' is not a signal",
    "{signal: []}": "",
    "{stop: 1.5s}": "is not in whole seconds",
    "{stop: -1s}": "a duration cannot be negative",
    "{stop: 5}": "'5s' or '5ms'?",
    "{stop: 0.0}": "'0.0s' or '0.0ms'?",
    "{stop: false}": "as in 250ms, 3s, 2m",
    "{stop: 1.0}": "'1.0s' or '1.0ms'?",
    "{stop: soon}": "as in 250ms, 3s, 2m",
    "{pause: false}": "expected true, not 'false'",
    '{write: ""}': "this writes nothing",
    "{exec: a b}": "expected a list of words, not a text",
    "{exec: []}": "",
    "{wait: {until: {logs: up, within: 2s}, within: 3s}}": "this wait has two deadlines",
    "{wait: ready, expect: {init: running}}": "a wait already says what it waits for",
    "{stop: true, for: 1s}": "it belongs in `expect`: expect: {for: 1s}",
    "{stop: true, not_before: 1s}": "it belongs in `expect`: expect: {not_before: 1s}",
    "{name: x}": "this step does nothing",
    "{name: x, pause: null}": "",
    "{pause: true, stop: true}": "a step has one kind, this one has pause and stop",
    "{stop: 5s, expect: {shutdown: {escalated: true, at_most: 4s}}}": "after its grace period, 5 s",
    "{start: true, expect: {shutdown: {at_most: 1s}}}": "a start asks no init to end",
    "{stop: true, expect: {init: running, shutdown: {at_most: 1s}}}": "no shutdown as long as",
    "{expect: {init: {exited: 0}}}, {signal: TERM}": "",
    "{expect: {init: never_started}}, {start: true}": "",
}


@pytest.mark.parametrize("steps", REFUSED)
def test_a_step_that_makes_no_sense_is_refused(steps: str, tmp_path: Path) -> None:
    """When the file is read."""
    assert REFUSED[steps] in said_of(tmp_path, f"{steps}, {EXPECT}")


@pytest.mark.parametrize(
    "steps",
    [
        "{stop: 5s, expect: {shutdown: {escalated: true, at_most: 5s}}}",
        "{stop: 5s, expect: {shutdown: {escalated: false, at_most: 1s}}}",
        "{stop: 5s, expect: {shutdown: {at_most: 1s}}}",
        "{stop: true, expect: {shutdown: {escalated: true, at_most: 1s}}}",
        "{stop: 5s, expect: {shutdown: {escalated: true}}}",
        "{restart: true, expect: {init: running, shutdown: {at_most: 1s}}}",
        "{stop: true, expect: {init: {exited: 0}, shutdown: {at_most: 1s}}}",
        "{expect: {init: {exited: 0}}}, {start: true}, " + EXPECT,
        "{expect: {init: {exited: 0}}, ignore_errors: true}, {signal: TERM}, " + EXPECT,
        "{expect: {init: {exited: 0}}, when: 'true'}, {signal: TERM}, " + EXPECT,
        "{expect: {init: {exited: 0}}}, {expect: {restarts: 0}}",
        "{expect: {init: never_started}}, {expect: {restarts: 0}}",
        "{expect: {init: never_started}}, {restart: true}, " + EXPECT,
        "{expect: {init: running}}, {signal: TERM}, " + EXPECT,
    ],
)
def test_a_step_that_may_make_sense_is_accepted(steps: str, tmp_path: Path) -> None:
    """Whether it holds is a matter of the run."""
    assert case_of(tmp_path, steps, "restart: 'no'").steps


def test_a_container_of_defaults(tmp_path: Path) -> None:
    """Of what is not written, the record has its own defaults."""
    plan = case_of(tmp_path, EXPECT).containers[""].plan

    assert plan == ContainerPlan(image=NamedImage("app"), stdin_open=True)


KEYS: dict[str, dict[str, object]] = {
    "init: [/a, 7]": {"init": ("/a", "7")},
    "entrypoint: [/a], command: []": {"entrypoint": ("/a",), "command": ()},
    "docker_init: true, tty: true, read_only: true": {
        "docker_init": True,
        "tty": True,
        "read_only": True,
    },
    "environment: [A=b, C=d=e, F=]": {"environment": {"A": "b", "C": "d=e", "F": ""}},
    "environment: {A: 7}": {"environment": {"A": "7"}},
    "user: 1000, working_dir: /srv, hostname: web, platform: linux/amd64": {
        "user": "1000",
        "working_dir": "/srv",
        "hostname": "web",
        "platform": "linux/amd64",
    },
    "stop_signal: HUP, stop_grace_period: 3s": {"stop_signal": SIGHUP, "stop_grace_s": 3.0},
    "network_mode: bridge": {"network_mode": "bridge"},
    "cap_add: A, cap_drop: [B, C], security_opt: [d]": {
        "cap_add": ("A",),
        "cap_drop": ("B", "C"),
        "security_opt": ("d",),
    },
    "mem_limit: 64m, pids_limit: 1": {"mem_limit": 64 * 1024**2, "pids_limit": 1},
    "mem_limit: 1": {"mem_limit": 1},
    "mem_limit: 2G": {"mem_limit": 2 * 1024**3},
    "mem_limit: 3kb": {"mem_limit": 3 * 1024},
    "mem_limit: '7'": {"mem_limit": 7},
    "mem_limit: 7b": {"mem_limit": 7},
    "ulimits: {nofile: 7, core: {soft: 0, hard: -1}}": {
        "ulimits": (Ulimit("nofile", 7, 7), Ulimit("core", 0, -1))
    },
    "sysctls: {kernel.msgmax: 7}": {"sysctls": {"kernel.msgmax": "7"}},
    "pid: host": {"pid": "host"},
    "restart: always": {"restart": RestartPolicy("always")},
    "restart: on-failure:3": {"restart": RestartPolicy("on-failure", 3)},
    "restart: on-failure": {"restart": RestartPolicy("on-failure")},
    "volumes: [data:/d, '/anonymous', 'b:/e:ro', 'c:/f:rw']": {
        "volumes": ("data:/d", "/anonymous", "b:/e:ro", "c:/f")
    },
    "volumes: [/etc:/etc:ro]": {"volumes": ("/etc:/etc:ro",)},
    "volumes: [{target: /d}, {type: tmpfs, target: /t}], tmpfs: /r": {
        "volumes": ("/d",),
        "tmpfs": ("/r", "/t"),
    },
    "healthcheck: {test: a b}": {"healthcheck": Healthcheck(("CMD-SHELL", "a b"))},
    "healthcheck: {test: [CMD, a], interval: 1s, timeout: 2s, retries: 1, start_period: 0}": {
        "healthcheck": Healthcheck(("CMD", "a"), 1.0, 2.0, 1, 0.0)
    },
    "healthcheck: {test: [NONE], retries: 100}": {
        "healthcheck": Healthcheck(("NONE",), retries=100)
    },
}


@pytest.mark.parametrize("keys", KEYS)
def test_a_key_of_the_compose_file_means_the_same_here(keys: str, tmp_path: Path) -> None:
    """And changes nothing else."""
    plan = case_of(tmp_path, EXPECT, keys).containers[""].plan

    expected = ContainerPlan(image=NamedImage("app"), stdin_open=True, **KEYS[keys])  # type: ignore[arg-type]
    assert plan == expected


def test_a_container_whose_pid_namespace_is_shared_goes_by_its_name(tmp_path: Path) -> None:
    """It is another one of the case, and no word of the engine's."""
    path = tmp_path / "x.yml"
    containers = "{app: {image: a}, aside: {image: a, pid: 'container:app'}}"
    text = f"name: x\ncontainers: {containers}\nsteps: [{{on: app, {EXPECT[1:-1]}}}]\n"
    path.write_text(text, encoding="utf-8")

    (case,) = load_cases([str(path)])

    assert [one.plan.pid for one in case.containers.values()] == ["", "app"]


@pytest.mark.parametrize("when", ["", "kernel >= 4.0"])
def test_a_step_keeps_when_it_is_carried_out(when: str, tmp_path: Path) -> None:
    """Always, where the scenario does not say it."""
    key = f"when: {when}, " if when else ""

    assert case_of(tmp_path, f"{{{key}{EXPECT[1:-1]}}}").steps[0].when == when


def test_a_relative_path_is_from_the_file(tmp_path: Path) -> None:
    """As in a Compose file."""
    for name in ("conf", "y"):
        (tmp_path / name).mkdir()
    plan = case_of(
        tmp_path, EXPECT, "volumes: [./conf:/c, {type: bind, source: x/../y, target: /d}]"
    )

    volumes = plan.containers[""].plan.volumes
    assert volumes == (f"{tmp_path / 'conf'}:/c", f"{tmp_path / 'y'}:/d")


REFUSED_KEYS = {
    "mem_limit: 0": "is not a size in bytes",
    "mem_limit: 0m": "a limit of 0 means no limit",
    "mem_limit: true": "'true' is not a size in bytes",
    "mem_limit: 64t": "'64t' is not a size in bytes",
    "environment: [A]": "'A' has no value",
    "environment: ['=b']": "has no value",
    "ulimits: {nofile: true}": "'true' is not a valid limit",
    "ulimits: {nofile: -2}": "-1",
    "restart: always:3": "'always:3' is not a valid restart policy",
    "restart: on-failure:0": "is not a valid restart policy",
    "restart: true": "'true' is not a valid restart policy",
    "volumes: ['data:d']": "is not a valid volume",
    "volumes: ['data:/d:x']": "is not a valid volume",
    "volumes: [data]": "is not a valid volume",
    "volumes: [{target: d}]": "'d' is not an absolute path",
    "volumes: [{type: bind, target: /d}]": "a bind mount needs a source",
    "volumes: [{type: tmpfs, source: a, target: /d}]": "memory has no source",
    "healthcheck: {test: [a]}": "a list begins with CMD, CMD-SHELL or NONE",
    "healthcheck: {test: 5}": "expected a list in test, not the number 5",
    "healthcheck: {test: []}": "a list begins with CMD, CMD-SHELL or NONE",
    "healthcheck: {test: a, retries: 0}": "1",
    "healthcheck: {test: a, retries: 101}": "100",
    "pid: x": "'x' is not a valid PID namespace",
    "pid: 'container:'": "is not a valid PID namespace",
    "pids_limit: 0": "1",
    "tty: 'true'": "expected true or false",
    "init: [a], command: [b]": "so there is no `command`",
    "init: [a], entrypoint: [b]": "so there is no `entrypoint`",
    "init: true": "Compose's `init` is `docker_init` here",
    "build: x": "an image is either named or built",
}


@pytest.mark.parametrize("keys", REFUSED_KEYS)
def test_a_value_that_compose_would_not_take_is_refused(keys: str, tmp_path: Path) -> None:
    """In words that say what is taken."""
    assert REFUSED_KEYS[keys] in said_of(tmp_path, EXPECT, keys)
