"""
Signals that the kernel does not deliver, for what init has set up, or has not.
"""

from __future__ import annotations

from typing import Final

from runner.diagnoses.diagnosis_text import Change, Cure, DiagnosisText

LATE_HANDLER: Final = DiagnosisText(
    title="The handler is installed only after the container is taken for ready",
    happens="The signal came before the program had installed its handler, and the kernel dropped "
    "it; a moment later it would have been caught.",
    shown_by="the signal was dropped; the snapshot before it does not have it in SigCgt, and one "
    "after it has",
    cures=(
        Cure(
            "wait for the handler before the signal is sent: `ready: {{init: {{caught: "
            "{signal}}}}}`",
            (Change("scenario", "ready: {logs: ready, init: {caught: SIGTERM}}\n"),),
        ),
    ),
    does_not_help=("to install a handler: it is there, but later",),
    rules=("R5",),
    source="proc(5), SigCgt",
)

IGNORED_BY_DEFAULT: Final = DiagnosisText(
    title="The stop signal is one that is ignored by default",
    happens="A base image may bring a STOPSIGNAL for its own program, such as SIGWINCH. Without a "
    "handler the kernel ignores it, for every process.",
    shown_by="the signal's default action is to ignore it, and it is not in SigCgt of init",
    cures=(
        Cure(
            "use STOPSIGNAL SIGTERM, with a handler for it or below an init",
            (
                Change("Dockerfile", "STOPSIGNAL SIGTERM\n"),
                Change("Compose file", "stop_signal: SIGTERM\n"),
            ),
        ),
    ),
    rules=("R6",),
    source="signal(7)",
)

BLOCKED: Final = DiagnosisText(
    title="Init blocks the stop signal",
    happens="A blocked signal stays pending until it is unblocked or taken by sigwait(3) or a "
    "signalfd. The mask is kept across fork(2) and execve(2), so it may be that of a parent.",
    shown_by="the signal is in SigBlk of /proc/1/status, and stayed pending",
    cures=(
        Cure(
            "unblock {signal} (sigprocmask(2)) once its handler is installed",
            (Change("C", "sigprocmask(SIG_UNBLOCK, &set, NULL);\n"),),
        ),
    ),
    rules=("R3",),
    source="signal(7), sigprocmask(2)",
)

STOPPED: Final = DiagnosisText(
    title="Init is stopped when the signal comes",
    happens="A stopped process acts on no signal but SIGKILL and SIGCONT; others stay pending.",
    shown_by="init is in state T in /proc/1/status",
    cures=(
        Cure(
            "send SIGCONT first",
            (Change("scenario", "steps:\n  - signal: SIGCONT\n  - stop: 10s\n"),),
        ),
    ),
    rules=("R19",),
    source="signal(7)",
)

FROM_INSIDE: Final = DiagnosisText(
    title="A signal from inside the container does not end its init",
    happens="From inside its PID namespace the kernel delivers to PID 1 only signals for which it "
    "has a handler: SIGKILL and SIGSTOP never. kill(2) succeeds all the same.",
    shown_by="SIGKILL or SIGSTOP was sent from inside, and was dropped",
    cures=(
        Cure(
            "send it from the host, as the engine does: `from: host`",
            (
                Change("scenario", "signal: {name: SIGKILL, from: host}\n"),
                Change("docker", "docker kill --signal SIGKILL NAME\n"),
            ),
        ),
    ),
    rules=("R5",),
    source="pid_namespaces(7)",
)

NEVER_REAPS: Final = DiagnosisText(
    title="Orphans become zombies: init does not wait for children that it has not started",
    happens="When a parent ends, its children become children of PID 1 (init), which must call "
    "waitpid(2) for each when it ends. A program that was not written as an init does not.",
    shown_by="zombies whose parent is init, and which another process has started",
    cures=(
        Cure(
            "put an init before it that reaps (Compose's `init: true`)",
            (
                Change("docker run", "docker run --init …\n"),
                Change("Compose file", "init: true\n"),
                Change("Kubernetes", "shareProcessNamespace: true\n"),
                Change("scenario", "container: {docker_init: true}\n"),
            ),
        ),
    ),
    rules=("R17",),
    source="wait(2), pid_namespaces(7)",
)

OTHER_SIGNAL: Final = DiagnosisText(
    title="The program has a handler for another signal than the stop signal",
    happens="As without any handler (D10): the kernel drops the stop signal. The program catches "
    "SIGQUIT, which may be the signal that it wants to be stopped with.",
    shown_by="the signal was dropped; SIGQUIT is in SigCgt of /proc/1/status",
    cures=(
        Cure(
            "use STOPSIGNAL SIGQUIT, which it catches",
            (
                Change("Dockerfile", "STOPSIGNAL SIGQUIT\n"),
                Change("Compose file", "stop_signal: SIGQUIT\n"),
            ),
        ),
    ),
    rules=("R5",),
    source="pid_namespaces(7), signal(7)",
)

IGNORED: Final = DiagnosisText(
    title="Init ignores the stop signal",
    happens="An ignored signal is discarded. That is kept across execve(2), so it may "
    "be the script before the program that has said so.",
    shown_by="the signal is in SigIgn of /proc/1/status",
    cures=(
        Cure(
            "do not ignore {signal}: look for `trap '' {short}` or nohup in what starts it",
            (Change("docker-entrypoint.sh", "trap - TERM\nexec program argument\n"),),
        ),
    ),
    rules=("R6", "R18"),
    source="signal(7), execve(2)",
)
