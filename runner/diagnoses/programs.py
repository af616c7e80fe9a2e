"""
Programs with conventions of their own for the stop signal.
"""

from __future__ import annotations

from typing import Final

from runner.diagnoses.diagnosis_text import Change, Cure, DiagnosisText
from runner.diagnoses.starts_and_limits import MORE_TIME


def _stop_signal(signal: str) -> tuple[Change, ...]:
    return (
        Change("Dockerfile", f"STOPSIGNAL {signal}\n"),
        Change("Compose file", f"stop_signal: {signal}\n"),
        Change("Kubernetes (1.33, feature gate ContainerStopSignals)", f"stopSignal: {signal}\n"),
    )


_INIT: Final = (
    Change("docker run", "docker run --init …\n"),
    Change("Compose file", "init: true\n"),
    Change("Dockerfile", 'ENTRYPOINT ["tini", "--"]\n'),
    Change("Kubernetes", "shareProcessNamespace: true\n"),
)

_HANDLER: Final = Cure(
    "let the program handle {signal}: finish what is under way, and exit 0",
    (
        Change(
            "Python",
            """\
import signal
import sys

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
""",
        ),
        Change("Node.js", 'process.on("SIGTERM", () => server.close(() => process.exit(0)));\n'),
    ),
)

NPM: Final = DiagnosisText(
    title="npm (or another script runner) is PID 1",
    happens="npm starts the program through `sh -c`, and forwards the stop signal to that shell "
    "alone. The shell ends, npm ends, and the program is killed with it.",
    shown_by="init is npm; the shell that it has started was ended by the signal; the process "
    "below "
    "that never received it, and was killed when init ended",
    cures=(
        Cure(
            'start the program itself: `CMD ["node", "index.js"]`',
            (
                Change("Dockerfile", 'CMD ["node", "index.js"]\n'),
                Change("Compose file", 'command: ["node", "index.js"]\n'),
            ),
        ),
    ),
    rules=("R11", "R14"),
    source="npm-run-script(1)",
)

NO_HANDLER: Final = DiagnosisText(
    title="The program is PID 1 and has no handler for the stop signal",
    happens="For PID 1 the kernel drops a signal whose disposition is the default; kill(2) "
    "succeeds "
    "all the same. The program runs on, and is killed when the grace period is over.",
    shown_by="the signal was dropped; it is neither in SigCgt nor in SigIgn of /proc/1/status",
    cures=(
        _HANDLER,
        Cure(
            "where nothing has to be finished, run it below an init (Compose's `init: true`)",
            _INIT,
            but="the program is ended by the signal at once, with 143",
        ),
    ),
    rules=("R5",),
    source="pid_namespaces(7), signal(7)",
)

RAISES_AGAIN: Final = DiagnosisText(
    title="The program sends the signal to itself to end by it, which PID 1 cannot",
    happens="Ruby and others catch the stop signal, clean up, set the default disposition and send "
    "it to themselves, so that their parent sees a process that was ended by the signal. For "
    "PID 1 the kernel drops it, and the program exits with 1.",
    shown_by="init caught the signal, then sent the same signal to itself, which was dropped",
    cures=(
        Cure(
            "let the program handle {signal} and exit 0 (Ruby: `trap('TERM') {{ exit }}`)",
            (Change("Ruby", 'trap("TERM") { exit }\n'),),
        ),
        Cure("run it below an init (Compose's `init: true`); it then ends with 143", _INIT),
    ),
    rules=("R5", "R9"),
    source="pid_namespaces(7)",
)

SMART_SHUTDOWN: Final = DiagnosisText(
    title="postgres waits for its clients: SIGTERM is its smart shutdown",
    happens="On SIGTERM the server takes no new connections, and waits until the last client has "
    "left. With one that stays it is killed when the grace period is over, and has to recover "
    "at its next start.",
    shown_by="init is postgres, it has handled SIGTERM, and it ran on",
    cures=(Cure("use its fast shutdown: STOPSIGNAL SIGINT", _stop_signal("SIGINT")),),
    does_not_help=(
        "`docker run --init`, `init: true`: the same, as the signal arrives already",
        "a longer grace period, where clients stay connected",
    ),
    rules=("R8",),
    source="PostgreSQL documentation, Shutting Down the Server",
)

