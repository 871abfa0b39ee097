package registry

import (
	"database/sql"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func tripServers(t *trip) {
	see := func(server, host string, port int64) {
		t.Helper()
		var h sql.NullString
		var p sql.NullInt64
		t.ok(t.x.Row(t.Context(), "SELECT host, port FROM "+t.r.table("landlord_servers")+" WHERE server = ?", server).Scan(&h, &p))
		t.same("host of "+server, h, sql.NullString{String: host, Valid: host != ""})
		t.same("port of "+server, p, sql.NullInt64{Int64: port, Valid: host != ""})
	}
	t.ok(t.r.WriteServers(t.Context(), t.x, map[string]mysql.Reach{"": {Socket: "/run/a.sock"}, "eu": {Host: "eu.example.org", Port: 3306}}))
	see("", "", 0)
	see("eu", "eu.example.org", 3306)
	t.ok(t.r.WriteServers(t.Context(), t.x, map[string]mysql.Reach{"": {Host: "::1", Port: 3307}}))
	see("", "::1", 3307)
	see("eu", "eu.example.org", 3306)
}

func tripPool(t *trip) {
	ctx := t.Context()
	see := func(what string, last int, want ...PoolTenant) {
		t.Helper()
		got, numbers, err := t.r.ReadPool(ctx, t.x)
		t.ok(err)
		t.same(what, got, want)
		t.same(what+": number", numbers["gyms"], last)
	}
	see("none", 0)
	t.ok(t.r.AddPool(ctx, t.x, nil))
	one, two := PoolTenant{Slug: "gyms-pool-1", Fleet: "gyms", Number: 1, State: PoolBusy}, PoolTenant{Slug: "gyms-pool-2", Fleet: "gyms", Number: 2, State: PoolBusy}
	t.ok(t.r.AddPool(ctx, t.x, []PoolTenant{one, two}))
	t.ok(t.r.AddPool(ctx, t.x, []PoolTenant{one}))
	see("announced", 2, one, two)
	t.ok(t.r.GivePool(ctx, t.x, one.Slug))
	one.State = PoolReady
	see("ready", 2, one, two)
	take := func(slug string, want bool) {
		t.Helper()
		ours, err := t.r.TakePool(ctx, t.x, slug)
		t.ok(err)
		t.same("taken "+slug, ours, want)
	}
	take("gyms-pool-1", true)
	take("gyms-pool-1", true)
	take("nobody", false)
	t.ok(t.r.EndPool(ctx, t.x, two.Slug))
	t.ok(t.r.GivePool(ctx, t.x, one.Slug))
	see("one is dropped", 2, one)
	take(two.Slug, false)

	id, err := t.r.InsertTenant(ctx, t.x, &TenantRow{Slug: one.Slug, Name: one.Slug, Database: "x_gyms_pool_1"})
	t.ok(err)
	t.ok(t.r.FinishTenant(ctx, t.x, id, CreatedTenant{Status: landlord.StatusActive, Version: "1.0.0"}))
	t.ok(t.r.publish(ctx, t.x))
	rows, err := t.x.Query(ctx, "CALL "+t.r.table("claim_tenant")+"('acme', 'Acme', NULL)")
	t.ok(err)
	t.ok(rows.Close())
	take(one.Slug, false)
	see("somebody's", 2)
	row, err := t.r.ReadTenant(ctx, t.x, "acme")
	t.ok(err)
	t.same("the tenant", row.ID, id)
	dropping := func(slug string, want bool) {
		t.Helper()
		ours, err := t.r.MarkDropping(ctx, t.x, id, slug)
		t.ok(err)
		t.same("dropping "+slug, ours, want)
	}
	dropping(one.Slug, false)
	row, err = t.r.ReadTenant(ctx, t.x, "acme")
	t.ok(err)
	t.same("status of who was claimed", row.Status, landlord.StatusActive)
	dropping("acme", true)
	dropping("acme", true)
	dropping(one.Slug, false)
	t.ok(t.r.DeleteTenant(ctx, t.x, id))
	dropping("acme", false)
}
