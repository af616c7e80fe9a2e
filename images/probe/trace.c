/*
 * Two instances of our own in tracefs, set up as the runner says, and copied to standard output.
 * After the birth of each process that may be of a container a line says who that is.
 */
#define _GNU_SOURCE
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "identity.h"
#include "instance.h"
#include "tasks.h"

#define LINE_LIMIT 8192
#define PIECE 65536
#define INSTANCES 2
#define MOST_PIECES 64 /* of one instance, before the other is read */

static const uint64_t INITIAL_PID_NAMESPACE = 0xEFFFFFFC; /* PROC_PID_INIT_INO */
static const unsigned long CLONE_A_THREAD = 0x10000;

/* An instance, and the line of its pipe that is not whole yet. */
static struct source {
    char instance[PATH_LIMIT];
    int pipe;
    bool drained;
    char line[LINE_LIMIT + 1];
    size_t used;
} sources[INSTANCES];

static const char *engine_names;
static bool engine_only;

/* What goes out at the next flush; `gone`: nobody reads any more. */
static struct {
    char bytes[4 * PIECE];
    size_t length;
    bool gone;
} out;

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

static void add_identity(int task, bool with_cgroup)
{
    char line[CGROUP_LIMIT + 192], cgroup[CGROUP_LIMIT] = "-";
    struct identity who;
    int length;

    if (with_cgroup)
        read_cgroup(task, cgroup);
    if (!identify(task, &who))
        return;
    if (who.ended)
        strcpy(cgroup, "-");
    length = snprintf(line, sizeof line, "identity: %d %d %d %d %" PRIu64 " %" PRIu64 " %s\n", task,
                      who.process, who.pid, who.depth, who.namespace, started_ns(task), cgroup);
    add(line, length);
}

/*
 * Processes of a runtime of containers on their way to their program. They may be in the machine's
 * own PID namespace; in which cgroup they belong is known when they get there.
 */
static int starting[256];

static void add_newborn(int task, bool of_runtime)
{
    uint64_t namespace;

    static size_t next;

    if (of_runtime)
        starting[next++ % (sizeof starting / sizeof *starting)] = task;
    if (of_runtime || (read_namespace(task, &namespace) && namespace != INITIAL_PID_NAMESPACE))
        add_identity(task, false);
}

static void follow_execs(const char *line)
{
    const char *found = strstr(line, " sched_process_exec: "), *last = NULL;
    int task, end = -1;

    for (; found != NULL && (found = strstr(found, " pid=")) != NULL; found++)
        last = found;
    if (last == NULL || sscanf(last, " pid=%d old_pid=%*d%n", &task, &end) != 1)
        return;
    for (size_t i = 0; end > 0 && last[end] == '\0' && i < sizeof starting / sizeof *starting; i++)
        if (starting[i] == task) {
            starting[i] = 0;
            add_identity(task, true);
        }
}

/* The processes that were born last. */
static int latest[4096];

/* A line of the trace without its newline, ended by NUL; a name in it may have made two of one. */
static void follow_births(const char *line)
{
    static size_t next;
    static int born;
    static bool of_runtime;
    unsigned long flags;
    int number, end = -1;
    const char *found = strstr(line, " task_newtask: pid="), *last = NULL;

    if (found != NULL)
        sscanf(found, " task_newtask: pid=%d comm=%n", &number, &end);
    if (end > 0) {
        found += end;
        born = number;
        of_runtime = strncmp(found, "runc:[", 6) == 0 || strncmp(found, "crun ", 5) == 0;
    }
    for (found = line; (found = strstr(found, " clone_flags=")) != NULL; found++)
        last = found;
    if (last == NULL || born == 0)
        return;
    end = -1;
    sscanf(last, " clone_flags=%lx oom_score_adj=%*d%n", &flags, &end);
    if (end < 0 || last[end] != '\0')
        return;
    if (!(flags & CLONE_A_THREAD)) {
        latest[next++ % (sizeof latest / sizeof *latest)] = born;
        add_newborn(born, of_runtime);
    }
    born = 0;
}

/* A question of ours has come back in its turn. */
static void follow_questions(const char *line)
{
    const char *found = strstr(line, ": scenario-run who ");
    int task, end = -1;

    if (found == NULL || sscanf(found, ": scenario-run who %d %n", &task, &end) != 1)
        return;
    if (end < 0 || found[end] != '\0')
        return;
    add_identity(task, true);
    for (size_t i = 0; i < sizeof latest / sizeof *latest; i++)
        if (latest[i] == task)
            return;
    if (engine_only) /* it may be from a process of the engine's that has begun since */
        record_engine(sources[0].instance, engine_names);
}

