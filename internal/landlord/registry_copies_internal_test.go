package landlord

import (
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func tripCustomizations(t *trip) {
	ctx, row := t.Context(), ledgerRow(1)
	see := func(what string, want ...customization) {
		t.Helper()
		got, err := t.r.readCustomizations(ctx, t.x, row.id)
		t.ok(err)
		list := got[row.id]
		for i := range list {
			t.made(&list[i].createdAt, &list[i].updatedAt)
			list[i].id = 0
		}
		t.same(what, list, want)
	}
	patch := CustomizationPatch{Tables: map[string]string{"t": "CREATE TABLE t (a INT)"}, Views: map[string]string{"v": "SELECT 1"}, SQL: "SELECT 'ü'",
		Columns: []CustomizationColumn{{Table: "u", Name: "c", Definition: "INT"}},
		Indexes: []CustomizationIndex{{Table: "u", Name: "i", Columns: []string{"c(9)"}, Unique: true}}}
	objects := []merge.OwnedElement{{Object: "table t", Text: "x"}, {Object: "table u", Element: "column `c`", Text: "int", Transferred: true}}
	c := customization{tenant: row.id, name: "visits", reason: "why", author: "me", status: CustomizationApplying,
		pending: &pendingChange{Patch: &patch, Objects: objects, Reason: "why", Author: "me", Digest: "d"}}
	t.ok(t.r.writePendingCustomization(ctx, t.x, &c))
	c.objects = []merge.OwnedElement{}
	see("pending", c)
	c.pending, c.patch, c.objects, c.checksum, c.status, c.reason = nil, patch, objects, "sum", CustomizationActive, "another"
	t.ok(t.r.writeCustomization(ctx, t.x, &c))
	see("in force", c)
	owned, err := t.r.ownedElements(ctx, t.x, row.id)
	t.ok(err)
	for id, list := range owned {
		t.same("owned", list, objects)
		t.ok(t.r.writeOwnership(ctx, t.x, map[uint64][]merge.OwnedElement{id: objects[:1]}))
	}
	c.objects = objects[:1]
	see("transferred", c)
	c.status, c.objects = CustomizationApplying, []merge.OwnedElement{}
	t.ok(t.r.resetCustomizations(ctx, t.x, row.id))
	see("reset", c)
	created := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	t.ok(t.r.replaceCustomizations(ctx, t.x, row, []labelledCustomization{
		{Name: "kept", Reason: "r", Patch: patch, Objects: objects, Checksum: "sum", Author: "you", Status: CustomizationActive, CreatedAt: created}}))
	got, err := t.r.readCustomizations(ctx, t.x)
	t.ok(err)
	list := got[row.id]
	t.same("created", list[0].createdAt, created)
	list[0].createdAt = time.Now()
	t.made(&list[0].createdAt, &list[0].updatedAt)
	list[0].id = 0
	t.same("replaced", list, []customization{
		{tenant: row.id, name: "kept", reason: "r", author: "you", patch: patch, objects: objects, checksum: "sum", status: CustomizationActive}})
	c.tenant = 99
	t.ok(t.r.writeCustomization(ctx, t.x, &c))
	t.ok(t.r.deleteCustomizations(ctx, t.x, 99))
	t.ok(t.r.deleteCustomization(ctx, t.x, row.id, "another"))
	all, err := t.r.labelsOf(ctx, t.x, row)
	t.ok(err)
	t.same("labels", all, labels{Template: "shop@1.0.0", Customizations: []labelledCustomization{
		{Name: "kept", Reason: "r", Patch: patch, Objects: objects, Checksum: "sum", Author: "you", Status: CustomizationActive, CreatedAt: created}}})
	t.ok(t.r.deleteCustomization(ctx, t.x, row.id, "kept"))
	see("removed")
	t.ok(t.r.writeCustomization(ctx, t.x, &c))
}

func tripCheckpoints(t *trip) {
	ctx := t.Context()
	want := &checkpointRow{tenant: 1, slug: "acme", name: "before", contents: CheckpointData, origin: originRequest, server: "eu", database: "tenant_acme",
		tables: []string{"t", "größe"}, location: "/tmp/a", author: "me"}
	t.ok(t.r.insertCheckpoint(ctx, t.x, want))
	taking, err := t.r.unfinishedCheckpoints(ctx, t.x, "acme")
	t.ok(err)
	t.made(&taking[0].createdAt)
	want.status = "taking"
	t.same("taking", taking, []*checkpointRow{want})
	t.ok(t.r.setCheckpointLocation(ctx, t.x, want.id, "/tmp/b"))
	want.status, want.location, want.checksum, want.template, want.fingerprint, want.position = CheckpointReady, "/tmp/b", "sum", "shop@1.0.0", "f", "gtid"
	want.labels = labels{Template: "shop@1.0.0", Modules: []string{"m"}, Composition: "c", Base: "f",
		Customizations: []labelledCustomization{{Name: "x", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}}
	want.consistentAt, want.rows, want.size = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), 5, 1<<40
	t.ok(t.r.finishCheckpoint(ctx, t.x, want, false, time.Hour))
	t.ok(t.r.setCheckpointVerified(ctx, t.x, want.id))
	want.verified = true
	see := func(what string, keeps time.Duration) {
		t.Helper()
		got, err := t.r.readCheckpoint(ctx, t.x, "acme", "before")
		t.ok(err)
		if keeps > 0 {
			t.same("retention", got.expiresAt.Sub(got.createdAt), keeps)
		}
		got.expiresAt = time.Time{}
		t.made(&got.createdAt)
		t.same(what, got, want)
	}
	see("ready", time.Hour)
	t.ok(t.r.setCheckpointRetention(ctx, t.x, "acme", "before", 0))
	see("kept for ever", 0)
	second := &checkpointRow{tenant: 1, slug: "acme", name: "before", contents: CheckpointSchema, origin: originMigration, database: "tenant_acme"}
	t.ok(t.r.insertCheckpoint(ctx, t.x, second))
	t.same("the name is taken", mysql.IsDuplicateKey(t.r.finishCheckpoint(ctx, t.x, second, false, 0)), true)
	t.ok(t.r.finishCheckpoint(ctx, t.x, second, true, time.Nanosecond))
	removing, err := t.r.unfinishedCheckpoints(ctx, t.x, "acme")
	t.ok(err)
	t.same("gave way", []any{len(removing), removing[0].id, removing[0].status}, []any{1, want.id, CheckpointStatus("removing")})
	t.ok(t.r.setCheckpointRetention(ctx, t.x, "acme", "before", time.Second))
	_, err = t.x.Exec(ctx, "DO SLEEP(1.1)")
	t.ok(err)
	overdue, err := t.r.overdueCheckpoints(ctx, t.x)
	t.ok(err)
	t.same("overdue", []any{len(overdue), overdue[0].id, overdue[0].expired}, []any{1, second.id, true})
	t.ok(t.r.setCheckpointExpired(ctx, t.x, second.id))
	all, err := t.r.readCheckpoints(ctx, t.x)
	t.ok(err)
	t.same("expired", []any{len(all), all[0].status}, []any{1, CheckpointExpired})
	t.ok(t.r.setCheckpointRemoving(ctx, t.x, second.id))
	t.ok(t.r.deleteCheckpoint(ctx, t.x, second.id))
	t.ok(t.r.finishCheckpoint(ctx, t.x, want, false, time.Hour))
	see("has its name again", time.Hour)
}

func tripRestores(t *trip) {
	ctx := t.Context()
	want := &restoreRow{tenant: 1, slug: "acme", server: "eu", database: "tenant_acme", mode: RestoreInPlace, request: "q", checkpointID: 3, checkpoint: "before",
		pointInTime: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), tables: []string{"t"}, author: "me"}
	t.ok(t.r.insertRestore(ctx, t.x, want))
	t.same("the first one", want.number, uint64(1))
	want.status = restoreLoading
	see := func(what string) {
		t.Helper()
		got, err := t.r.readRestore(ctx, t.x, want.id)
		t.ok(err)
		t.made(&got.createdAt)
		if !got.finishedAt.IsZero() {
			t.made(&got.finishedAt)
		}
		t.same(what, got, want)
	}
	see("loading")
	t.ok(t.r.setRestoreSide(ctx, t.x, want.id, "beside"))
	want.side, want.goal, want.labels, want.status = "beside", "f2", labels{Template: "shop@1.0.0", Modules: []string{"m"}}, restoreLoaded
	want.report = RestoreReport{Rows: 5, Tables: 1, Position: "gtid", Skipped: []string{"event e"}, DurationMS: 7, Checkpoint: "before", Transactions: 2}
	t.ok(t.r.setRestoreLoaded(ctx, t.x, want))
	see("loaded")
	beside, err := t.r.restoresBeside(ctx, t.x, "eu")
	t.ok(err)
	t.same("beside", len(beside), 1)
	loaded, err := t.r.loadedRestores(ctx, t.x, 1, "q")
	t.ok(err)
	t.same("loaded ones", len(loaded), 1)
	want.status, want.retired, want.startSchema, want.goal = restoreSwapping, "aside", "f1", "f3"
	t.ok(t.r.setRestoreSwapping(ctx, t.x, want, time.Hour))
	see("swapping")
	want.status, want.retired = restoreLoaded, ""
	t.ok(t.r.setRestoreUnswapped(ctx, t.x, want.id))
	see("given up")
	clear, err := t.r.restoresToClear(ctx, t.x, "eu")
	t.ok(err)
	t.same("of a tenant that is gone", len(clear), 1)
	want.status, want.retired = restoreSwapping, "aside"
	t.ok(t.r.setRestoreSwapping(ctx, t.x, want, time.Hour))
	want.status, want.report.RetiredDatabase, want.recent = restoreDone, "aside", true
	t.ok(t.r.setRestoreSwapped(ctx, t.x, want.id, want.report))
	see("done")
	done, err := t.r.doneRestores(ctx, t.x, "acme", "q")
	t.ok(err)
	t.same("done ones", len(done), 1)
	t.ok(t.r.setRestoreRetention(ctx, t.x, want.id, -time.Hour))
	want.expired = true
	see("its retention is over")
	t.ok(t.r.setRestoreRetention(ctx, t.x, want.id, time.Hour))
	want.expired = false
	see("kept longer")

	second := &restoreRow{tenant: 1, slug: "acme", database: "tenant_acme", mode: RestoreSideBySide, request: "q2", checkpointID: 3, checkpoint: "before"}
	t.ok(t.r.insertRestore(ctx, t.x, second))
	open, err := t.r.openRestores(ctx, t.x, "acme", "q")
	t.ok(err)
	t.same("open ones", len(open), 2)
	named, err := t.r.readRestoreNumber(ctx, t.x, "acme", 2)
	t.ok(err)
	t.same("the second one", named.id, second.id)
	second.status = restoreDone
	t.ok(t.r.setRestoreLoaded(ctx, t.x, second))
	t.ok(t.r.setRestoreForgotten(ctx, t.x, second.id))
	t.ok(t.r.setRestoreCleared(ctx, t.x, second.id))
	t.ok(t.r.setRestoreRemoved(ctx, t.x, second.id))
	named, err = t.r.readRestoreNumber(ctx, t.x, "acme", 2)
	t.ok(err)
	t.same("removed", named, (*restoreRow)(nil))
	next, err := t.r.nextRestore(ctx, t.x, "acme")
	t.ok(err)
	t.same("next", next, uint64(3))
}

