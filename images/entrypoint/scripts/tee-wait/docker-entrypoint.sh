#!/bin/bash
# What the program prints goes to the container's output and into a file.
exec {output}> >(tee /var/log/app.log)
tee=$!
trap 'kill -TERM "${child:-$!}"' TERM
"$@" >&"$output" 2>&1 &
child=$!
wait "$child"
trap - TERM
wait "$child"
status=$?
# At the end of its input, tee(1) has written the last lines.
exec {output}>&-
wait "$tee"
exit "$status"
