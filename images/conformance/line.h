/*
 * One line of JSON, built without the C library's stdio, so that a signal handler may do it
 * too, and written by one write(2), so that lines of several processes never mix.
 */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_LIMIT = 16384 };

struct line {
    size_t length;
    size_t limit; /* of the text; what is longer is cut */
    char *text;
};

/* `text` must have room for `limit` bytes. */
struct line line_in(char *text, size_t limit);
void line_add(struct line *line, const char *text);
void line_add_number(struct line *line, int64_t number);
void line_add_mask(struct line *line, uint64_t mask); /* 16 hex digits, as /proc has them */

/* `,"key":` and a value; the comma is left out after `{` and `[`. */
void line_key(struct line *line, const char *key);
void line_text(struct line *line, const char *key, const char *text);
void line_number(struct line *line, const char *key, int64_t number);
void line_mask(struct line *line, const char *key, uint64_t mask);

/* To standard output, with a newline. */
void line_print(struct line *line);

#endif
