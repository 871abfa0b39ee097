package registry

import (
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func tripMoves(t *trip) {
	ctx := t.Context()
	row := &TenantRow{ID: 77}
	none, err := t.r.OpenMove(ctx, t.x, row.ID)
	t.ok(err)
	t.same("none", none, (*MoveRow)(nil))
	m := &MoveRow{Tenant: row.ID, Slug: "mover", Database: "tenant_mover", From: "eu", To: "us", Status: MoveBeginning, Retired: "landlord_retired_1_m1", MayDrop: true, Author: "bo"}
	t.ok(t.r.BeginMove(ctx, t.x, m))
	got, err := t.r.OpenMove(ctx, t.x, row.ID)
	t.ok(err)
	t.same("begun", got, m)
	there, err := t.r.movesTo(ctx, t.x, "us")
	t.ok(err)
	t.same("on their way", there, []*MoveRow{m})

	m.Status, m.Schema, m.Checkpoint, m.Rows, m.Paused = MoveRetiring, "v1:e", "auto-1", 12, 1500*time.Millisecond
	t.ok(t.r.SetMove(ctx, t.x, m))
	got, err = t.r.OpenMove(ctx, t.x, row.ID)
	t.ok(err)
	t.same("retiring", got, m)
	t.ok(t.r.SwitchTenant(ctx, t.x, m, "f"))
	got, err = t.r.OpenMove(ctx, t.x, row.ID)
	t.ok(err)
	t.same("switched", got, m)

	kept, err := t.r.movesFrom(ctx, t.x, "eu")
	t.ok(err)
	t.same("kept", kept, []*MoveRow{m})
	m.Status = MoveLeft
	t.ok(t.r.EndMove(ctx, t.x, m, time.Hour))
	left, err := t.r.LeftMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("left", left, []*MoveRow{m})
	left, err = t.r.LeftMoves(ctx, t.x, "eu", m.ID+1)
	t.ok(err)
	t.same("left by another", len(left), 0)
	id, err := t.r.InsertTenant(ctx, t.x, &TenantRow{Slug: "newcomer", Name: "newcomer", Database: "Tenant_mover", Server: "eu", Status: landlord.StatusActive, Template: "shop"})
	t.ok(err)
	left, err = t.r.LeftMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("another tenant's by now", len(left), 0)
	t.ok(t.r.DeleteTenant(ctx, t.x, id))
	m.Status, m.MayDrop = MoveDone, false
	t.ok(t.r.EndMove(ctx, t.x, m, -time.Hour))
	expired, err := t.r.ExpiredMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("not to be dropped", len(expired), 0)
	m.MayDrop = true
	t.ok(t.r.EndMove(ctx, t.x, m, -time.Hour))
	past, err := t.r.PastMoves(ctx, t.x, row.ID)
	t.ok(err)
	t.same("past", past, 1)
	expired, err = t.r.ExpiredMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("expired", expired, []*MoveRow{m})
	expired, err = t.r.ExpiredMoves(ctx, t.x, "eu", m.ID)
	t.ok(err)
	t.same("still", expired, []*MoveRow{m})
	id, err = t.r.InsertTenant(ctx, t.x, &TenantRow{Slug: "adopted", Name: "adopted", Database: "Landlord_retired_1_m1", Server: "eu", Status: landlord.StatusActive, Template: "shop"})
	t.ok(err)
	expired, err = t.r.ExpiredMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("a tenant's", len(expired), 0)
	t.ok(t.r.DeleteTenant(ctx, t.x, id))
	t.ok(t.r.ClearMove(ctx, t.x, m.ID))
	expired, err = t.r.ExpiredMoves(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("cleared", len(expired), 0)
	again := *m
	again.Status = MoveBeginning
	t.ok(t.r.BeginMove(ctx, t.x, &again)) // fills `open`
	tripArrivals(t)
}

// tripArrivals: an event that came with a tenant is as old as it is, whatever its number.
func tripArrivals(t *trip) {
	ctx := t.Context()
	for _, at := range []string{"2026-03-02", "2026-03-01"} {
		_, err := t.x.Exec(ctx, "INSERT INTO "+t.r.table("tenant_events")+" (tenant_id, tenant_slug, event, author, created_at) VALUES (78, ?, 'arrived', 'bo', ?)", "of-"+at, at)
		t.ok(err)
	}
	newest, err := t.r.EventsOf(ctx, t.x, "arrived", 1)
	t.ok(err)
	t.same("newest", len(newest), 1)
	t.same("newest", newest[0].Tenant, "of-2026-03-02")
}

// TestServers_ownNames refuses to make a tenant of a name that the landlord gives to
// databases of its own.
func TestServers_ownNames(t *testing.T) {
	t.Parallel()
	s := &Servers{Config: &landlord.Config{Prefix: "landlord_", Database: "landlord"}, Registry: &Store{Database: "landlord"}}
	for _, slug := range []string{"retired-5-m1", "retired_9_0123456789", "scratch-x"} {
		if name, err := s.DatabaseName(slug); err == nil {
			t.Errorf("`%s` makes `%s`", slug, name)
		}
	}
	for _, name := range []string{"landlord", "landlord_retired", "landlord_retired_5_m1"} {
		if _, err := s.DatabaseOf("acme", name); err == nil {
			t.Errorf("`%s` can be a tenant's", name)
		}
	}
	for _, slug := range []string{"retiredpeople", "retired-people"} {
		if name, err := s.DatabaseName(slug); err != nil || name != "landlord_"+strings.ReplaceAll(slug, "-", "_") {
			t.Errorf("got `%s`, %v", name, err)
		}
	}
}
