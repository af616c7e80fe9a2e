/*
 * Takes SIGTERM through its three dispositions: ignored, caught, default.
 * Each SIGUSR1 goes on to the next one. A disposition is named after it is in force.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* SIGUSR1 puts a byte in, the main loop takes it out. */
static int requests[2];

static void on_sigusr1(int signal)
{
    int saved = errno;
    ssize_t written = write(requests[1], "", 1);

    (void)signal;
    (void)written;
    errno = saved;
}

static void on_sigterm(int signal)
{
    static const char MESSAGE[] = "caught SIGTERM\n";
    int saved = errno;
    ssize_t written = write(STDOUT_FILENO, MESSAGE, sizeof MESSAGE - 1);

    (void)signal;
    (void)written;
    errno = saved;
}

static void dispose(int signal, void (*disposition)(int))
{
    /* SA_RESTART: the main loop's read goes on after a handler has run. */
    struct sigaction action = {.sa_handler = disposition, .sa_flags = SA_RESTART};

    if (sigaction(signal, &action, NULL) < 0) {
        perror("dispositions: sigaction");
        exit(1);
    }
}

/*
 * Neither a blocked SIGUSR1 nor work in its handler: the signal mask is empty whenever a line
 * has been written, so that an onlooker sees the disposition and nothing else.
 */
static void wait_for_sigusr1(void)
{
    char byte;

    if (read(requests[0], &byte, 1) != 1) {
        perror("dispositions: read");
        exit(1);
    }
}

int main(void)
{
    if (pipe2(requests, O_CLOEXEC) < 0) {
        perror("dispositions: pipe");
        return 1;
    }
    dispose(SIGUSR1, on_sigusr1);

    dispose(SIGTERM, SIG_IGN);
    dprintf(STDOUT_FILENO, "SIGTERM is ignored\n");
    wait_for_sigusr1();

    dispose(SIGTERM, on_sigterm);
    dprintf(STDOUT_FILENO, "SIGTERM is caught\n");
    wait_for_sigusr1();

    dispose(SIGTERM, SIG_DFL);
    dprintf(STDOUT_FILENO, "SIGTERM is default\n");
    for (;;)
        wait_for_sigusr1();
}
