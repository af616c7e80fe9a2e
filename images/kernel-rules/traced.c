/*
 * /traced init|child: a process with all signals at their default, traced by another one that
 * prints each signal that comes for it, and lets it have the signal.
 *
 * `init`: the traced process is PID 1, and its tracer is its child. `child`: the control, PID 1
 * traces its child.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void trace(pid_t traced)
{
    int status;

    if (ptrace(PTRACE_SEIZE, traced, NULL, NULL) < 0) {
        dprintf(STDOUT_FILENO, "ptrace: %s\n", strerrorname_np(errno));
        return;
    }
    dprintf(STDOUT_FILENO, "ready\n");
    while (waitpid(traced, &status, __WALL) == traced) {
        if (WIFSIGNALED(status))
            dprintf(STDOUT_FILENO, "tracer: killed by signal %d\n", WTERMSIG(status));
        if (!WIFSTOPPED(status))
            return;
        if (status >> 16 != PTRACE_EVENT_STOP) { /* a signal, not yet delivered */
            dprintf(STDOUT_FILENO, "tracer: signal %d comes\n", WSTOPSIG(status));
            ptrace(PTRACE_CONT, traced, NULL, (long)WSTOPSIG(status));
        } else if (WSTOPSIG(status) == SIGTRAP) { /* SIGCONT has ended the stop */
            ptrace(PTRACE_CONT, traced, NULL, NULL);
        } else { /* it did stop, and is left so */
            dprintf(STDOUT_FILENO, "tracer: stopped by signal %d\n", WSTOPSIG(status));
            ptrace(PTRACE_LISTEN, traced, NULL, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    int init_is_traced = argc == 2 && strcmp(argv[1], "init") == 0;
    pid_t child = fork();

    if (child == 0 && !init_is_traced)
        prctl(PR_SET_NAME, "ordinary");
    if (child == 0 && init_is_traced)
        trace(getppid());
    if (child > 0 && !init_is_traced)
        trace(child);
    for (;;)
        pause();
}
