package registry

import (
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func tripCustomizations(t *trip) {
	ctx, row := t.Context(), ledgerRow(1)
	see := func(what string, want ...Customization) {
		t.Helper()
		got, err := t.r.ReadCustomizations(ctx, t.x, row.ID)
		t.ok(err)
		list := got[row.ID]
		for i := range list {
			t.made(&list[i].CreatedAt, &list[i].UpdatedAt)
			list[i].ID = 0
		}
		t.same(what, list, want)
	}
	patch := landlord.CustomizationPatch{Tables: map[string]string{"t": "CREATE TABLE t (a INT)"}, Views: map[string]string{"v": "SELECT 1"}, SQL: "SELECT 'ü'",
		Columns: []landlord.CustomizationColumn{{Table: "u", Name: "c", Definition: "INT"}},
		Indexes: []landlord.CustomizationIndex{{Table: "u", Name: "i", Columns: []string{"c(9)"}, Unique: true}}}
	objects := []merge.OwnedElement{{Object: "table t", Text: "x"}, {Object: "table u", Element: "column `c`", Text: "int", Transferred: true}}
	c := Customization{Tenant: row.ID, Name: "visits", Reason: "why", Author: "me", Status: landlord.CustomizationApplying,
		Pending: &PendingChange{Patch: &patch, Objects: objects, Reason: "why", Author: "me", Digest: "d"}}
	t.ok(t.r.WritePendingCustomization(ctx, t.x, &c))
	c.Objects = []merge.OwnedElement{}
	see("pending", c)
	c.Pending, c.Patch, c.Objects, c.Checksum, c.Status, c.Reason = nil, patch, objects, "sum", landlord.CustomizationActive, "another"
	t.ok(t.r.WriteCustomization(ctx, t.x, &c))
	see("in force", c)
	owned, err := t.r.OwnedElements(ctx, t.x, row.ID)
	t.ok(err)
	for id, list := range owned {
		t.same("owned", list, objects)
		t.ok(t.r.WriteOwnership(ctx, t.x, map[uint64][]merge.OwnedElement{id: objects[:1]}))
	}
	c.Objects = objects[:1]
	see("transferred", c)
	c.Status, c.Objects = landlord.CustomizationApplying, []merge.OwnedElement{}
	t.ok(t.r.ResetCustomizations(ctx, t.x, row.ID))
	see("reset", c)
	created := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	t.ok(t.r.ReplaceCustomizations(ctx, t.x, row, []LabelledCustomization{
		{Name: "kept", Reason: "r", Patch: patch, Objects: objects, Checksum: "sum", Author: "you", Status: landlord.CustomizationActive, CreatedAt: created}}))
	got, err := t.r.ReadCustomizations(ctx, t.x)
	t.ok(err)
	list := got[row.ID]
	t.same("created", list[0].CreatedAt, created)
	list[0].CreatedAt = time.Now()
	t.made(&list[0].CreatedAt, &list[0].UpdatedAt)
	list[0].ID = 0
	t.same("replaced", list, []Customization{
		{Tenant: row.ID, Name: "kept", Reason: "r", Author: "you", Patch: patch, Objects: objects, Checksum: "sum", Status: landlord.CustomizationActive}})
	c.Tenant = 99
	t.ok(t.r.WriteCustomization(ctx, t.x, &c))
	t.ok(t.r.DeleteCustomizations(ctx, t.x, 99))
	t.ok(t.r.DeleteCustomization(ctx, t.x, row.ID, "another"))
	all, err := t.r.LabelsOf(ctx, t.x, row)
	t.ok(err)
	t.same("labels", all, Labels{Template: "shop@1.0.0", Customizations: []LabelledCustomization{
		{Name: "kept", Reason: "r", Patch: patch, Objects: objects, Checksum: "sum", Author: "you", Status: landlord.CustomizationActive, CreatedAt: created}}})
	t.ok(t.r.DeleteCustomization(ctx, t.x, row.ID, "kept"))
	see("removed")
	t.ok(t.r.WriteCustomization(ctx, t.x, &c))
}

func tripCheckpoints(t *trip) {
	ctx := t.Context()
	want := &CheckpointRow{Tenant: 1, Slug: "acme", Name: "before", Contents: landlord.CheckpointData, Origin: landlord.OriginRequest, Server: "eu", Database: "tenant_acme",
		Tables: []string{"t", "größe"}, Location: "/tmp/a", Author: "me"}
	t.ok(t.r.InsertCheckpoint(ctx, t.x, want))
	taking, err := t.r.UnfinishedCheckpoints(ctx, t.x, "acme")
	t.ok(err)
	t.made(&taking[0].CreatedAt)
	want.Status = "taking"
	t.same("taking", taking, []*CheckpointRow{want})
	t.ok(t.r.SetCheckpointLocation(ctx, t.x, want.ID, "/tmp/b"))
	want.Status, want.Location, want.Checksum, want.Template, want.Fingerprint, want.Position = landlord.CheckpointReady, "/tmp/b", "sum", "shop@1.0.0", "f", "gtid"
	want.Labels = Labels{Template: "shop@1.0.0", Modules: []string{"m"}, Composition: "c", Base: "f",
		Customizations: []LabelledCustomization{{Name: "x", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}}
	want.ConsistentAt, want.Rows, want.Size = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), 5, 1<<40
	t.ok(t.r.FinishCheckpoint(ctx, t.x, want, false, time.Hour))
	t.ok(t.r.SetCheckpointVerified(ctx, t.x, want.ID))
	want.Verified = true
	see := func(what string, keeps time.Duration) {
		t.Helper()
		got, err := t.r.ReadCheckpoint(ctx, t.x, "acme", "before")
		t.ok(err)
		if keeps > 0 {
			t.same("retention", got.expiresAt.Sub(got.CreatedAt), keeps)
		}
		got.expiresAt = time.Time{}
		t.made(&got.CreatedAt)
		t.same(what, got, want)
	}
	see("ready", time.Hour)
	spans, err := t.r.CheckpointSpans(ctx, t.x)
	t.ok(err)
	t.same("one of some tables brings not all back", len(spans), 0)
	t.ok(t.r.SetCheckpointRetention(ctx, t.x, "acme", "before", 0))
	see("kept for ever", 0)
	tripSpans(t)
	second := &CheckpointRow{Tenant: 1, Slug: "acme", Name: "before", Contents: landlord.CheckpointSchema, Origin: landlord.OriginMigration, Database: "tenant_acme"}
	t.ok(t.r.InsertCheckpoint(ctx, t.x, second))
	t.same("the name is taken", mysql.IsDuplicateKey(t.r.FinishCheckpoint(ctx, t.x, second, false, 0)), true)
	t.ok(t.r.FinishCheckpoint(ctx, t.x, second, true, time.Nanosecond))
	removing, err := t.r.UnfinishedCheckpoints(ctx, t.x, "acme")
	t.ok(err)
	t.same("gave way", []any{len(removing), removing[0].ID, removing[0].Status}, []any{1, want.ID, landlord.CheckpointStatus("removing")})
	t.ok(t.r.SetCheckpointRetention(ctx, t.x, "acme", "before", time.Second))
	_, err = t.x.Exec(ctx, "DO SLEEP(1.1)")
	t.ok(err)
	overdue, err := t.r.OverdueCheckpoints(ctx, t.x)
	t.ok(err)
	t.same("overdue", []any{len(overdue), overdue[0].ID, overdue[0].Expired}, []any{1, second.ID, true})
	for _, want := range []bool{true, false} { // once
		expired, err := t.r.SetCheckpointExpired(ctx, t.x, overdue[0])
		t.ok(err)
		t.same("was overdue", expired, want)
	}
	all, err := t.r.ReadCheckpoints(ctx, t.x)
	t.ok(err)
	t.same("expired", []any{len(all), all[0].Status}, []any{1, landlord.CheckpointExpired})
	t.ok(t.r.SetCheckpointRemoving(ctx, t.x, second.ID))
	t.ok(t.r.DeleteCheckpoint(ctx, t.x, second.ID))
	t.ok(t.r.FinishCheckpoint(ctx, t.x, want, false, time.Hour))
	see("has its name again", time.Hour)
}

func tripRestores(t *trip) {
	ctx := t.Context()
	want := &RestoreRow{Tenant: 1, Slug: "acme", Server: "eu", Database: "tenant_acme", Mode: landlord.RestoreInPlace, Request: "q", CheckpointID: 3, Checkpoint: "before",
		PointInTime: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Tables: []string{"t"}, Author: "me"}
	t.ok(t.r.InsertRestore(ctx, t.x, want))
	t.same("the first one", want.Number, uint64(1))
	want.Status = landlord.RestoreBeginning
	see := func(what string) {
		t.Helper()
		got, err := t.r.ReadRestore(ctx, t.x, want.ID)
		t.ok(err)
		t.made(&got.CreatedAt)
		if !got.FinishedAt.IsZero() {
			t.made(&got.FinishedAt)
		}
		t.same(what, got, want)
	}
	see("beginning")
	t.ok(t.r.SetRestoreSide(ctx, t.x, want.ID, "beside"))
	t.ok(t.r.SetRestoreMade(ctx, t.x, want.ID))
	want.Side, want.Status = "beside", landlord.RestoreLoading
	see("loading")
	want.Goal, want.Labels, want.Status = "f2", Labels{Template: "shop@1.0.0", Modules: []string{"m"}}, landlord.RestoreLoaded
	want.Report = landlord.RestoreReport{Rows: 5, Tables: 1, Position: "gtid", Skipped: []string{"event e"}, DurationMS: 7, Checkpoint: "before", Transactions: 2}
	t.ok(t.r.SetRestoreLoaded(ctx, t.x, want))
	see("loaded")
	beside, err := t.r.restoresBeside(ctx, t.x, "eu")
	t.ok(err)
	t.same("beside", len(beside), 1)
	loaded, err := t.r.LoadedRestores(ctx, t.x, 1, "q")
	t.ok(err)
	t.same("loaded ones", len(loaded), 1)
	want.Status, want.Retired, want.StartSchema, want.Goal = landlord.RestoreSwapping, "aside", "f1", "f3"
	t.ok(t.r.SetRestoreSwapping(ctx, t.x, want, time.Hour))
	see("swapping")
	want.Status, want.Retired = landlord.RestoreLoaded, ""
	t.ok(t.r.SetRestoreUnswapped(ctx, t.x, want.ID))
	see("given up")
	left, err := t.r.RestoresToClear(ctx, t.x, "eu", 0)
	t.ok(err)
	t.same("of a tenant that is gone", len(left), 1)
	left, err = t.r.RestoresToClear(ctx, t.x, "eu", want.ID)
	t.ok(err)
	t.same("that one alone", len(left), 1)
	left, err = t.r.RestoresToClear(ctx, t.x, "eu", want.ID+1)
	t.ok(err)
	t.same("another one", len(left), 0)
	want.Status, want.Retired = landlord.RestoreSwapping, "aside"
	t.ok(t.r.SetRestoreSwapping(ctx, t.x, want, time.Hour))
	want.Status, want.Report.RetiredDatabase, want.Recent = landlord.RestoreDone, "aside", true
	t.ok(t.r.SetRestoreSwapped(ctx, t.x, want.ID, want.Report))
	see("done")
	exchanged, err := t.r.Exchanges(ctx, t.x, "acme")
	t.ok(err)
	t.same("a copy took the place", len(exchanged), 1)
	done, err := t.r.DoneRestores(ctx, t.x, "acme", "q")
	t.ok(err)
	t.same("done ones", len(done), 1)
	for mode, want := range map[landlord.RestoreMode]uint64{want.Mode: want.Number, "other": 0} {
		number, err := t.r.NewestRestore(ctx, t.x, "acme", mode)
		t.ok(err)
		t.same("the newest one "+string(mode), number, want)
	}
	t.ok(t.r.SetRestoreRetention(ctx, t.x, want.ID, -time.Hour))
	want.Expired = true
	see("its retention is over")
	t.ok(t.r.SetRestoreRetention(ctx, t.x, want.ID, time.Hour))
	want.Expired = false
	see("kept longer")

	second := &RestoreRow{Tenant: 1, Slug: "acme", Database: "tenant_acme", Mode: landlord.RestoreSideBySide, Request: "q2", CheckpointID: 3, Checkpoint: "before"}
	t.ok(t.r.InsertRestore(ctx, t.x, second))
	open, err := t.r.OpenRestores(ctx, t.x, "acme", "q")
	t.ok(err)
	t.same("open ones", len(open), 2)
	named, err := t.r.readRestoreNumber(ctx, t.x, "acme", 2)
	t.ok(err)
	t.same("the second one", named.ID, second.ID)
	second.Status = landlord.RestoreDone
	t.ok(t.r.SetRestoreLoaded(ctx, t.x, second))
	t.ok(t.r.SetRestoreForgotten(ctx, t.x, second.ID))
	t.ok(t.r.SetRestoreCleared(ctx, t.x, second.ID))
	t.ok(t.r.SetRestoreRemoved(ctx, t.x, second.ID))
	named, err = t.r.readRestoreNumber(ctx, t.x, "acme", 2)
	t.ok(err)
	t.same("removed", named, (*RestoreRow)(nil))
	next, err := t.r.nextRestore(ctx, t.x, "acme")
	t.ok(err)
	t.same("next", next, uint64(3))
}

func tripDataCopies(t *trip) {
	ctx, source, target := t.Context(), &TenantRow{ID: 1, Slug: "from"}, &TenantRow{ID: 2, Slug: "into"}
	spec := landlord.DataCopySpec{Source: "from", Target: "into", Tables: []string{"a", "größe"}, Where: map[string]string{"a": "id < 5"}, OnConflict: landlord.CopySkip,
		Keepers: map[string]string{"k": "v"}, ChunkRows: 100}
	id, err := t.r.InsertDataCopy(ctx, t.x, source, target, spec, "q", "me")
	t.ok(err)
	want := &DataCopyRow{ID: id, Spec: spec, Status: CopyRunning}
	see := func(what string) {
		t.Helper()
		got, err := t.r.ReadDataCopy(ctx, t.x, id, "into")
		t.ok(err)
		t.made(&got.CreatedAt)
		if !got.FinishedAt.IsZero() {
			t.made(&got.FinishedAt)
		}
		t.same(what, got, want)
	}
	see("running")
	t.ok(t.r.SetDataCopyTried(ctx, t.x, id))
	t.ok(t.r.AbandonStaleCopies(ctx, t.x, target, CopyPatience))
	see("not stale")
	want.Status, want.Recent, want.report = CopyDone, true, DataCopyReport{Rows: 3, Checksum: "sum", Tables: []landlord.CopiedRows{{Table: "a", Read: 3, Inserted: 2, Skipped: 1, Checksum: "sum"}}}
	t.ok(t.r.FinishDataCopy(ctx, t.x, id, want.report))
	see("done")
	same, err := t.r.ReadDataCopies(ctx, t.x, source, target, "q")
	t.ok(err)
	t.same("the same", len(same), 1)
	t.ok(t.r.SetDataCopyForgotten(ctx, t.x, id))
	same, err = t.r.ReadDataCopies(ctx, t.x, source, target, "q")
	t.ok(err)
	t.same("forgotten", len(same), 0)
	for _, give := range []func() error{
		func() error { return t.r.AbandonDataCopies(ctx, t.x, target.ID) },
		func() error { return t.r.AbandonStaleCopies(ctx, t.x, &TenantRow{ID: 9, Slug: "into"}, CopyPatience) }, // the slug has another tenant
	} {
		if id, err = t.r.InsertDataCopy(ctx, t.x, source, target, spec, "q", "me"); err != nil {
			t.Fatal(err)
		}
		t.ok(give())
		want = &DataCopyRow{ID: id, Spec: spec, Status: copyAbandoned}
		see("given up")
	}
}

func tripCopyProgress(t *trip) {
	ctx, target := t.Context(), &TenantRow{ID: 3, Slug: "progress"}
	id, err := t.r.InsertDataCopy(ctx, t.x, &TenantRow{ID: 1, Slug: "from"}, target, landlord.DataCopySpec{}, "q", "me")
	t.ok(err)
	for _, key := range []string{"5", "6"} { // the newest counts
		t.ok(t.r.WriteCopyProgress(ctx, t.x, id, "größe", map[string]string{"key": key}))
	}
	see := func(what string, id uint64, want int) {
		t.Helper()
		got, err := t.r.ReadCopyProgress(ctx, t.x, id)
		t.ok(err)
		t.same(what, len(got), want)
		for _, text := range got {
			var p map[string]string
			t.ok(landlord.FromJSON(string(text), &p))
			t.same("progress", p, map[string]string{"key": "6"})
		}
	}
	see("saved", id, 1)
	t.ok(t.r.AbandonDataCopies(ctx, t.x, target.ID))
	see("forgotten with the copy", id, 0)
	t.ok(t.r.WriteCopyProgress(ctx, t.x, 77, "a", map[string]string{"key": "6"}))
	t.ok(t.r.FinishDataCopy(ctx, t.x, id, DataCopyReport{}))
	see("of another copy", 77, 1)
}

func tripApprovals(t *trip) {
	ctx := t.Context()
	want := &landlord.Approval{Digest: "d", Tenant: "acme", ApprovedBy: "me", Note: "größe", ExpiresAt: time.Date(2100, 1, 2, 3, 4, 5, 6000, time.UTC)}
	read := map[string]func() (*landlord.Approval, error){
		"exactly":   func() (*landlord.Approval, error) { return t.r.ReadApproval(ctx, t.x, "d", "acme") },
		"holding":   func() (*landlord.Approval, error) { return t.r.ReadHolding(ctx, t.x, "d", "acme") },
		"to be run": func() (*landlord.Approval, error) { return t.r.Approved(ctx, t.x, "d", "acme") },
	}
	see := func(what string, want map[string]*landlord.Approval) {
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
	t.ok(t.r.WriteApproval(ctx, t.x, *want))
	see("given", map[string]*landlord.Approval{"exactly": want, "holding": want, "to be run": want})
	every := &landlord.Approval{Digest: "d", ApprovedBy: "you"}
	t.ok(t.r.WriteApproval(ctx, t.x, *every))
	see("its own before that of all", map[string]*landlord.Approval{"exactly": want, "holding": want, "to be run": want})
	want.ApprovedBy, want.ExpiresAt = "them", time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	t.ok(t.r.WriteApproval(ctx, t.x, *want))
	see("run out", map[string]*landlord.Approval{"exactly": want, "to be run": every})
	had, err := t.r.DeleteApproval(ctx, t.x, "d", "nobody")
	t.ok(err)
	t.same("none to withdraw", had, false)
	had, err = t.r.DeleteApproval(ctx, t.x, "d", "")
	t.ok(err)
	t.same("withdrawn", had, true)
	see("only its own", map[string]*landlord.Approval{"exactly": want})
}

func tripResolutions(t *trip) {
	ctx, row := t.Context(), ledgerRow(1)
	made := []merge.Remembered{
		{Resolution: merge.Resolution{Object: "table t", Element: "column `a`", Decision: merge.KeepTenant}, Clash: "c1"},
		{Resolution: merge.Resolution{Object: "view v", Decision: merge.DecideSQL, SQL: "CREATE VIEW v AS SELECT 'ü'"}, Clash: "c2"},
	}
	t.ok(t.r.WriteDecisions(ctx, t.x, row, made, "shop@2.0.0", "me"))
	other := []merge.Remembered{{Resolution: merge.Resolution{Object: "view v", Decision: merge.TakeTemplate}, Clash: "c2"}}
	t.ok(t.r.WriteDecisions(ctx, t.x, ledgerRow(2), other, "shop@2.0.0", "me"))
	got, err := t.r.ReadDecisions(ctx, t.x)
	t.ok(err)
	t.same("decisions", got, &Decisions{ByTenant: map[uint64][]merge.Remembered{1: made, 2: other}, ByClash: map[string]merge.Remembered{"c1": made[0], "c2": other[0]}})
	places, err := t.r.DecidedPlaces(ctx, t.x, row.ID, merge.DecideSQL, "shop@2.0.0")
	t.ok(err)
	t.same("by statements", places, map[ddl.Place]bool{{Object: "view v"}: true})
	made[0].Decision = merge.TakeTemplate
	t.ok(t.r.WriteDecisions(ctx, t.x, row, made[:1], "shop@3.0.0", "you"))
	got, err = t.r.ReadDecisions(ctx, t.x)
	t.ok(err)
	t.same("decided otherwise", got.ByTenant[1], made)
}

func tripDeletions(t *trip) {
	ctx := t.Context()
	for _, step := range []struct {
		name        string
		write, want Deletion
	}{
		{name: "nothing said"},
		{name: "protected", write: Deletion{Policy: landlord.DeletionProtect}, want: Deletion{Policy: landlord.DeletionProtect}},
		{name: "nothing said afterwards", want: Deletion{Policy: landlord.DeletionProtect}},
		{name: "with a checkpoint", write: Deletion{Policy: landlord.DeletionDrop, Checkpoint: "last"}, want: Deletion{Policy: landlord.DeletionDrop, Checkpoint: "last"}},
	} {
		t.ok(t.r.WriteDeletion(ctx, t.x, 7, step.write))
		got, err := t.r.ReadDeletion(ctx, t.x, 7)
		t.ok(err)
		t.same(step.name, got, step.want)
	}
}

// tripSpans reads what tenants can return to as a whole.
func tripSpans(t *trip) {
	ctx := t.Context()
	moment := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, c := range []CheckpointRow{
		{Contents: landlord.CheckpointData, ConsistentAt: moment, Size: 3}, {Contents: landlord.CheckpointData, ConsistentAt: moment.Add(time.Hour), Size: 4},
		{Contents: landlord.CheckpointSchema, ConsistentAt: moment.Add(2 * time.Hour)}, {Contents: landlord.CheckpointData, ConsistentAt: moment.Add(-time.Hour)},
	} {
		c.Tenant, c.Slug, c.Name, c.Origin, c.Database = 7, "whole", string(rune('a'+i)), landlord.OriginRequest, "tenant_whole"
		t.ok(t.r.InsertCheckpoint(ctx, t.x, &c))
		t.ok(t.r.FinishCheckpoint(ctx, t.x, &c, false, 0))
		if i == 3 {
			t.ok(t.r.SetCheckpointRemoving(ctx, t.x, c.ID))
		}
	}
	spans, err := t.r.CheckpointSpans(ctx, t.x)
	t.ok(err)
	t.same("spans", spans, map[string]CheckpointSpan{"whole": {Count: 2, Bytes: 7, Oldest: moment, Newest: moment.Add(time.Hour)}})
	_, err = t.x.Exec(ctx, "DELETE FROM "+t.r.table("tenant_checkpoints")+" WHERE tenant_slug = 'whole'")
	t.ok(err)
}