func tripDataCopies(t *trip) {
	ctx, source, target := t.Context(), &tenantRow{id: 1, slug: "from"}, &tenantRow{id: 2, slug: "into"}
	spec := DataCopySpec{Source: "from", Target: "into", Tables: []string{"a", "größe"}, Where: map[string]string{"a": "id < 5"}, OnConflict: CopySkip,
		Keepers: map[string]string{"k": "v"}, ChunkRows: 100}
	id, err := t.r.insertDataCopy(ctx, t.x, source, target, spec, "q", "me")
	t.ok(err)
	want := &dataCopyRow{id: id, spec: spec, status: copyRunning}
	see := func(what string) {
		t.Helper()
		got, err := t.r.readDataCopy(ctx, t.x, id, "into")
		t.ok(err)
		t.made(&got.createdAt)
		if !got.finishedAt.IsZero() {
			t.made(&got.finishedAt)
		}
		t.same(what, got, want)
	}
	see("running")
	t.ok(t.r.setDataCopyTried(ctx, t.x, id))
	t.ok(t.r.abandonStaleCopies(ctx, t.x, target, copyPatience))
	see("not stale")
	want.status, want.recent, want.report = copyDone, true, dataCopyReport{Rows: 3, Checksum: "sum", Tables: []CopiedRows{{Table: "a", Read: 3, Inserted: 2, Skipped: 1, Checksum: "sum"}}}
	t.ok(t.r.finishDataCopy(ctx, t.x, id, want.report))
	see("done")
	same, err := t.r.readDataCopies(ctx, t.x, source, target, "q")
	t.ok(err)
	t.same("the same", len(same), 1)
	t.ok(t.r.setDataCopyForgotten(ctx, t.x, id))
	same, err = t.r.readDataCopies(ctx, t.x, source, target, "q")
	t.ok(err)
	t.same("forgotten", len(same), 0)
	for _, give := range []func() error{
		func() error { return t.r.abandonDataCopies(ctx, t.x, target.id) },
		func() error { return t.r.abandonStaleCopies(ctx, t.x, &tenantRow{id: 9, slug: "into"}, copyPatience) }, // the slug has another tenant
	} {
		if id, err = t.r.insertDataCopy(ctx, t.x, source, target, spec, "q", "me"); err != nil {
			t.Fatal(err)
		}
		t.ok(give())
		want = &dataCopyRow{id: id, spec: spec, status: copyAbandoned}
		see("given up")
	}
}

