#define _GNU_SOURCE
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_file.h"

/* A thread that returns from the call and makes it again is asleep in it at one of these. */
#define TRIES 5

/* One moment of a thread. `syscall` is "running", or the call's number and arguments, and registers. */
struct moment {
    char syscall[256];
    char status[STATUS_LIMIT];
};

static bool read_moment(int task, struct moment *moment)
{
    return read_file(task, "syscall", moment->syscall, sizeof moment->syscall) > 0 &&
           read_file(task, "status", moment->status, sizeof moment->status) > 0;
}

/* A thread that was asleep has not run since if it has not been put to sleep once more. */
static bool has_slept_on(const struct moment *before, const struct moment *after)
{
    static const char SWITCHES[] = "\nvoluntary_ctxt_switches:";
    const char *first = strstr(before->status, SWITCHES), *then = strstr(after->status, SWITCHES);

    return strcmp(before->syscall, after->syscall) == 0 && first != NULL && then != NULL &&
           strcmp(first, then) == 0;
}

static long number_of(const struct moment *moment)
{
    long number;

    return sscanf(moment->syscall, "%ld", &number) == 1 ? number : -1;
}

static bool read_memory(int task, uint64_t address, void *bytes, size_t size)
{
    int fd = openat(task, "mem", O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0)
        return false;
    got = pread(fd, bytes, size, (off_t)address);
    close(fd);
    return got == (ssize_t)size;
}

/* The first argument points to the set. */
static bool read_set(int task, const struct moment *moment, uint64_t *set)
{
    const uint64_t never = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);
    uint64_t address;

    if (sscanf(moment->syscall, "%*d 0x%" SCNx64, &address) != 1 ||
        !read_memory(task, address, set, sizeof *set))
        return false;
    *set &= ~never;
    return true;
}

long read_waiting(int task, struct waiting *waiting, uint64_t *blk)
{
    static struct moment before, after;
    bool asleep = false;
    long number = -1;

    *waiting = (struct waiting){.waits = false};
    for (int i = 0; i < TRIES && !asleep; i++) {
        if (!read_moment(task, &before)) {
            waiting->denied = errno == EPERM || errno == EACCES;
            return -1;
        }
        number = number_of(&before);
        waiting->waits = number == SYS_rt_sigtimedwait;
        waiting->set_is_known = waiting->waits && read_set(task, &before, &waiting->set);
        asleep = read_moment(task, &after) && number >= 0 && has_slept_on(&before, &after);
    }
    find_mask(before.status, "\nSigBlk:", blk);
    /* Another thread may have written to the set since: what is waited for is not in SigBlk. */
    if (!asleep || (waiting->set & *blk) != 0)
        waiting->set_is_known = false;
    return number;
}
