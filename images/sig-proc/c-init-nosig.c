/*
 * An init program without signal handlers: every disposition stays default.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    dprintf(STDOUT_FILENO, "c-init-nosig: ready (pid %d)\n", getpid());
    for (;;)
        sleep(100);
}
