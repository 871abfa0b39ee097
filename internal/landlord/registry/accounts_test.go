package registry

import (
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func tripAccounts(t *trip) {
	ctx := t.Context()
	none, err := t.r.ReadAccount(ctx, t.x, "", "app")
	t.ok(err)
	t.same("none", none, (*AccountRow)(nil))
	app := &AccountRow{Tenant: 1, Slug: "acme", Server: "eu", Name: "app", Hosts: []string{"%"}, Role: landlord.RoleApplication, MaxUserConnections: 7, Author: "bo"}
	app.ID, err = t.r.InsertAccount(ctx, t.x, app, 0)
	t.ok(err)
	_, err = t.r.InsertAccount(ctx, t.x, app, 0)
	t.same("a second one is a duplicate", mysql.IsDuplicateKey(err), true)
	elsewhere := *app
	elsewhere.Server, elsewhere.Tenant, elsewhere.Slug = "", 2, "beta"
	elsewhere.ID, err = t.r.InsertAccount(ctx, t.x, &elsewhere, 0)
	t.ok(err)
	run := &AccountRow{Tenant: 1, Slug: "acme", Server: "eu", Name: "run", Hosts: []string{"10.%", "h"}, Role: landlord.RoleReadOnly, RequireTLS: true}
	run.ID, err = t.r.InsertAccount(ctx, t.x, run, time.Hour)
	t.ok(err)
	got, err := t.r.ReadAccount(ctx, t.x, "eu", "run")
	t.ok(err)
	t.same("is for one run", got.Temporary(), true)
	if left := time.Until(got.ExpiresAt); left < 58*time.Minute || left > 61*time.Minute {
		t.Errorf("it lives for %s", left)
	}
	t.made(&got.CreatedAt)
	got.ExpiresAt = time.Time{}
	run.Recent = true
	t.same("for one run", got, run)

	app.Hosts, app.Role, app.RequireTLS, app.MaxUserConnections, app.Ready = []string{"a", "b"}, landlord.RoleMigrator, true, 0, true
	t.ok(t.r.WriteAccount(ctx, t.x, app))
	got, err = t.r.ReadAccount(ctx, t.x, "eu", "app")
	t.ok(err)
	t.made(&got.CreatedAt)
	app.Recent = true
	t.same("finished", got, app)

	names := func(rows []*AccountRow, err error) (out []string) {
		t.Helper()
		t.ok(err)
		for _, r := range rows {
			out = append(out, r.Slug+"/"+r.Name)
		}
		slices.Sort(out)
		return out
	}
	t.same("all", names(t.r.ReadAccounts(ctx, t.x)), []string{"acme/app", "acme/run", "beta/app"})
	t.same("of a tenant", names(t.r.ReadTenantAccounts(ctx, t.x, 1)), []string{"acme/app", "acme/run"})
	t.same("expired", names(t.r.ReadExpiredAccounts(ctx, t.x)), []string(nil))
	had, err := t.r.ExtendAccount(ctx, t.x, "eu", "run", time.Second)
	t.ok(err)
	t.same("extended", had, true)
	had, err = t.r.ExtendAccount(ctx, t.x, "eu", "app", time.Second)
	t.ok(err)
	t.same("one that stays", had, false)
	time.Sleep(1100 * time.Millisecond)
	t.same("expired", names(t.r.ReadExpiredAccounts(ctx, t.x)), []string{"acme/run"})
	t.ok(t.r.DeleteAccount(ctx, t.x, elsewhere.ID))
	t.same("left", names(t.r.ReadAccounts(ctx, t.x)), []string{"acme/app", "acme/run"})
	app.Ready = false
	t.ok(t.r.WriteAccount(ctx, t.x, app))
	got, err = t.r.ReadAccount(ctx, t.x, "eu", "app")
	t.ok(err)
	t.same("being changed", got.Ready, false)
	_, err = t.r.InsertAccount(ctx, t.x, &elsewhere, 0)
	t.ok(err)
	t.ok(t.r.DeleteTenantAccounts(ctx, t.x, elsewhere.Tenant))
	t.same("of the other tenant", names(t.r.ReadAccounts(ctx, t.x)), []string{"acme/app", "acme/run"})
}
