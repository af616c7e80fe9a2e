#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "line.h"

struct line line_in(char *text, size_t limit)
{
    return (struct line){.text = text, .limit = limit};
}

static void add_byte(struct line *line, char byte)
{
    if (line->length + 1 < line->limit) /* a byte is kept for the newline */
        line->text[line->length++] = byte;
}

void line_add(struct line *line, const char *text)
{
    while (*text != '\0')
        add_byte(line, *text++);
}

void line_add_number(struct line *line, int64_t number)
{
    char digits[20];
    size_t count = 0;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do {
        digits[count++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        add_byte(line, '-');
    while (count > 0)
        add_byte(line, digits[--count]);
}

void line_add_mask(struct line *line, uint64_t mask)
{
    add_byte(line, '"');
    for (int shift = 60; shift >= 0; shift -= 4)
        add_byte(line, "0123456789abcdef"[mask >> shift & 15]);
    add_byte(line, '"');
}

void line_key(struct line *line, const char *key)
{
    char last = line->length > 0 ? line->text[line->length - 1] : '{';

    if (last != '{' && last != '[')
        add_byte(line, ',');
    add_byte(line, '"');
    line_add(line, key);
    line_add(line, "\":");
}

/* Names and words of requests: what JSON does not allow in a text becomes a question mark. */
void line_text(struct line *line, const char *key, const char *text)
{
    line_key(line, key);
    add_byte(line, '"');
    for (; *text != '\0'; text++) {
        bool plain = *text >= ' ' && *text <= '~' && *text != '"' && *text != '\\';

        add_byte(line, plain ? *text : '?');
    }
    add_byte(line, '"');
}

void line_number(struct line *line, const char *key, int64_t number)
{
    line_key(line, key);
    line_add_number(line, number);
}

void line_mask(struct line *line, const char *key, uint64_t mask)
{
    line_key(line, key);
    line_add_mask(line, mask);
}

void line_print(struct line *line)
{
    int saved = errno;
    ssize_t written;

    line->text[line->length] = '\n';
    do
        written = write(STDOUT_FILENO, line->text, line->length + 1);
    while (written < 0 && errno == EINTR);
    errno = saved;
}
