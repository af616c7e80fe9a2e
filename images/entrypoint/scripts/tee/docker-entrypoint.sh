#!/bin/bash
"$@" 2>&1 | tee /var/log/app.log
