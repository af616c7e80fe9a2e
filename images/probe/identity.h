/*
 * Who a task of the machine is, as /proc says.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

struct identity {
    int process;        /* its process, on the machine */
    int pid;            /* in its own PID namespace */
    int depth;          /* how many PID namespaces it has a PID in */
    uint64_t namespace; /* the inode of its own */
};

/* False: it is gone, or may not be looked at. */
bool identify(int task, struct identity *who);

/* In clock ticks after boot, field 22 of proc_pid_stat(5); 0 when it is gone. */
uint64_t start_time_of(int pid);

#endif
