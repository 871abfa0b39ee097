package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// workOnAcme is what a run may do to a tenant, beside moving it.
type workOnAcme struct {
	name string
	do   func(ctx context.Context, e *engine.Engine) error
}

// worksOnAcme needs a tenant beta, and a checkpoint `good` of acme.
func worksOnAcme(account string) []workOnAcme {
	hosts := []string{"%"}
	restored := func(mode landlord.RestoreMode) func(context.Context, *engine.Engine) error {
		return func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Restore(ctx, landlord.RestoreSpec{Tenant: "acme", Checkpoint: "good", Mode: mode, AllowDestructive: true}, "")
			return err
		}
	}
	copied := func(from, into string) func(context.Context, *engine.Engine) error {
		return func(ctx context.Context, e *engine.Engine) error {
			_, err := e.CopyData(ctx, landlord.DataCopySpec{Source: from, Target: into, Tables: []string{"customers"}, OnConflict: landlord.CopySkip})
			return err
		}
	}
	return []workOnAcme{
		{"checkpoint", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.RetakeCheckpoint(ctx, checkpointing.Spec{Tenant: "acme", Name: "good", Contents: landlord.CheckpointData})
			return err
		}},
		{"account", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ApplyAccount(ctx, landlord.TenantAccountSpec{Tenant: "acme", Name: account + "_new", Hosts: hosts, Role: landlord.RoleReadOnly, Password: firstPassword}, "", nil)
			return err
		}},
		{"account removed", func(ctx context.Context, e *engine.Engine) error {
			return e.RemoveAccount(ctx, "acme", account)
		}},
		{"credentials", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.OpenCredentials(ctx, landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleReadOnly, Hosts: hosts, Life: time.Hour})
			return err
		}},
		{"copy from it", copied("acme", "beta")},
		{"copy into it", copied("beta", "acme")},
		{"restore beside", restored(landlord.RestoreSideBySide)},
		{"customization", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ApplyCustomization(ctx, customization.Spec{Tenant: "acme", Name: "stars", Reason: "Contract 1", Patch: landlord.CustomizationPatch{
				Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "stars", Definition: "INT NULL"}},
			}}, nil, "")
			return err
		}},
		{"restore in place", restored(landlord.RestoreInPlace)},
	}
}

// TestWork_tenantMoved does everything in runs that have seen a tenant before
// another one moved it: it is done where the tenant is, or not at all.
func TestWork_tenantMoved(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	spec, account := w.tenant(t, "acme", "")
	create(t, w.engine(t), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0"})
	works := worksOnAcme(account)
	must(t, works[0].do(t.Context(), w.engine(t)))
	seen := func() *engine.Engine {
		e := w.engine(t)
		_, err := e.Tenant(t.Context(), "acme")
		must(t, err)
		return e
	}
	runs := make([]*engine.Engine, len(works))
	for i := range works {
		runs[i] = seen()
	}
	late, last := seen(), seen()
	tenant, err := late.Tenant(t.Context(), "acme")
	must(t, err)
	before := prior(tenant)
	to := spec
	to.Server = "eu"
	_, _, err = update(t.Context(), w.engine(t), to, tenant)
	must(t, err)

	database := w.main.Prefix + "acme"
	moved := "Tenant changed since the plan [%s]\nTenant `acme` has database `" + database + "` on server `eu` by now. When it was looked at, it had `" + database + "` on the main server.\n\nNothing was run. Plan again."
	renamed := spec
	renamed.Name = "Acme & Sons"
	_, err = late.UpdateTenant(t.Context(), renamed, before, "")
	wantProblem(t, err, fmt.Sprintf(moved, "slug"))
	wantProblem(t, last.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionArchive}), fmt.Sprintf(moved, "slug"))
	for i, work := range works {
		err := work.do(t.Context(), runs[i])
		if work.name == "customization" { // planned for what is on the main server
			wantProblem(t, err, fmt.Sprintf(moved, "tenant"))
			continue
		}
		if err != nil {
			t.Errorf("%s: %s", work.name, explain(err))
		}
	}
	same(t, fmt.Sprint(w.main.QueryRows(t, "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '"+strings.ReplaceAll(database, "_", `\_`)+"%'), (SELECT COUNT(*) FROM mysql.user WHERE User LIKE '"+account+"%')")), "[[0 0]]")
	same(t, fmt.Sprint(w.eu.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE '"+account+"%'")), "[["+account+"_new]]")
	same(t, fmt.Sprint(w.main.QueryRows(t, "SELECT server, table_rows FROM "+w.main.LandlordDatabase+".tenant_checkpoints WHERE name = 'good'")), "[[eu 2]]")
	same(t, fmt.Sprint(w.main.QueryRows(t, "SELECT DISTINCT server FROM "+w.main.LandlordDatabase+".tenant_restores")), "[[eu]]")
	same(t, fmt.Sprint(w.main.QueryRows(t, "SELECT DISTINCT server FROM "+w.main.LandlordDatabase+".tenant_accounts")), "[[eu]]")
}

// TestWork_moveCutOff does everything to a tenant whose move was cut off, at any
// point: it is refused until the move is complete, or taken back.
func TestWork_moveCutOff(t *testing.T) {
	t.Parallel()
	workOnMoves(t, 4)
}

// TestSoakWork_moveCutOff is the same with every point on every server.
func TestSoakWork_moveCutOff(t *testing.T) {
	soak(t)
	workOnMoves(t, 1)
}

func workOnMoves(t *testing.T, every int) {
	t.Helper()
	for i, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			w := newMoveBed(t, kind)
			spec, account := w.tenant(t, "acme", "")
			create(t, w.engine(t), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "shop@1.0.0"})
			works := append(worksOnAcme(account), workOnAcme{"deletion", func(ctx context.Context, e *engine.Engine) error {
				return e.DeleteTenant(ctx, "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true})
			}})
			must(t, works[0].do(t.Context(), w.engine(t)))
			cfg := landlord.Config{Main: engine.ServerConfig{Endpoint: w.main.Endpoint(), Username: w.main.Username, Password: w.main.Password}, Database: w.main.LandlordDatabase, Prefix: w.main.Prefix}
			w.config(&cfg)
			spec.Server = "eu"
			for n := 1 + i; ; n += every {
				tenant, err := w.engine(t).Tenant(t.Context(), "acme")
				must(t, err)
				p := prior(tenant)
				if !(victim{Config: cfg, Spec: spec, Prior: &p, Kill: n}).run(t) {
					t.Logf("killed at %d points", n/every)
					return
				}
				w.refused(t, n, works)
				w.complete(t, spec, n, "eu")
				w.checkWhole(t, "eu", n, account)
				back := spec
				back.Server = ""
				w.complete(t, back, n, "")
			}
		})
	}
}

