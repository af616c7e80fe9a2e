/*
 * Writes JSON by hand: a line is put together in one buffer, then written. Whoever reads the
 * answers may be gone at any time; then there is nobody left to work for, and the probe leaves.
 *
 * Before the JSON stand the secret of the run and the length of the JSON. Another process that
 * writes to our output cannot know the first, and what it writes in between does not fit the second.
 */
#define _GNU_SOURCE
#include "answer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char secret[SECRET_LIMIT + 1];

/* The one line in the making */
static struct {
    char *bytes;
    size_t length;
    size_t room;
} line;

static char *make_room(size_t size)
{
    if (line.length + size > line.room) {
        line.room = 2 * (line.length + size);
        line.bytes = need_memory(line.bytes, line.room);
    }
    return line.bytes + line.length;
}

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    enum { LONGEST = 512 }; /* of the formats below, strings going through add_string */
    char *end = make_room(LONGEST);
    va_list values;

    va_start(values, format);
    line.length += vsnprintf(end, LONGEST, format, values);
    va_end(values);
}

/* Any bytes: those above 0x7f become the code points of the same number (latin-1). */
static void add_string(const char *bytes, size_t length)
{
    char *start = make_room(2 + 6 * length + 1), *end = start;

    *end++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = bytes[i];

        if (byte < 0x20 || byte >= 0x7f)
            end += sprintf(end, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\')
            end += sprintf(end, "\\%c", byte);
        else
            *end++ = byte;
    }
    *end++ = '"';
    line.length += end - start;
}

static void add_mask(const char *name, uint64_t mask)
{
    add("\"%s\":\"%016" PRIx64 "\"", name, mask);
}

/* Put "SECRET LENGTH " in front of the JSON. */
static void add_head(void)
{
    char head[SECRET_LIMIT + 32];
    size_t length = snprintf(head, sizeof head, "%s %zu ", secret, line.length);

    make_room(length);
    memmove(line.bytes + length, line.bytes, line.length);
    memcpy(line.bytes, head, length);
    line.length += length;
}

static void write_line(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    size_t written = 0;
    ssize_t put;

    add_head();
    add("\n");
    while (written < line.length) {
        put = write(STDOUT_FILENO, line.bytes + written, line.length - written);
        if (put >= 0)
            written += put;
        else if (errno == EAGAIN) /* the other end may have made the pipe non-blocking */
            poll(&output, 1, -1);
        else if (errno != EINTR)
            _exit(0);
    }
    line.length = 0;
}

const char *errno_name(int number)
{
    static char unknown[16];
    const char *name = strerrorname_np(number);

    if (number == 0)
        return "";
    if (name != NULL)
        return name;
    snprintf(unknown, sizeof unknown, "E%d", number);
    return unknown;
}

void answer_with_secret(const char *word)
{
    snprintf(secret, sizeof secret, "%s", word);
}

void answer_hello(int pid, int64_t now_ns)
{
    add("{\"hello\":1,\"pid\":%d,\"now\":%" PRId64 "}", pid, now_ns);
    write_line();
}

void answer_permission(const struct request *request, int64_t now_ns, int number)
{
    add("{\"id\":%" PRId64 ",\"now\":%" PRId64 ",\"permission\":\"%s\"}", request->id, now_ns,
        errno_name(number));
    write_line();
}

void answer_sent(const struct request *request, int64_t now_ns, int64_t done_ns, int number)
{
    add("{\"id\":%" PRId64 ",\"now\":%" PRId64 ",\"done\":%" PRId64 ",\"errno\":\"%s\"}",
        request->id, now_ns, done_ns, errno_name(number));
    write_line();
}

void answer_error(const struct request *request, int64_t now_ns)
{
    add("{");
    if (request->has_id)
        add("\"id\":%" PRId64 ",", request->id);
    add("\"error\":");
    add_string(request->error, strlen(request->error));
    add(",\"now\":%" PRId64 "}", now_ns);
    write_line();
}

static void add_argv(const struct process *process)
{
    const char *word = process->argv, *end = process->argv + process->argv_length;
    size_t length;

    add(",\"argv\":[");
    while (word < end) {
        length = strnlen(word, end - word);
        if (word > process->argv)
            add(",");
        add_string(word, length);
        word += length + 1;
    }
    add("]");
    if (process->argv_cut)
        add(",\"argv_cut\":true");
    add(",\"exe\":");
    add_string(process->exe, strlen(process->exe));
}

static void add_masks(const struct process *process)
{
    const struct {
        const char *name;
        uint64_t mask;
    } masks[] = {{"blk", process->blk},
                 {"ign", process->ign},
                 {"cgt", process->cgt},
                 {"pnd", process->pnd},
                 {"shdpnd", process->shdpnd}};

    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        add(",");
        add_mask(masks[i].name, masks[i].mask);
    }
}

static void add_signalfds(const struct process *process)
{
    if (process->signalfd_count == 0)
        return;
    add(",\"signalfd\":[");
    for (size_t i = 0; i < process->signalfd_count; i++)
        add("%s{\"fd\":%d,\"mask\":\"%016" PRIx64 "\"}", i > 0 ? "," : "", process->signalfd[i].fd,
            process->signalfd[i].mask);
    add("]");
}

static void add_waiting(const struct waiting *waiting)
{
    if (waiting->denied)
        add(",\"may_wait\":true");
    if (!waiting->waits)
        return;
    add(",\"waits\":true");
    if (waiting->set_is_known) {
        add(",");
        add_mask("waits_for", waiting->set);
    }
}

static void add_threads(const struct process *process)
{
    if (process->thread_count == 0)
        return;
    add(",\"threads\":[");
    for (size_t i = 0; i < process->thread_count; i++) {
        add("%s{\"tid\":%d,", i > 0 ? "," : "", process->threads[i].tid);
        add_mask("blk", process->threads[i].blk);
        add(",");
        add_mask("pnd", process->threads[i].pnd);
        add_waiting(&process->threads[i].waiting);
        add("}");
    }
    add("]");
}

static void add_process(const struct process *process)
{
    char state = process->denied ? '?' : process->state;

    add("{\"pid\":%d,\"ppid\":%d,\"pgid\":%d,\"sid\":%d,\"state\":", process->pid, process->ppid,
        process->pgid, process->sid);
    add_string(&state, 1);
    add(",\"comm\":");
    add_string(process->comm, strlen(process->comm));
    add_argv(process);
    add(",\"uid\":%" PRIu32 ",\"start\":%" PRIu64 ",\"tracer\":%d", process->uid, process->start,
        process->tracer);
    add_masks(process);
    add(",\"syscall\":%ld,\"wchan\":", process->syscall);
    add_string(process->wchan, strlen(process->wchan));
    add_waiting(&process->waiting);
    add_signalfds(process);
    add_threads(process);
    add("%s%s}", process->foreign ? ",\"foreign\":true" : "",
        process->denied ? ",\"denied\":true" : "");
}

void answer_look(const struct request *request, int64_t now_ns, const struct look *look)
{
    add("{");
    if (request != NULL)
        add("\"id\":%" PRId64 ",", request->id);
    add("\"now\":%" PRId64 ",\"processes\":[", now_ns);
    for (size_t i = 0; i < look->count; i++) {
        if (i > 0)
            add(",");
        add_process(&look->processes[i]);
    }
    add("]}");
    write_line();
}
