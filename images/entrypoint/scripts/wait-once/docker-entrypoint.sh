#!/bin/bash
trap 'kill -TERM $!' TERM
"$@" &
wait $!
