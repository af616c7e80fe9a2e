/*
 * A target for signals: a process that is whatever it is told to be, and prints what comes.
 * README.md lists the ways to start it and the requests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "obey.h"
#include "receive.h"
#include "serve.h"
#include "signals.h"

static const char INIT_NAME[] = "conformance";
enum { ANSWER_TIMEOUT_MS = 2000 };

static _Noreturn void usage(void)
{
    dprintf(STDERR_FILENO,
            "usage: conformance run [-n NAME] [REQUEST...]\n"
            "       conformance cells default|ignored|caught blocked|unblocked\n"
            "       conformance targets default|ignored|caught blocked|unblocked [REQUEST...]\n"
            "       conformance tell [@NAME] REQUEST\n"
            "       conformance send PID SIGNAL...\n");
    exit(2);
}

static _Noreturn void run(int argc, char **argv)
{
    const char *name = INIT_NAME;
    int first = 2;

    if (argc > 3 && strcmp(argv[2], "-n") == 0) {
        name = argv[3];
        first = 4;
    }
    become(name);
    for (int i = first; i < argc; i++)
        obey_all(argv[i]);
    print_ready(0);
    serve();
}

/* `catch` or another request for the disposition, and one for the mask; "" for the default. */
struct cell {
    const char *disposition, *mask;
};

static struct cell read_cell(int argc, char **argv)
{
    struct cell cell = {0};

    if (argc < 4)
        usage();
    cell.disposition = strcmp(argv[2], "default") == 0   ? "default"
                       : strcmp(argv[2], "ignored") == 0 ? "ignore"
                       : strcmp(argv[2], "caught") == 0  ? "catch"
                                                         : NULL;
    cell.mask = strcmp(argv[3], "blocked") == 0     ? "block"
                : strcmp(argv[3], "unblocked") == 0 ? "unblock"
                                                    : NULL;
    if (cell.disposition == NULL || cell.mask == NULL)
        usage();
    return cell;
}

static _Noreturn void run_cells(int argc, char **argv)
{
    struct cell cell = read_cell(argc, argv);
    char requests[64];

    if (argc > 4)
        usage();
    become(INIT_NAME);
    snprintf(requests, sizeof requests, "%s all; %s all", cell.mask, cell.disposition);
    obey_all(requests);
    print_ready(0);
    serve();
}

static _Noreturn void run_targets(int argc, char **argv)
{
    struct cell cell = read_cell(argc, argv);
    char name[NAME_SIZE], requests[64];
    int count = 0;

    become(INIT_NAME);
    for (int i = 4; i < argc; i++)
        obey_all(argv[i]);
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        if (!is_usable(signal))
            continue;
        snprintf(name, sizeof name, "t-%d", signal);
        snprintf(requests, sizeof requests, "%s %d; %s %d", cell.mask, signal, cell.disposition,
                 signal);
        if (signal == SIGKILL || signal == SIGSTOP)
            requests[0] = '\0';
        if (start_child(name, requests) < 0) {
            dprintf(STDERR_FILENO, "conformance: %s: %s\n", name, strerrorname_np(errno));
            exit(1);
        }
        count++;
    }
    print_ready(count);
    serve();
}

/* `argv` from `first` on, with spaces between. */
static void join(int argc, char **argv, int first, char *request)
{
    request[0] = '\0';
    for (int i = first; i < argc; i++) {
        strncat(request, argv[i], REQUEST_LIMIT - strlen(request) - 1);
        strncat(request, " ", REQUEST_LIMIT - strlen(request) - 1);
    }
}

static int tell(int argc, char **argv)
{
    const char *name = argc > 2 && argv[2][0] == '@' ? argv[2] + 1 : INIT_NAME;
    struct sockaddr_un address;
    socklen_t length = address_of(name, &address);
    int target = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct pollfd answer = {.fd = target, .events = POLLIN};
    char text[LINE_LIMIT], request[REQUEST_LIMIT];
    ssize_t got;

    join(argc, argv, 2 + (name != INIT_NAME), request);
    if (request[0] == '\0')
        usage();
    if (connect(target, (struct sockaddr *)&address, length) < 0 ||
        send(target, request, strlen(request), MSG_NOSIGNAL) < 0) {
        dprintf(STDERR_FILENO, "conformance: %s does not listen: %s\n", name,
                strerrorname_np(errno));
        return 1;
    }
    if (poll(&answer, 1, ANSWER_TIMEOUT_MS) == 0) {
        dprintf(STDERR_FILENO, "conformance: %s does not answer\n", name);
        return 3;
    }
    got = recv(target, text, sizeof text - 1, 0);
    if (got <= 0) {
        dprintf(STDERR_FILENO, "conformance: %s ended without an answer\n", name);
        return 1;
    }
    text[got] = '\0';
    dprintf(STDOUT_FILENO, "%s\n", text);
    return strncmp(text, "{\"ok\"", 5) == 0 ? 0 : 1;
}

/* A whole row of signals by one exec, in the order of their numbers. */
static int send_all(int argc, char **argv)
{
    char text[LINE_LIMIT], key[4];
    struct line line = line_in(text, sizeof text);
    uint64_t mask = 0;
    int result;

    if (argc < 4)
        usage();
    for (int i = 3; i < argc; i++)
        if (!add_signals(argv[i], &mask))
            usage();
    line_add(&line, "{");
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        if (!(mask & bit_of(signal)))
            continue;
        result = kill(atoi(argv[2]), signal);
        snprintf(key, sizeof key, "%d", signal);
        line_text(&line, key, result == 0 ? "" : strerrorname_np(errno));
    }
    line_add(&line, "}");
    line_print(&line);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "run";

    if (strcmp(what, "tell") == 0)
        return tell(argc, argv);
    if (strcmp(what, "send") == 0)
        return send_all(argc, argv);
    default_and_unblock_every_signal();
    if (strcmp(what, "run") == 0)
        run(argc, argv);
    if (strcmp(what, "cells") == 0)
        run_cells(argc, argv);
    if (strcmp(what, "targets") == 0)
        run_targets(argc, argv);
    usage();
}
