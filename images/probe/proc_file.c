#define _GNU_SOURCE
#include "proc_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t read_file(int directory, const char *name, char *text, size_t size)
{
    size_t length = 0;
    ssize_t got = 1;
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);

    text[0] = '\0';
    if (fd < 0)
        return -1;
    while (got > 0 && length < size - 1) {
        got = read(fd, text + length, size - 1 - length);
        if (got > 0)
            length += got;
    }
    close(fd); /* of a file that was only read: keeps errno */
    text[length] = '\0';
    return got < 0 ? -1 : (ssize_t)length;
}

bool find_mask(const char *status, const char *line, uint64_t *mask)
{
    const char *found = strstr(status, line);

    return found != NULL && sscanf(found + strlen(line), "%" SCNx64, mask) == 1;
}