ENDS_AT_ONCE: Final = DiagnosisText(
    title="The server ends at once on SIGTERM, and cuts the requests that are under way",
    happens="For nginx, php-fpm, Apache and HAProxy, SIGTERM is the fast stop. The exit status "
    "is 0, "
    "and clients see a closed connection. Another signal is the graceful one.",
    shown_by="init is one of these servers; it handled SIGTERM and ended, and has a handler for "
    "its "
    "graceful signal, too",
    cures=(
        Cure(
            "use its graceful stop: STOPSIGNAL {graceful}",
            (
                Change("Dockerfile, nginx and php-fpm", "STOPSIGNAL SIGQUIT\n"),
                Change("Dockerfile, Apache", "STOPSIGNAL SIGWINCH\n"),
                Change("Dockerfile, HAProxy", "STOPSIGNAL SIGUSR1\n"),
                Change("php-fpm.conf", "process_control_timeout = 10s\n"),
                Change("Compose file", "stop_signal: SIGQUIT\nstop_grace_period: 30s\n"),
            ),
        ),
    ),
    does_not_help=(
        "`exited: 0` alone: that passes though requests were cut",
        "SIGQUIT for php-fpm without `process_control_timeout`: requests are cut all the same",
    ),
    rules=("R8",),
    source="nginx(8), php-fpm8.2(8), httpd(8), haproxy(1)",
)

RELOADS: Final = DiagnosisText(
    title="uwsgi takes SIGTERM for a reload",
    happens="By default SIGTERM makes uwsgi execute itself again: it never ends.",
    shown_by="after the signal, PID 1 has called execve(2)",
    cures=(
        Cure(
            "let uwsgi end gracefully on SIGTERM: `hook-master-start = unix_signal:15 "
            "gracefully_kill_them_all`",
            (
                Change(
                    "uwsgi.ini",
                    "hook-master-start = unix_signal:15 gracefully_kill_them_all\n",
                ),
            ),
        ),
        Cure(
            "set `die-on-term`, or use STOPSIGNAL SIGINT",
            (Change("uwsgi.ini", "die-on-term = true\n"), *_stop_signal("SIGINT")),
            but="both cut the requests that are under way",
        ),
    ),
    does_not_help=("a longer grace period: no time is enough",),
    rules=("R18",),
    source="uWSGI documentation, Managing the uWSGI server",
)

CONVENTION: Final = DiagnosisText(
    title="The program handles the signal, and exits with 128 and its number by convention",
    happens="The JVM, for one, runs its shutdown hooks and then exits with 143. Nothing was lost.",
    shown_by="init has handled the signal and called exit(2) with 128 + its number; no process was "
    "killed when it ended",
    cures=(
        Cure(
            "expect that status as well: `exited: [0, {status}]`",
            (Change("scenario", "expect:\n  init: {exited: [0, 143]}\n"),),
        ),
    ),
    rules=("R8",),
    source="java(1)",
)

SAFE_IGNORES: Final = DiagnosisText(
    title="mysqld_safe is PID 1, which ignores the stop signal",
    happens="The script ignores SIGTERM (`trap '' 15`) and waits for the server, which never "
    "receives it.",
    shown_by="init is a shell, and SIGTERM is in SigIgn of /proc/1/status",
    cures=(
        Cure(
            "start the server itself: `exec mariadbd`",
            (Change("Dockerfile", 'CMD ["mariadbd", "--user=mysql"]\n'),),
        ),
    ),
    rules=("R6",),
    source="mariadbd-safe(1)",
)

