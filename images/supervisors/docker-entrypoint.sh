#!/bin/sh
# runsvdir that stops its services, waits for them, and ends with 0.
stop() {
    sv force-stop /etc/service/*
    kill -HUP "$runsvdir"
}
runsvdir -P /etc/service &
runsvdir=$!
trap stop TERM
# The trap interrupts the first wait; the second one is for the end of runsvdir.
wait "$runsvdir"
wait "$runsvdir"
exit 0
