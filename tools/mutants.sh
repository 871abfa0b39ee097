#!/bin/sh
# Changes one thing at a time in a pure room and runs its tests, which should
# fail: gremlins, in the version that this was tried with, installed once into
# the user's cache. Arguments are folders, then `--` and flags of gremlins:
#
#   tools/mutants.sh internal/sqltext -- --exclude-files scanner.go
#
# Only tests that need no server run. RUN=TestGuard narrows them further, and
# SKIP=TestGuard_linear leaves out: quicker, and more survives. WORKERS=2 takes a
# second core. What survives stands in docs/design/mutants.md.
set -eu
cd "$(dirname "$0")/.."

version=0.6.0
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/landlord/tools/gremlins-$version

if [ ! -x "$cache/gremlins" ]; then
  echo "Installing gremlins $version into $cache (once)." >&2
  GOBIN=$cache GOFLAGS="${GOFLAGS:-} -buildvcs=false" go install "github.com/go-gremlins/gremlins/cmd/gremlins@v$version" >&2
fi

rooms=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  rooms="$rooms $1"
  shift
done
[ $# -eq 0 ] || shift

# gremlins has no flags for `go test`. Vet has nothing to say about a mutant, its
# first failure is enough, nobody will debug its program, and the time that it gets
# is a multiple of that of a run, which must be one.
export GOFLAGS="${GOFLAGS:-} -buildvcs=false -short -vet=off -failfast -ldflags=-s -count=1${RUN:+ -run=$RUN}${SKIP:+ -skip=$SKIP}"
for room in $rooms; do
  printf '\n==> Mutants of %s\n' "$room"
  "$cache/gremlins" unleash --workers "${WORKERS:-1}" --timeout-coefficient 10 --output-statuses lct "$@" "./$room"
done
