/*
 * Which tasks of the machine a trace instance records, and which it leaves out.
 */
#ifndef TASKS_H
#define TASKS_H

#include <stdbool.h>

/*
 * Lets an instance record the processes with these names (separated by commas), our own, and what
 * descends from them. False: there is none of these names, and nothing is changed.
 */
bool record_engine(const char *instance, const char *names);

/*
 * Lets an instance record nothing of us, who read it: a read that finds nothing is recorded like one
 * of a signalfd, and would be found by the next one.
 */
void leave_out_reader(const char *instance);

/*
 * Lets instances record no more of the container that a task is in: of all in its PID namespace.
 * Nobody is left out in the machine's own, nor in one within another container.
 */
void leave_out(int task, const char *const *instances, int count);

#endif
