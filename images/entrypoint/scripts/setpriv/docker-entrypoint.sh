#!/bin/sh
set -e
mkdir -p /var/lib/app
chown app /var/lib/app
cd /var/lib/app
exec setpriv --reuid=app --regid=app --init-groups "$@"
