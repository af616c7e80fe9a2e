#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "obey.h"
#include "receive.h"
#include "report.h"
#include "serve.h"
#include "signals.h"
#include "threads.h"

/* Children are looked for that often: to hear of them, SIGCHLD would have to be caught or
   blocked, and it is a signal under test like the others. */
enum { REAP_PERIOD_MS = 10 };

uint64_t main_waits_for;

static int listener = -1;

static _Noreturn void fail(const char *what)
{
    dprintf(STDERR_FILENO, "conformance: %s: %s: %s\n", own_name, what, strerrorname_np(errno));
    _exit(1);
}

socklen_t address_of(const char *name, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path + 1, sizeof address->sun_path - 1, SOCKET_PREFIX "%s", name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address->sun_path + 1));
}

void become(const char *name)
{
    struct sockaddr_un address;
    socklen_t length;

    snprintf(own_name, sizeof own_name, "%s", name);
    prctl(PR_SET_NAME, own_name);
    length = address_of(own_name, &address);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 ||
        listen(listener, 8) < 0)
        fail("socket");
}

static void obey_one(char *request)
{
    char text[LINE_LIMIT];
    struct line answer = line_in(text, sizeof text);
    struct afterwards afterwards = {0};

    if (!obey(request, &answer, &afterwards)) {
        text[answer.length] = '\0';
        dprintf(STDERR_FILENO, "conformance: %s\n", text);
        _exit(2);
    }
    if (afterwards.act != NULL)
        afterwards.act(afterwards.argument);
}

void obey_all(char *requests)
{
    char *next;

    for (char *request = requests; request != NULL; request = next) {
        request += strspn(request, " ");
        /* All that comes after a fork is the child's. */
        next = strncmp(request, "fork ", 5) == 0 ? NULL : strchr(request, ';');
        if (next != NULL)
            *next++ = '\0';
        if (*request != '\0')
            obey_one(request);
    }
}

void print_ready(int children)
{
    char text[256];
    struct line line = line_in(text, sizeof text);

    line_add(&line, "{");
    line_text(&line, "ready", own_name);
    line_number(&line, "pid", getpid());
    line_number(&line, "ppid", getppid());
    if (children > 0)
        line_number(&line, "children", children);
    line_number(&line, "at", now_ns());
    line_add(&line, "}");
    line_print(&line);
}

/* One request a connection. Whoever does not ask within a second is left. */
static void answer_one(int asker)
{
    char request[REQUEST_LIMIT + 1], text[LINE_LIMIT];
    struct line answer = line_in(text, sizeof text);
    struct afterwards afterwards = {0};
    struct pollfd input = {.fd = asker, .events = POLLIN};
    ssize_t got = -1;

    if (poll(&input, 1, 1000) > 0)
        got = recv(asker, request, REQUEST_LIMIT, 0);
    if (got > 0) {
        request[got] = '\0';
        obey(request, &answer, &afterwards);
        send(asker, text, answer.length, MSG_NOSIGNAL);
    }
    close(asker);
    if (afterwards.act != NULL)
        afterwards.act(afterwards.argument);
}

static bool has_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void serve_until_main_is_to_wait(void)
{
    struct pollfd input = {.fd = listener, .events = POLLIN};
    int asker;

    while (main_waits_for == 0) {
        /* An init may get children at any time: orphans. */
        bool looks = reaps && (getpid() == 1 || has_children());

        poll(&input, 1, looks ? REAP_PERIOD_MS : -1);
        asker = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (asker >= 0)
            answer_one(asker);
        if (reaps)
            print_changes_of_children();
    }
}

static void *serve_in_thread(void *unused)
{
    (void)unused;
    block_every_signal();
    for (;;) {
        serve_until_main_is_to_wait();
        main_waits_for = 0; /* it does already, for the first signals that were named */
    }
    return NULL;
}

_Noreturn void serve(void)
{
    uint64_t mask;
    pthread_t thread;

    serve_until_main_is_to_wait();
    mask = main_waits_for;
    main_waits_for = 0;
    errno = pthread_create(&thread, NULL, serve_in_thread, NULL);
    if (errno != 0)
        fail("pthread_create");
    consume_here(mask);
}

static _Noreturn void be_child(const char *name, char *requests, int ready)
{
    close(listener);
    setpgid(0, 0);
    forget_received();
    forget_threads();
    main_waits_for = 0;
    reaps = true;
    become(name);
    obey_all(requests);
    print_ready(0);
    if (write(ready, "", 1) < 0)
        fail("write");
    close(ready);
    serve();
}

pid_t start_child(const char *name, char *requests)
{
    int ready[2];
    char byte;
    pid_t child;
    ssize_t got;

    if (pipe2(ready, O_CLOEXEC) < 0)
        return -1;
    child = fork();
    if (child == 0)
        be_child(name, requests, ready[1]);
    close(ready[1]);
    do
        got = child < 0 ? -1 : read(ready[0], &byte, 1);
    while (child > 0 && got < 0 && errno == EINTR);
    close(ready[0]);
    if (child > 0 && got == 0) /* it has said why on standard error */
        errno = ECHILD;
    return got == 1 ? child : -1;
}