RUNSVDIR: Final = DiagnosisText(
    title="runsvdir ends at once on SIGTERM, and leaves its services to be killed",
    happens="On SIGTERM runsvdir ends without a word to its runsv processes. On SIGHUP it sends "
    "them SIGTERM, but does not wait.",
    shown_by="init is runsvdir; services were killed when init ended, and never received the "
    "signal",
    cures=(
        Cure(
            "run it below a script that stops the services first: `sv force-stop`, then SIGHUP",
            (
                Change(
                    "docker-entrypoint.sh",
                    """\
#!/bin/sh
stop() { sv force-stop /etc/service/*; kill -HUP $!; }
trap stop TERM
runsvdir -P /etc/service & wait $!  # ends early when the trap runs
wait $!
exit 0
""",
                ),
            ),
        ),
    ),
    rules=("R14",),
    source="runsvdir(8), sv(8)",
)

WRAPPER: Final = DiagnosisText(
    title="supervisord stops the wrapper script, and not the program",
    happens="supervisord sends its stop signal to the process that it has started: a shell without "
    "`exec`. That ends, and the program becomes an orphan, which is killed when init ends.",
    shown_by="init is supervisord; the shell that it has started was ended by a signal; a process "
    "below that never received it, and was killed when init ended",
    cures=(
        Cure(
            "start {program} with `exec` in the wrapper script",
            (Change("wrapper script", 'exec program "$@"\n'),),
        ),
    ),
    does_not_help=(
        "`stopasgroup=true`: supervisord waits for the wrapper alone, and the program is killed",
    ),
    rules=("R11", "R14"),
    source="supervisord documentation, stopasgroup",
)

BY_DEFAULT: Final = DiagnosisText(
    title="The program below an init has no handler, and init reports 128 and the signal's number",
    happens="The init forwards the stop signal, whose default action ends the program: it finishes "
    "nothing. Init then exits with 143, to report that.",
    shown_by="init has forwarded the signal to its child, which was ended by it; no process was "
    "killed when init ended",
    cures=(
        _HANDLER,
        Cure(
            "where nothing has to be finished, expect that status: `exited: [0, {status}]`",
            (Change("scenario", "expect:\n  init: {exited: [0, 143]}\n"),),
        ),
    ),
    rules=("R11",),
    source="tini(1), signal(7)",
)

NOT_FORWARDED: Final = DiagnosisText(
    title="Init catches the stop signal, and does not forward it to its child",
    happens="A handler of init runs, but the program, a child of init, never receives the signal.",
    shown_by="the signal was delivered to a handler of init; init has sent none to its child",
    cures=(
        Cure(
            "forward {signal} to {program} in the handler of init, and wait for it",
            (
                Change(
                    "docker-entrypoint.sh",
                    """\
#!/bin/sh
trap 'kill -TERM $!' TERM
program & wait $!  # ends early when the trap runs
wait $!            # until the program has ended; gives its status
""",
                ),
            ),
        ),
    ),
    rules=("R8",),
    source="signal(7)",
)

CHILD_IGNORES: Final = DiagnosisText(
    title="Init forwards the stop signal, and the program ignores it",
    happens="The signal reaches the program, which has set it to be ignored, so it is discarded.",
    shown_by="init has sent the signal to its child, which has it in SigIgn",
    cures=(_HANDLER,),
    rules=("R6",),
    source="signal(7)",
)

HANDLER_STAYS: Final = DiagnosisText(
    title="The program handles the stop signal, and has not ended when the grace period is over",
    happens="Its handler has run. Either nothing then makes the program exit, or it needs longer "
    "for what it does before: the kernel cannot tell.",
    shown_by="the signal was delivered to a handler, and init ran on",
    cures=(
        Cure(
            "let the handler of {signal} end the program",
            (
                Change(
                    "Python",
                    """\
import signal
import sys

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
""",
                ),
            ),
        ),
        Cure(
            "if it was still at work, give it more time (`stop_grace_period`)",
            MORE_TIME,
        ),
    ),
    rules=("R8",),
    source="signal(7)",
)
