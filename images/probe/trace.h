/*
 * `probe trace`: the kernel trace of signals and processes, for a runner that cannot read it.
 *
 * Runs in a container of its own, in the machine's PID namespace and with the machine's tracefs.
 */
#ifndef TRACE_H
#define TRACE_H

/*
 * `words` are the folder of tracefs, the beginning of the instance's name, and then pairs of a file of
 * the instance and what to write there; a `?` before the file: it may be missing. Gives the exit
 * status: 0 when the input has ended or SIGTERM has come; 1, and why on standard error.
 */
int trace_main(int count, char **words);

#endif
