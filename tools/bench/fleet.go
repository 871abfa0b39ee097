package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// mostFleetMemory is what a provider may have at most with 5,000 tenants.
const mostFleetMemory = 300 << 20

// fleetDrifted is how many tenants somebody has changed when drift is measured.
const fleetDrifted = 5

// fleetSite is what one round with a fleet works on.
type fleetSite struct {
	*site

	fleet *workspace
}

// fleetRounds measures what is done to a fleet.
func (b *bench) fleetRounds(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for n := range b.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, b.rounds)
		if err := b.fleetRound(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) fleetRound(ctx context.Context, number int) (err error) {
	s, err := startServer(ctx, b.kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	f := &fleetSite{site: &site{b: b, s: s, number: number}}
	if f.none, err = b.workspace(ctx, s, "none", 0, ""); err != nil {
		return err
	}
	f.fleet, err = newWorkspace(ctx, b.terraform, b.mirror(), filepath.Join(b.root, fmt.Sprint(s.Port, "-fleet")),
		fleetConfig(b.tenants, oldVersion, b.source(), ""), map[string]string{
			"LANDLORD_ENDPOINT": s.Endpoint(), "LANDLORD_USERNAME": s.Username, "LANDLORD_PASSWORD": s.Password,
			"LANDLORD_DATABASE": "landlord_fleet", "LANDLORD_DATABASE_PREFIX": prefixOf("fleet"),
		})
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"create", f.create}, {"plan", f.plan}, {"rollout", f.rollout}, {"drift", f.drift}} {
		peak := watchMemory(b.mirror())
		err := part.run(ctx)
		most := peak()
		b.memory = max(b.memory, most)
		fmt.Fprintf(os.Stderr, "%s: the provider had %d MiB at most\n", part.name, most>>20)
		if err != nil {
			return err
		}
	}
	return f.same(ctx, "bare", "fleet")
}

func (f *fleetSite) create(ctx context.Context) error {
	part := fmt.Sprintf("create a fleet of %d tenants of %s, %d statements each", f.b.tenants, strings.TrimPrefix(path.Base(f.b.source()), "builtin:"), len(f.b.create)+1)
	bare := f.b.row(part, "bare SQL as an account for each, 4 connections")
	job := f.job(f.b.create)
	job.Create, job.Accounts = true, true
	return f.take(ctx,
		[]side{{bare, func() (time.Duration, error) { return runBare(ctx, job) }}},
		[]side{f.terraform(ctx, f.b.row(part, "terraform apply").against(1.15, bare), f.fleet, "apply", "-auto-approve")},
		[]side{f.alone(ctx, part, bare)},
	)
}

// alone is what an apply takes whatever the number of tenants: a landlord database
// the first time, and a version of the template.
func (f *fleetSite) alone(ctx context.Context, part string, bare *row) side {
	return f.terraform(ctx, f.b.row(part, "terraform apply of the template alone").against(0, bare), f.none, "apply", "-auto-approve")
}

// least is what a plan without changes cannot do without: one read of the
// structure of all databases, and what Terraform takes for a template.
func (f *fleetSite) least(ctx context.Context, part string) side {
	job := f.job(nil)
	job.Read = prefixOf("fleet")
	return side{f.b.row(part, "one read of information_schema, and a plan without tenants"), func() (time.Duration, error) {
		read, err := runBare(ctx, job)
		if err != nil {
			return 0, err
		}
		plan, err := f.none.run(ctx, "plan", "-detailed-exitcode")
		return read + plan, err
	}}
}

func (f *fleetSite) plan(ctx context.Context) error {
	part := "plan without changes"
	least := f.least(ctx, part)
	fleet := f.b.row(part, fmt.Sprintf("a fleet of %d tenants", f.b.tenants)).against(1.5, least.row)
	fleet.mostStatements = 30
	// The first plan behind an apply refreshes what the apply has left.
	if _, err := f.fleet.run(ctx, "apply", "-auto-approve", "-refresh-only"); err != nil {
		return err
	}
	for range 2 {
		err := f.take(ctx, []side{least}, []side{f.terraform(ctx, fleet, f.fleet, "plan", "-detailed-exitcode")})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fleetSite) rollout(ctx context.Context) error {
	if err := f.none.write(tenantConfig(0, newVersion, f.b.template())); err != nil {
		return err
	}
	if err := f.fleet.write(fleetConfig(f.b.tenants, newVersion, f.b.template(), "")); err != nil {
		return err
	}
	part := fmt.Sprintf("roll a version with %d statements out to %d tenants of a fleet", len(f.b.rollout), f.b.tenants)
	bare := f.b.row(part, "bare SQL, 4 connections")
	fleet := f.b.row(part, "terraform apply").against(1.4, bare)
	fleet.mostStatements = int64(12 * f.b.tenants)
	return f.take(ctx,
		[]side{f.bare(ctx, bare, false, f.b.rollout)},
		[]side{f.terraform(ctx, fleet, f.fleet, "apply", "-auto-approve")},
		[]side{f.alone(ctx, part, bare)},
	)
}

func (f *fleetSite) drift(ctx context.Context) error {
	for n := range min(fleetDrifted, f.b.tenants) {
		if _, err := f.s.conn.ExecContext(ctx, "ALTER TABLE "+quote(prefixOf("fleet")+slugOf(n))+".users ADD COLUMN bench_drift INT NULL"); err != nil {
			return fmt.Errorf("changing a tenant: %w", err)
		}
	}
	config := fleetConfig(f.b.tenants, newVersion, f.b.template(), "data \"landlord_fleet_drift\" \"bench\" {\n  details = true\n}\n")
	if err := f.fleet.write(config); err != nil {
		return err
	}
	part := fmt.Sprintf("a plan with the drift of %d tenants, %d of them changed", f.b.tenants, fleetDrifted)
	least := f.least(ctx, part)
	row := f.b.row(part, "terraform plan").against(0, least.row)
	if err := f.take(ctx, []side{least}, []side{f.terraform(ctx, row, f.fleet, "plan")}); err != nil {
		return err
	}
	for n := range min(fleetDrifted, f.b.tenants) {
		if _, err := f.s.conn.ExecContext(ctx, "ALTER TABLE "+quote(prefixOf("fleet")+slugOf(n))+".users DROP COLUMN bench_drift"); err != nil {
			return fmt.Errorf("changing a tenant back: %w", err)
		}
	}
	return nil
}

// fleetConfig is a template and a fleet that follows it, and more.
func fleetConfig(tenants int, version, source, more string) string {
	var list strings.Builder
	for n := range tenants {
		fmt.Fprintf(&list, "    %s = { name = \"Tenant %d\" }\n", slugOf(n), n)
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

resource "landlord_tenant_template" "bench" {
  name    = "bench"
  version = %q
  source  = %q
}

resource "landlord_tenant_fleet" "bench" {
  name     = "bench"
  template = landlord_tenant_template.bench.id
  tenants = jsonencode({
%s  })
}

%s`, version, source, &list, more)
}
