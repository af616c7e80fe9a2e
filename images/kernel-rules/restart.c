/*
 * /restart with|without: what a handler does to a read(2) that it interrupts, with and without
 * SA_RESTART. SIGUSR1 is caught by the handler under test; SIGUSR2 lets the read have its byte.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ends[2];

static void on_usr1(int signal)
{
    static const char MESSAGE[] = "the handler ran\n";
    ssize_t written = write(STDOUT_FILENO, MESSAGE, sizeof MESSAGE - 1);

    (void)signal;
    (void)written;
}

static void on_usr2(int signal)
{
    ssize_t written = write(ends[1], "", 1);

    (void)signal;
    (void)written;
}

int main(int argc, char **argv)
{
    int with = argc == 2 && strcmp(argv[1], "with") == 0;
    struct sigaction usr1 = {.sa_handler = on_usr1, .sa_flags = with ? SA_RESTART : 0};
    struct sigaction usr2 = {.sa_handler = on_usr2, .sa_flags = SA_RESTART};
    ssize_t got;
    char byte;

    if (pipe(ends) < 0 || sigaction(SIGUSR1, &usr1, NULL) < 0 ||
        sigaction(SIGUSR2, &usr2, NULL) < 0)
        return 1;
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;) {
        got = read(ends[0], &byte, 1);
        dprintf(STDOUT_FILENO, "read: %s\n", got == 1 ? "a byte" : strerrorname_np(errno));
    }
}
