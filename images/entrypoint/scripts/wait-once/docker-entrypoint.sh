#!/bin/bash
trap 'kill -TERM "$child"' TERM
"$@" &
child=$!
wait "$child"
