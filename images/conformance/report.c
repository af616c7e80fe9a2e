#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "receive.h"
#include "report.h"

static bool read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[got < 0 ? 0 : got] = '\0';
    return got >= 0;
}

static uint64_t mask_in(const char *status, const char *key)
{
    const char *found = strstr(status, key);

    return found == NULL ? 0 : strtoull(found + strlen(key), NULL, 16);
}

static void report_thread(struct line *line, const char *tid)
{
    char path[64], status[8192];

    snprintf(path, sizeof path, "/proc/self/task/%.20s/status", tid);
    if (!read_file(path, status, sizeof status))
        return;
    line_add(line, line->text[line->length - 1] == '[' ? "{" : ",{");
    line_number(line, "tid", atoi(tid));
    line_mask(line, "blocked", mask_in(status, "\nSigBlk:"));
    line_mask(line, "pending", mask_in(status, "\nSigPnd:"));
    line_add(line, "}");
}

void report_masks(struct line *line)
{
    char status[8192];
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;

    read_file("/proc/self/status", status, sizeof status);
    line_add(line, "\"masks\":{");
    line_mask(line, "caught", mask_in(status, "\nSigCgt:"));
    line_mask(line, "ignored", mask_in(status, "\nSigIgn:"));
    line_mask(line, "pending", mask_in(status, "\nShdPnd:"));
    line_add(line, "},\"threads\":[");
    while (tasks != NULL && (entry = readdir(tasks)) != NULL)
        if (entry->d_name[0] != '.')
            report_thread(line, entry->d_name);
    line_add(line, "]");
    if (tasks != NULL)
        closedir(tasks);
}

static const char *status_word(int code)
{
    switch (code) {
    case CLD_EXITED:
        return "exited";
    case CLD_KILLED:
    case CLD_DUMPED:
        return "killed";
    case CLD_CONTINUED:
        return "continued";
    default:
        return "stopped";
    }
}

static void print_child(const siginfo_t *info, const char *name)
{
    char text[512];
    struct line line = line_in(text, sizeof text);

    line_add(&line, "{");
    line_text(&line, "child", name);
    line_number(&line, "pid", info->si_pid);
    line_text(&line, "status", status_word(info->si_code));
    line_number(&line, info->si_code == CLD_EXITED ? "exit" : "signal", info->si_status);
    if (info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED) {
        line_key(&line, "core");
        line_add(&line, info->si_code == CLD_DUMPED ? "true" : "false");
    }
    line_number(&line, "at", now_ns());
    line_add(&line, "}");
    line_print(&line);
}

void print_changes_of_children(void)
{
    const int changes = WEXITED | WSTOPPED | WCONTINUED | WNOHANG;
    siginfo_t info = {0};
    char path[64], name[NAME_SIZE + 1];

    /* Looked at first: a zombie still has its name, one that was waited for has not. */
    while (waitid(P_ALL, 0, &info, changes | WNOWAIT) == 0 && info.si_pid != 0) {
        snprintf(path, sizeof path, "/proc/%d/comm", (int)info.si_pid);
        read_file(path, name, sizeof name);
        name[strcspn(name, "\n")] = '\0';
        if (waitid(P_PID, (id_t)info.si_pid, &info, changes) < 0 || info.si_pid == 0)
            return;
        print_child(&info, name);
        info = (siginfo_t){0};
    }
}
