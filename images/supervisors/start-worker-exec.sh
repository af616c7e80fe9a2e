#!/bin/sh
# The shell becomes the worker.
exec worker
