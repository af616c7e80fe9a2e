/*
 * What execve(2) keeps: SIGINT is ignored, SIGUSR1 blocked and pending, SIGHUP caught. SIGHUP makes
 * the program execute itself anew; it then does nothing at all about signals.
 *
 * `/exec-keeps nodefer` and `/exec-keeps defer`: with the latter, SIGHUP is blocked while its
 * handler runs, as usual; and as that is where execve(2) is called, it stays so.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void execute_anew(int signal)
{
    (void)signal;
    execl("/exec-keeps", "/exec-keeps", "after", NULL);
    _exit(1);
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction execute = {
        .sa_handler = execute_anew,
        .sa_flags = strcmp(what, "nodefer") == 0 ? SA_NODEFER : 0,
    };
    sigset_t usr1;

    if (strcmp(what, "after") != 0) {
        sigemptyset(&usr1);
        sigaddset(&usr1, SIGUSR1);
        sigprocmask(SIG_BLOCK, &usr1, NULL);
        sigaction(SIGINT, &ignore, NULL);
        sigaction(SIGHUP, &execute, NULL);
        kill(getpid(), SIGUSR1);
    }
    dprintf(STDOUT_FILENO, "ready: %s\n", what);
    for (;;)
        pause();
}
