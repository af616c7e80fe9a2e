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
    bool ended;         /* it is a zombie, and so in the root of all hierarchies of cgroups */
};

#define CGROUP_LIMIT 4096

/* False: it is gone, or may not be looked at. */
bool identify(int task, struct identity *who);

/* The inode of a task's PID namespace. False: it is gone, or may not be looked at. */
bool read_namespace(int task, uint64_t *namespace);

/*
 * /proc/TASK/cgroup, with commas for newlines and '?' for what is no printing character of ASCII;
 * "-" where nothing can be read.
 */
void read_cgroup(int task, char text[CGROUP_LIMIT]);

/* When a task was born, by CLOCK_MONOTONIC; 0 when it is gone. */
uint64_t started_ns(int task);

/* In clock ticks after boot, field 22 of proc_pid_stat(5); 0 when it is gone. */
uint64_t start_time_of(int pid);

#endif