func tripCopyProgress(t *trip) {
	ctx, target := t.Context(), &tenantRow{id: 3, slug: "progress"}
	id, err := t.r.insertDataCopy(ctx, t.x, &tenantRow{id: 1, slug: "from"}, target, DataCopySpec{}, "q", "me")
	t.ok(err)
	for _, key := range []string{"5", "6"} { // the newest counts
		t.ok(t.r.writeCopyProgress(ctx, t.x, id, "größe", map[string]string{"key": key}))
	}
	see := func(what string, id uint64, want int) {
		t.Helper()
		got, err := t.r.readCopyProgress(ctx, t.x, id)
		t.ok(err)
		t.same(what, len(got), want)
		for _, text := range got {
			var p map[string]string
			t.ok(fromJSON(string(text), &p))
			t.same("progress", p, map[string]string{"key": "6"})
		}
	}
	see("saved", id, 1)
	t.ok(t.r.abandonDataCopies(ctx, t.x, target.id))
	see("forgotten with the copy", id, 0)
	t.ok(t.r.writeCopyProgress(ctx, t.x, 77, "a", map[string]string{"key": "6"}))
	t.ok(t.r.finishDataCopy(ctx, t.x, id, dataCopyReport{}))
	see("of another copy", 77, 1)
}

func tripApprovals(t *trip) {
	ctx := t.Context()
	want := &Approval{Digest: "d", Tenant: "acme", ApprovedBy: "me", Note: "größe", ExpiresAt: time.Date(2100, 1, 2, 3, 4, 5, 6000, time.UTC)}
	read := map[string]func() (*Approval, error){
		"exactly":   func() (*Approval, error) { return t.r.readApproval(ctx, t.x, "d", "acme") },
		"holding":   func() (*Approval, error) { return t.r.readHolding(ctx, t.x, "d", "acme") },
		"to be run": func() (*Approval, error) { return t.r.approved(ctx, t.x, "d", "acme") },
	}
	see := func(what string, want map[string]*Approval) {
		t.Helper()
		for name, read := range read {
			got, err := read()
			t.ok(err)
			if got != nil {
				t.made(&got.CreatedAt)
			}
			t.same(what+", "+name, got, want[name])
		}
	}
	t.ok(t.r.writeApproval(ctx, t.x, *want))
	see("given", map[string]*Approval{"exactly": want, "holding": want, "to be run": want})
	every := &Approval{Digest: "d", ApprovedBy: "you"}
	t.ok(t.r.writeApproval(ctx, t.x, *every))
	see("its own before that of all", map[string]*Approval{"exactly": want, "holding": want, "to be run": want})
	want.ApprovedBy, want.ExpiresAt = "them", time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	t.ok(t.r.writeApproval(ctx, t.x, *want))
	see("run out", map[string]*Approval{"exactly": want, "to be run": every})
	had, err := t.r.deleteApproval(ctx, t.x, "d", "nobody")
	t.ok(err)
	t.same("none to withdraw", had, false)
	had, err = t.r.deleteApproval(ctx, t.x, "d", "")
	t.ok(err)
	t.same("withdrawn", had, true)
	see("only its own", map[string]*Approval{"exactly": want})
}

