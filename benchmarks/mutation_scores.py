"""
The scores of the shipped scenarios, for docs/mutation.md: from each mutation.json that is named to
a table, with the reason of each survivor.

    scenario-run --mutate --report-dir reports/seed scenarios/*.yml
    python benchmarks/mutation_scores.py reports/seed/mutation.json ...

It prints the table, or with --write puts it into the page; 1 if a survivor has no reason here.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).parents[1] / "docs" / "mutation.md"
HEADING: Final = "## The shipped scenarios\n"

REASONS: Final = """
nothing that can be caught is sent to init
  grid: children, {{ case.disposition }} and blocked: pending, then {{ case.then }}
  SIGKILL ends init when it comes from an ancestor namespace, and only then
  SIGSTOP stops init when it comes from an ancestor namespace, and only then
  a zombie accepts signals, and nothing comes of them
  an orphan goes to the nearest subreaper, and from there to init
  control - without a subreaper, an orphan goes to init at once
  SIGKILL from the host ends a stopped init at once
  a signal to one thread waits for that thread
  control - an ordinary process dies of SIGTERM blocked by {{ who.name }} only
  the end of the namespace's init ends everybody in it
  a signal to a process group reaches its members, and nobody else
  control - a signal to one process of the group reaches that one only
  a health check tells how the container is
  SIGKILL from the host has killed init
  below an init, the signal that kills the program does not kill init
  on-failure starts init anew, so often and no more
  volumes, short and long
  run only where it can be
  what is written to standard input is read, and then its end
  root without CAP_KILL may not send signals to other users
  root with CAP_KILL may send signals to other users
  control - an ordinary process dies at unblock
  a tracer does not see SIGKILL for init
  control - an ordinary traced process dies of it
  control - with SA_RESETHAND, the second SIGTERM ends an ordinary process
  {{ signal }} stops a process whose group is not orphaned
  {{ signal }} does nothing in an orphaned process group
  control - SIGSTOP stops a process in an orphaned group too
  an exec'd program is in an orphaned group: {{ signal }} does nothing
  a handler of a real fault that returns runs again and again
  a handler of a real fault that jumps out lets the program go on
  control - abort() after '{{ request }}' kills an ordinary process by SIGABRT
  control - a child that sends itself {{ signal.name }} is dead
  a process that {{ kid.does }} ends with init
  a stopped process ends with init
  {{ signal }} ends an ordinary process
  {{ signal }} ends an ordinary process and may leave a core dump
  {{ signal }} stops an ordinary process, and SIGCONT lets it go on
  the three dispositions of SIGTERM, as an ordinary process
  SIGKILL and SIGSTOP cannot be caught, ignored or blocked
  control - SIGKILL from the host ends {{ init }}
  when init ends, everything in its PID namespace is killed
  fixed: an init above node reaps what health checks leave
  fixed: no zombies of a health check that times out, below docker --init before {{ program.name }}
  broken: kill -9 1 inside the container
  fixed: docker kill from the host
  broken: {{ script }} that does not find its program in PATH (exit code 127)
  broken: a program that needs more memory than mem_limit
the stop escalates to SIGKILL, as it does with such an init
  control - the same program as init uses the grace period up
  the stop of a stopped init uses up its grace period
  a container that has ended starts again with what it has written
  docker stop waits out the whole grace period for {{ init }}
  broken: a docker-entrypoint.sh that runs {{ program }} without exec, {{ script }}
  broken: CMD in shell form, with another command before the program, {{ command }}
  broken: an entrypoint script with a trap for SIGTERM, and its program in the foreground
  broken: an entrypoint script that pipes its program into tee
  broken: an entrypoint script with its service in the background and tail -f at the end
  broken: {{ program.name }} without a handler for SIGTERM as PID 1
  broken: postgres with a client connected does not stop
  broken: uwsgi reloads on docker stop
  broken: a container that counts as ready before its program has its handler for SIGTERM
  broken: cron does not react to the stop signal SIGWINCH of its base image
  broken: STOPSIGNAL SIGWINCH, as a base image leaves it, for a program that does not catch it
  broken: SIGTERM is blocked in PID 1: {{ program.name }}
  broken: docker stop of a container whose PID 1 has been stopped by SIGSTOP
  broken: a script is still cleaning up when the grace period is over
  broken: a program that ends on SIGQUIT alone is stopped with SIGTERM
  broken: a script catches SIGTERM, and does not forward it to its program
  broken: a script that ignores SIGTERM starts another one, which cannot catch it any more
  broken: the init forwards SIGTERM, and the program ignores it
  broken: the program catches SIGTERM, and goes on
  broken: a stop_grace_period that is shorter than the program needs to finish
an exit with 0 is all that is asked for, and no output
  one more program, with input, waited for or not
  an ordinary user, read-only, without capabilities, within limits
