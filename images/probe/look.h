/*
 * What /proc says about every process of the PID namespace at one moment.
 */
#ifndef LOOK_H
#define LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "waiting.h"

/* Bytes of arguments kept for one process. */
#define ARGV_LIMIT 4096
#define EXE_LIMIT 256

/* comm has at most 15 bytes, but the kernel gives its own threads longer names. */
#define NAME_LIMIT 128

/* A process usually has at most one signalfd. */
#define SIGNALFD_LIMIT 8

struct thread {
    int tid;
    uint64_t blk;
    uint64_t pnd;
    struct waiting waiting; /* filled in by look_closer */
};

struct signalfd {
    int fd;
    uint64_t mask;
};

struct process {
    int pid;
    bool denied; /* /proc/PID may not be read: only pid is known, the rest is 0 */
    bool foreign; /* of another container that shares the PID namespace */
    int ppid;
    int pgid;
    int sid;
    char state;
    char comm[NAME_LIMIT];
    uint32_t uid; /* effective */
    int tracer;
    uint64_t start; /* clock ticks after boot; with pid, the identity of a process */
    uint64_t blk, ign, cgt, pnd, shdpnd;
    char argv[ARGV_LIMIT + 1]; /* arguments, each ended by NUL but perhaps the last */
    size_t argv_length;
    bool argv_cut;
    char exe[EXE_LIMIT]; /* the path of what it executes; empty: not readable, or too long */
    struct thread *threads; /* none where there is only the main thread */
    size_t thread_count;
    /* What follows is filled in by look_closer. */
    long syscall; /* -1: running, or unreadable */
    struct waiting waiting; /* of the main thread */
    char wchan[NAME_LIMIT];
    struct signalfd signalfd[SIGNALFD_LIMIT];
    size_t signalfd_count;
};

/* Who else may be in the PID namespace, and what is made of them. */
enum company {
    COMPANY_NONE,     /* the namespace is the container's own: do not ask */
    COMPANY_SHOWN,    /* mark those of other containers */
    COMPANY_LEFT_OUT, /* leave them out */
};

/* All zero before the first snapshot but for `company`. */
struct look {
    enum company company;
    struct process *processes; /* sorted by pid */
    size_t count;
    size_t room;
};

/*
 * Forget what `look` holds and read all processes but the caller itself.
 * False: /proc cannot be listed, and errno says why.
 */
bool look_at_processes(struct look *look);

/* Add what is costly to read, and of which changes are not watched. */
void look_closer(struct look *look);

/* Memory is all the probe needs, so it leaves when there is none. */
void *need_memory(void *block, size_t size);

#endif
