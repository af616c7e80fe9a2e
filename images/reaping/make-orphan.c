/*
 * /make-orphan [SECONDS]: make a process named `orphan` whose parent has ended.
 *
 * A child forks a grandchild and exits; the grandchild, now an orphan, becomes a child of the
 * namespace's init process. It lives SECONDS (default: for ever) and exits with status 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct timespec MILLISECOND = {.tv_nsec = 1000 * 1000};

static void fail(const char *what)
{
    dprintf(STDERR_FILENO, "make-orphan: %s: %s\n", what, strerrorname_np(errno));
    exit(1);
}

/* Negative: for ever. */
static double read_seconds(int argc, char **argv)
{
    char *end = NULL;
    double seconds = argc == 2 ? strtod(argv[1], &end) : -1;
    bool is_number = argc == 2 && end != argv[1] && *end == '\0' && seconds >= 0 && seconds < 1e9;

    if (argc != 1 && !is_number) {
        dprintf(STDERR_FILENO, "usage: %s [SECONDS]\n", argv[0]);
        exit(2);
    }
    return seconds;
}

/* Whoever reads make-orphan's output, or has it on a terminal, is done with it when it exits. */
static void leave_session_and_output(void)
{
    int null = open("/dev/null", O_RDWR);

    setsid();
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (null > STDERR_FILENO)
        close(null);
}

static _Noreturn void be_orphan(pid_t born_to, int report, double seconds)
{
    pid_t self = getpid();
    time_t whole = (time_t)seconds;
    struct timespec left = {.tv_sec = whole, .tv_nsec = (long)((seconds - whole) * 1e9)};

    prctl(PR_SET_NAME, "orphan");
    leave_session_and_output();
    while (getppid() == born_to)
        nanosleep(&MILLISECOND, NULL);
    if (write(report, &self, sizeof self) != sizeof self)
        _exit(1);
    close(report);
    if (seconds < 0)
        for (;;)
            pause();
    while (nanosleep(&left, &left) < 0)
        continue;
    _exit(0);
}

static _Noreturn void be_child(int report, double seconds)
{
    pid_t self = getpid();
    pid_t grandchild = fork();

    if (grandchild == 0)
        be_orphan(self, report, seconds);
    _exit(grandchild < 0);
}

int main(int argc, char **argv)
{
    double seconds = read_seconds(argc, argv);
    int report[2], status;
    pid_t child, orphan;

    if (pipe2(report, O_CLOEXEC) < 0)
        fail("pipe");
    child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        be_child(report[1], seconds);
    close(report[1]);
    if (waitpid(child, &status, 0) < 0)
        fail("waitpid");
    if (read(report[0], &orphan, sizeof orphan) != sizeof orphan) {
        dprintf(STDERR_FILENO, "make-orphan: the orphan was not born\n");
        return 1;
    }
    dprintf(STDOUT_FILENO, "orphan %d was born to %d\n", orphan, child);
    return 0;
}
