package landlord

import (
	"errors"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ledgerRow is a tenant that the ledger is to know.
func ledgerRow(id uint64) *tenantRow {
	return &tenantRow{id: id, slug: "acme", template: "shop", applied: "1.0.0", running: "d1"}
}

func testIntent(row *tenantRow, digest string) intent {
	return intent{tenant: row, name: "customization `x`", level: 3, digest: digest, from: "shop@1.0.0", to: "shop@2.0.0", modules: []string{"m"}, composition: "c",
		fromSchema: "f0", toSchema: "f1", recorded: "f2", author: "me", serverUUID: "uuid", connection: 7}
}

func tripMigrations(t *trip) {
	ctx, row, none := t.Context(), ledgerRow(1), (*running)(nil)
	id, err := t.r.writeIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	want := &running{id: id, digest: "d0", composition: "c", fromSchema: "f0", toSchema: "f1", recorded: "f2", connection: 7, serverUUID: "uuid"}
	see := func(what string, want *running) {
		t.Helper()
		got, err := t.r.readRunning(ctx, t.x, row.id)
		t.ok(err)
		t.same(what, got, want)
	}
	see("begun", want)
	t.ok(t.r.takeOver(ctx, t.x, id, intent{author: "you", serverUUID: "other", connection: 8}))
	want.serverUUID, want.connection = "other", 8
	see("taken over", want)
	t.ok(t.r.setConnection(ctx, t.x, id, 9))
	want.connection = 9
	see("on another connection", want)
	t.r.failMigration(ctx, t.x, id, errors.New("no space left"))
	unfinished, err := t.r.unfinishedMigration(ctx, t.x, row, "customization `x`", "d0")
	t.ok(err)
	t.same("unfinished", unfinished, id)
	t.ok(t.r.renewIntent(ctx, t.x, id, testIntent(row, "d1")))
	see("renewed", &running{id: id, digest: "d1", composition: "c", toSchema: "f1", connection: 7, serverUUID: "uuid"})
	t.ok(t.r.closeRunning(ctx, t.x, row))
	see("given up", none)

	in := testIntent(row, "d1")
	in.level = 1
	id, err = t.r.writeIntent(ctx, t.x, in)
	t.ok(err)
	started := time.Now().Add(-time.Second)
	t.ok(t.r.finishMigration(ctx, t.x, id, "f9", []Step{{SQL: "SELECT 1"}}, started, &knownTexts{}))
	see("done", none)
	base, done, err := t.r.doneMigration(ctx, t.x, row)
	t.ok(err)
	t.same("base", base, "f2")
	t.same("done", done, true)
	done, err = t.r.isDone(ctx, t.x, row)
	t.ok(err)
	t.same("is done", done, true)
	past, err := t.r.stateAt(ctx, t.x, "acme", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	t.ok(err)
	t.same("state", past, &pastState{template: "shop@2.0.0", composition: "c", base: "f2", modules: []string{"m"}})

	in.level = 3
	id, err = t.r.writeIntent(ctx, t.x, in)
	t.ok(err)
	t.ok(t.r.closeMigration(ctx, t.x, id, "f9", nil, started))
	done, err = t.r.isDoneLast(ctx, t.x, row, "customization `x`", "d1")
	t.ok(err)
	t.same("the last one is done", done, true)
	failed, err := t.r.writeIntent(ctx, t.x, testIntent(row, "d2"))
	t.ok(err)
	t.r.failMigration(ctx, t.x, failed, errors.New("no space left"))

	list, err := t.r.pastMigrations(ctx, t.x, "acme", 3, true)
	t.ok(err)
	for i := range list {
		t.made(&list[i].StartedAt)
		if list[i].Status == "done" {
			t.made(&list[i].AppliedAt)
			t.same("takes a second", list[i].Duration >= time.Second && list[i].Duration < time.Hour, true)
		}
		list[i].id, list[i].Duration = 0, 0
	}
	m := PastMigration{Name: "customization `x`", Digest: "d2", Level: 3, From: "shop@1.0.0", To: "shop@2.0.0", Status: "failed", Author: "me",
		Error: "no space left", Statements: []PastStep{}}
	closed, first := m, m
	closed.Digest, closed.Status, closed.Error = "d1", "done", ""
	first.Digest, first.Status, first.Error, first.Level, first.Steps = "d1", "done", "", 1, 1
	first.Statements = []PastStep{{Number: 1, SQL: "SELECT 1", State: "done"}}
	t.same("history", list, []PastMigration{m, closed, first})
}

func tripSteps(t *trip) {
	ctx, row := t.Context(), ledgerRow(2)
	id, err := t.r.writeIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	aside := &retired{Table: "t", Columns: []string{"a"}, Keys: []string{"id"}, Definition: "int", As: "r_1"}
	back := &retired{ID: 4, Table: "t", Definition: "int", As: "r_2", Left: aside}
	steps := []recordedStep{
		{Step: Step{SQL: "ALTER TABLE `größe` DROP COLUMN a", Object: "table `größe`", Operation: "drop_column", Origin: "core/1.sql", Level: 1,
			Algorithm: "instant", Locks: "none", Destructive: true, Reversible: true, Reason: "why", lost: "all of it", table: "größe", retires: aside,
			settings: ddl.Settings{SQLMode: "ANSI", CharacterSetClient: "utf8mb4", CollationConnection: "utf8mb4_bin", TimeZone: "SYSTEM"}},
			number: 1, before: "f0", after: "f1", state: "planned"},
		{Step: Step{SQL: "UPDATE t SET a = 1", Object: "table `t`", Operation: "return_values", Level: 3, data: true, returns: back},
			number: 2, before: "f1", after: "f1", state: "planned"},
		{Step: Step{SQL: "DROP TABLE u", Operation: "drop_table", Level: 2}, number: 3, before: "f1", after: "f2", state: "planned"},
	}
	see := func(what string) {
		t.Helper()
		got, err := t.r.readSteps(ctx, t.x, id)
		t.ok(err)
		t.same(what, got, steps)
	}
	plain := make([]Step, 0, len(steps))
	for _, s := range steps {
		plain = append(plain, s.Step)
	}
	t.ok(t.r.writeTexts(ctx, t.x, plain, &knownTexts{}))
	t.ok(t.r.writePlannedSteps(ctx, t.x, id, steps))
	see("planned")
	t.ok(t.r.markSteps(ctx, t.x, id, 1, 3))
	steps[0].state, steps[1].state, steps[2].state = "done", "intent", "intent"
	see("marked")
	t.r.haltSteps(ctx, t.x, id, 2)
	steps[2].state = "planned"
	see("halted")
	last, err := t.r.lastStep(ctx, t.x, id)
	t.ok(err)
	t.same("last", last, 3)
	done, err := t.r.takeOverSteps(ctx, t.x, id, intent{author: "you"})
	t.ok(err)
	t.same("done", done, 1)
	rest := steps[1:]
	steps = steps[:1]
	see("taken over")
	rest[0].state = "planned"
	t.ok(t.r.writePlannedSteps(ctx, t.x, id, rest))
	t.ok(t.r.markSteps(ctx, t.x, id, 1, 2))
	rest[0].state = "intent"
	steps = append(steps, rest...)
	see("planned anew")

	other, err := t.r.writeIntent(ctx, t.x, testIntent(ledgerRow(3), "d0"))
	t.ok(err)
	t.ok(t.r.writeSteps(ctx, t.x, other, plain, &knownTexts{}))
	past := []PastMigration{{id: other}}
	t.ok(t.r.pastSteps(ctx, t.x, past))
	t.same("past", past[0].Statements, []PastStep{
		{Number: 1, SQL: plain[0].SQL, Object: plain[0].Object, Operation: "drop_column", Origin: "core/1.sql", Level: 1, State: "done"},
		{Number: 2, SQL: plain[1].SQL, Object: plain[1].Object, Operation: "return_values", Level: 3, State: "done"},
		{Number: 3, SQL: plain[2].SQL, Operation: "drop_table", Level: 2, State: "done"},
	})
	t.ok(t.r.deleteSteps(ctx, t.x, other))
	last, err = t.r.lastStep(ctx, t.x, other)
	t.ok(err)
	t.same("none left", last, 0)
}

func tripStatements(t *trip) {
	ctx, row := t.Context(), ledgerRow(4)
	many := make([]Step, 0, 150) // more than one statement takes
	for i := range cap(many) {
		many = append(many, Step{SQL: "SELECT 'ü', " + string(rune('0'+i))})
	}
	known := &knownTexts{}
	t.ok(t.r.writeTexts(ctx, t.x, many[:70], known))
	known.add(many[:70])
	id, err := t.r.writeIntent(ctx, t.x, testIntent(row, "d0"))
	t.ok(err)
	t.ok(t.r.writeSteps(ctx, t.x, id, many, known))
	got, err := t.r.readSteps(ctx, t.x, id)
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
	t.ok(t.r.writeEvent(ctx, t.x, row, "created", "me", map[string]any{"template": "shop"}))
	t.ok(t.r.writeEvent(ctx, t.x, row, customizationRemoved, "you", nil))
	list, err := t.r.pastEvents(ctx, t.x, "acme", 2)
	t.ok(err)
	for i := range list {
		t.made(&list[i].At)
	}
	created := []PastEvent{ // MySQL writes JSON its own way
		{Event: "created", Author: "me", Detail: `{"template":"shop"}`}, {Event: "created", Author: "me", Detail: `{"template": "shop"}`}}
	t.same("as written", slices.Contains(created, list[1]), true)
	t.same("newest first", list[0], PastEvent{Event: customizationRemoved, Author: "you"})
	list, err = t.r.tenantEvents(ctx, t.x, row.id, customizationRemoved, 9)
	t.ok(err)
	t.same("of one kind", len(list), 1)
}

func tripRetired(t *trip) {
	ctx, row := t.Context(), ledgerRow(6)
	table := &retired{Table: "t", Definition: "CREATE TABLE t (a int)", As: "r_1"}
	columns := &retired{Table: "u", Columns: []string{"a", "b"}, Keys: []string{"id"}, Definition: "int", As: "r_2"}
	_, err := t.x.Exec(ctx, "CREATE DATABASE "+mysql.Quote(t.r.retirement())+withTenantCharacters)
	t.ok(err)
	for _, name := range []string{"r_1", "r_2"} {
		_, err := t.x.Exec(ctx, "CREATE TABLE "+mysql.Qualified(t.r.retirement(), name)+" (a int)")
		t.ok(err)
	}
	t.ok(t.r.planRetired(ctx, t.x, row, 9, []recordedStep{{Step: Step{retires: table}}, {Step: Step{retires: columns}}}, time.Hour))
	see := func(what string, want ...retired) {
		t.Helper()
		got, err := t.r.readRetired(ctx, t.x)
		t.ok(err)
		list := slices.Clone(got.kept["acme\x006"])
		for i := range list {
			list[i].ID = 0
		}
		t.same(what, list, want)
		t.same("count", got.count["acme"], 2)
	}
	see("planned", *columns, *table)
	all, err := t.r.readRetired(ctx, t.x)
	t.ok(err)
	kept := all.kept["acme\x006"]
	left := &retired{Table: "u", Columns: []string{"b"}, Definition: "longer"}
	back := []recordedStep{{Step: Step{returns: &retired{ID: kept[1].ID}}}, {Step: Step{returns: &retired{ID: kept[0].ID, Left: left}}}}
	t.ok(t.r.planRetired(ctx, t.x, row, 10, back, time.Hour))
	t.ok(t.r.keepRetired(ctx, t.x, row))
	see("kept", *columns, *table)
	t.ok(t.r.recordRetired(ctx, t.x, back))
	see("one came back, and a part of the other", retired{Table: "u", Columns: []string{"b"}, Keys: []string{"id"}, Definition: "longer", As: "r_2"})
	t.ok(t.r.planRetired(ctx, t.x, ledgerRow(7), 11, []recordedStep{{Step: Step{retires: &retired{Table: "v", As: "r_3"}}}}, time.Nanosecond))
	t.ok(t.r.recordRetired(ctx, t.x, []recordedStep{{Step: Step{retires: &retired{As: "r_3"}}}}))
	names, err := t.r.expiredRetired(ctx, t.x)
	t.ok(err)
	t.same("expired", len(names), 1)
	for id, name := range names {
		t.same("name", name, "r_3")
		t.ok(t.r.setRetiredPurged(ctx, t.x, id))
	}
	names, err = t.r.expiredRetired(ctx, t.x)
	t.ok(err)
	t.same("purged", len(names), 0)
}