// refused wants everything to be refused in the same words, if a move is open.
func (w *moveBed) refused(t *testing.T, n int, works []workOnAcme) {
	t.Helper()
	open := w.main.QueryRows(t, "SELECT status FROM "+w.main.LandlordDatabase+".tenant_moves WHERE open = 1")
	if len(open) == 0 {
		return
	}
	way := "Set `server` to server `eu` to complete the move, or to the main server to take it back, and apply. Everything else of the tenant waits for that."
	if open[0][0] == "switched" {
		way = "The tenant lives on server `eu` already. Set `server` to that one and apply; it can move again then. Everything else of the tenant waits for that."
	}
	before, planned := w.records(t), map[string]bool{"customization": true, "copy from it": true, "copy into it": true} // and so refused before the lock
	for _, work := range works {
		field := map[string]string{"copy from it": "source", "copy into it": "target", "deletion": "slug"}[work.name]
		if field == "" {
			field = "tenant"
		}
		unfinished := "Tenant migration is not complete [" + field + "]\nA migration of tenant `acme` was interrupted, so that its tables are neither the old nor the new ones.\n\nApply the tenant first: the migration goes on where it stopped."
		if work.name == "customization" {
			unfinished = "Tenant has an interrupted migration [tenant]\nThe last migration of tenant `acme` was interrupted and comes first.\n\nApply the tenant, then this customization."
		}
		want := "Move of the tenant was interrupted [" + field + "]\nA move of tenant `acme` from the main server to server `eu` was cut off, so something of it is on both. Nothing was touched.\n\n" + way
		if got := said(work.do(t.Context(), w.engine(t))); got != want && (!planned[work.name] || got != unfinished) {
			t.Errorf("killed at point %d, %s: %s", n, work.name, got)
		}
	}
	same(t, w.records(t), before)
}

// records are how many rows of each kind the landlord database has, and which
// checkpoint is the good one.
func (w *moveBed) records(t *testing.T) string {
	t.Helper()
	var counts []string
	for _, table := range []string{"tenant_checkpoints", "tenant_restores", "tenant_accounts", "tenant_customizations", "tenant_data_copies"} {
		counts = append(counts, "(SELECT COUNT(*) FROM "+w.main.LandlordDatabase+"."+table+")")
	}
	return fmt.Sprint(w.main.QueryRows(t, "SELECT id, status, table_rows, running_digest, "+strings.Join(counts, ", ")+" FROM "+w.main.LandlordDatabase+".tenant_checkpoints c JOIN (SELECT running_digest FROM "+
		w.main.LandlordDatabase+".tenants WHERE slug = 'acme') m WHERE name = 'good'"))
}