func tripResolutions(t *trip) {
	ctx, row := t.Context(), ledgerRow(1)
	made := []merge.Remembered{
		{Resolution: merge.Resolution{Object: "table t", Element: "column `a`", Decision: merge.KeepTenant}, Clash: "c1"},
		{Resolution: merge.Resolution{Object: "view v", Decision: merge.DecideSQL, SQL: "CREATE VIEW v AS SELECT 'ü'"}, Clash: "c2"},
	}
	t.ok(t.r.writeDecisions(ctx, t.x, row, made, "shop@2.0.0", "me"))
	other := []merge.Remembered{{Resolution: merge.Resolution{Object: "view v", Decision: merge.TakeTemplate}, Clash: "c2"}}
	t.ok(t.r.writeDecisions(ctx, t.x, ledgerRow(2), other, "shop@2.0.0", "me"))
	got, err := t.r.readDecisions(ctx, t.x)
	t.ok(err)
	t.same("decisions", got, &decisions{byTenant: map[uint64][]merge.Remembered{1: made, 2: other}, byClash: map[string]merge.Remembered{"c1": made[0], "c2": other[0]}})
	places, err := t.r.decidedPlaces(ctx, t.x, row.id, merge.DecideSQL, "shop@2.0.0")
	t.ok(err)
	t.same("by statements", places, map[ddl.Place]bool{{Object: "view v"}: true})
	made[0].Decision = merge.TakeTemplate
	t.ok(t.r.writeDecisions(ctx, t.x, row, made[:1], "shop@3.0.0", "you"))
	got, err = t.r.readDecisions(ctx, t.x)
	t.ok(err)
	t.same("decided otherwise", got.byTenant[1], made)
}
