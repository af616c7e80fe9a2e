/*
 * What a thread waits for in rt_sigtimedwait(2), as sigwait(3) uses it.
 *
 * Until that call returns, the kernel has taken the signals out of SigBlk.
 */
#ifndef WAITING_H
#define WAITING_H

#include <stdbool.h>
#include <stdint.h>

struct waiting {
    bool waits;
    bool denied; /* it may wait: that may not be read of a process of another user */
    bool set_is_known;
    uint64_t set; /* the signals that it waits for */
};

/*
 * Say whether the thread of this directory of /proc waits, and read SigBlk at the same moment: `blk`
 * stays as it is where it cannot be read. The result is the number of the system call that the thread
 * is in; -1: it runs, or that may not be read.
 */
long read_waiting(int task, struct waiting *waiting, uint64_t *blk);

#endif
