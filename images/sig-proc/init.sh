#!/bin/bash
# An init program as people write them by hand: keeps the container running, and nothing more.
# bash sets no handler for SIGTERM here.

echo "init.sh: ready (pid $$)"
while true; do
    sleep 100
done
