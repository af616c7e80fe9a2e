#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "receive.h"
#include "signals.h"

enum { SIGNALFD_LIMIT = 8 };

char own_name[NAME_SIZE];

static struct catch_options options_of[LAST_SIGNAL + 1];
static atomic_int handled[LAST_SIGNAL + 1], consumed[LAST_SIGNAL + 1];
static int signalfds[SIGNALFD_LIMIT], signalfd_count;

/* How many handlers of the signal run in this thread, one within the other. */
static _Thread_local volatile sig_atomic_t depth[LAST_SIGNAL + 1];

int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void add_sender(struct line *line, int64_t pid, int64_t uid, int code, int value)
{
    line_number(line, "si_pid", pid);
    line_number(line, "si_uid", uid);
    line_number(line, "si_code", code);
    if (code == SI_QUEUE) /* else these bytes mean something else */
        line_number(line, "si_value", value);
}

static void add_receiver(struct line *line)
{
    line_number(line, "pid", getpid());
    line_number(line, "tid", syscall(SYS_gettid));
    line_text(line, "name", own_name);
    line_number(line, "at", now_ns());
    line_add(line, "}");
}

static void print_handler(const char *what, int signal, const siginfo_t *info)
{
    char text[512];
    struct line line = line_in(text, sizeof text);

    line_add(&line, "{");
    line_number(&line, what, signal);
    if (info != NULL)
        add_sender(&line, info->si_pid, info->si_uid, info->si_code, info->si_value.sival_int);
    line_number(&line, "depth", depth[signal]);
    add_receiver(&line);
    line_print(&line);
}

/* Only calls that signal-safety(7) lists. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
    const struct catch_options *options = &options_of[signal];
    int saved = errno;

    (void)context;
    depth[signal]++;
    atomic_fetch_add(&handled[signal], 1);
    print_handler("handler", signal, info);
    if (options->again && depth[signal] == 1 && info->si_code != SI_TKILL)
        raise(signal);
    if (options->hold_ms > 0)
        poll(NULL, 0, options->hold_ms);
    if (options->exit_code >= 0)
        _exit(options->exit_code);
    if (options->again || options->hold_ms > 0)
        print_handler("returns", signal, NULL);
    depth[signal]--;
    errno = saved;
}

bool catch_signal(int signal, const struct catch_options *options)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | options->flags};

    options_of[signal] = *options;
    return sigaction(signal, &action, NULL) == 0;
}

static void print_consumed(const char *by, int signal, int64_t pid, int64_t uid, int code,
                           int value)
{
    char text[512];
    struct line line = line_in(text, sizeof text);

    atomic_fetch_add(&consumed[signal], 1);
    line_add(&line, "{");
    line_number(&line, "consumed", signal);
    line_text(&line, "by", by);
    add_sender(&line, pid, uid, code, value);
    add_receiver(&line);
    line_print(&line);
}

_Noreturn void consume_here(uint64_t mask)
{
    sigset_t set = set_of(mask);
    siginfo_t info;

    for (;;)
        if (sigwaitinfo(&set, &info) > 0)
            print_consumed("sigwaitinfo", info.si_signo, info.si_pid, info.si_uid, info.si_code,
                           info.si_value.sival_int);
}

static void *wait_in_thread(void *argument)
{
    const uint64_t *mask = argument;

    block_every_signal(); /* it gets what it waits for, and nothing else */
    consume_here(*mask);
}

static void *read_in_thread(void *argument)
{
    const int *fd = argument;
    struct signalfd_siginfo info;

    block_every_signal();
    for (;;)
        if (read(*fd, &info, sizeof info) == sizeof info)
            print_consumed("signalfd", (int)info.ssi_signo, info.ssi_pid, info.ssi_uid,
                           info.ssi_code, info.ssi_int);
    return NULL;
}

/* It is born with every signal blocked: it may run late, and must take none until then. */
static bool start_thread(void *(*function)(void *), void *argument)
{
    sigset_t all, own;
    pthread_t thread;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &own);
    error = pthread_create(&thread, NULL, function, argument);
    pthread_sigmask(SIG_SETMASK, &own, NULL);
    errno = error;
    return error == 0;
}

bool consume_in_thread(uint64_t mask)
{
    static uint64_t masks[SIGNALFD_LIMIT];
    static int count;

    if (count == SIGNALFD_LIMIT) {
        errno = EMFILE;
        return false;
    }
    masks[count] = mask;
    return start_thread(wait_in_thread, &masks[count++]);
}

bool consume_by_signalfd(uint64_t mask)
{
    sigset_t set = set_of(mask);
    int fd = signalfd_count < SIGNALFD_LIMIT ? signalfd(-1, &set, SFD_CLOEXEC) : -1;

    if (fd < 0)
        return false;
    signalfds[signalfd_count] = fd;
    return start_thread(read_in_thread, &signalfds[signalfd_count++]);
}

void forget_received(void)
{
    while (signalfd_count > 0)
        close(signalfds[--signalfd_count]);
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        handled[signal] = 0;
        consumed[signal] = 0;
    }
}

static void report_counts(struct line *line, const char *key, const atomic_int *counts)
{
    char number[4];

    line_key(line, key);
    line_add(line, "{");
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        struct line digits = line_in(number, sizeof number);

        if (counts[signal] == 0)
            continue;
        line_add_number(&digits, signal);
        number[digits.length] = '\0';
        line_number(line, number, counts[signal]);
    }
    line_add(line, "}");
}

void report_received(struct line *line)
{
    report_counts(line, "handled", handled);
    report_counts(line, "consumed", consumed);
}
