/* What a target is told to be and to do. README.md lists the requests. */
#ifndef OBEY_H
#define OBEY_H

#include <stdbool.h>

#include "line.h"

enum { REQUEST_LIMIT = 4096 };

/* What is left to do when the answer is out: it may end, stop or occupy the process. */
struct afterwards {
    void (*act)(int64_t argument);
    int64_t argument;
};

extern bool reaps; /* waits for its children; on at the start */

/* `request` is changed. The answer has `"ok"` or `"error"` first. False: refused. */
bool obey(char *request, struct line *answer, struct afterwards *afterwards);

#endif
