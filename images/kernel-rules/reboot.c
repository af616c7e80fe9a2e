/*
 * /reboot restart|halt|power-off: reboot(2) by the init process of a PID namespace, which ends
 * the namespace and not the machine. Anywhere else it would be the machine, so the program
 * only does it as PID 1 and outside the root namespace. It waits for SIGUSR1 first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* The root PID namespace has a fixed number on every Linux. */
static int is_init_of_container(void)
{
    char name[64] = "";

    return getpid() == 1 && readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 &&
           strcmp(name, "pid:[4026531836]") != 0;
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    int command = strcmp(what, "halt") == 0        ? RB_HALT_SYSTEM
                  : strcmp(what, "power-off") == 0 ? RB_POWER_OFF
                                                   : RB_AUTOBOOT;
    sigset_t usr1;
    int signal;

    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    dprintf(STDOUT_FILENO, "ready\n");
    sigwait(&usr1, &signal);
    if (!is_init_of_container())
        dprintf(STDOUT_FILENO, "not in a PID namespace of its own\n");
    else if (reboot(command) < 0)
        dprintf(STDOUT_FILENO, "reboot: %s\n", strerrorname_np(errno));
    for (;;)
        pause();
}
