#!/bin/sh
# Runs golangci-lint in the version that .golangci.yml is written for: the one
# on PATH or in Go's bin folder when it is that version, else one that it
# installs once into the user's cache.
set -eu

version=2.15.0
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/landlord/tools/golangci-lint-$version

is_wanted() {
  [ "$("$1" version --short 2>/dev/null || true)" = "$version" ]
}

for lint in golangci-lint "$(go env GOPATH)/bin/golangci-lint" "$cache/golangci-lint"; do
  if is_wanted "$lint"; then
    exec "$lint" "$@"
  fi
done

echo "Installing golangci-lint $version into $cache (a few minutes, once)." >&2
GOBIN=$cache GOFLAGS="${GOFLAGS:-} -buildvcs=false" \
  go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$version" >&2
exec "$cache/golangci-lint" "$@"
