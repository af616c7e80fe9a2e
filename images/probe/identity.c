#define _GNU_SOURCE
#include "identity.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool read_proc(int task, const char *name, char *text, size_t size)
{
    char path[64];
    ssize_t got = -1;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", task, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, text, size - 1);
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

bool read_namespace(int task, uint64_t *namespace)
{
    char path[64], text[64];
    ssize_t length;

    snprintf(path, sizeof path, "/proc/%d/ns/pid", task);
    length = readlink(path, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return sscanf(text, "pid:[%" SCNu64 "]", namespace) == 1;
}

bool identify(int task, struct identity *who)
{
    char text[4096], *rest, *word; /* what is wanted stands near the beginning */
    const char *process;

    if (!read_proc(task, "status", text, sizeof text) || !read_namespace(task, &who->namespace))
        return false;
    process = strstr(text, "\nTgid:");
    rest = strstr(text, "\nNSpid:");
    if (process == NULL || rest == NULL || sscanf(process, "\nTgid: %d", &who->process) != 1)
        return false;
    who->ended = strstr(text, "\nState:\tZ") != NULL || strstr(text, "\nState:\tX") != NULL;
    rest += strlen("\nNSpid:");
    rest[strcspn(rest, "\n")] = '\0';
    who->depth = 0;
    while ((word = strsep(&rest, " \t")) != NULL) {
        if (*word == '\0')
            continue;
        who->pid = atoi(word);
        who->depth++;
    }
    return who->depth > 0;
}

uint64_t start_time_of(int pid)
{
    char text[1024];
    const char *end;
    uint64_t started = 0;

    if (!read_proc(pid, "stat", text, sizeof text) || (end = strrchr(text, ')')) == NULL)
        return 0;
    sscanf(end + 1,
           " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
           &started);
    return started;
}

void read_cgroup(int task, char text[CGROUP_LIMIT])
{
    char *last;

    read_proc(task, "cgroup", text, CGROUP_LIMIT);
    last = text + strlen(text);
    while (last > text && last[-1] == '\n')
        *--last = '\0';
    for (char *one = text; one < last; one++)
        *one = *one == '\n' ? ',' : *one < '!' || *one > '~' ? '?' : *one;
    if (last == text)
        strcpy(text, "-");
}

uint64_t started_ns(int task)
{
    const uint64_t second_ns = 1000000000;
    struct timespec boot, now;
    uint64_t born, asleep;

    clock_gettime(CLOCK_MONOTONIC, &now);
    clock_gettime(CLOCK_BOOTTIME, &boot); /* whoever is interrupted here finds it older: no harm */
    asleep = (boot.tv_sec - now.tv_sec) * second_ns + boot.tv_nsec - now.tv_nsec;
    born = start_time_of(task) * (second_ns / sysconf(_SC_CLK_TCK));
    return born > asleep ? born - asleep : 0;
}
