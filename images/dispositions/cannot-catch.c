/*
 * Tries to catch, to ignore and to block SIGKILL and SIGSTOP, and prints what the kernel made of
 * each attempt. SIGTERM, with which all of that works, is the control.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct named_signal {
    const char *name;
    int number;
} SIGNALS[] = {{"SIGKILL", SIGKILL}, {"SIGSTOP", SIGSTOP}, {"SIGTERM", SIGTERM}};

static void handler(int signal)
{
    (void)signal;
}

static void try_disposition(const struct named_signal *signal, void (*disposition)(int),
                            const char *what)
{
    struct sigaction action = {.sa_handler = disposition};
    int result = sigaction(signal->number, &action, NULL);

    dprintf(STDOUT_FILENO, "sigaction(%s, %s): %s\n", signal->name, what,
            result == 0 ? "ok" : strerrorname_np(errno));
}

/* The kernel takes the bit out silently: only reading the mask back tells. */
static void try_block(const struct named_signal *signal)
{
    sigset_t wanted, mask;

    sigemptyset(&wanted);
    sigaddset(&wanted, signal->number);
    dprintf(STDOUT_FILENO, "sigprocmask(SIG_BLOCK, %s): ", signal->name);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0 || sigprocmask(SIG_BLOCK, NULL, &mask) < 0)
        dprintf(STDOUT_FILENO, "%s\n", strerrorname_np(errno));
    else if (sigismember(&mask, signal->number))
        dprintf(STDOUT_FILENO, "accepted, and %s is in the mask\n", signal->name);
    else
        dprintf(STDOUT_FILENO, "accepted, but %s is not in the mask\n", signal->name);
}

static void restore_sigterm(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    sigemptyset(&none);
    if (sigaction(SIGTERM, &action, NULL) < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0) {
        perror("cannot-catch: cannot restore SIGTERM");
        exit(1);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++) {
        try_disposition(&SIGNALS[i], handler, "handler");
        try_disposition(&SIGNALS[i], SIG_IGN, "SIG_IGN");
        try_block(&SIGNALS[i]);
    }
    restore_sigterm();
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;)
        pause();
}
