/*
 * /parent CMD [ARG...]: an init program that runs CMD as an ordinary process and prints what
 * becomes of it: every end, stop and continuation, with the signal's name.
 *
 * Its child starts with all signals at their default disposition and unblocked, in a process
 * group of its own in the parent's session. Such a group is not orphaned, so that SIGTSTP,
 * SIGTTIN and SIGTTOU stop it; in an orphaned one the kernel drops them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGNAL_COUNT = 64, FIRST_REAL_TIME = 34 /* as glibc and Docker count them */ };

static void fail(const char *what)
{
    dprintf(STDERR_FILENO, "parent: %s: %s\n", what, strerrorname_np(errno));
    exit(1);
}

/*
 * For this process, and through fork(2) and execve(2) for its child. By system call, as the C
 * library refuses to touch the two signals that its threads use. All zero bytes are SIG_DFL, no
 * flags and an empty mask in any architecture's struct.
 */
static void default_and_unblock_every_signal(void)
{
    static const uint64_t zeros[8];

    /* Fails for SIGKILL and SIGSTOP, which always are at their default disposition. */
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++)
        syscall(SYS_rt_sigaction, signal, zeros, NULL, sizeof zeros[0]);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros, NULL, sizeof zeros[0]);
}

static _Noreturn void run_child(char **command, int failure)
{
    int number;
    ssize_t written;

    setpgid(0, 0);
    execvp(command[0], command);
    number = errno;
    written = write(failure, &number, sizeof number);
    _exit(written < 0);
}

/* execve(2) closes the pipe when it succeeds; until then a failure's errno may come through it. */
static pid_t start_child(char **command)
{
    int failure[2], number;
    pid_t child;

    if (pipe2(failure, O_CLOEXEC) < 0)
        fail("pipe");
    child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        run_child(command, failure[1]);
    close(failure[1]);
    if (read(failure[0], &number, sizeof number) == sizeof number) {
        dprintf(STDERR_FILENO, "parent: cannot execute %s: %s\n", command[0],
                strerrorname_np(number));
        exit(number == ENOENT ? 127 : 126);
    }
    close(failure[0]);
    return child;
}

static const char *signal_name(int signal)
{
    static char name[32];
    const char *abbreviation = sigabbrev_np(signal);

    if (signal == SIGIO)
        return "SIGIO"; /* which glibc calls SIGPOLL */
    if (abbreviation != NULL)
        snprintf(name, sizeof name, "SIG%s", abbreviation);
    else if (signal == SIGNAL_COUNT)
        return "SIGRTMAX";
    else if (signal > FIRST_REAL_TIME)
        snprintf(name, sizeof name, "SIGRTMIN+%d", signal - FIRST_REAL_TIME);
    else
        snprintf(name, sizeof name, signal == FIRST_REAL_TIME ? "SIGRTMIN" : "signal %d", signal);
    return name;
}

static void print_change(int status)
{
    if (WIFEXITED(status))
        dprintf(STDOUT_FILENO, "child: exited %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        dprintf(STDOUT_FILENO, "child: killed by %s%s\n", signal_name(WTERMSIG(status)),
                WCOREDUMP(status) ? " (core dumped)" : "");
    else if (WIFSTOPPED(status))
        dprintf(STDOUT_FILENO, "child: stopped by %s\n", signal_name(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        dprintf(STDOUT_FILENO, "child: continued\n");
}

int main(int argc, char **argv)
{
    /* While there is no child, orphans may still come: looked for often, as catching or
       blocking SIGCHLD to hear of them would change this process's own signal state. */
    const struct timespec pause_between_looks = {.tv_nsec = 20 * 1000 * 1000};
    pid_t child, changed;
    int status;

    if (argc < 2) {
        dprintf(STDERR_FILENO, "usage: %s CMD [ARG...]\n", argv[0]);
        return 2;
    }
    default_and_unblock_every_signal();
    child = start_child(argv + 1);
    dprintf(STDOUT_FILENO, "child: started (pid %d)\n", child);
    for (;;) {
        changed = waitpid(-1, &status, WUNTRACED | WCONTINUED);
        if (changed == child)
            print_change(status);
        else if (changed < 0)
            nanosleep(&pause_between_looks, NULL);
    }
}
