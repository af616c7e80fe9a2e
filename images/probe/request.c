/*
 * The words of a request and the numbers that follow them, as one table.
 * Signal numbers and process ids are only checked to be integers: whether they
 * mean something is the kernel's answer (EINVAL, ESRCH), which is what tests ask for.
 */
#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field {
    const char *name;
    size_t offset; /* of an int64_t in struct request */
    int64_t least;
    int64_t most;
};

#define FIELD(name, member, least, most) {name, offsetof(struct request, member), least, most}

static const struct field ID = FIELD("ID", id, 0, INT64_MAX);
static const struct field PID = FIELD("PID", pid, INT_MIN, INT_MAX);
static const struct field TGID = FIELD("TGID", tgid, INT_MIN, INT_MAX);
static const struct field TID = FIELD("TID", tid, INT_MIN, INT_MAX);
static const struct field SIG = FIELD("SIG", signal, INT_MIN, INT_MAX);
static const struct field VALUE = FIELD("VALUE", value, INT_MIN, INT_MAX);
static const struct field MS = FIELD("MS", period_ms, 0, INT_MAX);

static const struct form {
    const char *word;
    enum request_kind kind;
    const struct field *fields[5]; /* ended by NULL */
} FORMS[] = {
    {"kill", REQUEST_KILL, {&ID, &PID, &SIG}},
    {"tgkill", REQUEST_TGKILL, {&ID, &TGID, &TID, &SIG}},
    {"queue", REQUEST_QUEUE, {&ID, &PID, &SIG, &VALUE}},
    {"look", REQUEST_LOOK, {&ID}},
    {"watch", REQUEST_WATCH, {&MS}},
    {"quit", REQUEST_QUIT, {NULL}},
};

/* Words are quoted in errors up to 40 bytes: the reader knows what was sent. */
#define QUOTED "\"%.40s\""

static bool parse_number(const char *word, const struct field *field, struct request *request)
{
    char *end;
    long long number;

    /* strtoll would also take white space and a plus sign. */
    if (!isdigit((unsigned char)word[word[0] == '-'])) {
        snprintf(request->error, sizeof request->error, "%s is not a number: " QUOTED, field->name,
                 word);
        return false;
    }
    errno = 0;
    number = strtoll(word, &end, 10);
    if (*end != '\0') {
        snprintf(request->error, sizeof request->error, "%s is not a number: " QUOTED, field->name,
                 word);
        return false;
    }
    if (errno == ERANGE || number < field->least || number > field->most) {
        snprintf(request->error, sizeof request->error, "%s is out of range: " QUOTED, field->name,
                 word);
        return false;
    }
    *(int64_t *)((char *)request + field->offset) = number;
    return true;
}

static bool parse_fields(const struct form *form, char **rest, struct request *request)
{
    const char *word;

    for (size_t i = 0; form->fields[i] != NULL; i++) {
        word = strtok_r(NULL, " ", rest);
        if (word == NULL) {
            snprintf(request->error, sizeof request->error, "%s: %s is missing", form->word,
                     form->fields[i]->name);
            return false;
        }
        if (!parse_number(word, form->fields[i], request))
            return false;
        if (form->fields[i] == &ID)
            request->has_id = true;
    }
    word = strtok_r(NULL, " ", rest);
    if (word != NULL)
        snprintf(request->error, sizeof request->error, "%s: one word too many: " QUOTED,
                 form->word, word);
    return word == NULL;
}

bool parse_request(char *line, size_t length, struct request *request)
{
    char *rest;
    const char *word;

    memset(request, 0, sizeof *request);
    line[length] = '\0';
    if (memchr(line, '\0', length) != NULL) {
        snprintf(request->error, sizeof request->error, "a NUL byte in the line");
        return false;
    }
    word = strtok_r(line, " ", &rest);
    if (word == NULL) {
        snprintf(request->error, sizeof request->error, "an empty line");
        return false;
    }
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        if (strcmp(word, FORMS[i].word) == 0) {
            request->kind = FORMS[i].kind;
            return parse_fields(&FORMS[i], &rest, request);
        }
    }
    snprintf(request->error, sizeof request->error, "unknown word " QUOTED, word);
    return false;
}
