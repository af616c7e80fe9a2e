#define _GNU_SOURCE
#include "tasks.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identity.h"

#define PATH_LIMIT 1024
#define TEXT_LIMIT 8192 /* in one write: each lets the kernel wait until all processors know it */
#define MOST_TASKS (1 << 22) /* PID_MAX_LIMIT */

static const int CONTAINER_DEPTH = 2;

/* What tasks are written to, those written, and those not written yet. */
static struct {
    const char *const *instances;
    int count;
    const char *file;
    uint8_t done[MOST_TASKS / 8];
    char text[TEXT_LIMIT];
    size_t length;
} list;

static bool is_wanted(int process, const char *names, uint64_t namespace)
{
    char comm[32], path[64];
    const char *found;
    uint64_t own;
    ssize_t got = -1;
    int fd;

    if (names == NULL)
        return read_namespace(process, &own) && own == namespace;
    if (process == getpid())
        return true;
    snprintf(path, sizeof path, "/proc/%d/comm", process);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, comm, sizeof comm - 1);
        close(fd);
    }
    if (got < 2)
        return false;
    comm[got - 1] = '\0'; /* a newline */
    for (found = names; (found = strstr(found, comm)) != NULL; found++) {
        char after = found[strlen(comm)];

        if ((found == names || found[-1] == ',') && (after == ',' || after == '\0'))
            return true;
    }
    return false;
}

static void write_out(void)
{
    char path[PATH_LIMIT];
    int fd;

    for (int i = 0; i < list.count && list.length > 0; i++) {
        snprintf(path, sizeof path, "%s/%s", list.instances[i], list.file);
        fd = open(path, O_WRONLY | O_CLOEXEC); /* one that is truncated forgets the others */
        if (fd >= 0) {
            if (write(fd, list.text, list.length) < 0)
                perror(path);
            close(fd);
        }
    }
    list.length = 0;
}

static bool add_task(int task)
{
    if (task <= 0 || task >= MOST_TASKS || (list.done[task / 8] & (1 << task % 8)))
        return false;
    list.done[task / 8] |= 1 << task % 8;
    if (list.length > TEXT_LIMIT - 16)
        write_out();
    list.length += snprintf(list.text + list.length, 16, "%d ", task);
    return true;
}

static bool add_tasks_of(int process)
{
    char path[64];
    struct dirent *entry;
    bool more = false;
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%d/task", process);
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        more |= add_task(atoi(entry->d_name));
    if (directory != NULL)
        closedir(directory);
    return more;
}

/* Says whether there was one that was not written before. */
static bool add_wanted(const char *names, uint64_t namespace)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    bool more = false;

    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        int process = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

        if (process > 0 && is_wanted(process, names, namespace))
            more |= add_tasks_of(process);
    }
    if (processes != NULL)
        closedir(processes);
    write_out();
    return more;
}

/* Until there are no more: from then on the kernel adds their children itself. */
static void write_all(const char *names, uint64_t namespace)
{
    memset(list.done, 0, sizeof list.done);
    list.length = 0;
    while (add_wanted(names, namespace))
        ;
}

static bool any_other_wanted(const char *names)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    bool found = false;

    while (processes != NULL && !found && (entry = readdir(processes)) != NULL) {
        int process = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

        found = process > 0 && process != getpid() && is_wanted(process, names, 0);
    }
    if (processes != NULL)
        closedir(processes);
    return found;
}

bool record_engine(const char *instance, const char *names)
{
    if (!any_other_wanted(names))
        return false;
    list.instances = &instance;
    list.count = 1;
    list.file = "set_event_pid";
    write_all(names, 0);
    return true;
}

void leave_out(int task, const char *const *instances, int count)
{
    struct identity who;

    if (!identify(task, &who) || who.depth != CONTAINER_DEPTH)
        return;
    list.instances = instances;
    list.count = count;
    list.file = "set_event_notrace_pid";
    write_all(NULL, who.namespace);
}
