package restore

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestCheckGivenUp goes on with a restore in every status but one.
func TestCheckGivenUp(t *testing.T) {
	t.Parallel()
	const want = "Restore was given up: Another run has given up the restore.\n\nApply again: it begins anew."
	for name, r := range map[string]*registry.RestoreRow{"unknown": nil, "removed": {Status: landlord.RestoreRemoved}} {
		if err := checkGivenUp(r); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, status := range []landlord.RestoreStatus{landlord.RestoreBeginning, landlord.RestoreLoading, landlord.RestoreLoaded, landlord.RestoreSwapping, landlord.RestoreDone} {
		if err := checkGivenUp(&registry.RestoreRow{Status: status}); err != nil {
			t.Errorf("%s: %v", status, err)
		}
	}
}

// TestDifferenceNote compares a restored tenant with its goal. A goal without
// events says nothing of them.
func TestDifferenceNote(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		goal, live map[string]string
		want       string // behind the first line; empty: no note
	}{
		"same":               {map[string]string{"table a": "1"}, map[string]string{"table a": "1"}, ""},
		"events unknown":     {map[string]string{"table a": "1"}, map[string]string{"table a": "1", "event e": "1"}, ""},
		"event is missing":   {map[string]string{"table a": "1", "event e": "1"}, map[string]string{"table a": "1"}, "event `e`: missing"},
		"event is another":   {map[string]string{"event e": "1"}, map[string]string{"event e": "2"}, "event `e`: changed"},
		"table and an event": {map[string]string{"table a": "1"}, map[string]string{"table a": "2", "event e": "1", "view v": "1"}, "table `a`: changed\nview `v`: extra"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &swap{r: &registry.RestoreRow{Slug: "acme", Checkpoint: "before"}, goal: &registry.StoredSchema{Fingerprint: ddl.FingerprintOf(c.goal)}}
			var want []landlord.Note
			if c.want != "" {
				want = []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Restored schema differs from the checkpoint",
					Detail: "Tenant `acme` is restored, but its schema is not quite that of checkpoint `before`. The differences count as drift:\n" + c.want}}
			}
			if diff := cmp.Diff(want, s.differenceNote(ddl.FingerprintOf(c.live))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestTexts_difference compares the whole warning.
func TestTexts_difference(t *testing.T) {
	t.Parallel()
	s := &swap{r: &registry.RestoreRow{Slug: "acme", Checkpoint: "before"}, goal: &registry.StoredSchema{Fingerprint: ddl.FingerprintOf(map[string]string{"package body p": "1"})}}
	const want = "Restored schema differs from the checkpoint: Tenant `acme` is restored, but its schema is not quite that of checkpoint `before`. The differences count as drift:\npackage body `p`: missing"
	if notes := s.differenceNote(ddl.FingerprintOf(nil)); len(notes) != 1 || notes[0].Summary+": "+notes[0].Detail != want {
		t.Errorf("got %v", notes)
	}
}

// TestSequences finds defaults that take values from a sequence of the same
// database, and sends them to the tenant's.
func TestSequences(t *testing.T) {
	t.Parallel()
	table := func(name, lines string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: name, SQL: "CREATE TABLE `" + name + "` (\n" + lines + ") ENGINE=InnoDB"}
	}
	found := sequenceDefaults([]ddl.Object{
		table("u", "  `id` int(11) NOT NULL DEFAULT nextval(`numbers`),\n  `n` int(11) DEFAULT 1,\n  `p` int(11) DEFAULT nextval(`other`.`numbers`)\n"),
		table("t", "  `a``b` int(11) DEFAULT (lastval(`x``y`) + 1)\n"),
		{Kind: ddl.KindView, Name: "v", SQL: "  `id` int(11) DEFAULT nextval(`numbers`)"},
	})
	var names []string
	for _, d := range found {
		names = append(names, d.table+"."+d.column+" "+d.expression)
	}
	if diff := cmp.Diff([]string{"t.a`b (lastval(`x``y`) + 1)", "u.id nextval(`numbers`)"}, names); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	r := &registry.RestoreRow{Database: "tenant_acme", Side: "tenant_acme__r1"}
	sqls := func(v *swapView) [2][]string {
		before, after := v.repoint(r, "checkpoint c")
		var out [2][]string
		for i, steps := range [][]landlord.Step{before, after} {
			for _, s := range steps {
				out[i] = append(out[i], s.SQL)
			}
		}
		return out
	}
	const t1, u1 = "ALTER COLUMN `a``b` SET DEFAULT ((lastval(`tenant_acme`.`x``y`) + 1))", "ALTER COLUMN `id` SET DEFAULT (nextval(`tenant_acme`.`numbers`))"
	const tenant, side = "ALTER TABLE `tenant_acme`.", "ALTER TABLE `tenant_acme__r1`."
	for name, c := range map[string]struct {
		view *swapView
		want [2][]string
	}{
		"tenant has neither":    {&swapView{sequences: found}, [2][]string{nil, {tenant + "`t` " + t1, tenant + "`u` " + u1}}},
		"tenant has one":        {&swapView{sequences: found, leaving: []string{"numbers"}}, [2][]string{{side + "`u` " + u1}, {tenant + "`t` " + t1}}},
		"a table of a name":     {&swapView{sequences: found[1:], leaving: []string{"number"}}, [2][]string{nil, {tenant + "`u` " + u1}}},
		"have moved":            {&swapView{sequences: found, leaving: []string{"numbers", "x`y"}, moved: true}, [2][]string{nil, {tenant + "`t` " + t1, tenant + "`u` " + u1}}},
		"nothing takes from it": {&swapView{leaving: []string{"numbers"}}, [2][]string{}},
	} {
		if diff := cmp.Diff(c.want, sqls(c.view)); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

// TestSwapSteps computes a swap from what there is: the statements, in order, in
// three parts.
func TestSwapSteps(t *testing.T) {
	t.Parallel()
	const columns = " (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
	table := func(name string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: name, SQL: "CREATE TABLE `" + name + "`" + columns}
	}
	trigger := func(name, of string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTrigger, Name: name, Table: of, SQL: "CREATE TRIGGER `" + name + "` BEFORE INSERT ON `" + of + "` FOR EACH ROW SET @a = 1"}
	}
	schema := func(objects ...ddl.Object) ddl.Schema {
		return ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci", Objects: objects}
	}
	r := &registry.RestoreRow{Slug: "acme", Checkpoint: "before", Database: "d", Side: "s", Retired: "r"}
	const create = "CREATE DATABASE IF NOT EXISTS `r` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
	const makeTrigger = "CREATE TRIGGER `x` BEFORE INSERT ON `a` FOR EACH ROW SET @a = 1"
	cases := map[string]struct {
		view                        *swapView
		live, goal                  ddl.Schema
		prepare, exchange, complete []string
	}{
		"nothing": {view: &swapView{}},
		"two tables": {view: &swapView{leaving: []string{"a"}, coming: []string{"a", "b"}}, live: schema(table("a")), goal: schema(table("a"), table("b")),
			prepare: []string{create}, exchange: []string{"RENAME TABLE `d`.`a` TO `r`.`a`, `s`.`a` TO `d`.`a`, `s`.`b` TO `d`.`b`"}},
		"triggers go and come": {view: &swapView{leaving: []string{"a"}, coming: []string{"a"}, liveTriggers: []string{"x"}, sideTriggers: []string{"x"}},
			live: schema(table("a"), trigger("x", "a")), goal: schema(table("a"), trigger("x", "a")), prepare: []string{create},
			exchange: []string{"DROP TRIGGER `d`.`x`", "DROP TRIGGER `s`.`x`", "RENAME TABLE `d`.`a` TO `r`.`a`, `s`.`a` TO `d`.`a`", makeTrigger}},
		"triggers were dropped": {view: &swapView{leaving: []string{"a"}, coming: []string{"a"}}, live: schema(table("a")), goal: schema(table("a"), trigger("x", "a")),
			prepare: []string{create}, exchange: []string{"RENAME TABLE `d`.`a` TO `r`.`a`, `s`.`a` TO `d`.`a`", makeTrigger}},
		"have moved":             {view: &swapView{moved: true, leaving: []string{"a"}}, live: schema(table("a")), goal: schema(table("a"), trigger("x", "a")), exchange: []string{makeTrigger}},
		"have moved, armed":      {view: &swapView{moved: true, leaving: []string{"a"}}, live: schema(table("a"), trigger("x", "a")), goal: schema(table("a"), trigger("x", "a"))},
		"trigger of what stays":  {view: &swapView{leaving: []string{"a"}, coming: []string{"a"}}, live: schema(table("a"), table("b"), trigger("y", "b")), goal: schema(table("a"), table("b"), trigger("y", "b")), prepare: []string{create}, exchange: []string{"RENAME TABLE `d`.`a` TO `r`.`a`, `s`.`a` TO `d`.`a`"}},
		"what is more goes last": {view: &swapView{moved: true}, live: schema(table("a"), trigger("y", "a")), goal: schema(table("a")), complete: []string{"DROP TRIGGER `y`"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.view.live = &estate.Rendering{Schema: c.live}
			s, err := c.view.steps(r, c.goal, ddl.Server{Product: ddl.MySQL, Version: "9.7.0"})
			if err != nil {
				t.Fatal(err)
			}
			var got [3][]string
			for i, part := range [][]landlord.Step{s.prepare, s.exchange, s.complete} {
				for _, step := range part {
					got[i] = append(got[i], step.SQL)
					if step.Origin != "checkpoint before" || step.Level != 1 {
						t.Errorf("step of %q, level %d", step.Origin, step.Level)
					}
				}
			}
			if diff := cmp.Diff([3][]string{c.prepare, c.exchange, c.complete}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
