#!/bin/bash
trap 'kill -TERM "$(pidof app)"; exit 0' TERM
"$@"