the program ends faster than this init, by chance
  fixed: {{ program.name }}
  fixed: cron below an init ends by SIGTERM
  a signal of the engine thaws a paused container
  fixed: ruby ends with the status of a stop
  fixed: SIGTERM is not blocked in PID 1: {{ program.name }}
  fixed: a docker-entrypoint.sh that may be executed, by chmod +x
it shows an init that ends without its child; so does this one
  broken: php-fpm cuts a script off on docker stop
  broken: runsvdir ends without its services on docker stop
init has to outlive the signal, as such an init does
  grid: init, all {{ disposition }}, from {{ from }}: nothing happens
  what is done in any case, and what may go wrong
  control - a shell without a trap sends nothing on
  {{ signal }} from {{ from }} is dropped by an init without a handler
  another user may not send signals to init
  another user may send SIGCONT within the session
  SIGCONT from {{ from }} wakes a stopped init that has done '{{ request }}'
  a child's SIGCONT wakes a stopped init
  control - unblocked, SIGTERM is pending in no init after '{{ disposition }}'
  init sends itself {{ signal }} and goes on
init is stopped, so that what it would do is not seen
  control - {{ signal }} does not wake a stopped init
a line of output is asked for, and no end
  control - beyond RLIMIT_SIGPENDING, a standard signal arrives with its sender
  control - init survives SECCOMP_RET_TRAP with a handler
  a handler can tell where SIGTERM came from: {{ from.name }}, si_pid {{ from.says }}
  what the output must have, must not have, and in which order
  wait for a line before the first step, and for another later
  SIGCHLD {{ case.sigchld }}: {{ case.zombies }} zombies, and wait says {{ case.wait }}
  pending signals are delivered lowest number first
  a signal waits while its own handler runs
  with SA_NODEFER, handlers nest
  without SA_RESTART, a handler interrupts read(2)
  with SA_RESTART, read(2) goes on
what was predicted has to happen, whatever it is
  {{ init }} does with SIGTERM what masks and dispositions predict
the terminal sends SIGINT to the child, too
  Ctrl-C reaches a handler
the signal is refused by sigqueue(3)
  beyond RLIMIT_SIGPENDING, sigqueue(3) says EAGAIN
"""
"""Each reason, and below it the names of its scenarios. What is not here is printed as `?`."""


def reasons() -> Iterator[tuple[str, str]]:
    """Yield the name of each scenario with a survivor, and the reason."""
    reason = ""
    for line in REASONS.strip().splitlines():
        if line.startswith("  "):
            yield line.strip(), reason
        else:
            reason = line


def table(scenarios: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a row for each file."""
    yield "| file | killed | survivors |"
    yield "|---|---|---|"
    for path, of_file in groupby(scenarios, key=lambda one: one["path"]):
        rows = list(of_file)
        killed, mutants = (sum(one[key] for one in rows) for key in ("killed", "mutants"))
        survivors = "<br>".join(line for one in rows if (line := survivors_of(one)))
        name = path.removeprefix("scenarios/").removesuffix(".yml")
        yield f"| {name} | {killed} of {mutants} | {survivors} |"


def survivors_of(scenario: Mapping[str, Any]) -> str:
    """Return which wrong inits survive, of which scenario and why; "" if none does."""
    mutants = [one for case in scenario["cases"] for one in case["mutants"]]
    names = dict.fromkeys(
        (one["wrong_init"], one["container"]) for one in mutants if one["outcome"] == "survived"
    )
    if not names:
        return ""
    every = len({one["wrong_init"] for one in mutants})
    words = [f"`{name}`" + (f" in {place}" if place else "") for name, place in names]
    alone = not any(place for _, place in names)
    said = "all" if len(names) == every and alone else ", ".join(words)
    title = scenario["name"].replace("|", "\\|")
    return f"*{title}*: {said}: {dict(reasons()).get(scenario['name'], '?')}"


def main() -> int:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in asked.files]
    scenarios = [one for run in runs for one in run["scenarios"]]
    killed, mutants = (sum(one[key] for one in scenarios) for key in ("killed", "mutants"))
    total = (
        f"{len(scenarios)} scenarios, {mutants} mutants: {killed} killed, {mutants - killed} not."
    )
    lines = [
        f"{total} The table is made by `benchmarks/mutation_scores.py`, which has the reasons.",
        "*Broken* scenarios show a mistake; an init that makes the same mistake survives there.",
        "",
        *table(scenarios),
    ]
    if asked.write:
        before, _, _ = PAGE.read_text(encoding="utf-8").partition(HEADING)
        PAGE.write_text(before + HEADING + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    else:
        print("\n".join(lines))
    return 1 if any("?" in line.rpartition(": ")[2] for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
