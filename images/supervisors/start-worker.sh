#!/bin/sh
# The shell waits for its child, and is what supervisord sends SIGTERM to.
worker
