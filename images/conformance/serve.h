/* A target as a process: it is told what to do over a socket, and looks after its children. */
#ifndef SERVE_H
#define SERVE_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define SOCKET_PREFIX "conformance/"

/* The abstract socket of a target: it needs no file system, and ends with the process. */
socklen_t address_of(const char *name, struct sockaddr_un *address);

/* Become target `name`: its comm and its socket. Ends the process if the name is taken. */
void become(const char *name);

/*
 * The requests, separated by `;`, but for those of a `fork`; the first that is refused ends the
 * process with status 2.
 */
void obey_all(char *requests);

/* `{"ready":NAME,…}` */
void print_ready(int children);

/*
 * Not 0: the main thread is to wait for these signals and for nothing else. A thread that
 * blocks every signal serves instead.
 */
extern uint64_t main_waits_for;

_Noreturn void serve(void);

/* A child that is ready when this returns. -1: see errno, ECHILD if it has ended instead. */
pid_t start_child(const char *name, char *requests);

#endif
