#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "signals.h"
#include "threads.h"

struct change {
    int how;
    uint64_t mask;
};

struct thread {
    int number, tid;
    int changes[2], done[2]; /* pipes: in, and the answer */
};

static struct thread threads[THREAD_LIMIT + 1];
static int thread_count = 1;

/* Handlers run in between, whether they were installed with SA_RESTART or not. */
static bool read_all(int fd, void *bytes, size_t size)
{
    ssize_t got;

    do
        got = read(fd, bytes, size);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

static bool write_all(int fd, const void *bytes, size_t size)
{
    ssize_t put;

    do
        put = write(fd, bytes, size);
    while (put < 0 && errno == EINTR);
    return put == (ssize_t)size;
}

static void *sleep_and_change(void *argument)
{
    struct thread *self = argument;
    const char name[] = {'t', 'h', 'r', 'e', 'a', 'd', '-', (char)('0' + self->number), '\0'};
    struct change change;
    sigset_t set;

    prctl(PR_SET_NAME, name);
    self->tid = (int)syscall(SYS_gettid);
    write_all(self->done[1], "", 1);
    while (read_all(self->changes[0], &change, sizeof change)) {
        set = set_of(change.mask);
        pthread_sigmask(change.how, &set, NULL);
        write_all(self->done[1], "", 1);
    }
    return NULL;
}

bool have_threads(int count)
{
    while (thread_count < count) {
        struct thread *thread = &threads[thread_count + 1];
        pthread_t handle;
        char byte;

        thread->number = thread_count + 1;
        if (pipe2(thread->changes, O_CLOEXEC) < 0 || pipe2(thread->done, O_CLOEXEC) < 0)
            return false;
        errno = pthread_create(&handle, NULL, sleep_and_change, thread);
        if (errno != 0 || !read_all(thread->done[0], &byte, 1))
            return false;
        thread_count++;
    }
    return true;
}

bool change_mask(int number, int how, uint64_t mask)
{
    struct change change = {.how = how, .mask = mask};
    sigset_t set = set_of(mask);
    char byte;

    if (number == 1) {
        errno = pthread_sigmask(how, &set, NULL);
        return errno == 0;
    }
    if (number < 1 || number > thread_count) {
        errno = ESRCH;
        return false;
    }
    return write_all(threads[number].changes[1], &change, sizeof change) &&
           read_all(threads[number].done[0], &byte, 1);
}

int tid_of(int number)
{
    if (number == 1)
        return getpid();
    return number > 1 && number <= thread_count ? threads[number].tid : 0;
}

void forget_threads(void)
{
    for (; thread_count > 1; thread_count--)
        for (int end = 0; end < 2; end++) {
            close(threads[thread_count].changes[end]);
            close(threads[thread_count].done[end]);
        }
}