static void take_trace(struct source *from, const char *bytes, size_t length)
{
    const char tag[] = {'1' + (from - sources), ' '};

    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (from->used < LINE_LIMIT)
                from->line[from->used++] = bytes[i];
            continue;
        }
        add(tag, sizeof tag);
        add(from->line, from->used);
        add("\n", 1);
        from->line[from->used] = '\0';
        from->used = 0;
        if (from == sources) {
            follow_births(from->line);
            follow_execs(from->line);
            follow_questions(from->line);
        }
    }
}

/* What is written there comes back in the trace, after all that has happened until now. */
static void mark(const char *what, int number)
{
    char text[64];

    snprintf(text, sizeof text, "scenario-run %s %d", what, number);
    write_file(sources[0].instance, "trace_marker", text);
}

static void take_request(char kind, int number)
{
    const char *const instances[] = {sources[0].instance, sources[1].instance};

    if (kind == 'm')
        mark("mark", number);
    else if (kind == 'x')
        leave_out(number, instances, INSTANCES);
    else
        mark("who", number);
}

/* One a line: a task to say who it is, `m` and a number of a mark, `x` and a task to leave out. */
static void take_requests(const char *bytes, size_t length)
{
    static int number;
    static char kind;

    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == 'm' || bytes[i] == 'x') {
            kind = bytes[i];
        } else if (bytes[i] >= '0' && bytes[i] <= '9' && number < 100000000) {
            number = 10 * number + bytes[i] - '0';
        } else {
            if (number > 0)
                take_request(kind, number);
            number = 0;
            kind = '\0';
        }
    }
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Says whether there was anything. */
static bool read_source(struct source *from)
{
    static char bytes[PIECE];
    ssize_t got;

    from->drained = false;
    for (int i = 0; i < MOST_PIECES; i++) {
        got = read(from->pipe, bytes, sizeof bytes);
        if (got <= 0) {
            from->drained = true;
            return i > 0;
        }
        take_trace(from, bytes, got);
    }
    return true;
}

/*
 * Whatever is older than now is found in the first or, if it came meanwhile by what was found
 * there, in the second.
 */
static bool read_sources(void)
{
    uint64_t now = monotonic_ns();
    bool any = read_source(&sources[0]);
    char line[64];

    any |= read_source(&sources[1]);
    add(line, snprintf(line, sizeof line, "until: %" PRIu64 " %d %d\n", now, sources[0].drained,
                       sources[1].drained));
    flush();
    return any;
}

static int copy(int signals)
{
    static char bytes[PIECE];
    struct pollfd ready[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = signals, .events = POLLIN},
                             {.fd = STDOUT_FILENO},
                             {.fd = sources[0].pipe, .events = POLLIN},
                             {.fd = sources[1].pipe, .events = POLLIN}};
    bool more = true;
    ssize_t got;

    while (!out.gone) {
        if (poll(ready, 5, more ? 0 : -1) < 0 && errno != EINTR)
            return complain("cannot wait for", sources[0].instance);
        if (ready[1].revents != 0 || (ready[2].revents & POLLERR))
            return 0;
        if (ready[0].revents != 0) {
            got = read(STDIN_FILENO, bytes, sizeof bytes);
            if (got == 0 || (got < 0 && !would_block()))
                return 0;
            take_requests(bytes, got > 0 ? got : 0);
        }
        more = read_sources();
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

static bool open_pipe(struct source *from)
{
    char path[2 * PATH_LIMIT];

    snprintf(path, sizeof path, "%s/trace_pipe", from->instance);
    from->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (from->pipe < 0)
        complain("cannot open", path);
    return from->pipe >= 0;
}

static int open_and_copy(char **pairs, int signals)
{
    bool syscalls = true;
    char hello[64];

    engine_only = record_engine(sources[0].instance, engine_names);
    leave_out_reader(sources[0].instance);
    for (int i = 0; i < INSTANCES; i++) {
        pairs = configure(sources[i].instance, pairs, &syscalls);
        if (pairs == NULL || !open_pipe(&sources[i]))
            return 1;
    }
    add(hello, snprintf(hello, sizeof hello, "clock: %" PRIu64 "\nscope: %d %d\n", monotonic_ns(),
                        engine_only, syscalls));
    flush();
    return copy(signals);
}

int trace_main(int count, char **words)
{
    struct identity own;
    int status, signals = open_signals();

    if (count < 4)
        return 1;
    if (!identify(getpid(), &own) || own.namespace != INITIAL_PID_NAMESPACE) {
        fputs("the engine has a PID namespace of its own, unlike the kernel\n", stderr);
        return 1;
    }
    engine_names = words[3];
    status = make_instance(words[0], words[1], sources[0].instance);
    if (status == 0)
        status = make_instance(words[0], words[2], sources[1].instance);
    if (status == 0)
        status = open_and_copy(words + 4, signals);
    for (int i = 0; i < INSTANCES; i++) {
        if (sources[i].pipe > 0)
            close(sources[i].pipe);
        if (sources[i].instance[0] != '\0')
            remove_instance(sources[i].instance);
    }
    return status;
}
