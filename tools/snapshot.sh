#!/usr/bin/env bash
# Builds what a release would hold into dist/, unsigned and unpublished, with
# goreleaser in the version that the release workflow uses:
#
#   PLATFORMS=linux_amd64 VERSION=0.1.0 tools/snapshot.sh
#
# PLATFORMS are targets of .goreleaser.yml, or "all"; the default is this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."

goreleaser=github.com/goreleaser/goreleaser/v2@v2.15.1
platforms=${PLATFORMS:-$(go env GOOS)_$(go env GOARCH)}
export VERSION=${VERSION:-0.1.0} GOFLAGS=-buildvcs=false

config=.goreleaser.yml
if [ "$platforms" != all ]; then
  config=$(mktemp)
  trap 'rm -f "$config"' EXIT
  awk -v wanted=" $platforms " '
    /^    targets:$/ { inside = 1; print; next }
    inside && /^      - / { if (index(wanted, " " $2 " ")) { print; kept++ }; next }
    { inside = 0; print }
    END { exit kept == 0 }
  ' .goreleaser.yml >"$config" || {
    echo "snapshot.sh: .goreleaser.yml has none of the platforms: $platforms" >&2
    exit 2
  }
fi
go run "$goreleaser" release --snapshot --clean --skip=sign --config "$config"
