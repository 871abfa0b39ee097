package landlord_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestCustomizationPatch_checksum sees that each part counts, and that its text
// is stable: the landlord database keeps it.
func TestCustomizationPatch_checksum(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i, p := range []landlord.CustomizationPatch{
		{}, {SQL: "a"}, {Tables: map[string]string{"a": "b"}}, {Views: map[string]string{"a": "b"}}, {Tables: map[string]string{"b": "a"}},
		{Columns: []landlord.CustomizationColumn{{Table: "a", Name: "b", Definition: "INT"}}},
		{Columns: []landlord.CustomizationColumn{{Table: "a", Name: "b", Definition: "INT"}, {Table: "a", Name: "c", Definition: "INT"}}},
		{Columns: []landlord.CustomizationColumn{{Table: "a", Name: "c", Definition: "INT"}, {Table: "a", Name: "b", Definition: "INT"}}},
		{Indexes: []landlord.CustomizationIndex{{Table: "a", Name: "b", Columns: []string{"c"}}}},
		{Indexes: []landlord.CustomizationIndex{{Table: "a", Name: "b", Columns: []string{"c"}, Unique: true}}},
	} {
		sum, err := p.Checksum()
		if other, ok := seen[sum]; ok || err != nil {
			t.Errorf("%d and %d: %s, %v", i, other, sum, err)
		}
		seen[sum] = i
	}
	a, _ := landlord.CustomizationPatch{}.Checksum()
	if b, _ := (landlord.CustomizationPatch{Tables: map[string]string{}, Columns: []landlord.CustomizationColumn{}}).Checksum(); a != b {
		t.Errorf("empty parts count: %s, %s", a, b)
	}
}

// TestCustomizationPatch_with joins patches and leaves them as they are.
func TestCustomizationPatch_with(t *testing.T) {
	t.Parallel()
	p := landlord.CustomizationPatch{Tables: map[string]string{"a": "1"}, Columns: []landlord.CustomizationColumn{{Table: "t", Name: "x"}}, SQL: "one;\n"}
	q := landlord.CustomizationPatch{Tables: map[string]string{"b": "2"}, Views: map[string]string{"v": "3"},
		Indexes: []landlord.CustomizationIndex{{Table: "t", Name: "k"}}, Columns: []landlord.CustomizationColumn{{Table: "t", Name: "y"}}, SQL: "two;\n"}
	want := &landlord.CustomizationPatch{
		Tables: map[string]string{"a": "1", "b": "2"}, Views: map[string]string{"v": "3"}, SQL: "one;\ntwo;",
		Columns: []landlord.CustomizationColumn{{Table: "t", Name: "x"}, {Table: "t", Name: "y"}}, Indexes: []landlord.CustomizationIndex{{Table: "t", Name: "k"}},
	}
	if diff := cmp.Diff(want, p.With(&q)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(p.Tables) != 1 || len(q.Tables) != 1 || len(p.Columns) != 1 {
		t.Errorf("the patches changed: %v, %v", p, q)
	}
	var none *landlord.CustomizationPatch
	want = &landlord.CustomizationPatch{Tables: map[string]string{"a": "1"}, Views: map[string]string{}, Columns: p.Columns, SQL: "one;"}
	for _, got := range []*landlord.CustomizationPatch{none.With(&p), p.With(nil)} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with nothing, -want +got:\n%s", diff)
		}
	}
	if diff := cmp.Diff(&landlord.CustomizationPatch{Tables: map[string]string{}, Views: map[string]string{}}, none.With(nil)); diff != "" {
		t.Errorf("nothing with nothing, -want +got:\n%s", diff)
	}
}

// TestInputLocation_At names places as the user counts lines.
func TestInputLocation_At(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		shift, line, column int
	}{"sql:1:5": {0, 1, 5}, "sql:3:1": {0, 3, 1}, "sql": {1, 1, 40}, "sql:1:7": {1, 2, 7}} {
		if got := (landlord.InputLocation{From: "sql", Shift: c.shift}).At(source.Position{Line: c.line, Column: c.column}); got != want {
			t.Errorf("%+v: %q, not %q", c, got, want)
		}
	}
}

// TestSplitCheckpointID cuts identifiers.
func TestSplitCheckpointID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]any{
		"acme/c": {"acme", "c", true}, "acme": {"acme", "", false}, "/c": {"", "c", false}, "acme/": {"acme", "", false}, "a/b/c": {"a", "b/c", false}, "": {"", "", false},
	} {
		tenant, name, ok := landlord.SplitCheckpointID(id)
		if diff := cmp.Diff(want, []any{tenant, name, ok}); diff != "" {
			t.Errorf("%q, -want +got:\n%s", id, diff)
		}
	}
}

