/* Signals by name and in sets: bit n-1 of a mask stands for signal n. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { LAST_SIGNAL = 64, FIRST_REAL_TIME = 34 /* as glibc and Docker count them */ };

static inline uint64_t bit_of(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

/* 1 to 31 and 34 to 64: the C library keeps the two between for itself. */
bool is_usable(int signal);

/* `TERM`, `SIGTERM`, `15`, `RTMIN+3`, `RTMAX`; 0 if it is none. */
int signal_number(const char *word);

/* A signal, a range of numbers such as `34-64`, or `all` (but KILL and STOP). */
bool add_signals(const char *word, uint64_t *mask);

sigset_t set_of(uint64_t mask);

/* In every thread's and every child's interest: by system call, for the C library's two too. */
void default_and_unblock_every_signal(void);
void block_every_signal(void);

#endif
