/*
 * The probe: scenario-run's eyes and hands inside a container's PID namespace.
 *
 * It sends signals as a process of the same namespace, and reports every process with its
 * masks. One request a line on standard input, one line an answer on standard output;
 * README.md describes both. It ends, with status 0, when its input or output does.
 *
 * It is not dumpable (prctl(2)): other processes of the container can neither open its input and
 * output through /proc nor trace it, unless they have CAP_SYS_PTRACE.
 *
 * Single-threaded, so that a request and a snapshot never run into each other.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "look.h"
#include "request.h"
#include "trace.h"

static const int64_t NS_PER_S = 1000000000, NS_PER_MS = 1000000;

/* No process is in this group: to become a member is a change of credentials. */
static const gid_t OWN_GROUP = 64523;

static struct look look;

static struct {
    int64_t period_ns; /* 0: not watching */
    int64_t next_ns;
    bool told; /* `fingerprint` is that of the snapshot last written */
    uint64_t fingerprint;
} watch;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The C library's own call would leave out the two signals it keeps to itself. */
static void block_every_signal(void)
{
    const uint64_t every = UINT64_MAX;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, NULL, sizeof every);
}

/*
 * Make the file set-group-ID and not readable: a change of credentials makes execve(2) itself begin a
 * process that is not dumpable. Not where set-group-ID does not count (no_new_privs, a mount with
 * nosuid): there others have the time until main() begins.
 */
static int seal(const char *path)
{
    if (chown(path, 0, OWN_GROUP) == 0 && chmod(path, S_ISGID | 0111) == 0)
        return 0;
    perror(path);
    return 1;
}

/* Go back to the group that the container has; and be not dumpable however the file is installed. */
static void close_to_others(void)
{
    if (setresgid(getgid(), getgid(), getgid()) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        _exit(1);
}

/* FNV-1a */
static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
    return hash;
}

/* Running, sleeping, waiting for a disk and idle come and go all the time: one class. */
static char state_class(char state)
{
    return strchr("RSDI", state) != NULL ? 'S' : state;
}

static uint64_t mix_process(uint64_t hash, const struct process *process)
{
    const uint64_t facts[] = {
        process->pid,         process->ppid,     process->start,       state_class(process->state),
        process->blk,         process->ign,      process->cgt,         process->pnd,
        process->shdpnd,      process->argv_cut, process->argv_length, process->thread_count,
    };

    hash = mix(hash, facts, sizeof facts);
    hash = mix(hash, process->comm, strlen(process->comm) + 1);
    hash = mix(hash, process->argv, process->argv_length);
    for (size_t i = 0; i < process->thread_count; i++) {
        const struct thread *thread = &process->threads[i];
        const uint64_t thread_facts[] = {thread->tid, thread->blk, thread->pnd};

        hash = mix(hash, thread_facts, sizeof thread_facts);
    }
    return hash;
}

/* Equal for two snapshots between which nothing changed that a watcher is told about. */
static uint64_t fingerprint_of(const struct look *seen)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < seen->count; i++)
        hash = mix_process(hash, &seen->processes[i]);
    return hash;
}

static void refuse_look(struct request *request)
{
    snprintf(request->error, sizeof request->error, "/proc cannot be listed: %s",
             errno_name(errno));
    answer_error(request, now_ns());
}

static void watch_once(void)
{
    struct request unasked = {.kind = REQUEST_WATCH};
    int64_t now = now_ns();
    uint64_t fingerprint;

    if (!look_at_processes(&look)) {
        watch.period_ns = 0;
        refuse_look(&unasked);
        return;
    }
    fingerprint = fingerprint_of(&look);
    if (!watch.told || fingerprint != watch.fingerprint) {
        look_closer(&look);
        answer_look(NULL, now, &look);
    }
    watch.told = true;
    watch.fingerprint = fingerprint;
    /* Counted from now: a snapshot that takes longer than the period must not pile up. */
    watch.next_ns = now_ns() + watch.period_ns;
}

static void answer_with_look(struct request *request)
{
    int64_t now = now_ns();

    if (!look_at_processes(&look)) {
        refuse_look(request);
        return;
    }
    look_closer(&look);
    answer_look(request, now, &look);
}

/* A signal to the probe or its group tests nothing, and SIGKILL or SIGSTOP would end the case. */
static bool is_meant_for_probe(const struct request *request)
{
    pid_t self = getpid();

    if (request->kind == REQUEST_TGKILL)
        return request->tgid == self;
    return request->pid == 0 || request->pid == self || request->pid == -self;
}

