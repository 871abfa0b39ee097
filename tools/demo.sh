#!/usr/bin/env bash
# The quick start from nothing: builds the provider, finds or starts a server,
# runs examples/quickstart with the real Terraform and shows what it made.
#
#   demo.sh up     what `make demo` runs; a second run finds everything there
#   demo.sh fleet  what `make demo-fleet` runs: examples/fleet, with a rollout that
#                  fails and goes back
#   demo.sh env    prints what a shell needs to go on
#   demo.sh down   ends the private server and removes all that `up` keeps
#
# What it keeps is below .landlord/, and Terraform's state beside the example.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${VERSION:-0.1.0}
home=$PWD/.landlord
example=examples/quickstart
testdb=bin/testdb
owner=$home/server-of-the-demo # holds the endpoint of the last run, or "private"

# A cache or a data folder of the user's would keep an older build.
unset TF_PLUGIN_CACHE_DIR TF_DATA_DIR TF_WORKSPACE
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1

headline() { printf '\n==> %s\n' "$*"; }

terraform() {
  local core command=$1 color=()
  shift
  core=$(tools/terraform.sh --which)
  [ -t 1 ] || color=(-no-color)
  TF_CLI_CONFIG_FILE=$home/terraform.rc "$core" -chdir="$example" "$command" -input=false ${color[@]+"${color[@]}"} "$@"
}

build_provider() {
  local platform host dir
  platform=$(go env GOOS)_$(go env GOARCH)
  headline "Building the provider into a filesystem mirror below .landlord/mirror (a few minutes the first time)"
  # With the settings of the tests, so that `make test` finds everything compiled.
  go build -ldflags "-s -w -X main.version=$version" -o "$home/provider" .
  rm -rf "$home/mirror"
  for host in registry.terraform.io registry.opentofu.org; do
    dir=$home/mirror/$host/landlord-db/landlord/$version/$platform
    mkdir -p "$dir"
    cp "$home/provider" "$dir/terraform-provider-landlord_v$version"
  done
  rm "$home/provider"
  cat >"$home/terraform.rc" <<EOF
# Made by \`make demo\`: takes the provider from this checkout, everything else as usual.
provider_installation {
  filesystem_mirror {
    path    = "$home/mirror"
    include = ["registry.terraform.io/landlord-db/landlord", "registry.opentofu.org/landlord-db/landlord"]
  }
  direct {
    exclude = ["registry.terraform.io/landlord-db/landlord", "registry.opentofu.org/landlord-db/landlord"]
  }
}
EOF
  # It holds the checksum of the former build.
  rm -f "$example/.terraform.lock.hcl"
}

build_testdb() { go build -o "$testdb" ./tools/testdb; }

# named_server says whether the environment names a server that is not the one
# that `demo.sh env` put there.
named_server() {
  [ -n "${LANDLORD_ENDPOINT:-}" ] && [ "$LANDLORD_ENDPOINT" != "${LANDLORD_DEMO_ENDPOINT:-}" ]
}

# find_server puts the server into the environment. The private one keeps its
# data, so a second run goes on with what the first one made.
find_server() {
  local wanted=private
  if named_server; then
    wanted=$LANDLORD_ENDPOINT
  fi
  if [ -e "$owner" ] && [ "$(cat "$owner")" != "$wanted" ] && has_state; then
    echo "The Terraform state in $example is of the server \"$(cat "$owner")\", not of \"$wanted\": run \`make demo-down\` first." >&2
    exit 1
  fi
  if named_server; then
    headline "Using the server at $LANDLORD_ENDPOINT, which LANDLORD_ENDPOINT names"
  else
    headline "Starting a private server with its data below .landlord/server, or finding it running"
    local settings
    settings=$("$testdb" start --detach --datadir "$home/server")
    eval "$settings"
    "$testdb" status --datadir "$home/server"
  fi
  echo "$wanted" >"$owner"
}

has_state() { grep -qs '"type": "landlord_' "$example/terraform.tfstate"; }

run_terraform() {
  headline "terraform init"
  terraform init
  headline "terraform plan"
  terraform plan -out="$home/quickstart.tfplan"
  headline "terraform apply"
  if ! terraform apply "$home/quickstart.tfplan"; then
    echo 'The apply failed. The server keeps running: look with `make demo-env`, end it with `make demo-down`.' >&2
    exit 1
  fi
}

