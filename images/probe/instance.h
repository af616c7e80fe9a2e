/*
 * Trace instances of our own in tracefs.
 *
 * One is named after the process that made it. What a dead process has left is removed.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdbool.h>

#define PATH_LIMIT 512

/* Says on standard error what cannot be done, and why; gives 1. */
int complain(const char *what, const char *path);

/* False, and errno: it was not written. A file that is opened is never truncated. */
bool write_file(const char *instance, const char *name, const char *text);

/* Makes one, named by the prefix, our PID, `-` and our start time. Not 0: `path` is empty. */
int make_instance(const char *tracefs, const char *prefix, char path[PATH_LIMIT]);

/*
 * Writes pairs of a file and its text, up to the end or to "--"; gives where the next begin, or NULL.
 * A file after a '?' may be missing; where one after a '!' is, there are no system calls.
 */
char **configure(const char *instance, char **pairs, bool *syscalls);

void remove_instance(const char *path);

#endif
