/*
 * An init program that never waits: every process that becomes its child stays a zombie when it
 * has ended. (SIGCHLD at its default disposition does not make the kernel reap; ignored, it would.)
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;)
        pause();
}
