#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "endings.h"
#include "obey.h"
#include "receive.h"
#include "report.h"
#include "serve.h"
#include "signals.h"
#include "threads.h"

enum { WORD_LIMIT = 256 };

struct words {
    int count;
    char *word[WORD_LIMIT];
};

/* Where a request of the table is carried out; words[0] is its name. NULL: done. */
typedef const char *act(const struct words *words, struct line *answer,
                        struct afterwards *afterwards);

bool reaps = true;

static struct words split(char *request)
{
    struct words words = {0};
    char *rest = NULL;

    for (char *word = strtok_r(request, " \t\n", &rest); word != NULL && words.count < WORD_LIMIT;
         word = strtok_r(NULL, " \t\n", &rest))
        words.word[words.count++] = word;
    return words;
}

static const char *why(void)
{
    return strerrorname_np(errno);
}

/* All words from `first` on are signals. */
static bool mask_of(const struct words *words, int first, uint64_t *mask)
{
    *mask = 0;
    for (int i = first; i < words->count; i++)
        if (!add_signals(words->word[i], mask))
            return false;
    return words->count > first;
}

static bool number_of(const struct words *words, int at, int64_t *number)
{
    char *end;

    if (at >= words->count)
        return false;
    *number = strtoll(words->word[at], &end, 10);
    return end != words->word[at] && *end == '\0';
}

static const char *dispose(const struct words *words, struct line *answer,
                           struct afterwards *afterwards)
{
    struct sigaction action = {.sa_handler = *words->word[0] == 'd' ? SIG_DFL : SIG_IGN};
    uint64_t mask;

    (void)answer;
    (void)afterwards;
    if (!mask_of(words, 1, &mask))
        return "signals, please";
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        if ((mask & bit_of(signal)) && sigaction(signal, &action, NULL) < 0)
            return why();
    return NULL;
}

static bool read_option(const char *word, struct catch_options *options)
{
    static const struct {
        const char *name;
        int flag;
    } FLAGS[] = {
        {"resethand", SA_RESETHAND}, {"nodefer", SA_NODEFER},         {"restart", SA_RESTART},
        {"nocldstop", SA_NOCLDSTOP}, {"nocldwait", SA_NOCLDWAIT},
    };

    for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++)
        if (strcmp(word, FLAGS[i].name) == 0) {
            options->flags |= FLAGS[i].flag;
            return true;
        }
    if (strcmp(word, "again") == 0) {
        options->again = true;
        return true;
    }
    return sscanf(word, "hold=%d", &options->hold_ms) == 1 ||
           sscanf(word, "exit=%d", &options->exit_code) == 1;
}

static const char *catch(const struct words *words, struct line *answer,
                         struct afterwards *afterwards)
{
    struct catch_options options = {.exit_code = -1};
    uint64_t mask;
    int first = 1;

    (void)answer;
    (void)afterwards;
    while (first < words->count && read_option(words->word[first], &options))
        first++;
    if (!mask_of(words, first, &mask))
        return "options, then signals, please";
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        if ((mask & bit_of(signal)) && !catch_signal(signal, &options))
            return why();
    return NULL;
}

static const char *change(const struct words *words, struct line *answer,
                          struct afterwards *afterwards)
{
    int how = strcmp(words->word[0], "block") == 0     ? SIG_BLOCK
              : strcmp(words->word[0], "unblock") == 0 ? SIG_UNBLOCK
                                                       : SIG_SETMASK;
    int64_t number = 1;
    int first = 1;
    uint64_t mask;

    (void)answer;
    (void)afterwards;
    if (words->count > 1 && strcmp(words->word[1], "thread") == 0) {
        if (!number_of(words, 2, &number))
            return "the number of a thread, please";
        first = 3;
    }
    if (!mask_of(words, first, &mask) && (how != SIG_SETMASK || words->count > first))
        return "signals, please";
    return change_mask((int)number, how, mask) ? NULL : why();
}

