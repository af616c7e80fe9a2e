/*
 * /traced init|child [SIGNAL|exit]: a process with all signals at their default, traced by another one that
 * prints each signal that comes for it, and lets it have the signal.
 *
 * `init`: the traced process is PID 1, and its tracer is its child. `child`: the control, PID 1
 * traces its child. With SIGNAL, a number, the tracer puts that one in the place of any that
 * comes. With `exit`, it asks for the traced process to be killed with it, and exits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void trace(pid_t traced, const char *instead)
{
    int exits = strcmp(instead, "exit") == 0;
    long other = atol(instead);
    int status;

    if (ptrace(PTRACE_SEIZE, traced, NULL, exits ? PTRACE_O_EXITKILL : 0) < 0) {
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
            if (exits)
                _exit(0);
            ptrace(PTRACE_CONT, traced, NULL, other != 0 ? other : WSTOPSIG(status));
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
    int init_is_traced = argc > 1 && strcmp(argv[1], "init") == 0;
    const char *instead = argc > 2 ? argv[2] : "";
    pid_t child = fork();

    if (child == 0 && !init_is_traced)
        prctl(PR_SET_NAME, "ordinary");
    if (child == 0 && init_is_traced)
        trace(getppid(), instead);
    if (child > 0 && !init_is_traced)
        trace(child, instead);
    for (;;)
        pause();
}
