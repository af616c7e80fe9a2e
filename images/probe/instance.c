#define _GNU_SOURCE
#include "instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity.h"

int complain(const char *what, const char *path)
{
    fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
    return 1;
}

bool write_file(const char *instance, const char *name, const char *text)
{
    char path[2 * PATH_LIMIT];
    ssize_t put = -1;
    int fd;

    snprintf(path, sizeof path, "%s/%s", instance, name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        put = write(fd, text, strlen(text));
        close(fd); /* of a file of the kernel's: keeps errno where write has failed */
    }
    return put == (ssize_t)strlen(text);
}

void remove_instance(const char *path)
{
    write_file(path, "events/enable", "0");
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

int make_instance(const char *tracefs, const char *prefix, char path[PATH_LIMIT])
{
    char instances[PATH_LIMIT / 2];

    snprintf(instances, sizeof instances, "%s/instances", tracefs);
    if (access(instances, F_OK) != 0 && mount("nodev", tracefs, "tracefs", 0, NULL) != 0)
        return complain("there is no tracefs, and it cannot be mounted at", tracefs);
    reap(instances, prefix);
    snprintf(path, PATH_LIMIT, "%s/%.64s%d-%" PRIu64, instances, prefix, getpid(),
             start_time_of(getpid()));
    if (mkdir(path, 0700) == 0)
        return 0;
    complain("cannot make", path);
    *path = '\0';
    return 1;
}

char **configure(const char *instance, char **pairs, bool *syscalls)
{
    for (; pairs[0] != NULL && pairs[1] != NULL && strcmp(pairs[0], "--") != 0; pairs += 2) {
        bool optional = pairs[0][0] == '?', of_syscalls = pairs[0][0] == '!';
        const char *file = pairs[0] + (optional || of_syscalls);

        if (write_file(instance, file, pairs[1]))
            continue;
        if (!(optional || of_syscalls) || errno != ENOENT) {
            complain("cannot write", file);
            return NULL;
        }
        if (of_syscalls)
            *syscalls = false;
    }
    return pairs[0] != NULL && strcmp(pairs[0], "--") == 0 ? pairs + 1 : pairs;
}