static const char *threads(const struct words *words, struct line *answer,
                           struct afterwards *afterwards)
{
    int64_t count;

    (void)answer;
    (void)afterwards;
    if (!number_of(words, 1, &count) || count < 1 || count > THREAD_LIMIT)
        return "a number of threads from 1 to 8, please";
    return have_threads((int)count) ? NULL : why();
}

/* The signals are blocked first: it is how such programs must do it. */
static const char *consume(const struct words *words, struct line *answer,
                           struct afterwards *afterwards)
{
    const char *how = words->count > 1 ? words->word[1] : "";
    uint64_t mask;

    (void)answer;
    (void)afterwards;
    if (!mask_of(words, 2, &mask))
        return "wait, main or signalfd, then signals, please";
    if (!change_mask(1, SIG_BLOCK, mask))
        return why();
    if (strcmp(how, "wait") == 0)
        return consume_in_thread(mask) ? NULL : why();
    if (strcmp(how, "signalfd") == 0)
        return consume_by_signalfd(mask) ? NULL : why();
    if (strcmp(how, "main") != 0)
        return "wait, main or signalfd, please";
    main_waits_for = mask;
    return NULL;
}

static const char *reset(const struct words *words, struct line *answer,
                         struct afterwards *afterwards)
{
    (void)words;
    (void)answer;
    (void)afterwards;
    default_and_unblock_every_signal();
    return NULL;
}

/* In a group of its own in the parent's session: not orphaned, so that all stop signals stop. */
static const char *birth(const struct words *words, struct line *answer,
                         struct afterwards *afterwards)
{
    static unsigned char count;
    char name[NAME_SIZE], requests[REQUEST_LIMIT] = "";
    pid_t child;

    (void)afterwards;
    snprintf(name, sizeof name, "child-%d", count + 1);
    if (words->count > 1)
        snprintf(name, sizeof name, "%s", words->word[1]);
    for (int i = 2; i < words->count; i++) {
        strncat(requests, words->word[i], sizeof requests - strlen(requests) - 1);
        strncat(requests, " ", sizeof requests - strlen(requests) - 1);
    }
    child = start_child(name, requests);
    if (child < 0)
        return why();
    count++;
    line_text(answer, "child", name);
    line_number(answer, "pid", child);
    return NULL;
}

static const char *group(const struct words *words, struct line *answer,
                         struct afterwards *afterwards)
{
    int64_t to = 0;

    (void)answer;
    (void)afterwards;
    if (words->count > 1 && !number_of(words, 1, &to))
        return "a process group, or nothing for one of its own, please";
    return setpgid(0, (pid_t)to) == 0 ? NULL : why();
}

static const char *session(const struct words *words, struct line *answer,
                           struct afterwards *afterwards)
{
    (void)words;
    (void)answer;
    (void)afterwards;
    /* The leader of a group may not leave the session, so it leaves the group first. */
    if (getpgrp() == getpid() && getsid(0) != getpid())
        setpgid(0, getpgid(getppid()));
    return setsid() >= 0 ? NULL : why();
}

static const char *subreaper(const struct words *words, struct line *answer,
                             struct afterwards *afterwards)
{
    (void)words;
    (void)answer;
    (void)afterwards;
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? NULL : why();
}

static const char *reap(const struct words *words, struct line *answer,
                        struct afterwards *afterwards)
{
    (void)answer;
    (void)afterwards;
    if (words->count == 1) {
        print_changes_of_children();
        return NULL;
    }
    if (strcmp(words->word[1], "on") != 0 && strcmp(words->word[1], "off") != 0)
        return "on, off or nothing, please";
    reaps = strcmp(words->word[1], "on") == 0;
    return NULL;
}

static const char *send_signal(const struct words *words, struct line *answer,
                               struct afterwards *afterwards)
{
    int64_t pid, value = 0;
    int signal = words->count > 2 ? signal_number(words->word[2]) : 0;
    int result;

