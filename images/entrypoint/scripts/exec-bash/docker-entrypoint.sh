#!/bin/bash
set -e
mkdir -p /var/lib/app
exec "$@"
