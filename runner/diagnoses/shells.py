"""
Shells that stand between the stop signal and the program.
"""

from __future__ import annotations

from typing import Final

from runner.diagnoses.diagnosis_text import Change, Cure, DiagnosisText

_POSIX: Final = "POSIX, Shell Command Language 2.11; bash(1), SIGNALS"

_EXEC: Final = Cure(
    "start {program} with `exec`, as the last line of the script",
    (
        Change(
            "docker-entrypoint.sh",
            """\
#!/bin/sh
set -e
# … what has to be done before …
exec "$@"
""",
        ),
        Change(
            "Dockerfile",
            """\
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["program", "argument"]
""",
        ),
    ),
)

_WAIT_AGAIN: Final = Change(
    "docker-entrypoint.sh",
    """\
#!/bin/sh
trap 'kill -TERM $!' TERM
program & wait $!  # ends early when the trap runs
wait $!            # until the program has ended; gives its status
""",
)

NO_EXEC: Final = DiagnosisText(
    title="A script is PID 1, and its program runs without `exec`",
    happens="The shell has the default disposition for the stop signal, so the kernel drops it for "
    "PID 1. The shell does not forward it either. The program never hears of the stop; when the "
    "grace period is over, everything is killed.",
    shown_by="init is a shell (argv[0] in /proc/1/cmdline), the signal was dropped, its child "
    "never "
    "received it",
    cures=(_EXEC,),
    does_not_help=(
        (
            "`docker run --init`, `init: true`: the script ends at once, and the program is killed "
            "without having received the signal (D2)"
        ),
        "`STOPSIGNAL SIGINT`: the shell waits for its child, and is killed after the grace period",
        "a trap alone: it runs when the program in the foreground has ended (D4)",
    ),
    rules=("R5",),
    source=_POSIX,
)

BELOW_INIT: Final = DiagnosisText(
    title="A script runs below an init, and its program without `exec`",
    happens="The init forwards the stop signal to the script. The shell has the default "
    "disposition "
    "and ends, so init ends, too, and the kernel kills all that is left: the program, which "
    "never received the signal. The exit status, 143, looks like that of a stop that went well.",
    shown_by="a shell that is a child of init was ended by the signal; a process below it never "
    "received it, and was killed when init ended",
    cures=(_EXEC,),
    does_not_help=(
        "to expect 143 as well: that hides that the program was killed",
        "more time: the end comes within milliseconds",
    ),
    rules=("R11", "R14"),
    source="tini(1), dumb-init(1)",
)

SHELL_FORM: Final = DiagnosisText(
    title="A shell is PID 1: `sh -c`, the shell form of CMD or ENTRYPOINT",
    happens="As with a script (D1): the shell drops the stop signal and forwards nothing.",
    shown_by="init is a shell with the argument -c, the signal was dropped, its child never "
    "received "
    "it",
    cures=(
        Cure(
            'use the exec form, as in `CMD ["program", "argument"]`, or `exec {command}` as the '
            "last command of `sh -c`",
            (
                Change("Dockerfile", 'CMD ["program", "argument"]\n'),
                Change(
                    "Dockerfile, where a command comes first",
                    'CMD ["sh", "-c", "prepare && exec program argument"]\n',
                ),
                Change("Compose file", 'command: ["program", "argument"]\n'),
                Change("Kubernetes", 'command: ["program", "argument"]\n'),
            ),
        ),
    ),
    does_not_help=(
        (
            "`docker run --init`, `init: true`: the shell ends at once, and the program is killed "
            "without having received the signal (D2)"
        ),
    ),
    rules=("R5",),
    source="Dockerfile reference, shell and exec form; " + _POSIX,
)

