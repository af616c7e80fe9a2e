"""
The texts of rules R10 to R20: default actions, ends of processes, and what is inherited.

This module must decide nothing: `oracle` and `delivery` do.
"""

from __future__ import annotations

from typing import Final

from runner.kernel.rule_text import RuleText

STOP: Final = RuleText(
    name="stop",
    title="Stop signals",
    sentence=(
        "SIGSTOP always stops; SIGTSTP, SIGTTIN and SIGTTOU stop by default, but do nothing in an "
        "orphaned process group."
    ),
    source="signal(7), setpgid(2); kernel/signal.c: get_signal, do_signal_stop",
    explanation=(
        "A group is orphaned when no member has a parent in another group of the same session, as "
        "is usual for what an init process starts in its own session: Ctrl-Z then does nothing. "
        "A stopped container still counts as running for the engine, and `docker stop` cannot end "
        "it before the grace period is over. Look for state T, and send SIGCONT."
    ),
)

FATAL: Final = RuleText(
    name="default-ends-process",
    title="The default action ends the process",
    sentence=(
        "A signal with the default action Term or Core ends the whole process, all threads of it; "
        "from then on further signals are accepted and come to nothing."
    ),
    source="signal(7), core(5); kernel/signal.c: complete_signal, get_signal",
    explanation=(
        "Engines and shells report 128 plus the number: 143 for SIGTERM, 137 for SIGKILL. With "
        "Core a file is written only where RLIMIT_CORE and core_pattern allow. 137 does not prove "
        "a lack of memory: ask the engine for OOMKilled. A zombie has ended already and cannot be "
        "killed; its parent has to wait for it."
    ),
)

FAULT: Final = RuleText(
    name="fault-kills-init",
    title="A real fault kills even init",
    sentence=(
        "For a fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE) the kernel resets a blocked or ignored "
        "signal to default and takes away init's protection, so the process ends."
    ),
    source="signal(7); kernel/signal.c: force_sig_info_to_task",
    explanation=(
        "A container whose program dereferences a null pointer ends with status 139, while "
        "`kill -SEGV 1` does nothing to it. abort(3) in an init process shows 139 as well: "
        "its SIGABRT is dropped, and the C library then faults on purpose. So a test that sends "
        "the signal does not stand for a crash."
    ),
)

FAULT_HANDLER: Final = RuleText(
    name="fault-handler-repeats",
    title="Returning from a fault's handler faults again",
    sentence="A caught fault runs the handler; when that returns, the instruction runs again.",
    source="sigaction(2), signal(7)",
    explanation=(
        "A handler for SIGSEGV that only writes a log line loops for ever and keeps a CPU busy, "
        "and the container never restarts. A crash handler has to end the process: reset the "
        "disposition to default and return, so that the fault then kills it with status 139."
    ),
)

NAMESPACE_END: Final = RuleText(
    name="namespace-ends-with-init",
    title="When init ends, everything ends",
    sentence="When an init process ends, every process of its PID namespace gets SIGKILL.",
    source="pid_namespaces(7); kernel/pid_namespace.c: zap_pid_ns_processes",
    explanation=(
        "Workers, `docker exec` sessions and probes die at once, without a chance to clean up: an "
        "exec'd program shows status 137 where the container itself shows 0. An init process must "
        "pass the stop signal on and wait for its children before it exits."
    ),
)

REBOOT: Final = RuleText(
    name="reboot-ends-namespace",
    title="reboot(2) ends the container, not the host",
    sentence=(
        "reboot(2) in a PID namespace ends its init process: restart by SIGHUP, halt and power-off "
        "by SIGINT."
    ),
    source="reboot(2); kernel/pid_namespace.c: reboot_pid_ns",
    explanation=(
        "It needs CAP_SYS_BOOT, which engines do not give by default (EPERM). With it, `reboot` in "
        "a system container shows as status 129 and `poweroff` as 130. A restart policy decides "
        "what the engine does then."
    ),
)

AUTO_REAP: Final = RuleText(
    name="auto-reap",
    title="Ignoring SIGCHLD leaves no zombies",
    sentence=(
        "Children of a process that ignores SIGCHLD, or set SA_NOCLDWAIT, never become zombies; "
        "the default disposition, though its action is Ign, does not do that."
    ),
    source="wait(2), sigaction(2); kernel/signal.c: do_notify_parent",
    explanation=(
        "wait(2) then fails with ECHILD, and exit statuses are lost. `trap '' CHLD` in an "
        "entrypoint is inherited through exec and may break programs that wait for children. An "
        "init process that neither waits nor ignores SIGCHLD collects zombies: use `--init`."
    ),
)

REPARENT: Final = RuleText(
    name="orphans-go-to-init",
    title="Orphans become children of init",
    sentence=(
        "A process whose parent ends is given to the nearest living subreaper among its "
        "ancestors, else to the init process of its PID namespace."
    ),
    source="prctl(2) PR_SET_CHILD_SUBREAPER, pid_namespaces(7); kernel/exit.c: find_new_reaper",
    explanation=(
        "Background jobs of an ended script, and health checks that time out, end up below PID 1, "
        "which must reap them. A program started by `docker exec` shows 0 as its parent, because "
        "the real one is outside. Run an init that reaps, or let the application wait for any "
        "child."
    ),
)

INHERIT: Final = RuleText(
    name="exec-keeps-ignored-and-mask",
    title="What exec and fork keep",
    sentence=(
        "execve(2) resets handlers to default and keeps ignored signals, the mask and what is "
        "pending; fork(2) keeps dispositions and mask and clears what is pending."
    ),
    source="execve(2), fork(2), signal(7)",
    explanation=(
        "`exec app` at the end of an entrypoint loses the script's traps but not its `trap ''`. A "
        "supervisor that blocks signals and forgets to unblock them before exec leaves a service "
        "that never sees SIGTERM. Compare SigIgn and SigBlk of the service with its parent's."
    ),
)

HELD: Final = RuleText(
    name="stopped-or-frozen-waits",
    title="Stopped and frozen processes take no signals",
    sentence=(
        "A stopped process acts on SIGKILL at once and on everything else after SIGCONT; a frozen "
        "one after the thaw, though the version 2 freezer lets signals through that end it."
    ),
    source="signal(7), cgroups(7); kernel/signal.c: wants_signal, get_signal",
    explanation=(
        "What would be dropped is dropped as ever; the rest shows as pending. `docker stop` on a "
        "stopped container waits the whole grace period and then kills: the handler never runs. "
        "On `docker pause` with control groups version 1 even SIGKILL waits, and SIGTERM without "
        "a handler decides the end that comes at the thaw. The engine thaws before it kills."
    ),
)

BROADCAST: Final = RuleText(
    name="broadcast-spares-init",
    title="kill(-1) spares init and the sender",
    sentence=(
        "kill(-1) reaches every process the sender may signal in its PID namespace, except itself "
        "and the namespace's init process; 0 or a negative number means a process group."
    ),
    source="kill(2); kernel/signal.c: kill_something_info",
    explanation=(
        "`kill -TERM -1` from `docker exec` ends the workers and leaves PID 1. Some init programs "
        "forward to a group (dumb-init by default, tini with -g), others to their child only: "
        "workers then depend on that child to pass the signal on."
    ),
)
