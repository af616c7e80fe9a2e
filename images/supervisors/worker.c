/*
 * worker: on SIGTERM it finishes what it does, which takes 200 ms, says so, and ends with 0.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <time.h>

int main(void)
{
    struct timespec left = {0, 200 * 1000000};
    sigset_t set;
    int number;

    setlinebuf(stdout);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    puts("worker ready");
    sigwait(&set, &number);
    puts("worker got SIGTERM");
    while (nanosleep(&left, &left) < 0)
        continue;
    puts("worker finished");
    return 0;
}
