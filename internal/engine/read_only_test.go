package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestReadOnly_others is the same for what else a person or a program may ask for.
func TestReadOnly_others(t *testing.T) {
	t.Parallel()
	w := newMoveBed(t, mysqltest.Kinds(t)[0])
	s := mysqltest.Private(t, w.main.Kind)
	w.main = s.Server
	spec, account := w.tenant(t, "acme", "")
	opened, err := w.engine(t).OpenCredentials(t.Context(), landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleReadOnly, Hosts: []string{"%"}, Life: time.Hour})
	must(t, err)
	old, newest := shop("1.0.0"), wider("1.1.0")
	old.Name, newest.Name = "store", "store"
	publish(t, w.engine(t), old)
	publish(t, w.engine(t), newest)
	shops := fleetSpec(2, "1.0.0")
	shops.Template = "store@1.0.0"
	_, err = engineOn(t, s.Server, pooled).ApplyFleet(t.Context(), shops, nil, "")
	must(t, err)
	shops.Template = "store@1.1.0"
	shops.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00"}, Through: "canary"}
	shops.Pool = 1
	_, err = engineOn(t, s.Server, pooled).ApplyFleet(t.Context(), shops, priorFleet(shops), "")
	must(t, err)
	given := landlord.Approval{Digest: "sha256:1", Tenant: "acme", ApprovedBy: "bo", Note: "n"}
	_, err = w.engine(t).Approve(t.Context(), given, false, landlord.NewEvent{})
	must(t, err)
	newer := given
	newer.Digest = "sha256:2"
	last := shops
	last.Pool = 0 // so that the first thing to do is to take the ready tenant
	verbs := []struct {
		name string
		do   func(ctx context.Context, e *engine.Engine) error
	}{
		{"approving", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Approve(ctx, newer, false, landlord.NewEvent{Tenants: []string{"acme"}, Event: "approved", Author: "bo"})
			return err
		}},
		{"withdrawing", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.Withdraw(ctx, []landlord.Approval{given}, landlord.NewEvent{Tenants: []string{"acme"}, Event: "withdrawn", Author: "bo"})
			return err
		}},
		{"recording", func(ctx context.Context, e *engine.Engine) error {
			return e.Record(ctx, []string{"acme"}, "seen", "bo", map[string]string{"note": "n"})
		}},
		{"asking a rollout", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.AskRollout(ctx, "shops", landlord.WishPause, "bo", "n")
			return err
		}},
		{"asking no more", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.AskRollout(ctx, "shops", landlord.WishNone, "bo", "n")
			return err
		}},
		{"claiming", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ClaimTenant(ctx, "shops", "claimed", "Claimed", nil)
			return err
		}},
		{"a fleet", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ApplyFleet(ctx, last, priorFleet(shops), "")
			return err
		}},
		{"an account", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.ApplyAccount(ctx, landlord.TenantAccountSpec{Tenant: "acme", Name: account + "_new", Hosts: []string{"%"}, Role: landlord.RoleReadOnly, Password: firstPassword}, "", nil)
			return err
		}},
		{"removing an account", func(ctx context.Context, e *engine.Engine) error { return e.RemoveAccount(ctx, "acme", account) }},
		{"credentials", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.OpenCredentials(ctx, landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleReadOnly, Hosts: []string{"%"}, Life: time.Hour})
			return err
		}},
		{"renewing credentials", func(ctx context.Context, e *engine.Engine) error {
			return e.RenewCredentials(ctx, "", opened.Username, time.Hour)
		}},
		{"closing credentials", func(ctx context.Context, e *engine.Engine) error {
			return e.CloseCredentials(ctx, "acme", opened.Username)
		}},
		{"moving", func(ctx context.Context, e *engine.Engine) error {
			tenant, err := e.Tenant(ctx, "acme")
			if err != nil {
				return err
			}
			to := spec
			to.Server = "eu"
			_, err = e.UpdateTenant(ctx, to, prior(tenant), "")
			return err
		}},
	}
	state := func() string {
		var all []any
		for _, table := range []string{"migration_approvals", "tenant_events", "rollout_wishes", "rollouts", "pool_tenants", "tenant_accounts", "tenant_moves", "tenants"} {
			all = append(all, s.QueryRows(t, "CHECKSUM TABLE "+s.LandlordDatabase+"."+table)[0][1])
		}
		return fmt.Sprint(all, s.QueryRows(t, "SELECT User FROM mysql.user ORDER BY 1"))
	}
	before := state()
	s.Exec(t, "SET GLOBAL read_only = ON")
	for _, verb := range verbs {
		t.Log(verb.name)
		field := "server"
		if verb.name == "a fleet" {
			field = "tenants"
		}
		same(t, said(verb.do(t.Context(), w.engine(t))), "Server is read-only ["+field+"]\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover.\n\n"+
			"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
	}
	same(t, state(), before)
	s.Exec(t, "SET GLOBAL read_only = OFF")
	for _, verb := range verbs {
		if err := verb.do(t.Context(), w.engine(t)); err != nil {
			t.Errorf("%s: %s", verb.name, explain(err))
		}
	}
}
