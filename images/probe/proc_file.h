/*
 * Small files of /proc, read whole.
 */
#ifndef PROC_FILE_H
#define PROC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A status text with a thousand supplementary groups fits. */
#define STATUS_LIMIT 16384

/* Read up to size - 1 bytes and end them by NUL: their number, or -1 with errno. */
ssize_t read_file(int directory, const char *name, char *text, size_t size);

/* `line` is a line's beginning with the newline before it: a comm cannot fake that. */
bool find_mask(const char *status, const char *line, uint64_t *mask);

#endif
