/*
 * Answers: lines in pure ASCII, each written at once: a secret, the length of the JSON, the JSON.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdint.h>

#include "look.h"
#include "request.h"

/* Longest secret in bytes. */
#define SECRET_LIMIT 64

/* Begin every line from now on with this word of SECRET_LIMIT bytes at most. */
void answer_with_secret(const char *word);

void answer_hello(int pid, int64_t now_ns);

/* `number` is the errno of the same call with signal 0, made right before. */
void answer_permission(const struct request *request, int64_t now_ns, int number);

/* `number` is the errno of the system call, 0 when it was accepted. */
void answer_sent(const struct request *request, int64_t now_ns, int64_t done_ns, int number);

/* `request` is NULL for a snapshot that nobody asked for. */
void answer_look(const struct request *request, int64_t now_ns, const struct look *look);

/* request->error says what is wrong. */
void answer_error(const struct request *request, int64_t now_ns);

/* EPERM as "EPERM", 0 as "", what the C library has no name for as "E<number>". */
const char *errno_name(int number);

#endif
