/*
 * An init program with two children of another user, who may not send it signals. One is in
 * init's session, so that it may send SIGCONT; the other has left the session.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static void try(const char *who, const char *name, int signal)
{
    int result = kill(1, signal);

    dprintf(STDOUT_FILENO, "%s: %s: %s\n", who, name, result == 0 ? "ok" : strerrorname_np(errno));
}

static void try_as_nobody(const char *who, int leaves)
{
    pid_t child = fork();

    if (child == 0) {
        if (setuid(NOBODY) < 0 || (leaves && setsid() < 0))
            _exit(1);
        try(who, "SIGTERM", SIGTERM);
        try(who, "SIGCONT", SIGCONT);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(void)
{
    try_as_nobody("same session", 0);
    try_as_nobody("another session", 1);
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;)
        pause();
}
