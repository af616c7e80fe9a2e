/*
 * /seccomp kill|trap default|ignored|caught|blocked: a filter forbids getppid(2), which is called
 * on SIGUSR1. SIGSYS, the signal of such a filter, has the given disposition or is blocked.
 *
 * `kill`: SECCOMP_RET_KILL_PROCESS. `trap`: SECCOMP_RET_TRAP, which sends SIGSYS.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void on_sigsys(int signal)
{
    static const char MESSAGE[] = "caught SIGSYS\n";
    ssize_t written = write(STDOUT_FILENO, MESSAGE, sizeof MESSAGE - 1);

    (void)signal;
    (void)written;
}

static int forbid_getppid(unsigned int verdict)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, verdict),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0;
}

int main(int argc, char **argv)
{
    int kills = argc == 3 && strcmp(argv[1], "kill") == 0;
    const char *disposition = argc == 3 ? argv[2] : "default";
    sigset_t set;
    int got;

    if (strcmp(disposition, "ignored") == 0)
        signal(SIGSYS, SIG_IGN);
    if (strcmp(disposition, "caught") == 0)
        signal(SIGSYS, on_sigsys);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (strcmp(disposition, "blocked") == 0)
        sigaddset(&set, SIGSYS);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigdelset(&set, SIGSYS);
    if (forbid_getppid(kills ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_TRAP))
        return 1;
    dprintf(STDOUT_FILENO, "ready\n");
    for (;;) {
        sigwait(&set, &got);
        syscall(SYS_getppid);
        dprintf(STDOUT_FILENO, "went on\n");
    }
}
