package checkpoint

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// What differs between two structures, and what one of two lists lacks.
func TestDiffering(t *testing.T) {
	t.Parallel()
	a := map[string]string{"table a": "1", "table b": "2", "view c": "3", "database": "4"}
	b := map[string]string{"table a": "1", "table b": "9", "view d": "3", "database": "4"}
	if diff := cmp.Diff([]string{"table b", "view c", "view d"}, differing(a, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"table a", "table b", "view c"}, keys(a)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s := structure{
		fingerprint: ddl.Fingerprint{Objects: map[string]string{"database": "", "table a": "", "table b": ""}},
		schema:      script.Schema{Schema: ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "a"}, {Kind: ddl.KindView, Name: "v"}}}},
		tables:      []tableInfo{{name: "b"}},
	}
	if diff := cmp.Diff([]string{"table b", "view v", "table a", "table b"}, s.disagreement()); diff != "" {
		t.Errorf("what the lists do not agree on (-want +got):\n%s", diff)
	}
}