/* The errno of sending this signal to the target of the request; 0 when it was accepted. */
static int send_signal(const struct request *request, int signal)
{
    const union sigval value = {.sival_int = (int)request->value};
    int result;

    switch (request->kind) {
    case REQUEST_TGKILL:
        result = syscall(SYS_tgkill, (int)request->tgid, (int)request->tid, signal);
        break;
    case REQUEST_QUEUE:
        result = sigqueue(request->pid, signal, value);
        break;
    default:
        result = kill(request->pid, signal);
    }
    return result == 0 ? 0 : errno;
}

static void answer_with_signal(struct request *request)
{
    int64_t before, after;
    int number;

    if (is_meant_for_probe(request)) {
        snprintf(request->error, sizeof request->error, "that is the probe itself");
        answer_error(request, now_ns());
        return;
    }
    /*
     * A signal that ends init ends us too, often before we get to run again (1 time in 40 on a
     * busy machine). Signal 0 asks for the same permission and is answered in any case.
     */
    answer_permission(request, now_ns(), send_signal(request, 0));
    before = now_ns();
    number = send_signal(request, (int)request->signal);
    after = now_ns();
    answer_sent(request, before, after, number);
}

static void obey(struct request *request)
{
    switch (request->kind) {
    case REQUEST_QUIT:
        _exit(0);
    case REQUEST_LOOK:
        answer_with_look(request);
        return;
    case REQUEST_WATCH:
        watch.period_ns = request->period_ms * NS_PER_MS;
        watch.next_ns = now_ns();
        watch.told = false;
        return;
    default:
        answer_with_signal(request);
    }
}

/* The first line must give the secret. Whoever has sent another one does not speak our language. */
static void be_introduced(const char *line)
{
    static const char WORD[] = "secret ", DIGITS[] = "0123456789abcdef";
    struct request request = {.error = "the first line must be: secret HEX"};
    const char *secret = line + strlen(WORD);

    if (strncmp(line, WORD, strlen(WORD)) != 0 || *secret == '\0' ||
        strlen(secret) > SECRET_LIMIT || strspn(secret, DIGITS) != strlen(secret)) {
        answer_error(&request, now_ns());
        _exit(1);
    }
    answer_with_secret(secret);
    answer_hello(getpid(), now_ns());
}

/* Take one more byte of input; a line is obeyed at its newline. */
static void take_byte(char byte)
{
    static char line[REQUEST_LIMIT + 1]; /* with room for a NUL */
    static size_t length;
    static bool introduced;
    struct request request = {.has_id = false};

    if (byte != '\n') {
        if (length < REQUEST_LIMIT)
            line[length] = byte;
        length += length <= REQUEST_LIMIT; /* one more than the limit means: too long */
        return;
    }
    line[length <= REQUEST_LIMIT ? length : REQUEST_LIMIT] = '\0';
    if (!introduced) {
        be_introduced(line);
        introduced = true;
    } else if (length > REQUEST_LIMIT) {
        snprintf(request.error, sizeof request.error, "a line over %d bytes", REQUEST_LIMIT);
        answer_error(&request, now_ns());
    } else if (parse_request(line, length, &request)) {
        obey(&request);
    } else {
        answer_error(&request, now_ns());
    }
    length = 0;
}

static void take_input(void)
{
    char bytes[4096];
    ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);

    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        _exit(0);
    for (ssize_t i = 0; i < got; i++)
        take_byte(bytes[i]);
}

/* True: there is input, or its end. False: it is time to look, or SIGCONT came after SIGSTOP. */
static bool wait_for_input(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    struct timespec timeout = {0};
    int64_t left_ns = watch.next_ns - now_ns();

    if (left_ns > 0) {
        timeout.tv_sec = left_ns / NS_PER_S;
        timeout.tv_nsec = left_ns % NS_PER_S;
    }
    return ppoll(&input, 1, watch.period_ns > 0 ? &timeout : NULL, NULL) > 0;
}

/* `shared`: mark processes of other containers. `own`: leave them out. */
static enum company company_of(const char *word)
{
    if (word == NULL)
        return COMPANY_NONE;
    return strcmp(word, "shared") == 0 ? COMPANY_SHOWN : COMPANY_LEFT_OUT;
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "seal") == 0)
        return seal(words[0]);
    close_to_others();
    if (count > 1 && strcmp(words[1], "trace") == 0)
        return trace_main(count - 2, words + 2);
    look.company = company_of(count > 1 ? words[1] : NULL);
    block_every_signal();
    setsid(); /* fails where the runtime has made a session of it already: as good */
    for (;;) {
        if (wait_for_input())
            take_input();
        if (watch.period_ns > 0 && now_ns() >= watch.next_ns)
            watch_once();
    }
}
