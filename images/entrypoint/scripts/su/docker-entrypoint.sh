#!/bin/sh
set -e
mkdir -p /var/lib/app
chown app /var/lib/app
exec su app -s /bin/sh -c "cd /var/lib/app; $*"
