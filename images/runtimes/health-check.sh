#!/bin/sh
# A check that asks a server that is slow: sleep stands for the program that asks.
sleep 1.5
echo healthy
