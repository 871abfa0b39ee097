package registry

import (
	"errors"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ledgerRow is a tenant that the ledger is to know.
func ledgerRow(id uint64) *TenantRow {
	return &TenantRow{ID: id, Slug: "acme", Template: "shop", Applied: "1.0.0", Running: "d1"}
}

func testIntent(row *TenantRow, digest string) Intent {
	return Intent{Tenant: row, Name: "customization `x`", Level: 3, Digest: digest, From: "shop@1.0.0", To: "shop@2.0.0", Modules: []string{"m"}, Composition: "c",
		FromSchema: "f0", ToSchema: "f1", Recorded: "f2", Author: "me", ServerUUID: "uuid", Connection: 7}
}

func tripMigrations(t *trip) {
	ctx, row, none := t.Context(), ledgerRow(1), (*Running)(nil)
	id, err := t.r.WriteIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	want := &Running{ID: id, Digest: "d0", To: "shop@2.0.0", Composition: "c", FromSchema: "f0", ToSchema: "f1", Recorded: "f2", Connection: 7, ServerUUID: "uuid"}
	see := func(what string, want *Running) {
		t.Helper()
		got, err := t.r.ReadRunning(ctx, t.x, row.ID)
		t.ok(err)
		t.same(what, got, want)
	}
	see("begun", want)
	t.ok(t.r.TakeOver(ctx, t.x, id, Intent{Author: "you", ServerUUID: "other", Connection: 8}))
	want.ServerUUID, want.Connection = "other", 8
	see("taken over", want)
	t.ok(t.r.SetConnection(ctx, t.x, id, 9))
	want.Connection = 9
	see("on another connection", want)
	t.r.FailMigration(ctx, t.x, id, errors.New("no space left"))
	unfinished, err := t.r.UnfinishedMigration(ctx, t.x, row, "customization `x`", "d0")
	t.ok(err)
	t.same("unfinished", unfinished, id)
	t.ok(t.r.RenewIntent(ctx, t.x, id, testIntent(row, "d1")))
	see("renewed", &Running{ID: id, Digest: "d1", To: "shop@2.0.0", Composition: "c", ToSchema: "f1", Connection: 7, ServerUUID: "uuid"})
	t.ok(t.r.CloseRunning(ctx, t.x, row))
	see("given up", none)

	in := testIntent(row, "d1")
	in.Level = 1
	id, err = t.r.WriteIntent(ctx, t.x, in)
	t.ok(err)
	started := time.Now().Add(-time.Second)
	t.ok(t.r.FinishMigration(ctx, t.x, id, "f9", []landlord.Step{{SQL: "SELECT 1"}}, started, &knownTexts{}))
	see("done", none)
	base, done, err := t.r.DoneMigration(ctx, t.x, row)
	t.ok(err)
	t.same("base", base, "f2")
	t.same("done", done, true)
	done, err = t.r.IsDone(ctx, t.x, row)
	t.ok(err)
	t.same("is done", done, true)
	past, err := t.r.StateAt(ctx, t.x, "acme", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	t.ok(err)
	t.same("state", past, &PastState{Template: "shop@2.0.0", Composition: "c", Base: "f2", Modules: []string{"m"}})

	in.Level = 3
	id, err = t.r.WriteIntent(ctx, t.x, in)
	t.ok(err)
	t.ok(t.r.CloseMigration(ctx, t.x, id, "f9", nil, started))
	done, err = t.r.IsDoneLast(ctx, t.x, row, "customization `x`", "d1")
	t.ok(err)
	t.same("the last one is done", done, true)
	failed, err := t.r.WriteIntent(ctx, t.x, testIntent(row, "d2"))
	t.ok(err)
	t.r.FailMigration(ctx, t.x, failed, errors.New("no space left"))

	list, err := t.r.PastMigrations(ctx, t.x, "acme", 3, true)
	t.ok(err)
	for i := range list {
		t.made(&list[i].StartedAt)
		if list[i].Status == "done" {
			t.made(&list[i].AppliedAt)
			t.same("takes a second", list[i].Duration >= time.Second && list[i].Duration < time.Hour, true)
		}
		list[i].ID, list[i].Duration = 0, 0
	}
	m := landlord.PastMigration{Name: "customization `x`", Digest: "d2", Level: 3, From: "shop@1.0.0", To: "shop@2.0.0", Status: "failed", Author: "me",
		Error: "no space left", Statements: []landlord.PastStep{}}
	closed, first := m, m
	closed.Digest, closed.Status, closed.Error = "d1", "done", ""
	first.Digest, first.Status, first.Error, first.Level, first.Steps = "d1", "done", "", 1, 1
	first.Statements = []landlord.PastStep{{Number: 1, SQL: "SELECT 1", State: "done"}}
	t.same("history", list, []landlord.PastMigration{m, closed, first})
}

func tripSteps(t *trip) {
	ctx, row := t.Context(), ledgerRow(2)
	id, err := t.r.WriteIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	aside := &landlord.Retired{Table: "t", Columns: []string{"a"}, Keys: []string{"id"}, Definition: "int", As: "r_1"}
	back := &landlord.Retired{ID: 4, Table: "t", Definition: "int", As: "r_2", Left: aside}
	steps := []RecordedStep{
		{Step: landlord.Step{SQL: "ALTER TABLE `größe` DROP COLUMN a", Object: "table `größe`", Operation: "drop_column", Origin: "core/1.sql", Level: 1,
			Algorithm: "instant", Locks: "none", Destructive: true, Reversible: true, Reason: "why", Lost: "all of it", Table: "größe", Retires: aside,
			Settings: ddl.Settings{SQLMode: "ANSI", CharacterSetClient: "utf8mb4", CollationConnection: "utf8mb4_bin", TimeZone: "SYSTEM"}},
			Number: 1, Before: "f0", After: "f1", State: "planned"},
		{Step: landlord.Step{SQL: "UPDATE t SET a = 1", Object: "table `t`", Operation: "return_values", Level: 3, Data: true, Joined: true, Returns: back},
			Number: 2, Before: "f1", After: "f1", State: "planned"},
		{Step: landlord.Step{SQL: "DROP TABLE u", Operation: "drop_table", Level: 2}, Number: 3, Before: "f1", After: "f2", State: "planned"},
	}
	see := func(what string) {
		t.Helper()
		got, err := t.r.ReadSteps(ctx, t.x, id)
		t.ok(err)
		t.same(what, got, steps)
	}
	plain := StepsOf(steps)
	t.ok(t.r.WriteTexts(ctx, t.x, plain, &knownTexts{}))
	t.ok(t.r.WritePlannedSteps(ctx, t.x, id, steps))
	see("planned")
	t.ok(t.r.MarkSteps(ctx, t.x, id, 1, 3))
	steps[0].State, steps[1].State, steps[2].State = "done", "intent", "intent"
	see("marked")
	t.r.HaltSteps(ctx, t.x, id, 2)
	steps[2].State = "planned"
	see("halted")
	last, err := t.r.LastStep(ctx, t.x, id)
	t.ok(err)
	t.same("last", last, 3)
	done, err := t.r.TakeOverSteps(ctx, t.x, id, Intent{Author: "you"})
	t.ok(err)
	t.same("done", done, 1)
	rest := steps[1:]
	steps = steps[:1]
	see("taken over")
	rest[0].State = "planned"
	t.ok(t.r.WritePlannedSteps(ctx, t.x, id, rest))
	t.ok(t.r.MarkSteps(ctx, t.x, id, 1, 2))
	rest[0].State = "intent"
	steps = append(steps, rest...)
	see("planned anew")

	other, err := t.r.WriteIntent(ctx, t.x, testIntent(ledgerRow(3), "d0"))
	t.ok(err)
	t.ok(t.r.writeSteps(ctx, t.x, other, plain, &knownTexts{}))
	past := []landlord.PastMigration{{ID: other}}
	t.ok(t.r.pastSteps(ctx, t.x, past))
	t.same("past", past[0].Statements, []landlord.PastStep{
		{Number: 1, SQL: plain[0].SQL, Object: plain[0].Object, Operation: "drop_column", Origin: "core/1.sql", Level: 1, State: "done"},
		{Number: 2, SQL: plain[1].SQL, Object: plain[1].Object, Operation: "return_values", Level: 3, State: "done"},
		{Number: 3, SQL: plain[2].SQL, Operation: "drop_table", Level: 2, State: "done"},
	})
	t.ok(t.r.deleteSteps(ctx, t.x, other))
	last, err = t.r.LastStep(ctx, t.x, other)
	t.ok(err)
	t.same("none left", last, 0)
}

func tripStatements(t *trip) {
	ctx, row := t.Context(), ledgerRow(4)
	many := make([]landlord.Step, 0, 150) // more than one statement takes
	for i := range cap(many) {
		many = append(many, landlord.Step{SQL: "SELECT 'ü', " + string(rune('0'+i))})
	}
	known := &knownTexts{}
	t.ok(t.r.WriteTexts(ctx, t.x, many[:70], known))
	known.Add(many[:70])
	id, err := t.r.WriteIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	t.ok(t.r.writeSteps(ctx, t.x, id, many, known))
	got, err := t.r.ReadSteps(ctx, t.x, id)
	t.ok(err)
	texts := make([]string, 0, len(got))
	for _, s := range got {
		texts = append(texts, s.SQL)
	}
	want := make([]string, 0, len(many))
	for _, s := range many {
		want = append(want, s.SQL)
	}
	t.same("texts", texts, want)
}

func tripEvents(t *trip) {
	ctx, row := t.Context(), ledgerRow(5)
	t.ok(t.r.WriteEvent(ctx, t.x, row, "created", "me", map[string]any{"template": "shop"}))
	t.ok(t.r.WriteEvent(ctx, t.x, row, landlord.CustomizationRemoved, "you", nil))
	list, err := t.r.PastEvents(ctx, t.x, "acme", 2)
	t.ok(err)
	for i := range list {
		t.made(&list[i].At)
	}
	created := []landlord.PastEvent{ // MySQL writes JSON its own way
		{Tenant: "acme", Event: "created", Author: "me", Detail: `{"template":"shop"}`}, {Tenant: "acme", Event: "created", Author: "me", Detail: `{"template": "shop"}`}}
	t.same("as written", slices.Contains(created, list[1]), true)
	t.same("newest first", list[0], landlord.PastEvent{Tenant: "acme", Event: landlord.CustomizationRemoved, Author: "you"})
	list, err = t.r.TenantEvents(ctx, t.x, row.ID, landlord.CustomizationRemoved, 9)
	t.ok(err)
	t.same("of one kind", len(list), 1)
}

func tripRetired(t *trip) {
	ctx, row := t.Context(), ledgerRow(6)
	table := &landlord.Retired{Table: "t", Definition: "CREATE TABLE t (a int)", As: "r_1"}
	columns := &landlord.Retired{Table: "u", Columns: []string{"a", "b"}, Keys: []string{"id"}, Definition: "int", As: "r_2"}
	_, err := t.x.Exec(ctx, "CREATE DATABASE "+mysql.Quote(t.r.Retirement())+landlord.WithTenantCharacters)
	t.ok(err)
	for _, name := range []string{"r_1", "r_2"} {
		_, err := t.x.Exec(ctx, "CREATE TABLE "+mysql.Qualified(t.r.Retirement(), name)+" (a int)")
		t.ok(err)
	}
	t.ok(t.r.PlanRetired(ctx, t.x, row, 9, []RecordedStep{{Step: landlord.Step{Retires: table}}, {Step: landlord.Step{Retires: columns}}}, 48*time.Hour))
	see := func(what string, want ...landlord.Retired) {
		t.Helper()
		got, err := t.r.readRetired(ctx, t.x)
		t.ok(err)
		list := slices.Clone(got.kept["acme\x006"])
		for i := range list {
			list[i].ID = 0
		}
		t.same(what, list, want)
		t.same("count", got.Count["acme"], 2)
	}
	see("planned", *columns, *table)
	all, err := t.r.readRetired(ctx, t.x)
	t.ok(err)
	kept := all.kept["acme\x006"]
	left := &landlord.Retired{Table: "u", Columns: []string{"b"}, Definition: "longer"}
	back := []RecordedStep{{Step: landlord.Step{Returns: &landlord.Retired{ID: kept[1].ID}}}, {Step: landlord.Step{Returns: &landlord.Retired{ID: kept[0].ID, Left: left}}}}
	t.ok(t.r.PlanRetired(ctx, t.x, row, 10, back, time.Hour))
	t.ok(t.r.keepRetired(ctx, t.x, row))
	see("kept", *columns, *table)
	t.ok(t.r.setRetired(ctx, t.x, "expires_at=UTC_TIMESTAMP(6) + INTERVAL 1 HOUR", kept[0].ID))
	ending := *columns
	ending.Ending = true
	see("ending", ending, *table)
	t.ok(t.r.HoldRetired(ctx, t.x, kept[0].ID))
	t.ok(t.r.HoldRetired(ctx, t.x, kept[1].ID)) // which has two days yet
	var hours []int
	for _, k := range kept {
		var left int
		t.ok(t.x.Row(ctx, "SELECT ROUND(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), expires_at) / 60) FROM "+t.r.table("retired_objects")+" WHERE id = ?", k.ID).Scan(&left))
		hours = append(hours, left)
	}
	t.same("hours that are left", hours, []int{24, 48})
	t.ok(t.r.setRetired(ctx, t.x, "expires_at=UTC_TIMESTAMP(6) + INTERVAL 2 DAY", kept[0].ID))
	t.ok(t.r.RecordRetired(ctx, t.x, back))
	see("one came back, and a part of the other", landlord.Retired{Table: "u", Columns: []string{"b"}, Keys: []string{"id"}, Definition: "longer", As: "r_2"})
	t.ok(t.r.PlanRetired(ctx, t.x, ledgerRow(7), 11, []RecordedStep{{Step: landlord.Step{Retires: &landlord.Retired{Table: "v", As: "r_3"}}}}, time.Nanosecond))
	t.ok(t.r.RecordRetired(ctx, t.x, []RecordedStep{{Step: landlord.Step{Retires: &landlord.Retired{As: "r_3"}}}}))
	names, err := t.r.ExpiredRetired(ctx, t.x)
	t.ok(err)
	t.same("expired", len(names), 1)
	for id, name := range names {
		t.same("name", name, "r_3")
		t.ok(t.r.SetRetiredPurged(ctx, t.x, id))
	}
	names, err = t.r.ExpiredRetired(ctx, t.x)
	t.ok(err)
	t.same("purged", len(names), 0)
}
