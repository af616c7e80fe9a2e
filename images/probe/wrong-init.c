/*
 * A wrong init: what `scenario-run --mutate` puts before a container's own argv, to see whether a
 * scenario notices. It runs the program as its child and then does wrong, as PID 1, in the way that
 * its first argument names:
 *
 *   ignores         ignores every signal
 *   never-forwards  catches every signal, and does nothing
 *   exits-at-once   at the first signal it exits with 0, and its child is killed
 *   does-not-wait   forwards the first signal, and exits with 0 at once
 *   wrong-status    forwards every signal, and exits with one more than its child's status
 *
 * "Every signal" is every one that can be caught, but for SIGCHLD, which says that a child has ended and
 * is not sent by those who want init to do something (ignored, it would also lose the child's status),
 * and for 32 and 33, which the C library keeps to itself and the language of scenarios does not have.
 *
 * All end when the child ends, with its status, or with 128+N where signal N has killed it. Until
 * then they wait for whatever child there is, so that no orphan stays as a zombie.
 *
 * The child has default dispositions, an empty signal mask, and the environment, user, terminal, session
 * and process group that it would have without us; only its PID is another. Dispositions are set before
 * it is born, and every signal is blocked until its PID is known: none is lost, none forwarded to
 * nobody. The child unblocks them once its own dispositions are the default ones: a signal that it is sent
 * before execve(2) ends it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int CANNOT_RUN = 126, NOT_FOUND = 127, KILLED = 128, USAGE = 64;

static pid_t child;

static void do_nothing(int signal)
{
    (void)signal;
}

static void exit_at_once(int signal)
{
    (void)signal;
    _exit(0);
}

static void forward(int signal)
{
    int saved = errno;

    kill(child, signal);
    errno = saved;
}

static void forward_and_exit(int signal)
{
    kill(child, signal);
    _exit(0);
}

static const struct kind {
    const char *name;
    void (*handler)(int signal);
    int status_more; /* added to the status of the child */
} KINDS[] = {
    {"ignores", SIG_IGN, 0},
    {"never-forwards", do_nothing, 0},
    {"exits-at-once", exit_at_once, 0},
    {"does-not-wait", forward_and_exit, 0},
    {"wrong-status", forward, 1},
};

static const struct kind *kind_by(const char *name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return &KINDS[i];
    return NULL;
}

/* SIGKILL, SIGSTOP and what the C library keeps to itself are refused: they stay as they are. */
static void set_every_signal(void (*handler)(int signal))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    sigfillset(&action.sa_mask);
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        if (signal != SIGCHLD)
            sigaction(signal, &action, NULL);
}

static void become(char **argv)
{
    sigset_t none;
    int status;

    set_every_signal(SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], argv);
    status = errno == ENOENT ? NOT_FOUND : CANNOT_RUN;
    perror(argv[0]);
    _exit(status);
}

/* Wait for every child, our own or an orphan that became one; the status of our own, once it ends. */
static int wait_for_child(void)
{
    int status;
    pid_t ended;

    do
        ended = waitpid(-1, &status, 0);
    while (ended != child && (ended > 0 || errno == EINTR));
    return WIFSIGNALED(status) ? KILLED + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int count, char **words)
{
    const struct kind *kind = count > 2 ? kind_by(words[1]) : NULL;
    sigset_t every, none;

    if (kind == NULL) {
        fprintf(stderr, "usage: wrong-init KIND PROGRAM [ARGUMENT]...\n");
        return USAGE;
    }
    sigfillset(&every);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &every, NULL);
    signal(SIGCHLD, SIG_DFL); /* ignored, as it may be inherited, it would lose the status */
    set_every_signal(kind->handler);
    child = fork();
    if (child < 0) {
        perror("fork");
        return CANNOT_RUN;
    }
    if (child == 0)
        become(words + 2);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return (wait_for_child() + kind->status_more) % 256;
}
