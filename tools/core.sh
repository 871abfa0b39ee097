#!/usr/bin/env bash
# Prints the path of a Terraform or OpenTofu of a version, which it builds from
# its Go module into the user's cache when it is not there:
#
#   core.sh terraform 1.14.0
#   core.sh tofu 1.12.6
#
# The module of Terraform leaves out its remote state backends, which are
# modules that are never published, so they are left out here as well; local,
# remote, http and inmem are there. Nothing else is changed.
set -euo pipefail

product=${1:?terraform or tofu} version=${2:?version}
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/landlord/cores/$product-$version
core=$cache/$product

if [ -x "$core" ]; then
  echo "$core"
  exit 0
fi

case $product in
terraform) module=github.com/hashicorp/terraform package=. ;;
tofu) module=github.com/opentofu/opentofu package=./cmd/tofu ;;
*)
  echo "core.sh: \`$product\` is neither terraform nor tofu" >&2
  exit 2
  ;;
esac

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
echo "Building $product $version into $cache (a few minutes, once)." >&2
mkdir "$work/nowhere"
export GOFLAGS=-buildvcs=false GOWORK=off
fetched=$(cd "$work/nowhere" && go mod download -json "$module@v$version" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
cp -R "$fetched" "$work/source"
chmod -R u+w "$work/source"
cd "$work/source"

# Modules that are folders of the repository and not of the published module.
for lost in $(sed -n 's/^\(replace\)\{0,1\}[ \t]*\([^ ]*\) => \.\/.*$/\2/p' go.mod); do
  go mod edit -droprequire="$lost" -dropreplace="$lost"
  list=internal/backend/init/init.go
  alias=$(sed -n "s|^[ \t]*\([A-Za-z0-9]*\) \"$lost\"\$|\1|p" "$list")
  if [ -n "$alias" ]; then
    sed -i.bak "/$alias[. ]/d" "$list"
  fi
done

mkdir -p "$cache"
CGO_ENABLED=0 go build -mod=mod -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$core.$$" "$package" >&2
mv "$core.$$" "$core"
echo "$core"