    (void)afterwards;
    if (!number_of(words, 1, &pid) || signal == 0 ||
        (words->count > 3 && !number_of(words, 3, &value)))
        return "a PID, a signal and perhaps a value, please";
    if (words->count > 3)
        result = sigqueue((pid_t)pid, signal, (union sigval){.sival_int = (int)value});
    else
        result = kill((pid_t)pid, signal);
    line_text(answer, "errno", result == 0 ? "" : why());
    return NULL;
}

static const char *send_to_thread(const struct words *words, struct line *answer,
                                  struct afterwards *afterwards)
{
    int64_t number;
    int signal = words->count > 2 ? signal_number(words->word[2]) : 0;
    int tid;

    (void)afterwards;
    if (!number_of(words, 1, &number) || signal == 0 || (tid = tid_of((int)number)) == 0)
        return "the number of a thread and a signal, please";
    line_text(answer, "errno", syscall(SYS_tgkill, getpid(), tid, signal) == 0 ? "" : why());
    return NULL;
}

static const char *end(const struct words *words, struct line *answer,
                       struct afterwards *afterwards)
{
    int64_t code = 0;

    (void)answer;
    if (words->count > 1 && !number_of(words, 1, &code))
        return "an exit code, please";
    *afterwards = (struct afterwards){exit_now, code};
    return NULL;
}

static const char *stop(const struct words *words, struct line *answer,
                        struct afterwards *afterwards)
{
    int signal = words->count > 1 ? signal_number(words->word[1]) : SIGSTOP;

    (void)answer;
    if (signal == 0)
        return "a signal, please";
    *afterwards = (struct afterwards){raise_now, signal};
    return NULL;
}

static const char *fault(const struct words *words, struct line *answer,
                         struct afterwards *afterwards)
{
    int signal = words->count > 1 ? signal_number(words->word[1]) : SIGSEGV;

    (void)answer;
    if (signal != SIGSEGV && signal != SIGBUS && signal != SIGFPE && signal != SIGILL)
        return "SEGV, BUS, FPE or ILL, please";
    *afterwards = (struct afterwards){fault_now, signal};
    return NULL;
}

static const char *self_abort(const struct words *words, struct line *answer,
                              struct afterwards *afterwards)
{
    (void)words;
    (void)answer;
    *afterwards = (struct afterwards){abort_now, 0};
    return NULL;
}

static const char *report(const struct words *words, struct line *answer,
                          struct afterwards *afterwards)
{
    (void)words;
    (void)afterwards;
    report_masks(answer);
    report_received(answer);
    return NULL;
}

static const struct {
    const char *name;
    act *act;
} REQUESTS[] = {
    {"default", dispose}, {"ignore", dispose},      {"catch", catch},
    {"block", change},    {"unblock", change},      {"mask", change},
    {"threads", threads}, {"consume", consume},     {"reset", reset},
    {"fork", birth},      {"group", group},         {"session", session},
    {"reap", reap},       {"subreaper", subreaper}, {"send", send_signal},
    {"stop", stop},       {"tgkill", send_to_thread}, {"fault", fault},
    {"exit", end},        {"abort", self_abort},    {"report", report},
    {"raise", stop},
};

bool obey(char *request, struct line *answer, struct afterwards *afterwards)
{
    struct words words = split(request);
    const char *name = words.count > 0 ? words.word[0] : "";
    const char *error = "no such request";
    char text[LINE_LIMIT];
    struct line facts = line_in(text, sizeof text);

    for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++)
        if (strcmp(name, REQUESTS[i].name) == 0)
            error = REQUESTS[i].act(&words, &facts, afterwards);
    text[facts.length] = '\0';
    line_add(answer, "{");
    line_text(answer, error == NULL ? "ok" : "error", error == NULL ? name : error);
    line_text(answer, "name", own_name);
    line_number(answer, "own_pid", getpid());
    if (error == NULL && facts.length > 0) {
        line_add(answer, ",");
        line_add(answer, text);
    }
    line_add(answer, "}");
    return error == NULL;
}
