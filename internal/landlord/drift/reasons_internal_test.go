package drift

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestReasons: what is said of each sort of thing that is missing, and that is
// another one.
func TestReasons(t *testing.T) {
	t.Parallel()
	const another = "The table is not the one that was recorded; the next migration would build on something else."
	for _, c := range []struct {
		object, element  string
		missing, changed string
	}{
		{"table t", "column `a`", "Statements that name the column fail.", "Values may be refused, cut or compared in another way than the template's author has seen."},
		{"table t", "primary key", "Nothing refuses duplicates any more, and rows are not found by it.", "Other rows are refused, or other queries are served, than recorded."},
		{"table t", "key `k`", "Queries that the key serves become slow; a unique one refuses no duplicates any more.", "Other rows are refused, or other queries are served, than recorded."},
		{"table t", "check `c`", "Rows that it refused are accepted.", "Other rows are refused than recorded."},
		{"table t", "foreign key `f`", "Rows without a parent are accepted.", "Other rows are refused than recorded."},
		{"table t", "partitions", another, "Other rows are refused than recorded."},
		{"table t", "option engine", another, another},
		{"table t", diff.ElementOrder, another, "Statements without a list of columns put values into the wrong ones."},
		{"table t", "", "Statements that name it fail.", another},
		{"view v", "", "Statements that name it fail.", "It does something else than recorded, or under another account."},
		{"procedure p", "", "Statements that name it fail.", "It does something else than recorded, or under another account."},
		{"trigger r", "", "What it did with each write is not done any more.", "It does something else than recorded, or under another account."},
		{"event e", "", "What it did on schedule is not done any more.", "It does something else than recorded, or under another account."},
		{"sequence s", "", "Defaults and statements that draw from it fail.", "It does something else than recorded, or under another account."},
		{landlord.DatabaseObject, "", "", "Tables and routines that are created from now on take other defaults than the template's."},
	} {
		p := ddl.Place{Object: c.object, Element: c.element}
		word, _, _ := strings.Cut(c.object, " ")
		kind := ddl.Kind(word)
		if got := missingReason(kind, c.element); got != c.missing && c.missing != "" {
			t.Errorf("%s is missing: %s", p, got)
		}
		if got := changedReason(kind, diff.ElementChange{Object: c.object, Element: c.element}); got != c.changed {
			t.Errorf("%s is another one: %s", p, got)
		}
	}
}

// TestTenantDrift_Harm: the worst harm counts; harmless ones say nothing as long as
// one of the others is not decided.
func TestTenantDrift_Harm(t *testing.T) {
	t.Parallel()
	const none, crm, core, undecided = landlord.HarmNone, landlord.HarmCustomization, landlord.HarmCore, landlord.Harm("")
	for _, c := range []struct {
		of   []landlord.Harm
		want landlord.Harm
	}{
		{nil, ""}, {[]landlord.Harm{none}, none}, {[]landlord.Harm{undecided}, ""}, {[]landlord.Harm{none, undecided}, ""}, {[]landlord.Harm{undecided, none}, ""},
		{[]landlord.Harm{crm, none}, crm}, {[]landlord.Harm{none, crm, undecided}, crm}, {[]landlord.Harm{core, crm, none}, core}, {[]landlord.Harm{crm, core}, core}, {[]landlord.Harm{undecided, core}, core},
	} {
		d := &TenantDrift{}
		for _, harm := range c.of {
			d.Differences = append(d.Differences, landlord.Difference{Harm: harm})
		}
		if got := d.Harm(); got != c.want {
			t.Errorf("%q: %q, not %q", c.of, got, c.want)
		}
	}
}

// TestDriftOf: how a tenant stands by fingerprints alone. What is being made, or
// goes, or is at work is interrupted, whatever its database is.
func TestDriftOf(t *testing.T) {
	t.Parallel()
	same, other := &ddl.Fingerprint{Whole: "a"}, &ddl.Fingerprint{Whole: "b"}
	for name, c := range map[string]struct {
		row  registry.TenantRow
		live *ddl.Fingerprint
		want State
	}{
		"as recorded":          {registry.TenantRow{Status: landlord.StatusActive, CurrentSchema: "a"}, same, DriftNone},
		"another one":          {registry.TenantRow{Status: landlord.StatusActive, CurrentSchema: "a"}, other, DriftFound},
		"nothing was recorded": {registry.TenantRow{Status: landlord.StatusActive}, other, DriftNone},
		"no database":          {registry.TenantRow{Status: landlord.StatusActive, CurrentSchema: "a"}, nil, DriftMissing},
		"no database, at work": {registry.TenantRow{Status: landlord.StatusActive, CurrentSchema: "a", Running: "x"}, nil, DriftInterrupted},
		"another one, at work": {registry.TenantRow{Status: landlord.StatusActive, CurrentSchema: "a", Running: "x"}, other, DriftInterrupted},
		"being made":           {registry.TenantRow{Status: landlord.StatusCreating}, nil, DriftInterrupted},
		"being dropped":        {registry.TenantRow{Status: landlord.StatusDropping, CurrentSchema: "a"}, same, DriftInterrupted},
	} {
		d := driftOf(&c.row, c.live)
		if d.State != c.want || d.InSync() != (c.want == DriftNone) || d.BaseFingerprint != c.row.CurrentSchema || c.live != nil && d.Fingerprint != c.live.Whole {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
