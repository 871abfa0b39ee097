#!/usr/bin/env bash
# Fails, with the difference, when a generated file is not what its generator
# makes: Go formatting, module files, examples and documentation. It compares
# with what was there before instead of with git, so it works in a checkout
# with changes, and it leaves the new files in place.
set -uo pipefail
cd "$(dirname "$0")/.."

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
failed=0

check() { # what, how to mend it, command…
  local what=$1 mend=$2 output
  shift 2
  if output=$("$@" 2>&1); then
    return
  fi
  failed=1
  printf '%s\n%s: not up to date. %s\n' "$output" "$what" "$mend"
}

formatted() {
  local difference
  # shellcheck disable=SC2046 # names of Go files have no blanks
  difference=$(gofmt -s -d $(tools/gofiles.sh)) && [ -z "$difference" ] || { echo "$difference"; return 1; }
}

documented() {
  cp -R docs examples "$before" &&
    make --no-print-directory generate >"$before/log" 2>&1 || { cat "$before/log"; return 1; }
  diff -ruN "$before/examples" examples && diff -ruN "$before/docs" docs
}

validated() {
  (cd tools/generate && go tool tfplugindocs validate --provider-dir ../.. --provider-name landlord --providers-schema schema.json)
}

check "Formatting of Go files" "Run \`make fmt\`." formatted
check "go.mod and go.sum" "Run \`go mod tidy\`." go mod tidy -diff
check "tools/generate/go.mod and go.sum" "Run \`go mod tidy\` in tools/generate." go -C tools/generate mod tidy -diff
check "Documentation and examples" "They were generated now: look at them and commit." documented
check "Documentation for the registry" "Each file has to be one that the registry shows." validated
if [ "$failed" = 0 ]; then
  echo "All generated files are up to date."
fi
exit "$failed"
