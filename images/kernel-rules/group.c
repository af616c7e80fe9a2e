/*
 * An init program with three children: `one` leads a process group, `two` is in it, and `three`
 * has a group of its own. On SIGUSR1, init sends SIGTERM to the group of `one`.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(const char *name, pid_t group)
{
    pid_t child = fork();

    if (child == 0) {
        sigset_t none;

        prctl(PR_SET_NAME, name);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        for (;;)
            pause();
    }
    setpgid(child, group);
    return child;
}

int main(void)
{
    sigset_t usr1;
    pid_t one;
    int got;

    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    one = start("one", 0);
    start("two", one);
    start("three", 0);
    dprintf(STDOUT_FILENO, "ready\n");
    sigwait(&usr1, &got);
    kill(-one, SIGTERM);
    while (wait(&got) > 0)
        dprintf(STDOUT_FILENO, "child: killed by %d\n", WTERMSIG(got));
    for (;;)
        pause();
}
