#!/bin/bash
# `$!` is set as soon as the program is there; a variable of one's own would be set a moment later.
trap 'kill -TERM $!' TERM
"$@" &
wait $!
# A signal that is trapped ends wait(1) at once. The second one waits for the program itself.
wait $!
