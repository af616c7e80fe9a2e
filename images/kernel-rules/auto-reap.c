/*
 * /auto-reap default|ignored|nocldwait: an init program whose child has exited, with SIGCHLD as
 * the argument says, and what wait(2) has to say about it once SIGUSR1 has come.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    struct sigaction action = {
        .sa_handler = strcmp(what, "ignored") == 0 ? SIG_IGN : SIG_DFL,
        .sa_flags = strcmp(what, "nocldwait") == 0 ? SA_NOCLDWAIT : 0,
    };
    sigset_t usr1;
    int got;

    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    if (fork() == 0)
        _exit(3);
    dprintf(STDOUT_FILENO, "ready\n");
    sigwait(&usr1, &got);
    if (wait(&got) > 0)
        dprintf(STDOUT_FILENO, "wait: exited %d\n", WEXITSTATUS(got));
    else
        dprintf(STDOUT_FILENO, "wait: %s\n", strerrorname_np(errno));
    for (;;)
        pause();
}
