/*
 * A program without signal handlers that only sleeps: what a signal does to it is the signal's
 * default action. Run by /parent it is an ordinary process, run as PID 1 it is an init process.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    dprintf(STDOUT_FILENO, "ordinary: ready (pid %d)\n", getpid());
    for (;;)
        pause();
}
