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

/* What tasks are written to, those that are wanted, one bit each, and those not written yet. */
static struct {
    const char *const *instances;
    int count;
    const char *file;
    uint8_t wanted[MOST_TASKS / 8];
    char text[TEXT_LIMIT];
    size_t length;
    bool refused; /* by the kernel */
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
            if (write(fd, list.text, list.length) < 0) {
                perror(path);
                list.refused = true;
            }
            close(fd);
        }
    }
    list.length = 0;
}

static void add_task(int task)
{
    if (list.length > TEXT_LIMIT - 16)
        write_out();
    list.length += snprintf(list.text + list.length, 16, "%d ", task);
}

static void want_tasks_of(int process)
{
    char path[64];
    struct dirent *entry;
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%d/task", process);
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        int task = atoi(entry->d_name);

        if (task > 0 && task < MOST_TASKS)
            list.wanted[task / 8] |= 1 << task % 8;
    }
    if (directory != NULL)
        closedir(directory);
}

static void want_all(const char *names, uint64_t namespace)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        int process = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

        if (process > 0 && is_wanted(process, names, namespace))
            want_tasks_of(process);
    }
    if (processes != NULL)
        closedir(processes);
}

/* Those that the kernel has need not be written. False: it cannot be read. */
static bool forget_those_there(void)
{
    char path[PATH_LIMIT];
    FILE *file;
    int task;

    snprintf(path, sizeof path, "%s/%s", list.instances[0], list.file);
    file = fopen(path, "re");
    if (file == NULL) {
        perror(path);
        return false;
    }
    while (fscanf(file, "%d", &task) == 1)
        if (task > 0 && task < MOST_TASKS)
            list.wanted[task / 8] &= ~(1 << task % 8);
    fclose(file);
    return true;
}

/* Says whether there was one, and the kernel took it. */
static bool write_missing(void)
{
    bool any = false;

    for (int task = 1; task < MOST_TASKS; task++)
        if (list.wanted[task / 8] & (1 << task % 8)) {
            add_task(task);
            any = true;
        }
    write_out();
    return any && !list.refused;
}

/*
 * Until none is missing. The kernel adds the children of those that it has itself: what it has is
 * read after what there is, or children that are born all the time would be written without end.
 */
static void write_all(const char *names, uint64_t namespace)
{
    list.refused = false;
    do {
        memset(list.wanted, 0, sizeof list.wanted);
        list.length = 0;
        want_all(names, namespace);
    } while (forget_those_there() && write_missing());
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

void leave_out_reader(const char *instance)
{
    list.instances = &instance;
    list.count = 1;
    list.file = "set_event_notrace_pid";
    list.length = 0;
    add_task(getpid());
    write_out();
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
