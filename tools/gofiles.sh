#!/bin/sh
# Prints the Go files of the repository, without folders that tools keep there.
set -eu
cd "$(dirname "$0")/.."
find . -name '.?*' -prune -o -path ./bin -prune -o -path ./dist -prune -o -name '*.go' -print
