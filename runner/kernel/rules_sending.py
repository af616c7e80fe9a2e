"""
The texts of rules R0 to R9: what happens from kill(2) until a signal is taken by the process.

The rules themselves are applied in `oracle` and `delivery`; this module must decide nothing.
"""

from __future__ import annotations

from typing import Final

from runner.kernel.rule_text import RuleText

PERMISSION: Final = RuleText(
    name="permission",
    title="Who may send",
    sentence="A signal is accepted only from a sender with the same user ID or with CAP_KILL.",
    source="kill(2); kernel/signal.c: check_kill_permission",
    explanation=(
        "kill(2) fails with EPERM, and nothing reaches the process. SIGCONT may also be sent "
        "within one session. A process that the sender's PID namespace does not show cannot be "
        "named at all: ESRCH. Example: after `USER app` a health check that runs as `app` cannot "
        "signal a root-owned init. Send as the same user, or from the engine, which is root."
    ),
)

FORCE: Final = RuleText(
    name="ancestor-force",
    title="Signals from an ancestor namespace",
    sentence=(
        "A sender with no PID in the target's PID namespace sends with force, and the receiver "
        "sees 0 as the sender's PID."
    ),
    source="pid_namespaces(7); kernel/signal.c: send_signal_locked",
    explanation=(
        "The engine and the host are in an ancestor namespace, `docker exec` is inside. Only "
        "with force do SIGKILL and SIGSTOP act on an init process; for all other signals force "
        "changes nothing. A handler can tell the two apart: `si_pid` is 0 for `docker kill`, and "
        "above 0 for `docker exec app kill 1`. To end a container for certain, use the engine."
    ),
)

JOB_CONTROL: Final = RuleText(
    name="job-control-at-send",
    title="Stop and continue cancel each other when sent",
    sentence=(
        "A stop signal deletes a pending SIGCONT; SIGCONT deletes pending stop signals and "
        "resumes a stopped process, even where SIGCONT itself is ignored, blocked or dropped."
    ),
    source="signal(7); kernel/signal.c: prepare_signal",
    explanation=(
        "It happens while the signal is sent, before anyone asks for its disposition. Example: "
        "an init process that the host stopped is resumed by `docker exec app kill -CONT 1`, "
        "though init has no handler. Programs cannot protect themselves against being resumed; "
        "a handler for SIGCONT runs afterwards, for example to redraw or to reset timers."
    ),
)

BLOCKED: Final = RuleText(
    name="blocked-never-dropped",
    title="A blocked signal waits",
    sentence=(
        "A signal that the target thread blocks is never dropped: it stays pending, even where it "
        "is ignored, or default in an init process."
    ),
    source="signal(7), proc_pid_status(5); kernel/signal.c: sig_ignored",
    explanation=(
        "The kernel asks the main thread for kill(2) and the named thread for tgkill(2), then any "
        "thread that does not block the signal may take it. ShdPnd in /proc/PID/status shows what "
        "waits. sigwait(3) and signalfd(2) take blocked signals this way: catatonit blocks and "
        "reads a signalfd; tini waits in sigtimedwait, and /proc then shows its mask as empty. A "
        "shutdown that never starts may be a mask inherited from the parent: look at SigBlk."
    ),
)

TRACED: Final = RuleText(
    name="traced-never-dropped",
    title="A debugger sees every signal",
    sentence="A signal to a traced process is queued for its tracer, unless it is SIGKILL.",
    source="ptrace(2); kernel/signal.c: sig_ignored, ptrace_signal",
    explanation=(
        "The tracer may pass the signal on, change it or throw it away. Passed on to an init "
        "process without a handler, it is dropped all the same. Example: `strace -p 1` in a "
        "container shows SIGTERM arrive, and the container lives on. Do not judge signal handling "
        "while a debugger is attached."
    ),
)

INIT_SEND: Final = RuleText(
    name="init-drop-at-send",
    title="Init without a handler gets nothing",
    sentence=(
        "A signal whose disposition is default in an init process is dropped when sent, except "
        "SIGKILL and SIGSTOP from an ancestor namespace; kill(2) returns 0."
    ),
    source="kill(2), pid_namespaces(7); kernel/signal.c: sig_task_ignored",
    explanation=(
        "This is why `docker stop` takes ten seconds and ends in status 137 for a program that "
        "never installed a SIGTERM handler: as PID 1 the default action does not exist, from "
        "outside neither. From inside, not even `kill -9 1` does anything. Install a handler, "
        "run the program below an init such as tini (`docker run --init`), or choose a stop "
        "signal that it catches."
    ),
)

IGNORED: Final = RuleText(
    name="ignored",
    title="Ignored signals vanish",
    sentence=(
        "A signal is dropped when sent if its disposition is ignored, or default with the default "
        "action Ign (SIGCHLD, SIGURG, SIGWINCH) or, in a process that runs, Cont."
    ),
    source="signal(7); kernel/signal.c: sig_handler_ignored",
    explanation=(
        "kill(2) returns 0. An ignored signal stays ignored through execve(2), so it may have "
        "been a parent's choice: `nohup`, `trap '' TERM` in an entrypoint, or Python, which "
        "ignores SIGPIPE in itself and its children. SigIgn in /proc/PID/status shows it. "
        "Reset it in the child before exec, as `env --default-signal` does."
    ),
)

COALESCE: Final = RuleText(
    name="standard-signals-coalesce",
    title="Standard signals do not queue",
    sentence=(
        "A standard signal that is pending already is lost when sent again; real-time signals "
        "queue, each one, up to RLIMIT_SIGPENDING."
    ),
    source="signal(7); kernel/signal.c: legacy_queue, __send_signal_locked",
    explanation=(
        "Three SIGTERM to a process that blocks it run its handler once; three SIGRTMIN+2 run it "
        "three times. So a count of SIGCHLD says nothing of the number of children that ended: a "
        "reaper must loop over waitpid(2) until nothing is left. Above the limit kill(2) keeps at "
        "least one instance, and sigqueue(3) fails with EAGAIN."
    ),
)

HANDLER: Final = RuleText(
    name="handler-runs",
    title="A handler runs, and only it decides",
    sentence=(
        "A caught signal runs its handler, in one thread that does not block it; it is blocked "
        "there meanwhile, and SA_RESETHAND resets the disposition first."
    ),
    source="signal(7), sigaction(2); kernel/signal.c: get_signal",
    explanation=(
        "SigCgt in /proc/PID/status says that there is a handler, never what it does. Node and Go "
        "both catch SIGTERM; as init, one lives on and the other exits with status 2. bash runs a "
        "trap only after its foreground command has ended. Test what the program does, not "
        "whether it catches."
    ),
)

INIT_DEQUEUE: Final = RuleText(
    name="init-drop-at-delivery",
    title="Init drops what waited, too",
    sentence=(
        "A pending signal whose disposition is default when an init process takes it is dropped, "
        "except SIGKILL and SIGSTOP."
    ),
    source="kernel/signal.c: get_signal",
    explanation=(
        "A signal that was kept because it was blocked or the process was traced does not kill "
        "init later either: blocked SIGTERM shows as pending, and at unblocking it is gone. A "
        "handler must be installed before the signal is unblocked. Where the main thread blocks "
        "it and another thread does not, the other thread takes it: one that dumps core or stops "
        "is dropped then, but one that terminates ends even init, since Linux 4.15 "
        "(complete_signal does not ask whether the process is init)."
    ),
)
