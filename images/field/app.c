/*
 * /app: a server that says which signals it gets, and does with them what its options say.
 *
 *   --drain MS       on a signal that ends it, work for MS milliseconds first
 *   --exit CODE      end with this code instead of 0
 *   --ignore         say what came, and go on
 *   --default        install no handler
 *   --name NAME      rename itself before it says that it is ready
 *   --closing NAME   rename itself when a signal comes
 *   --child          have a child, named app-child, that waits without a handler; no zombie stays of it
 *   --orphans        make orphans all the time, each of which ends at once; reap nothing itself
 *   --line BYTES     on a signal, print a line of so many x and the word needle after them
 *
 * SIGHUP, SIGUSR1 and SIGUSR2 are said and change nothing; SIGINT, SIGQUIT and SIGTERM end it.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int CAUGHT[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM};
static const size_t COUNT = sizeof CAUGHT / sizeof *CAUGHT;
static volatile sig_atomic_t came[NSIG];

static struct {
    long drain_ms, line_bytes;
    int exit_code;
    bool ignore, no_handler, child, orphans;
    const char *name, *closing;
} options;

static void note(int number)
{
    came[number] = 1;
}

static bool any_came(void)
{
    for (size_t i = 0; i < COUNT; i++)
        if (came[CAUGHT[i]])
            return true;
    return false;
}

static void sleep_ms(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (nanosleep(&left, &left) < 0)
        continue;
}

static void read_options(int argc, char **argv)
{
    static const struct option NAMES[] = {
        {"drain", required_argument, NULL, 'd'},   {"exit", required_argument, NULL, 'e'},
        {"ignore", no_argument, NULL, 'i'},        {"default", no_argument, NULL, 'n'},
        {"name", required_argument, NULL, 'r'},    {"closing", required_argument, NULL, 'c'},
        {"child", no_argument, NULL, 'h'},         {"orphans", no_argument, NULL, 'o'},
        {"line", required_argument, NULL, 'l'},    {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", NAMES, NULL)) != -1)
        switch (option) {
        case 'd': options.drain_ms = atol(optarg); break;
        case 'e': options.exit_code = atoi(optarg); break;
        case 'i': options.ignore = true; break;
        case 'n': options.no_handler = true; break;
        case 'r': options.name = optarg; break;
        case 'c': options.closing = optarg; break;
        case 'h': options.child = true; break;
        case 'o': options.orphans = true; break;
        case 'l': options.line_bytes = atol(optarg); break;
        default: exit(2);
        }
}

static pid_t fork_named(const char *name)
{
    pid_t child = fork();

    if (child < 0) {
        perror("app: fork");
        exit(1);
    }
    if (child == 0) {
        prctl(PR_SET_NAME, name);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    return child;
}

/* A child ends before its own child, which so becomes an orphan, and ends too. */
static _Noreturn void make_orphans(void)
{
    /* An init that signals whole groups reaches this process, too. */
    for (size_t i = 0; i < COUNT; i++)
        signal(CAUGHT[i], CAUGHT[i] == SIGTERM ? SIG_DFL : SIG_IGN);
    for (;;) {
        pid_t between = fork();

        if (between == 0) {
            pid_t self = getpid();

            if (fork() == 0) {
                prctl(PR_SET_NAME, "orphan");
                while (getppid() == self)
                    sleep_ms(1);
            }
            _exit(0);
        }
        waitpid(between, NULL, 0);
        sleep_ms(20);
    }
}

static void say_line(long bytes)
{
    char *line = malloc(bytes);

    if (!line)
        exit(1);
    memset(line, 'x', bytes);
    fwrite(line, 1, bytes, stdout);
    puts("needle");
    free(line);
}

static void act_on(int number)
{
    printf("app got SIG%s\n", sigabbrev_np(number));
    if (options.closing)
        prctl(PR_SET_NAME, options.closing);
    if (options.line_bytes)
        say_line(options.line_bytes);
    if (options.ignore || number == SIGHUP || number == SIGUSR1 || number == SIGUSR2)
        return;
    sleep_ms(options.drain_ms);
    puts("app ends");
    exit(options.exit_code);
}

int main(int argc, char **argv)
{
    sigset_t all, none;

    read_options(argc, argv);
    setlinebuf(stdout);
    if (options.child && fork_named("app-child") == 0)
        for (;;)
            pause();
    if (options.child)
        sigaction(SIGCHLD, &(struct sigaction){.sa_flags = SA_NOCLDWAIT}, NULL);
    if (options.orphans && fork_named("app-orphans") == 0)
        make_orphans();
    if (options.name)
        prctl(PR_SET_NAME, options.name);
    for (size_t i = 0; i < COUNT && !options.no_handler; i++)
        sigaction(CAUGHT[i], &(struct sigaction){.sa_handler = note}, NULL);
    printf("app ready\n");
    sigfillset(&all);
    sigemptyset(&none);
    for (;;) {
        /* Blocked from the last look at `came` until sigsuspend, so that no signal is missed. */
        sigprocmask(SIG_BLOCK, &all, NULL);
        if (!any_came())
            sigsuspend(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        for (size_t i = 0; i < COUNT; i++)
            if (came[CAUGHT[i]]) {
                came[CAUGHT[i]] = 0;
                act_on(CAUGHT[i]);
            }
    }
}
