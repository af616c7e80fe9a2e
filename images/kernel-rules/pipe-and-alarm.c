/*
 * Signals that the kernel itself sends: SIGPIPE for a write to a pipe that nobody reads, SIGALRM
 * for a timer. First in a child, for which they do their default action; then in PID 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void break_pipe(void)
{
    int ends[2];

    if (pipe(ends) < 0)
        _exit(1);
    close(ends[0]);
    if (write(ends[1], "", 1) < 0)
        dprintf(STDOUT_FILENO, "pid %d: write: %s\n", getpid(), strerrorname_np(errno));
}

static void let_timer_expire(void)
{
    const struct itimerval soon = {.it_value = {.tv_usec = 10 * 1000}};
    struct timespec wait = {.tv_nsec = 200 * 1000 * 1000};

    setitimer(ITIMER_REAL, &soon, NULL);
    while (nanosleep(&wait, &wait) < 0)
        continue;
    dprintf(STDOUT_FILENO, "pid %d: slept on\n", getpid());
}

static void in_child(const char *what, void (*act)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        act();
        _exit(0);
    }
    if (waitpid(child, &status, 0) == child && WIFSIGNALED(status))
        dprintf(STDOUT_FILENO, "child: %s: killed by SIG%s\n", what,
                sigabbrev_np(WTERMSIG(status)));
}

int main(void)
{
    in_child("pipe", break_pipe);
    in_child("timer", let_timer_expire);
    break_pipe();
    let_timer_expire();
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;)
        pause();
}
