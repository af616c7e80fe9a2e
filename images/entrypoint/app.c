/*
 * app: at SIGTERM it finishes what it is doing, says so, and ends with 0.
 *
 *   --drain MS     it takes this long to finish (default: 0)
 *   --late MS      install the handler this long after it has said that it is ready
 *   --no-handler   install none
 *   --memory MB    use this much, two seconds after it has said that it is ready
 *
 * It changes no signal mask, so it has the one that it was started with.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int signalled[2];

static void note(int number)
{
    (void)number;
    if (write(signalled[1], "", 1) < 0)
        _exit(1);
}

static void sleep_ms(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (nanosleep(&left, &left) < 0)
        continue;
}

static void use_memory(long megabytes)
{
    size_t size = (size_t)megabytes << 20;
    volatile char *memory = malloc(size);

    for (size_t i = 0; memory && i < size; i += 4096)
        memory[i] = 'x';
    printf("app uses %ld MB\n", megabytes);
}

int main(int argc, char **argv)
{
    static const struct option NAMES[] = {
        {"drain", required_argument, NULL, 'd'},
        {"late", required_argument, NULL, 'l'},
        {"no-handler", no_argument, NULL, 'n'},
        {"memory", required_argument, NULL, 'm'},
        {0},
    };
    long drain_ms = 0, late_ms = -1, memory_mb = 0;
    bool handler = true;
    int option;
    char byte;

    while ((option = getopt_long(argc, argv, "", NAMES, NULL)) != -1)
        switch (option) {
        case 'd': drain_ms = atol(optarg); break;
        case 'l': late_ms = atol(optarg); break;
        case 'n': handler = false; break;
        case 'm': memory_mb = atol(optarg); break;
        default: return 2;
        }
    setlinebuf(stdout);
    if (pipe(signalled) < 0)
        return 1;
    if (late_ms >= 0) {
        puts("app ready");
        sleep_ms(late_ms);
    }
    if (handler)
        sigaction(SIGTERM, &(struct sigaction){.sa_handler = note}, NULL);
    if (late_ms < 0)
        puts("app ready");
    if (memory_mb) {
        sleep_ms(2000);
        use_memory(memory_mb);
    }
    while (read(signalled[0], &byte, 1) != 1)
        continue;
    puts("app got SIGTERM");
    sleep_ms(drain_ms);
    puts("app has finished");
    return 0;
}
