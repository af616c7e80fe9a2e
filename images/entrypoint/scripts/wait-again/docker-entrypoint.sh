#!/bin/bash
trap 'kill -TERM "$child"' TERM
"$@" &
child=$!
wait "$child"
# A signal that is trapped ends wait(1) at once. The second one waits for the program itself.
trap - TERM
wait "$child"
