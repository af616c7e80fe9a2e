/* What /proc says of this process, and what became of its children. */
#ifndef REPORT_H
#define REPORT_H

#include "line.h"

/* `"masks":{…},"threads":[…]` */
void report_masks(struct line *line);

/* One line for each child that ended, stopped or went on since the last call; never waits. */
void print_changes_of_children(void);

#endif