TRAP_WAITS: Final = DiagnosisText(
    title="A trap in a script waits for the program in the foreground",
    happens="The shell has caught the signal, but runs a trap only when the command in its "
    "foreground has ended. That command never received the signal.",
    shown_by="the signal was delivered to a handler of the shell, which has sent nothing and "
    "started "
    "nothing since, and a child in its foreground ran on",
    cures=(
        Cure(
            "start {program} in the background, forward the signal in the trap, and wait for it "
            "twice: `trap 'kill -TERM $!' TERM; {command} & wait $!; wait $!`",
            (_WAIT_AGAIN,),
        ),
        _EXEC,
    ),
    does_not_help=("`docker run --init`, `init: true`: the trap waits all the same",),
    rules=("R8",),
    source=_POSIX,
)

WAITS_ONCE: Final = DiagnosisText(
    title="A script waits once, and ends before its program",
    happens="A signal for which a trap is set ends wait(1) at once. The script forwards the signal "
    "and ends, while the program still shuts down; when init ends, the kernel kills it.",
    shown_by="init, a shell, has forwarded the signal to its child and ended; the child was killed "
    "when init ended",
    cures=(
        Cure(
            "let the script `wait` once more for {program} after the first wait, which the trap "
            "has ended",
            (_WAIT_AGAIN,),
        ),
    ),
    does_not_help=("more time: the end comes within milliseconds of the signal",),
    rules=("R8", "R14"),
    source="POSIX, wait: when it is ended by a signal with a trap",
)

SU: Final = DiagnosisText(
    title="su or sudo stands between the signal and the program",
    happens="su(1) stays as the parent of what it starts. It sends SIGTERM to its child, waits two "
    "seconds, and kills it; a shell in between keeps the signal from the program.",
    shown_by="init is su; the program below it was killed or never received the signal",
    cures=(
        Cure(
            "change the user with a program that calls execve(2): `exec setpriv --reuid=USER "
            "--regid=GROUP --init-groups {command}`",
            (
                Change(
                    "docker-entrypoint.sh",
                    "exec setpriv --reuid=app --regid=app --init-groups program argument\n",
                ),
                Change("Dockerfile, where it is the same user always", "USER app\n"),
            ),
        ),
    ),
    rules=("R14",),
    source="su(1), setpriv(1)",
)

PIPELINE: Final = DiagnosisText(
    title="A shell is PID 1 and runs a pipeline, as in `program | tee log`",
    happens="The shell drops the stop signal and waits for all processes of the pipeline, which "
    "never hear of it.",
    shown_by="init is a shell, several processes run in its foreground, the signal was dropped",
    cures=(
        Cure(
            "start {program} in the background with its output to `>(tee log)`, forward the "
            "signal in a trap, and wait for the program and then for tee",
            (
                Change(
                    "docker-entrypoint.sh",
                    """\
#!/bin/bash
exec {output}> >(tee /var/log/app.log)
tee=$!
trap 'kill -TERM "${child:-$!}"' TERM
program argument >&"$output" 2>&1 &
child=$!
wait "$child"        # ends early when the trap runs
trap - TERM
wait "$child"
status=$?
exec {output}>&-     # the end of the input of tee
wait "$tee"          # has written the last lines by then
exit "$status"
""",
                ),
            ),
        ),
    ),
    does_not_help=(
        "`STOPSIGNAL SIGINT`: the shell waits for the pipeline, and is killed",
        (
            "`exec > >(tee log)` and then `exec program`: the last lines are lost, as PID 1 ends "
            "before tee"
        ),
    ),
    rules=("R5",),
    source="bash(1), Process Substitution",
)

BACKGROUND: Final = DiagnosisText(
    title="The service runs in the background, and the script ends with `tail -f` or a sleep",
    happens="The shell drops the stop signal; the service in the background never hears of it.",
    shown_by="init is a shell whose child in the foreground is tail or sleep; another process runs "
    "beside it",
    cures=(
        Cure(
            "run the service in the foreground, with `exec`, in place of {program}",
            (_EXEC.changes[0],),
        ),
    ),
    does_not_help=("`STOPSIGNAL SIGINT`: the shell waits for its child, and is killed",),
    rules=("R5",),
    source=_POSIX,
)
