#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "signals.h"

bool is_usable(int signal)
{
    return signal >= 1 && signal <= LAST_SIGNAL && (signal <= SIGSYS || signal >= FIRST_REAL_TIME);
}

/* The number at `word`, which must go up to `end`; -1 if there is none. */
static int number_at(const char *word, const char *end)
{
    char *stop;
    long number = strtol(word, &stop, 10);

    return stop == word || stop != end || *word == '+' || number < 0 || number > LAST_SIGNAL
               ? -1
               : (int)number;
}

static int real_time(const char *word)
{
    int base = strncmp(word, "RTMIN", 5) == 0   ? FIRST_REAL_TIME
               : strncmp(word, "RTMAX", 5) == 0 ? LAST_SIGNAL
                                                : 0;
    int offset;

    if (base == 0 || word[5] == '\0')
        return base;
    offset = number_at(word + 6, word + strlen(word));
    if (offset < 0 || word[5] != (base == LAST_SIGNAL ? '-' : '+'))
        return 0;
    return base == LAST_SIGNAL ? base - offset : base + offset;
}

int signal_number(const char *word)
{
    int number = number_at(word, word + strlen(word));

    if (strncmp(word, "SIG", 3) == 0)
        word += 3;
    for (int signal = 1; number < 0 && signal <= SIGSYS; signal++)
        if (sigabbrev_np(signal) != NULL && strcmp(word, sigabbrev_np(signal)) == 0)
            number = signal;
    if (number < 0 && strcmp(word, "IO") == 0)
        number = SIGIO; /* which glibc calls SIGPOLL */
    if (number < 0)
        number = real_time(word);
    return is_usable(number) ? number : 0;
}

bool add_signals(const char *word, uint64_t *mask)
{
    const char *dash = strchr(word, '-');
    int first = signal_number(word), last = first;

    if (strcmp(word, "all") == 0) {
        first = 1;
        last = LAST_SIGNAL;
    } else if (first == 0 && dash != NULL) {
        first = number_at(word, dash);
        last = number_at(dash + 1, word + strlen(word));
    }
    if (first < 1 || last < first)
        return false;
    for (int signal = first; signal <= last; signal++)
        if (is_usable(signal) && (first == last || (signal != SIGKILL && signal != SIGSTOP)))
            *mask |= bit_of(signal);
    return true;
}

sigset_t set_of(uint64_t mask)
{
    sigset_t set;

    sigemptyset(&set);
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        if (mask & bit_of(signal))
            sigaddset(&set, signal); /* refuses the C library's two */
    return set;
}

/* All zero bytes are SIG_DFL, no flags and an empty mask in any architecture's struct. */
void default_and_unblock_every_signal(void)
{
    static const uint64_t zeros[8];

    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        syscall(SYS_rt_sigaction, signal, zeros, NULL, sizeof zeros[0]);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros, NULL, sizeof zeros[0]);
}

void block_every_signal(void)
{
    static const uint64_t every = UINT64_MAX;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, NULL, sizeof every);
}
