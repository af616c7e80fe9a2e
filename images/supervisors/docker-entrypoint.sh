#!/bin/sh
# runsvdir that stops its services, waits for them, and ends with 0.
stop() {
    sv force-stop /etc/service/*
    kill -HUP $!
}
trap stop TERM
runsvdir -P /etc/service &
# The trap interrupts the first wait; the second one is for the end of runsvdir.
wait $!
wait $!
exit 0
