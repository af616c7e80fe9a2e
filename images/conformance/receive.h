/* What a target makes of a signal that reaches it: handlers, and consumers without handlers. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"

enum { NAME_SIZE = 16 /* of a comm, with its NUL */ };

extern char own_name[NAME_SIZE];

struct catch_options {
    int flags;      /* for sigaction(2), beside SA_SIGINFO */
    int hold_ms;    /* the handler stays that long */
    int exit_code;  /* the handler ends the process; -1: it returns */
    bool again;     /* the first handler sends its own signal once more, to its own thread */
};

/* False: sigaction(2) refused, see errno. */
bool catch_signal(int signal, const struct catch_options *options);

/* Starts a thread that waits for the signals of `mask`, or reads them from a signalfd. */
bool consume_in_thread(uint64_t mask);
bool consume_by_signalfd(uint64_t mask);

/* In the calling thread, for ever. */
_Noreturn void consume_here(uint64_t mask);

/* In a new process: nothing has been received, and the parent's signalfds are closed. */
void forget_received(void);

/* `"handled":{"15":2},"consumed":{}` */
void report_received(struct line *line);

int64_t now_ns(void);

#endif
