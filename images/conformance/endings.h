/* What ends or stops a process from within; `afterwards` of a request, so all take a number. */
#ifndef ENDINGS_H
#define ENDINGS_H

#include <stdint.h>

void exit_now(int64_t code);
void raise_now(int64_t signal);
void abort_now(int64_t unused);

/* A real one: SIGSEGV, SIGBUS, SIGFPE or SIGILL. */
void fault_now(int64_t signal);

#endif
