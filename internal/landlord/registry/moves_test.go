package registry

import "time"

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

	m.Status = MoveDone
	t.ok(t.r.EndMove(ctx, t.x, m, -time.Hour))
	past, err := t.r.PastMoves(ctx, t.x, row.ID)
	t.ok(err)
	t.same("past", past, 1)
	expired, err := t.r.ExpiredMoves(ctx, t.x, "eu")
	t.ok(err)
	t.same("expired", expired, []*MoveRow{m})
	t.ok(t.r.ClearMove(ctx, t.x, m.ID))
	expired, err = t.r.ExpiredMoves(ctx, t.x, "eu")
	t.ok(err)
	t.same("cleared", len(expired), 0)
	again := *m
	again.Status = MoveBeginning
	t.ok(t.r.BeginMove(ctx, t.x, &again)) // fills `open`
}
