#!/bin/sh
touch /var/log/app.log
"$@" &
exec tail -F /var/log/app.log
