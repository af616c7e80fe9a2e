/*
 * An init program that catches SIGTERM: it says so and exits with status 0.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void on_sigterm(int signal)
{
    static const char MESSAGE[] = "received SIGTERM\n";
    ssize_t written;

    (void)signal;
    /* Only async-signal-safe calls are allowed here: no printf, no exit. */
    written = write(STDOUT_FILENO, MESSAGE, sizeof MESSAGE - 1);
    _exit(written < 0);
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_sigterm};

    if (sigaction(SIGTERM, &action, NULL) < 0) {
        perror("c-init-sig: sigaction");
        return 1;
    }
    /* Said after the handler is in force, so that whoever has read it may send SIGTERM. */
    dprintf(STDOUT_FILENO, "c-init-sig: ready (pid %d)\n", getpid());
    for (;;)
        sleep(100);
}
