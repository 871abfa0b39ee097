#!/bin/sh
# Runs `terraform`, else `tofu`, with the given arguments. With --which it only
# prints the path of the one that it found.
set -eu

core=$(command -v terraform || command -v tofu || true)
if [ -z "$core" ]; then
  echo "Neither \`terraform\` nor \`tofu\` is on PATH: install Terraform (1.8 or later) or OpenTofu (1.8 or later)." >&2
  exit 1
fi
if [ "${1:-}" = "--which" ]; then
  echo "$core"
  exit 0
fi
# A CLI configuration that does not exist is only a warning, but one that
# appears in every output.
if [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -e "$TF_CLI_CONFIG_FILE" ]; then
  TF_CLI_CONFIG_FILE=/dev/null
  export TF_CLI_CONFIG_FILE
fi
CHECKPOINT_DISABLE=1 exec "$core" "$@"
