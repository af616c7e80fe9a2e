/*
 * An instance of our own in tracefs, set up as the runner says, and copied to standard output. After
 * the birth of each process in a PID namespace of its own a line says who that is.
 *
 * An instance is named after the process that made it. What a dead process has left is removed.
 */
#define _GNU_SOURCE
#include "trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "identity.h"

#define PATH_LIMIT 512
#define LINE_LIMIT 8192
#define PIECE 65536

static const uint64_t INITIAL_PID_NAMESPACE = 0xEFFFFFFC; /* PROC_PID_INIT_INO */
static const unsigned long CLONE_A_THREAD = 0x10000;

static char instance[PATH_LIMIT];

/* What goes out at the next flush; `gone`: nobody reads any more. */
static struct {
    char bytes[4 * PIECE];
    size_t length;
    bool gone;
} out;

static int complain(const char *what, const char *path)
{
    fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
    return 1;
}

static void flush(void)
{
    size_t written = 0;
    ssize_t put;

    while (written < out.length && !out.gone) {
        put = write(STDOUT_FILENO, out.bytes + written, out.length - written);
        if (put >= 0)
            written += put;
        else
            out.gone = errno != EINTR;
    }
    out.length = 0;
}

static void add(const char *bytes, size_t length)
{
    if (out.length + length > sizeof out.bytes)
        flush();
    memcpy(out.bytes + out.length, bytes, length);
    out.length += length;
}

static bool write_file(const char *name, const char *text)
{
    char path[2 * PATH_LIMIT];
    ssize_t put = -1;
    int fd;

    snprintf(path, sizeof path, "%s/%s", instance, name);
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd >= 0) {
        put = write(fd, text, strlen(text));
        close(fd); /* of a file of the kernel's: keeps errno where write has failed */
    }
    return put == (ssize_t)strlen(text);
}

static void remove_instance(const char *path)
{
    snprintf(instance, sizeof instance, "%s", path);
    write_file("events/enable", "0");
    rmdir(path);
}

static void reap(const char *instances, const char *prefix)
{
    DIR *directory = opendir(instances);
    struct dirent *entry;
    char path[2 * PATH_LIMIT];
    uint64_t started;
    int pid;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        if (sscanf(entry->d_name + strlen(prefix), "%d-%" SCNu64, &pid, &started) != 2)
            continue;
        snprintf(path, sizeof path, "%s/%s", instances, entry->d_name);
        if (start_time_of(pid) != started)
            remove_instance(path);
    }
    if (directory != NULL)
        closedir(directory);
}

static int make_instance(const char *tracefs, const char *prefix)
{
    char instances[PATH_LIMIT / 2];

    snprintf(instances, sizeof instances, "%s/instances", tracefs);
    if (access(instances, F_OK) != 0 && mount("nodev", tracefs, "tracefs", 0, NULL) != 0)
        return complain("there is no tracefs, and it cannot be mounted at", tracefs);
    reap(instances, prefix);
    snprintf(instance, sizeof instance, "%s/%.64s%d-%" PRIu64, instances, prefix, getpid(),
             start_time_of(getpid()));
    return mkdir(instance, 0700) == 0 ? 0 : complain("cannot make", instance);
}

static int configure(char **pairs)
{
    for (; pairs[0] != NULL && pairs[1] != NULL; pairs += 2) {
        bool optional = pairs[0][0] == '?';

        if (!write_file(pairs[0] + optional, pairs[1]) && !(optional && errno == ENOENT))
            return complain("cannot write", pairs[0] + optional);
    }
    return 0;
}

static void add_identity(int task, bool of_machine_too)
{
    struct identity who;
    char line[160];
    int length;

    if (!identify(task, &who) || (who.depth == 1 && !of_machine_too))
        return;
    length = snprintf(line, sizeof line, "identity: %d %d %d %d %" PRIu64 "\n", task, who.process,
                      who.pid, who.depth, who.namespace);
    add(line, length);
}