show_result() {
  local landlord=${LANDLORD_DATABASE:-landlord} prefix=${LANDLORD_DATABASE_PREFIX:-tenant_}
  headline "What is on the server now: databases and tables"
  go run ./tools/sqltable "
    SELECT table_schema AS \`database\`, COUNT(*) AS objects,
           GROUP_CONCAT(table_name ORDER BY table_name SEPARATOR ' ') AS \`tables and views\`
    FROM information_schema.tables
    WHERE table_schema LIKE '${prefix//_/\\_}%'
    GROUP BY table_schema ORDER BY table_schema"
  headline "What the landlord database knows: templates, tenants, migrations"
  go run ./tools/sqltable \
    "SELECT name, version, checksum, database_name FROM \`$landlord\`.tenant_templates ORDER BY id" \
    "SELECT id, slug, name, database_name, status, CONCAT(template, '@', applied_version) AS template, modules
     FROM \`$landlord\`.tenants ORDER BY id" \
    "SELECT id, tenant_slug, migration_name, level, steps, status, duration_ms, applied_at
     FROM \`$landlord\`.tenant_migrations_history ORDER BY id"
}

show_no_changes() {
  headline "terraform plan, once more"
  local code=0
  terraform plan -detailed-exitcode || code=$?
  if [ "$code" != 0 ]; then
    echo "A plan right after the apply has changes or failed (exit code $code). This should not be: please report it." >&2
    exit 1
  fi
}

end_page() {
  if [ -e "$home/page.pid" ]; then
    kill "$(cat "$home/page.pid")" 2>/dev/null || true
    rm -f "$home/page.pid"
  fi
}

# show_page starts the administration page, and prints its address.
show_page() {
  local program
  program=$(echo "$home"/mirror/registry.terraform.io/landlord-db/landlord/"$version"/*/terraform-provider-landlord_v*)
  end_page
  headline "The administration page"
  LANDLORD_CHECKPOINT_DIRECTORY=$home/checkpoints nohup "$program" dashboard --listen 127.0.0.1:0 >"$home/page.log" 2>&1 </dev/null &
  echo $! >"$home/page.pid"
  for _ in $(seq 100); do
    if grep -q '^The page is at' "$home/page.log"; then
      cat "$home/page.log"
      return
    fi
    sleep 0.1
  done
  echo "The page did not start:" >&2
  cat "$home/page.log" >&2
  exit 1
}

show_next_steps() {
  headline "To go on"
  cat <<EOF
  eval "\$(make -s demo-env)"      # server, account and provider, for this shell
  cd $example
  ${EDITOR:-vi} main.tf                       # for example: one more shop
  $(basename "$(tools/terraform.sh --which)") plan

EOF
  if [ "$(cat "$owner")" = private ]; then
    echo 'The private server keeps running. `make demo-down` ends it and removes its data.'
  else
    echo 'To remove the tenants from your server again, in that folder:'
    echo '  terraform apply -var disposable=true && terraform destroy -var disposable=true'
  fi
}

up() {
  mkdir -p "$home"
  build_testdb
  build_provider
  find_server
  run_terraform
  show_result
  show_no_changes
  show_next_steps
  show_page
}

# expect_failure runs a command of Terraform that has to end with an error.
expect_failure() {
  if terraform "$@"; then
    echo "This should have failed, and did not: please report it." >&2
    exit 1
  fi
}

show_versions() {
  local landlord=${LANDLORD_DATABASE:-landlord}
  go run ./tools/sqltable \
    "SELECT CONCAT(template, '@', applied_version) AS follows, COUNT(*) AS shops FROM \`$landlord\`.tenants GROUP BY template, applied_version" \
    "SELECT id, template, through, status, started_at, finished_at FROM \`$landlord\`.rollouts ORDER BY id"
}

fleet() {
  local broken=${LANDLORD_DATABASE_PREFIX:-tenant_}shop_215
  example=examples/fleet
  mkdir -p "$home"
  build_testdb
  build_provider
  find_server
  headline "terraform init"
  terraform init
  headline "300 shops at release 1.0.0"
  terraform apply -auto-approve -var release=1.0.0
  headline "Shop 215 gets two customers with one address, which release 1.1.0 will not allow"
  go run ./tools/sqltable "DELETE FROM \`$broken\`.customers" "INSERT INTO \`$broken\`.customers VALUES (1, 'ann@example.org'), (2, 'ann@example.org')"
  headline "Release 1.1.0 for the canary"
  terraform apply -auto-approve -var release=1.1.0 -var through=canary -var probe=false
  show_versions
  headline "Release 1.1.0 for all: the plan asks the rows of all shops, and names the one that would fail"
  terraform plan -var release=1.1.0
  headline "The same without asking: a shop of the last wave fails, and all that were changed go back"
  expect_failure apply -auto-approve -var release=1.1.0 -var probe=false
  show_versions
  headline "The rows are put right, and release 1.1.0 reaches all"
  go run ./tools/sqltable "DELETE FROM \`$broken\`.customers WHERE id = 2"
  terraform apply -auto-approve -var release=1.1.0
  show_versions
  show_next_steps
}

env_lines() {
  if [ ! -e "$owner" ]; then
    echo 'There is no demo here yet: run `make demo` first.' >&2
    exit 1
  fi
  if [ "$(cat "$owner")" = private ]; then
    build_testdb
    if ! "$testdb" env --datadir "$home/server"; then
      echo '`make demo` starts the server again.' >&2
      exit 1
    fi
    echo 'export LANDLORD_DEMO_ENDPOINT=$LANDLORD_ENDPOINT'
  fi
  printf 'export TF_CLI_CONFIG_FILE=%q\n' "$home/terraform.rc"
}

down() {
  end_page
  if [ -e "$owner" ] && [ "$(cat "$owner")" != private ] && has_state; then
    cat <<EOF
The demo ran on your own server $(cat "$owner"): nothing is removed there. To remove its tenants:
  eval "\$(make -s demo-env)" && cd $example
  terraform apply -var disposable=true && terraform destroy -var disposable=true
EOF
    return
  fi
  if [ -e "$home/server" ]; then
    echo "Ending the private server and removing its data: $home"
    build_testdb
    "$testdb" stop --datadir "$home/server"
  else
    echo "No private server is here; removing what the demo kept: $home"
  fi
  rm -rf "$home"
  for example in examples/quickstart examples/fleet; do
    rm -rf "$example"/.terraform "$example"/.terraform.lock.hcl "$example"/terraform.tfstate "$example"/terraform.tfstate.backup
  done
}

case ${1:-} in
up) up ;;
fleet) fleet ;;
env) env_lines ;;
down) down ;;
*)
  echo "usage: $0 up|fleet|env|down" >&2
  exit 2
  ;;
esac
