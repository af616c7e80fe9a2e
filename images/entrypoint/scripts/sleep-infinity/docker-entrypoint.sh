#!/bin/sh
"$@" &
sleep infinity
