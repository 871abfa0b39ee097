package tenant

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// targetOf is version 2.0.0 of a template, with levels whose migrations a person
// approves.
func targetOf(t *testing.T, levels ...string) *estate.Target {
	t.Helper()
	made, err := template.New(template.Metadata{Name: "shop", Version: "2.0.0", ApprovalRequired: levels}, template.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	lineage, err := template.Resolve(made, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &estate.Target{ID: made.ID(), Lineage: lineage, Composition: &template.Composition{Digest: "composition"}}
}

var (
	clash   = merge.Conflict{Object: "table users", Element: "column `phone`", Verdict: merge.Clashes, Who: []string{"drift"}, Reason: "both sides added it, differently"}
	decided = merge.Conflict{Object: "view v", Verdict: merge.Clashes, Who: []string{"customization `crm`"}, Reason: "both sides changed it", Decision: merge.KeepTenant}
	depends = merge.Conflict{Object: "view w", Verdict: merge.Depends, Who: []string{"customization `crm`", "drift"}, Reason: "it reads column `phone`"}
)

// TestJudge holds migrations that need nobody's word and ask no server against
// the update policies.
func TestJudge(t *testing.T) {
	t.Parallel()
	steps := []landlord.Step{{SQL: "ALTER TABLE `users` ADD COLUMN `phone` int", Level: 1}}
	row := &registry.TenantRow{Slug: "acme", Template: "shop", Applied: "1.0.0", CurrentSchema: "live"}
	adopted := &registry.TenantRow{Slug: "acme", CurrentSchema: "live"}
	final := &estate.Rendering{Fingerprint: ddl.Fingerprint{Whole: "final"}}
	planned := apply.TenantPlan{Template: "shop@2.0.0", UpdateStatus: landlord.UpdateCurrent, Fingerprint: "wanted"}
	held := apply.TenantPlan{Template: "shop@1.0.0", UpdateStatus: landlord.UpdateHeld, Fingerprint: "live"}
	done := apply.TenantPlan{Template: "shop@2.0.0", UpdateStatus: landlord.UpdateCurrent, Fingerprint: "final"}
	with := func(p apply.TenantPlan, conflicts ...merge.Conflict) apply.TenantPlan {
		p.Conflicts = conflicts
		return p
	}
	conflicted := func(at string, p apply.TenantPlan) apply.TenantPlan {
		p.UpdateStatus, p.Fingerprint, p.Template, p.Verdict = landlord.UpdateConflict, "live", at, merge.VerdictMerge
		return p
	}
	of := func(template string, p apply.TenantPlan) apply.TenantPlan {
		p.Template = template
		return p
	}
	cases := map[string]struct {
		policy    landlord.UpdatePolicy
		row       *registry.TenantRow
		migration migrate.Migration
		want      apply.TenantPlan
	}{
		"hold, steps":               {landlord.UpdateHold, row, migrate.Migration{Steps: steps, Verdict: "auto", Final: final}, held},
		"hold, review":              {landlord.UpdateHold, row, migrate.Migration{Steps: steps, Verdict: "review", Final: final, Conflicts: []merge.Conflict{decided}}, with(held, decided)},
		"hold, conflict":            {landlord.UpdateHold, row, migrate.Migration{Verdict: "merge", Conflicts: []merge.Conflict{decided}}, with(held, decided)},
		"hold, nothing to do":       {landlord.UpdateHold, row, migrate.Migration{Verdict: "auto", Final: final}, done},
		"hold, without a template":  {landlord.UpdateHold, adopted, migrate.Migration{Verdict: "auto", Final: final}, done},
		"hold, adopted, conflict":   {landlord.UpdateHold, adopted, migrate.Migration{Verdict: "merge"}, of("", held)},
		"hold, adopted, steps":      {landlord.UpdateHold, adopted, migrate.Migration{Steps: steps, Verdict: "auto", Final: final}, of("", held)},
		"auto, conflict":            {landlord.UpdateAuto, row, migrate.Migration{Verdict: "merge"}, conflicted("shop@1.0.0", planned)},
		"review, conflict":          {landlord.UpdateReview, row, migrate.Migration{Verdict: "merge"}, conflicted("shop@1.0.0", planned)},
		"review, nothing to do":     {landlord.UpdateReview, row, migrate.Migration{Verdict: "auto", Final: final}, done},
		"no policy, nothing to do":  {"", row, migrate.Migration{Verdict: "auto", Final: final, Conflicts: []merge.Conflict{decided}}, with(done, decided)},
		"new database, nothing new": {landlord.UpdateAuto, nil, migrate.Migration{Verdict: "auto", Final: final}, done},
		"new database, steps":       {landlord.UpdateHold, nil, migrate.Migration{Steps: steps, Verdict: "auto", Final: final}, of("", held)},
		"new database, asked":       {landlord.UpdateAuto, nil, migrate.Migration{Verdict: "merge"}, conflicted("", planned)},
		"new database, conflict":    {landlord.UpdateHold, nil, migrate.Migration{Verdict: "merge"}, of("", held)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := planned
			p := &planning{spec: landlord.TenantSpec{Slug: "acme", UpdatePolicy: c.policy}, want: targetOf(t), row: c.row, live: &ddl.Fingerprint{Whole: "live"}, plan: &plan}
			if err := (&Tenants{}).judge(t.Context(), p, &c.migration); err != nil {
				t.Fatal(err)
			}
			notes := len(plan.Notes)
			plan.Notes = nil
			if diff := cmp.Diff(c.want, plan, cmpopts.IgnoreUnexported(merge.Conflict{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if (notes == 1) != (c.want.UpdateStatus == landlord.UpdateConflict) {
				t.Errorf("%d notes", notes)
			}
		})
	}
}

// TestApprovalReasons says why a migration waits.
func TestApprovalReasons(t *testing.T) {
	t.Parallel()
	const review, core, optional = "`update_policy` of the tenant is `review`", "`approval_required` of template `shop@2.0.0` has `core`", "`approval_required` of template `shop@2.0.0` has `optional`"
	cases := map[string]struct {
		policy    landlord.UpdatePolicy
		required  []string
		levels    []int64 // of the steps
		conflicts []merge.Conflict
		want      []string
	}{
		"nothing":                {"", nil, []int64{1, 2, 3}, nil, nil},
		"auto":                   {landlord.UpdateAuto, nil, []int64{1}, nil, nil},
		"review":                 {landlord.UpdateReview, nil, []int64{3}, nil, []string{review}},
		"core":                   {"", []string{"core"}, []int64{2, 1}, nil, []string{core}},
		"core, module changes":   {"", []string{"core"}, []int64{2, 3}, nil, nil},
		"module":                 {"", []string{"optional"}, []int64{2}, nil, []string{optional}},
		"module, core changes":   {"", []string{"optional"}, []int64{1}, nil, nil},
		"all":                    {landlord.UpdateReview, []string{"core", "optional"}, []int64{1, 2, 1}, nil, []string{core, optional, review}},
		"tenant's own":           {"", []string{"core", "optional"}, []int64{3}, nil, nil},
		"decided conflict":       {"", nil, []int64{1}, []merge.Conflict{decided}, nil},
		"open conflict":          {"", nil, []int64{1}, []merge.Conflict{decided, depends}, []string{"view w (customization `crm`, drift): it reads column `phone`"}},
		"open conflict and core": {"", []string{"core"}, []int64{1}, []merge.Conflict{depends}, []string{core, "view w (customization `crm`, drift): it reads column `phone`"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &migrate.Migration{}
			for _, l := range c.levels {
				m.Steps = append(m.Steps, landlord.Step{Level: l})
			}
			got := approvalReasons(landlord.TenantSpec{UpdatePolicy: c.policy}, targetOf(t, c.required...), &apply.TenantPlan{Conflicts: c.conflicts}, m)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestConflictNote says why a tenant stays, and how to go on.
func TestConflictNote(t *testing.T) {
	t.Parallel()
	row := &registry.TenantRow{Template: "shop", Applied: "1.0.0"}
	proposed := clash
	proposed.Proposal = `"table users column phone" = { decision = "take_template" }`
	const head = "Tenant `acme` stays at `shop@1.0.0`: the update to `shop@2.0.0` meets what the tenant has of its own.\n"
	const phone = "- table users column phone (drift): both sides added it, differently\n"
	phoneFound := [][2]string{{"table users column phone", "table users column phone (drift): both sides added it, differently"}}
	cases := map[string]struct {
		row   *registry.TenantRow
		list  []merge.Conflict
		found [][2]string
		want  string
	}{
		"one": {row, []merge.Conflict{clash}, phoneFound, head + phone + "\nDecide with `resolutions` of the tenant, for example:\n" +
			"  \"table users column phone\" = { decision = \"keep_tenant\" } # or \"take_template\", or \"sql\""},
		"decided are left out": {row, []merge.Conflict{decided, proposed}, phoneFound, head + phone + "\nDecide with `resolutions` of the tenant, for example:\n" +
			"  \"table users column phone\" = { decision = \"take_template\" } # as another tenant did"},
		"adopted": {&registry.TenantRow{}, []merge.Conflict{depends}, [][2]string{{"view w", "view w (customization `crm`, drift): it reads column `phone`"}}, "Tenant `acme` stays as it is: the update to `shop@2.0.0` meets what the tenant has of its own.\n" +
			"- view w (customization `crm`, drift): it reads column `phone`\n\nDecide with `resolutions` of the tenant, for example:\n" +
			"  \"view w\" = { decision = \"keep_tenant\" } # or \"take_template\", or \"sql\""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Template update conflicts with a tenant", Detail: c.want}
			for _, place := range c.found {
				want.Findings = append(want.Findings, landlord.Finding{Kind: "conflict", Blocks: true, Object: place[0], Detail: place[1],
					Action: "Decide with `resolutions`: \"" + place[0] + "\" = { decision = \"keep_tenant\" }"})
			}
			if diff := cmp.Diff(want, conflictNote("acme", c.row, "shop@2.0.0", c.list)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if note := conflictNote("acme", nil, "shop@2.0.0", nil); note.Detail[:27] != "Tenant `acme` stays as it i" {
		t.Errorf("of an unknown tenant: %s", note.Detail)
	}
}

// TestJustMade changes one condition at a time: only what a creation of this very
// specification has just left is taken over.
func TestJustMade(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	type state struct {
		spec landlord.TenantSpec
		row  registry.TenantRow
		live *ddl.Fingerprint
	}
	cases := map[string]struct {
		change func(*state)
		want   bool
	}{
		"as made":      {func(*state) {}, true},
		"status named": {func(s *state) { s.spec.Status = landlord.StatusActive }, true},
		"nearly an hour": {func(s *state) {
			s.row.Last.AppliedAt = now.Add(-59 * time.Minute)
			s.row.CreatedAt = now.Add(-60 * time.Minute)
		}, true},
		"an hour":              {func(s *state) { s.row.Last.AppliedAt = now.Add(-time.Hour); s.row.CreatedAt = now.Add(-time.Hour) }, false},
		"made long before":     {func(s *state) { s.row.CreatedAt = now.Add(-2 * time.Hour) }, false},
		"clock goes behind":    {func(s *state) { s.row.Last.AppliedAt = now.Add(time.Minute) }, true},
		"another name":         {func(s *state) { s.spec.Name = "Other" }, false},
		"another status":       {func(s *state) { s.spec.Status = landlord.StatusSuspended }, false},
		"suspended as wanted":  {func(s *state) { s.spec.Status, s.row.Status = landlord.StatusSuspended, landlord.StatusSuspended }, true},
		"more metadata":        {func(s *state) { s.spec.Metadata = map[string]string{"plan": "gold", "a": "b"} }, false},
		"other metadata":       {func(s *state) { s.spec.Metadata = map[string]string{"plan": "tin"} }, false},
		"another composition":  {func(s *state) { s.row.Composition = "other" }, false},
		"database is gone":     {func(s *state) { s.live = nil }, false},
		"schema changed":       {func(s *state) { s.live.Whole = "changed" }, false},
		"migrated since":       {func(s *state) { s.row.InitialSchema = "before" }, false},
		"recorded as another":  {func(s *state) { s.row.CurrentSchema, s.row.InitialSchema = "other", "other" }, false},
		"still being made":     {func(s *state) { s.row.Status, s.spec.Status = landlord.StatusCreating, landlord.StatusCreating }, false},
		"on its way out":       {func(s *state) { s.row.Status, s.spec.Status = landlord.StatusDropping, landlord.StatusDropping }, false},
		"migration under way":  {func(s *state) { s.row.Running = "sha256:1" }, false},
		"without a migration":  {func(s *state) { s.row.Last = nil }, false},
		"came from elsewhere":  {func(s *state) { s.row.Last.From = "shop@1.0.0" }, false},
		"another version made": {func(s *state) { s.row.Last.To = "shop@1.0.0" }, false},
	}
	e := &Tenants{Config: &landlord.Config{Now: func() time.Time { return now }}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &state{
				spec: landlord.TenantSpec{Slug: "acme", Name: "Acme", Metadata: map[string]string{"plan": "gold"}},
				row: registry.TenantRow{Slug: "acme", Name: "Acme", Status: landlord.StatusActive, Metadata: map[string]string{"plan": "gold"}, Composition: "composition",
					InitialSchema: "schema", CurrentSchema: "schema", CreatedAt: now.Add(-time.Minute), Last: &landlord.LastMigration{To: "shop@2.0.0", AppliedAt: now}},
				live: &ddl.Fingerprint{Whole: "schema"},
			}
			c.change(s)
			if got := e.justMade(s.spec, targetOf(t), &s.row, s.live); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// TestCreateSteps lists what is left to do of a creation.
func TestCreateSteps(t *testing.T) {
	t.Parallel()
	c := &template.Composition{Digest: "composition"}
	for _, sql := range []string{"A", "B", "C"} {
		st := template.Statement{Level: 1, Origin: "core"}
		st.SQL, st.Verb, st.Kind, st.Object = sql, "CREATE", ddl.KindTable, sql
		c.Statements = append(c.Statements, st)
	}
	const create, drop = "CREATE DATABASE `a``b` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "DROP DATABASE `a``b`"
	for name, test := range map[string]struct {
		exists bool
		done   int
		want   []string
	}{
		"new":             {false, 0, []string{create, "A", "B", "C"}},
		"empty database":  {true, 0, []string{"A", "B", "C"}},
		"two have run":    {true, 2, []string{"C"}},
		"all have run":    {true, 3, nil},
		"fits no point":   {true, restart, []string{drop, create, "A", "B", "C"}},
		"again, as 'new'": {false, 0, []string{create, "A", "B", "C"}},
	} {
		var got []string
		for _, s := range createSteps("a`b", c, test.exists, test.done) {
			got = append(got, s.SQL)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

// TestInterrupted compares what a plan says of a creation that was cut off.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	want := landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Creation of the tenant was interrupted", Passing: true,
		Detail: "An earlier run has begun to make tenant `acme` in database `tenant_acme`. It has run 2 of the 3 statements behind `CREATE DATABASE`, and the apply goes on from there."}
	if diff := cmp.Diff(want, interrupted("acme", "tenant_acme", unfinished(2, 3, "shop@1.0.0"))); diff != "" {
		t.Error(diff)
	}
	want.Detail = "An earlier run has begun to make tenant `acme` in database `tenant_acme`. What it left fits no point of template `shop@1.0.0` and holds no rows: the apply drops the database and makes it anew."
	if diff := cmp.Diff(want, interrupted("acme", "tenant_acme", unfinished(restart, 3, "shop@1.0.0"))); diff != "" {
		t.Error(diff)
	}
	wantErr(t, databaseGone("acme", "tenant_acme"), landlord.FieldSlug,
		"Tenant database is gone: Database `tenant_acme` of tenant `acme` does not exist any more.\n\nNothing was run. Plan again: it is planned as a create.")
}

// TestRefusals compares what a plan refuses without asking a server.
func TestRefusals(t *testing.T) {
	t.Parallel()
	store := &registry.Store{}
	e := &Tenants{Registry: store}
	spec := landlord.TenantSpec{Slug: "acme"}
	plan := &apply.TenantPlan{DatabaseName: "tenant_acme", Template: "shop@2.0.0"}
	want := targetOf(t)
	if err := e.checkRow(spec, nil); err != nil {
		t.Error(err)
	}
	if err := e.checkRow(spec, &registry.TenantRow{Status: landlord.StatusArchived}); err != nil {
		t.Error(err)
	}
	wantErr(t, e.checkRow(spec, &registry.TenantRow{Status: landlord.StatusDropping}), landlord.FieldDeletionPolicy,
		"Tenant is being dropped: The dropping of tenant `acme` was interrupted.\n\nDestroy it again to complete it.")
	wantErr(t, wouldLose(spec, plan, landlord.Step{SQL: "DROP TABLE `a`", Lost: "the rows of `a`"}), landlord.FieldAllowDestructive,
		"Migration would lose data: Tenant `acme` is to move to template `shop@2.0.0`.\n\nDROP TABLE `a`\n\nLost: the rows of `a`.\n\n"+
			"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")
	table := func(name string) landlord.Step {
		place, err := ddl.ParsePlace("table " + name)
		if err != nil {
			t.Fatal(err)
		}
		return landlord.Step{SQL: "DROP TABLE `" + name + "`", Lost: "table `" + name + "` with its rows", Takes: []ddl.Place{place}}
	}
	wantErr(t, wouldLose(spec, plan, table("a"), table("b")), landlord.FieldAllowDestructive,
		"Migration would lose data: Tenant `acme` is to move to template `shop@2.0.0`.\n\nDROP TABLE `a`\n\nLost: table `a` with its rows.\n\nDROP TABLE `b`\n\nLost: table `b` with its rows.\n\n"+
			"Set `allow_destructive = true` to agree, or `destructive_objects = { \"table a\" = \"retire\", \"table b\" = \"retire\" }` to agree to these alone; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the objects in the template.")
	// What two statements take is agreed to once.
	_, proposed, _ := strings.Cut(alone([]landlord.Step{table("a"), table("a"), table("b")}), "`")
	if proposed != "destructive_objects = { \"table a\" = \"retire\", \"table b\" = \"retire\" }` to agree to these alone" {
		t.Errorf("proposed: %s", proposed)
	}
	// A statement of a script has no name that it could be agreed to by.
	wantErr(t, wouldLose(spec, plan, table("a"), landlord.Step{SQL: "DELETE FROM c", Lost: "rows of table `c`"}), landlord.FieldAllowDestructive,
		"Migration would lose data: Tenant `acme` is to move to template `shop@2.0.0`.\n\nDROP TABLE `a`\n\nLost: table `a` with its rows.\n\nDELETE FROM c\n\nLost: rows of table `c`.\n\n"+
			"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the objects in the template.")
	// Without a scratch database what is recorded decides.
	same := registry.TenantRow{Composition: "composition", CurrentSchema: "schema"}
	for name, p := range map[string]planning{
		"new": {}, "another": {row: &registry.TenantRow{Composition: "other"}}, "interrupted": {row: &registry.TenantRow{Composition: "composition", Running: "sha256:1"}},
		"drifted": {row: &same, live: &ddl.Fingerprint{Whole: "other"}, spec: landlord.TenantSpec{DriftPolicy: landlord.DriftRepair}},
	} {
		p.want, p.plan = want, &apply.TenantPlan{DatabaseName: "tenant_acme", Template: "shop@2.0.0"}
		if e.planUnrendered(&p); !p.plan.Unseen || len(p.plan.Notes) != 1 {
			t.Errorf("%s: planned by the parser: %+v", name, p.plan)
		}
	}
	for _, p := range []planning{{live: &ddl.Fingerprint{Whole: "other"}}, {live: &ddl.Fingerprint{Whole: "schema"}, spec: landlord.TenantSpec{DriftPolicy: landlord.DriftRepair}}} {
		p.row, p.want, p.plan = &same, want, plan
		if e.planUnrendered(&p); plan.Unseen || plan.Fingerprint != "schema" {
			t.Errorf("the same: %+v", plan)
		}
	}
}

func wantErr(t *testing.T, err error, field landlord.Field, want string) {
	t.Helper()
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Field != field || p.Error() != want {
		t.Errorf("got %v", err)
	}
}
