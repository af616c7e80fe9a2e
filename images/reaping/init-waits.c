/*
 * An init program that reaps: it waits for every child, its own or an orphan that became one.
 * It sets no handler; SIGCHLD stays at its default disposition.
 */
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    /* wait(2) fails at once while there is no child: looked for often, as catching or
       blocking SIGCHLD to hear of new ones would change this process's own signal state. */
    const struct timespec pause_between_looks = {.tv_nsec = 10 * 1000 * 1000};
    pid_t reaped;

    dprintf(STDOUT_FILENO, "ready\n");
    for (;;) {
        reaped = wait(NULL);
        if (reaped > 0)
            dprintf(STDOUT_FILENO, "reaped %d\n", reaped);
        else
            nanosleep(&pause_between_looks, NULL);
    }
}
