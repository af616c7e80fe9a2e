/*
 * /send PID SIGNAL: kill(2) with numbers, and what it answers: `kill(1, 15): EPERM`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int result;

    if (argc != 3) {
        dprintf(STDERR_FILENO, "usage: %s PID SIGNAL\n", argv[0]);
        return 2;
    }
    result = kill(atoi(argv[1]), atoi(argv[2]));
    dprintf(STDOUT_FILENO, "kill(%s, %s): %s\n", argv[1], argv[2],
            result == 0 ? "ok" : strerrorname_np(errno));
    return result < 0;
}
