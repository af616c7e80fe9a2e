/*
 * One request line, checked and turned into numbers.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest request line in bytes, its newline not counted. */
#define REQUEST_LIMIT 4096

enum request_kind {
    REQUEST_KILL,
    REQUEST_TGKILL,
    REQUEST_QUEUE,
    REQUEST_LOOK,
    REQUEST_WATCH,
    REQUEST_QUIT,
};

/* Which fields count depends on the kind; the others are 0. */
struct request {
    enum request_kind kind;
    bool has_id;
    int64_t id;
    int64_t pid; /* 0 and negative as in kill(2) */
    int64_t tgid;
    int64_t tid;
    int64_t signal;
    int64_t value;
    int64_t period_ms; /* 0 stops watching */
    char error[192];   /* what is wrong; any bytes but NUL */
};

/*
 * Read the `length` bytes at `line` (no newline; line[length] is writable).
 * False: request->error says what is wrong, request->id is set if it was read.
 */
bool parse_request(char *line, size_t length, struct request *request);

#endif