// TestRestoreSpec_Request sees which inputs ask for another restore, and which
// for the same one.
func TestRestoreSpec_Request(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	base := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "c", Tables: []string{"a", "b"}, Keepers: map[string]string{"k": "v"}, PointInTime: at}
	change := func(f func(*landlord.RestoreSpec)) landlord.RestoreSpec {
		s := base
		f(&s)
		return s
	}
	same := map[string]landlord.RestoreSpec{
		"identifier": change(func(s *landlord.RestoreSpec) { s.Checkpoint = "acme/c" }),
		"order":      change(func(s *landlord.RestoreSpec) { s.Tables = []string{"b", "a"} }),
		"zone":       change(func(s *landlord.RestoreSpec) { s.PointInTime = at.In(time.FixedZone("", 7200)) }),
		"mode":       change(func(s *landlord.RestoreSpec) { s.Mode = landlord.RestoreSideBySide }),
		"leave":      change(func(s *landlord.RestoreSpec) { s.AllowDestructive, s.SkipProbes, s.Retention = true, true, time.Hour }),
	}
	for name, s := range same {
		if s.Request() != base.Request() {
			t.Errorf("%s asks for another restore", name)
		}
	}
	other := map[string]landlord.RestoreSpec{
		"base":        base,
		"tenant":      change(func(s *landlord.RestoreSpec) { s.Tenant = "beta" }),
		"checkpoint":  change(func(s *landlord.RestoreSpec) { s.Checkpoint = "d" }),
		"in place":    change(func(s *landlord.RestoreSpec) { s.Mode = landlord.RestoreInPlace }),
		"all tables":  change(func(s *landlord.RestoreSpec) { s.Tables = nil }),
		"one table":   change(func(s *landlord.RestoreSpec) { s.Tables = []string{"a,b"} }),
		"keeper":      change(func(s *landlord.RestoreSpec) { s.Keepers = map[string]string{"k": "w"} }),
		"no keeper":   change(func(s *landlord.RestoreSpec) { s.Keepers = nil }),
		"no time":     change(func(s *landlord.RestoreSpec) { s.PointInTime = time.Time{} }),
		"nanosecond":  change(func(s *landlord.RestoreSpec) { s.PointInTime = at.Add(1) }),
		"two keepers": change(func(s *landlord.RestoreSpec) { s.Keepers = map[string]string{"k": "v", "l": ""} }),
	}
	seen := map[string]string{}
	for name, s := range other {
		if twin := seen[s.Request()]; twin != "" {
			t.Errorf("%s and %s ask for the same", name, twin)
		}
		seen[s.Request()] = name
	}
	if got := (landlord.RestoreSpec{Retention: -1}).EffectiveRetention(); got != landlord.DefaultRetention {
		t.Errorf("retention %s", got)
	}
	if got := (landlord.RestoreSpec{Retention: time.Hour}).EffectiveRetention(); got != time.Hour {
		t.Errorf("retention %s", got)
	}
}

// TestDataCopySpec sees what a copy may ask for, and which inputs ask for the same.
func TestDataCopySpec(t *testing.T) {
	t.Parallel()
	base := landlord.DataCopySpec{Source: "a", Target: "b", Tables: []string{"t", "u"}, Where: map[string]string{"t": "id > 1"}, Keepers: map[string]string{"k": "v"}}
	change := func(f func(*landlord.DataCopySpec)) landlord.DataCopySpec {
		s := base
		f(&s)
		return s
	}
	for name, s := range map[string]landlord.DataCopySpec{
		"order":  change(func(s *landlord.DataCopySpec) { s.Tables = []string{"u", "t"} }),
		"chunk":  change(func(s *landlord.DataCopySpec) { s.ChunkRows = 7 }),
		"policy": change(func(s *landlord.DataCopySpec) { s.OnConflict = landlord.CopyFail }),
	} {
		if s.Request() != base.Request() {
			t.Errorf("%s asks for another copy", name)
		}
	}
	seen := map[string]string{}
	for name, s := range map[string]landlord.DataCopySpec{
		"base":          base,
		"direction":     change(func(s *landlord.DataCopySpec) { s.Source, s.Target = "b", "a" }),
		"fewer":         change(func(s *landlord.DataCopySpec) { s.Tables = []string{"t"} }),
		"condition":     change(func(s *landlord.DataCopySpec) { s.Where = map[string]string{"t": "id > 2"} }),
		"no condition":  change(func(s *landlord.DataCopySpec) { s.Where = nil }),
		"as a keeper":   change(func(s *landlord.DataCopySpec) { s.Where, s.Keepers = nil, map[string]string{"k": "v", "t": "id > 1"} }),
		"as conditions": change(func(s *landlord.DataCopySpec) { s.Keepers, s.Where = nil, map[string]string{"k": "v", "t": "id > 1"} }),
		"skip":          change(func(s *landlord.DataCopySpec) { s.OnConflict = landlord.CopySkip }),
	} {
		if twin := seen[s.Request()]; twin != "" {
			t.Errorf("%s and %s ask for the same", name, twin)
		}
		seen[s.Request()] = name
	}
	for name, c := range map[string]struct {
		spec  landlord.DataCopySpec
		field landlord.Field
		want  string
	}{
		"fits":             {base, "", ""},
		"same tenant":      {change(func(s *landlord.DataCopySpec) { s.Target = "a" }), "target", "Rows of tenant `a` would be copied into tenant `a`."},
		"first of the two": {change(func(s *landlord.DataCopySpec) { s.Where = map[string]string{"y": "1", "x": "1", "t": "1"} }), "where.x", "for table `x`"},
		"another case":     {change(func(s *landlord.DataCopySpec) { s.Where = map[string]string{"T": "1"} }), "where.T", "for table `T`"},
	} {
		err := c.spec.Check()
		var p *landlord.Problem
		if (err == nil) != (c.want == "") || err != nil && (!errors.As(err, &p) || p.Field != c.field || !strings.Contains(p.Text(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
