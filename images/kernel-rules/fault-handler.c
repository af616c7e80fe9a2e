/*
 * /fault-handler returns|jumps: a handler for a real fault, not one that was sent.
 *
 * The instruction that faulted is carried out again when the handler returns, so it faults
 * again; after a thousand times the handler exits with status 3. A handler that jumps out
 * with siglongjmp(3) leaves the instruction behind, and the program goes on.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ENOUGH = 1000 };

static sigjmp_buf before;
static volatile sig_atomic_t runs, jumps;
static volatile uintptr_t nowhere = 8; /* volatile: the compiler is to see no fault here */

static void on_fault(int signal)
{
    static const char MESSAGE[] = "the handler ran 1000 times\n";
    ssize_t written;

    (void)signal;
    runs++;
    if (jumps)
        siglongjmp(before, 1);
    if (runs < ENOUGH)
        return;
    written = write(STDOUT_FILENO, MESSAGE, sizeof MESSAGE - 1);
    _exit(written < 0 ? 1 : 3);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_fault};

    jumps = argc == 2 && strcmp(argv[1], "jumps") == 0;
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(before, 1) == 0)
        *(volatile char *)nowhere = 0;
    dprintf(STDOUT_FILENO, "went on after %d run of the handler\n", (int)runs);
    for (;;)
        pause();
}
