/*
 * Reads /proc. Whatever is gone or denied by the time it is read degrades that one
 * fact or process, never the snapshot as a whole. Formats: proc(5).
 */
#define _GNU_SOURCE
#include "look.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_file.h"
#include "waiting.h"

enum reading { READ, GONE, DENIED };

void *need_memory(void *block, size_t size)
{
    void *memory = realloc(block, size);

    if (memory == NULL)
        _exit(1);
    return memory;
}

static enum reading why_unread(void)
{
    return errno == EACCES || errno == EPERM ? DENIED : GONE;
}

static DIR *open_directory(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? NULL : fdopendir(fd);
}

/* The next entry that is a number (a process, thread or descriptor), or NULL. */
static const char *next_number(DIR *directory)
{
    struct dirent *entry;

    while ((entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            return entry->d_name;
    return NULL;
}

static enum reading read_stat(int directory, struct process *process, int *thread_count)
{
    char text[1024];
    const char *comm, *end;
    int fields;

    if (read_file(directory, "stat", text, sizeof text) < 0)
        return why_unread();
    /* comm may hold ')' itself; what follows it never does. */
    comm = strchr(text, '(');
    end = strrchr(text, ')');
    if (comm == NULL || end == NULL)
        return GONE;
    snprintf(process->comm, sizeof process->comm, "%.*s", (int)(end - comm - 1), comm + 1);
    fields = sscanf(end + 1,
                    " %c %d %d %d"                                          /* to session */
                    "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s" /* to nice */
                    "%d %*s %" SCNu64,
                    &process->state, &process->ppid, &process->pgid, &process->sid, thread_count,
                    &process->start);
    return fields == 6 ? READ : GONE;
}

static enum reading read_status(int directory, struct process *process)
{
    char text[STATUS_LIMIT];
    const char *uid, *tracer;

    if (read_file(directory, "status", text, sizeof text) < 0)
        return why_unread();
    uid = strstr(text, "\nUid:");
    tracer = strstr(text, "\nTracerPid:");
    if (uid == NULL || sscanf(uid, "\nUid: %*u %" SCNu32, &process->uid) != 1)
        return GONE;
    if (tracer == NULL || sscanf(tracer, "\nTracerPid: %d", &process->tracer) != 1)
        return GONE;
    return find_mask(text, "\nSigPnd:", &process->pnd) &&
                   find_mask(text, "\nShdPnd:", &process->shdpnd) &&
                   find_mask(text, "\nSigBlk:", &process->blk) &&
                   find_mask(text, "\nSigIgn:", &process->ign) &&
                   find_mask(text, "\nSigCgt:", &process->cgt)
               ? READ
               : GONE;
}

static void read_argv(int directory, struct process *process)
{
    char text[ARGV_LIMIT + 2]; /* one byte more than is kept tells whether there is more */
    ssize_t length = read_file(directory, "cmdline", text, sizeof text);

    if (length < 0)
        length = 0;
    process->argv_cut = length > ARGV_LIMIT;
    process->argv_length = process->argv_cut ? ARGV_LIMIT : (size_t)length;
    memcpy(process->argv, text, process->argv_length);
}

static void read_exe(int directory, struct process *process)
{
    ssize_t length = readlinkat(directory, "exe", process->exe, sizeof process->exe);

    process->exe[length < 0 || (size_t)length == sizeof process->exe ? 0 : length] = '\0';
}

static bool read_thread(int directory, const char *tid, struct thread *thread)
{
    char name[64], text[STATUS_LIMIT];

    snprintf(name, sizeof name, "task/%.20s/status", tid);
    thread->tid = atoi(tid);
    return read_file(directory, name, text, sizeof text) >= 0 &&
           find_mask(text, "\nSigBlk:", &thread->blk) &&
           find_mask(text, "\nSigPnd:", &thread->pnd);
}

static void read_threads(int directory, struct process *process)
{
    DIR *tasks = open_directory(directory, "task");
    const char *tid;
    struct thread thread = {0};

    if (tasks == NULL)
        return;
    while ((tid = next_number(tasks)) != NULL) {
        if (!read_thread(directory, tid, &thread))
            continue;
        process->threads =
            need_memory(process->threads, (process->thread_count + 1) * sizeof thread);
        process->threads[process->thread_count++] = thread;
    }
    closedir(tasks);
}

/* A container's processes are all in its cgroup, and so are we. */
static bool is_foreign(int directory)
{
    static char own[STATUS_LIMIT];
    char text[STATUS_LIMIT];

    if (own[0] == '\0')
        read_file(AT_FDCWD, "/proc/self/cgroup", own, sizeof own);
    return read_file(directory, "cgroup", text, sizeof text) >= 0 && strcmp(text, own) != 0;
}

static enum reading read_process(int proc, const char *name, enum company company,
                                 struct process *process)
{
    int thread_count = 0;
    enum reading reading;
    /* Held open: a second process that gets the same number cannot mix in. */
    int directory = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return why_unread();
    process->foreign = company != COMPANY_NONE && is_foreign(directory);
    reading = process->foreign && company == COMPANY_LEFT_OUT
                  ? GONE
                  : read_stat(directory, process, &thread_count);
    if (reading == READ)
        reading = read_status(directory, process);
    if (reading == READ) {
        read_argv(directory, process);
        read_exe(directory, process);
        if (thread_count > 1)
            read_threads(directory, process);
    }
    close(directory);
    return reading;
}

static int by_pid(const void *left, const void *right)
{
    int a = ((const struct process *)left)->pid, b = ((const struct process *)right)->pid;

    return (a > b) - (a < b);
}

static void add_process(struct look *look, int proc, const char *name)
{
    struct process *process;
    enum reading reading;

    if (look->count == look->room) {
        look->room += 16;
        look->processes = need_memory(look->processes, look->room * sizeof *look->processes);
    }
    process = &look->processes[look->count];
    memset(process, 0, sizeof *process);
    process->pid = atoi(name);
    process->syscall = -1;
    reading = read_process(proc, name, look->company, process);
    process->denied = reading == DENIED;
    look->count += reading != GONE;
}

bool look_at_processes(struct look *look)
{
    DIR *proc = opendir("/proc");
    const char *name;

    for (size_t i = 0; i < look->count; i++)
        free(look->processes[i].threads);
    look->count = 0;
    if (proc == NULL)
        return false;
    while ((name = next_number(proc)) != NULL)
        if (atoi(name) != getpid())
            add_process(look, dirfd(proc), name);
    closedir(proc);
    if (look->count > 0)
        qsort(look->processes, look->count, sizeof *look->processes, by_pid);
    return true;
}

/* The mask of descriptor `fd` if that is a signalfd. */
static bool read_signalfd(int directory, const char *fd, uint64_t *mask)
{
    static const char SIGNALFD[] = "anon_inode:[signalfd]";
    char name[64], text[1024];
    ssize_t length;

    /* Following the link is cheaper than fdinfo, but may be denied where fdinfo is not. */
    snprintf(name, sizeof name, "fd/%.20s", fd);
    length = readlinkat(directory, name, text, sizeof text);
    if (length >= 0 && (length != sizeof SIGNALFD - 1 || memcmp(text, SIGNALFD, length) != 0))
        return false;
    snprintf(name, sizeof name, "fdinfo/%.20s", fd);
    return read_file(directory, name, text, sizeof text) >= 0 &&
           find_mask(text, "\nsigmask:", mask);
}

static void read_signalfds(int directory, struct process *process)
{
    DIR *fdinfo = open_directory(directory, "fdinfo");
    const char *fd;
    uint64_t mask;

    if (fdinfo == NULL)
        return;
    while (process->signalfd_count < SIGNALFD_LIMIT && (fd = next_number(fdinfo)) != NULL)
        if (read_signalfd(directory, fd, &mask))
            process->signalfd[process->signalfd_count++] =
                (struct signalfd){.fd = atoi(fd), .mask = mask};
    closedir(fdinfo);
}

static void find_waiting_threads(int directory, struct process *process)
{
    char name[64];
    int task;

    for (size_t i = 0; i < process->thread_count; i++) {
        struct thread *thread = &process->threads[i];

        snprintf(name, sizeof name, "task/%d", thread->tid);
        task = openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (task < 0)
            continue;
        read_waiting(task, &thread->waiting, &thread->blk);
        close(task);
    }
}

void look_closer(struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        struct process *process = &look->processes[i];
        char text[256];
        int directory;

        snprintf(text, sizeof text, "/proc/%d", process->pid);
        directory = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0)
            continue;
        process->syscall = read_waiting(directory, &process->waiting, &process->blk);
        find_waiting_threads(directory, process);
        /* "0" stands for running and for denied alike. */
        if (read_file(directory, "wchan", text, sizeof text) > 0 && strcmp(text, "0") != 0)
            snprintf(process->wchan, sizeof process->wchan, "%.*s", NAME_LIMIT - 1, text);
        read_signalfds(directory, process);
        close(directory);
    }
}
