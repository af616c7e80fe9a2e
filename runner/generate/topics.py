"""
Pages of `scenario-doc` for words that are no key, value, signal, rule or diagnosis.

A topic has several words, all of which lead to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from runner.options.exit_codes import EXIT_CODES


@dataclass(frozen=True, slots=True)
class Topic:
    """One page: the words that lead to it, the first of which is its title, and its text."""

    words: tuple[str, ...]
    text: str
    example: str = ""
    more: str = ""


TOPICS: Final = (
    Topic(
        ("condition", "conditions", "expectation", "check"),
        "A condition is a word below `expect`, `wait: {until: ...}` or `ready`. All conditions of "
        "one mapping must hold at once; `within`, `for` and `not_before` say when.",
        "expect: {init: running, processes: {zombies: 0}, within: 2s}",
        "init process logs shutdown time",
    ),
    Topic(
        ("selector", "selectors"),
        "A selector says which processes are meant: by `pid`, `comm`, `argv` or `child_of`. All "
        "of its keys must fit. `init` and a number are short for {pid: ...}.",
        "signal: {send: SIGTERM, to: {comm: worker, child_of: init}}",
        "process pid comm argv child_of",
    ),
    Topic(
        ("duration", "durations", "unit", "units", "ms"),
        "A time: a number with one unit, ms, s, m or h, as in 250ms or 1.5s. A number alone is "
        "refused, but for 0.",
        "stop: 10s",
        "within grace timeout",
    ),
    Topic(
        ("variable", "variables"),
        "A value with a name, for placeholders and `when`. From the weakest to the strongest: "
        "[defaults] of scenario-run.toml, `vars`, the axes of `matrix`, --extra-vars. An include "
        "may be given its own, and `loop` gives `item`.",
        "vars: {grace: 10s}",
        "vars matrix placeholder",
    ),
    Topic(
        ("placeholder", "placeholders", "template", "jinja"),
        "{{ name }} in any text of a scenario is replaced by the value of a variable. It is an "
        "expression of Jinja2 without loops and macros. In YAML a text that begins with {{ needs "
        "quotes.",
        'signal: {send: "{{ signal }}", from: inside}',
        "variables item matrix",
    ),
    Topic(
        ("item",),
        "The variable that has the value of the present round of `loop`.",
        'signal: {send: "{{ item }}"}',
        "loop placeholder",
    ),
    Topic(
        ("exclude",),
        "A key of `matrix` beside its axes: rows that have all values of one of its entries are "
        "left out.",
        "matrix: {signal: [SIGTERM, SIGINT], from: [host, inside], "
        "exclude: [{signal: SIGINT, from: host}]}",
        "matrix",
    ),
    Topic(
        ("axis", "axes", "row", "rows"),
        "An axis is a key of `matrix` with its values; a row is one value of each axis. The "
        "scenario is run once for each row.",
        "matrix: {signal: [SIGTERM, SIGINT]}",
        "matrix exclude",
    ),
    Topic(
        ("facts", "fact"),
        "What `when` may name besides variables: engine.name, engine.version, engine.api, "
        "engine.rootless, cgroup ('v1' or 'v2'), kernel (the release), arch, evidence "
        "('kernel', 'proc' or 'engine').",
        "when: cgroup == 'v2'",
        "when evidence",
    ),
    Topic(
        ("cgroup",),
        "A fact for `when`: 'v1' or 'v2', as the engine's machine has it.",
        "when: cgroup == 'v2'",
        "facts when",
    ),
    Topic(
        ("arch",),
        "A fact for `when`: the architecture of the engine's machine, as uname(1) names it.",
        "when: arch in ['x86_64', 'aarch64']",
        "facts when",
    ),
    Topic(
        ("engine",),
        "A fact for `when`, and what a finding rests on: the container engine. "
        "engine.name, engine.version, engine.api and engine.rootless are known.",
        "when: engine.rootless == false",
        "facts evidence",
    ),
    Topic(
        ("kernel",),
        "A fact for `when`, and what a finding rests on: the release of the kernel, "
        "and its tracepoints for signals and processes.",
        "when: kernel.startswith('6.')",
        "facts evidence kernel-rules",
    ),
    Topic(
        (
            "settings",
            "setting",
            "scenario-run.toml",
            "pyproject.toml",
            "configuration",
            "config",
            "environment-variables",
            "defaults",
        ),
        "Options that hold for every run stand in scenario-run.toml, or in [tool.scenario-run] of "
        "pyproject.toml, in the working folder; a setting has the name of the option without its "
        "dashes. SCENARIO_RUN_FAIL_FAST is the variable of --fail-fast. The command line wins "
        "over the environment, that over the file, that over the default. [defaults] has "
        "variables for all scenarios. --show-config prints all settings as such a file.",
        "fail-fast = true",
        "variables",
    ),
    Topic(
        ("exit-codes", "exit-code", "exit codes", "exit-status", "status"),
        f"Of scenario-run: {'; '.join(map(' '.join, EXIT_CODES))}.",
        "",
        "exited exit verdict",
    ),
    Topic(
        (
            *("reports", "report", "junit", "junit.xml", "report.md", "report.html"),
            *("result.json", "cases.jsonl.gz", "markdown", "html", "json", "tap"),
        ),
        "A run writes reports to the folder of --report-dir: junit.xml for CI systems, report.md "
        "for people, report.html with pictures of the timelines, result.json with the verdicts, "
        "and cases.jsonl.gz with every fact. --junit-dialect xunit is for Jenkins' xUnit plugin. "
        "--junit, --markdown, --html, --json and --tap write single files.",
        "",
        "report-dir junit-dialect ci",
    ),
    Topic(
        ("verdict", "verdicts", "passed", "failed", "errored", "skipped"),
        "passed: everything expected was seen. failed: something else was seen. errored: it "
        "cannot be known, or something kept the case from being run. skipped: it was not run, "
        "for a reason that is told.",
        "",
        "flaky exit-codes",
    ),
    Topic(
        ("flaky",),
        "A case that failed or errored and then passed, with --retries. It counts as passed, and "
        "the reports name it.",
        "",
        "retries verdict",
    ),
    Topic(
        ("quiet",),
        "How long a condition that says that nothing happened must hold before it is met.",
        "",
        "time for",
    ),
    Topic(
        ("limits",),
        "Limits of a container are keys of it, as in a Compose file: `mem_limit`, `pids_limit`, "
        "`ulimits`. --limit selects cases by name.",
        "container: {image: app, mem_limit: 64m}",
        "container ulimits",
    ),
    Topic(
        ("register",),
        "Nothing is registered: `expect: {exec: ...}` sees the end of the last exec, and `logs` "
        "all output.",
        "expect: {exec: {exit: 0, stdout: ok}}",
        "exec logs",
    ),
)