/* A line of the trace without its newline, ended by NUL; a name in it may have made two of one. */
static void follow_births(const char *line)
{
    static int born;
    unsigned long flags;
    int number, end = -1;
    const char *found = strstr(line, " task_newtask: pid="), *last = NULL;

    if (found != NULL && sscanf(found, " task_newtask: pid=%d comm=", &number) == 1)
        born = number;
    for (found = line; (found = strstr(found, " clone_flags=")) != NULL; found++)
        last = found;
    if (last == NULL || born == 0)
        return;
    sscanf(last, " clone_flags=%lx oom_score_adj=%*d%n", &flags, &end);
    if (end < 0 || last[end] != '\0')
        return;
    if (!(flags & CLONE_A_THREAD))
        add_identity(born, false);
    born = 0;
}

static void take_trace(const char *bytes, size_t length)
{
    static char line[LINE_LIMIT + 1];
    static size_t used;

    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (used < LINE_LIMIT)
                line[used++] = bytes[i];
            continue;
        }
        add(line, used);
        add("\n", 1);
        line[used] = '\0';
        follow_births(line);
        used = 0;
    }
}

/* What is written there comes back in the trace, after all that has happened until now. */
static void mark(int number)
{
    char text[64];

    snprintf(text, sizeof text, "scenario-run mark %d", number);
    write_file("trace_marker", text);
}

/* One a line: the number of a task to say who it is, or `m` and the number of a mark. */
static void take_requests(const char *bytes, size_t length)
{
    static int number;
    static bool is_mark;

    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == 'm') {
            is_mark = true;
        } else if (bytes[i] >= '0' && bytes[i] <= '9' && number < 100000000) {
            number = 10 * number + bytes[i] - '0';
        } else {
            if (number > 0 && is_mark)
                mark(number);
            else if (number > 0)
                add_identity(number, true);
            number = 0;
            is_mark = false;
        }
    }
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static int copy(int pipe, int signals)
{
    static char bytes[PIECE];
    struct pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = pipe, .events = POLLIN},
                               {.fd = signals, .events = POLLIN},
                               {.fd = STDOUT_FILENO}};
    ssize_t got;

    while (!out.gone) {
        if (poll(sources, 4, -1) < 0 && errno != EINTR)
            return complain("cannot wait for", instance);
        if (sources[2].revents != 0 || (sources[3].revents & POLLERR))
            return 0;
        if (sources[0].revents != 0) {
            got = read(STDIN_FILENO, bytes, sizeof bytes);
            if (got == 0 || (got < 0 && !would_block()))
                return 0;
            take_requests(bytes, got > 0 ? got : 0);
        }
        if (sources[1].revents != 0) {
            got = read(pipe, bytes, sizeof bytes);
            if (got < 0 && !would_block())
                return complain("cannot read", instance);
            take_trace(bytes, got > 0 ? got : 0);
        }
        flush();
    }
    return 0;
}

static int open_signals(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    sigaddset(&ends, SIGPIPE);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_and_copy(char **pairs, int signals)
{
    char path[2 * PATH_LIMIT], hello[64];
    struct timespec now;
    int pipe, status = configure(pairs);

    if (status != 0)
        return status;
    snprintf(path, sizeof path, "%s/trace_pipe", instance);
    pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (pipe < 0)
        return complain("cannot open", path);
    clock_gettime(CLOCK_MONOTONIC, &now);
    add(hello, snprintf(hello, sizeof hello, "clock: %" PRId64 "\n",
                        (int64_t)now.tv_sec * 1000000000 + now.tv_nsec));
    flush();
    status = copy(pipe, signals);
    close(pipe);
    return status;
}

int trace_main(int count, char **words)
{
    struct identity own;
    char made[PATH_LIMIT];
    int status, signals = open_signals();

    if (count < 2)
        return 1;
    if (!identify(getpid(), &own) || own.namespace != INITIAL_PID_NAMESPACE) {
        fputs("the engine has a PID namespace of its own, unlike the kernel\n", stderr);
        return 1;
    }
    status = make_instance(words[0], words[1]);
    if (status != 0)
        return status;
    snprintf(made, sizeof made, "%s", instance);
    status = open_and_copy(words + 2, signals);
    remove_instance(made);
    return status;
}
