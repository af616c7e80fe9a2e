/* More threads that only sleep, each with a signal mask that can be changed from outside. */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>
#include <stdint.h>

enum { THREAD_LIMIT = 8 };

/* Until there are `count`, the calling one included: they start with the caller's mask. */
bool have_threads(int count);

/* As pthread_sigmask(3) in thread `number`, where 1 is the calling one. */
bool change_mask(int number, int how, uint64_t mask);

/* The kernel's number of the thread; 0 if there is none. */
int tid_of(int number);

/* In a new process: there is one thread. */
void forget_threads(void);

#endif
