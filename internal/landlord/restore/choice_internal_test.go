package restore

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestIsAbandoned: of each status, whether a restore that is asked for again, and
// one that is not, is left by everybody. One that exchanges tables goes on as long
// as the tenant says that it runs.
func TestIsAbandoned(t *testing.T) {
	t.Parallel()
	swapping := &registry.RestoreRow{ID: 7, Status: landlord.RestoreSwapping}
	for status, want := range map[landlord.RestoreStatus][2]bool{ // the same, another one
		landlord.RestoreBeginning: {true, true},
		landlord.RestoreLoading:   {true, true},
		landlord.RestoreLoaded:    {false, true},
		landlord.RestoreSwapping:  {true, true}, // of a tenant on which nothing runs
		landlord.RestoreDone:      {false, false},
	} {
		for i, same := range []bool{true, false} {
			if got := isAbandoned(&registry.RestoreRow{ID: 7, Status: status}, same, &registry.TenantRow{}); got != want[i] {
				t.Errorf("%s, the same %t: abandoned %t", status, same, got)
			}
		}
	}
	for running, want := range map[string]bool{swapping.Mark(): false, "": true, (&registry.RestoreRow{ID: 8}).Mark(): true} {
		if got := isAbandoned(swapping, true, &registry.TenantRow{Running: running}); got != want {
			t.Errorf("%q runs: abandoned %t", running, got)
		}
	}
}

// TestBesideName: the name of the database beside a tenant is a name that servers
// take, however long the tenant's is, and says which restore it is of.
func TestBesideName(t *testing.T) {
	t.Parallel()
	const request = "sha256:979c5f53aabbccdd"
	for _, c := range []struct {
		row  registry.RestoreRow
		want string
	}{
		{registry.RestoreRow{Database: "tenant_acme", Mode: landlord.RestoreSideBySide, Number: 7, Request: request}, "tenant_acme" + besideMark + "7"},
		{registry.RestoreRow{Database: "tenant_acme", Request: request}, "tenant_acme" + besideMark + "979c5f53"},
		{registry.RestoreRow{Database: "tenant_acme", Request: "sha256:97"}, "tenant_acme" + besideMark + "97"},
		{registry.RestoreRow{Database: "tenant_acme"}, "tenant_acme" + besideMark},
	} {
		if got := besideName(&c.row); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
	for length := range landlord.MaxDatabaseName + 1 {
		for _, mode := range []landlord.RestoreMode{landlord.RestoreSideBySide, landlord.RestoreInPlace} {
			got := besideName(&registry.RestoreRow{Database: strings.Repeat("a", length), Mode: mode, Number: 1 << 40, Request: request})
			if len(got) > landlord.MaxDatabaseName-3 { // with room for a number behind it
				t.Errorf("a database of %d letters: %q has %d", length, got, len(got))
			}
			if !strings.Contains(got, besideMark) {
				t.Errorf("a database of %d letters: %q does not say what it is", length, got)
			}
		}
	}
}

// TestOldest: of the tenant's checkpoints with all of its data that are still kept,
// the one that was taken first.
func TestOldest(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }
	row := func(name string, hour int, change func(r *registry.CheckpointRow)) *registry.CheckpointRow {
		r := &registry.CheckpointRow{Slug: "acme", Name: name, Contents: landlord.CheckpointData, ConsistentAt: at(hour)}
		if change != nil {
			change(r)
		}
		return r
	}
	useless := map[string]*registry.CheckpointRow{
		"a": row("schema", 1, func(r *registry.CheckpointRow) { r.Contents = landlord.CheckpointSchema }),
		"b": row("some tables", 2, func(r *registry.CheckpointRow) { r.Tables = []string{"t"} }),
		"c": row("expired", 3, func(r *registry.CheckpointRow) { r.Expired = true }),
		"d": row("another tenant's", 4, func(r *registry.CheckpointRow) { r.Slug = "globex" }),
	}
	if got := oldest(useless, "acme"); got != "It has none at all." {
		t.Error(got)
	}
	useless["e"], useless["f"], useless["g"] = row("noon", 12, nil), row("morning", 8, nil), row("night", 22, nil)
	if got := oldest(useless, "acme"); got != "The oldest one, `morning`, is of 2026-01-02T08:00:00Z." {
		t.Error(got)
	}
}

func TestEffectiveTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asked, checkpoint, want []string }{
		{nil, nil, nil}, {nil, []string{"b", "a"}, []string{"b", "a"}}, {[]string{"z", "a"}, nil, []string{"a", "z"}}, {[]string{"b"}, []string{"a", "b"}, []string{"b"}},
	} {
		got := effectiveTables(landlord.RestoreSpec{Tables: c.asked}, &registry.CheckpointRow{Tables: c.checkpoint})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v of %v (-want +got):\n%s", c.asked, c.checkpoint, diff)
		}
	}
}

// TestWithoutEvents: a replay leaves events out, and nothing else, a table that is
// called like one neither.
func TestWithoutEvents(t *testing.T) {
	t.Parallel()
	objects := map[string]string{"table event": "1", "event e": "2", "view event x": "3", "eventful t": "4"}
	got := withoutEvents(ddl.FingerprintOf(objects))
	if diff := cmp.Diff(map[string]string{"table event": "1", "view event x": "3", "eventful t": "4"}, got.Objects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(objects) != 4 || got.Whole == ddl.FingerprintOf(objects).Whole {
		t.Errorf("the other fingerprint was changed, or is the same: %v", objects)
	}
}

// TestCustomizationsAt: those of the checkpoint and those that were made until the
// moment, as far as their objects are there; one that both know is that of the
// checkpoint.
func TestCustomizationsAt(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }
	of := func(objects ...string) []merge.OwnedElement {
		var out []merge.OwnedElement
		for _, o := range objects {
			out = append(out, merge.OwnedElement{Object: o})
		}
		return out
	}
	schema := ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "t"}, {Kind: ddl.KindView, Name: "v"}}}
	former := []registry.LabelledCustomization{
		{Name: "kept", Reason: "then", Objects: of("table t")}, {Name: "gone since", Objects: of("table t", "table lost")}, {Name: "of nothing"},
	}
	present := []registry.Customization{
		{Name: "kept", Reason: "now", Objects: of("view v"), CreatedAt: at(1)},
		{Name: "since", Reason: "why", Objects: of("view v"), CreatedAt: at(10)},
		{Name: "later", Objects: of("view v"), CreatedAt: at(13)},
		{Name: "at the moment", Objects: of("view v"), CreatedAt: at(12)},
		{Name: "not there", Objects: of("view t"), CreatedAt: at(10)},
	}
	var got []string
	for _, c := range customizationsAt(former, present, at(12), schema) {
		got = append(got, c.Name+": "+c.Reason)
		if c.Name == "since" && (c.Status != landlord.CustomizationActive || !c.CreatedAt.Equal(at(10)) || len(c.Objects) != 1) {
			t.Errorf("%+v", c)
		}
	}
	if diff := cmp.Diff([]string{"kept: then", "of nothing: ", "since: why"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
