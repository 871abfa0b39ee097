package landlord_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func TestParseConsents(t *testing.T) {
	t.Parallel()
	got, err := landlord.ParseConsents(map[string]string{"table users column Fax": "drop", "table `odd name`": "retire", "sequence s": "drop"})
	want := landlord.Consents{
		{Object: "table users", Element: "column `fax`"}: landlord.Drop, {Object: "table odd name"}: landlord.Retire, {Object: "sequence s"}: landlord.Drop,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("consents (-want +got):\n%s %v", diff, err)
	}
	if got.Of(ddl.Place{Object: "table odd name", Element: "column `a`"}) != landlord.Retire || got.Of(ddl.Place{Object: "table users"}) != "" {
		t.Error("what is said of a table counts for its columns, and not the other way round")
	}
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again landlord.Consents
	if err := json.Unmarshal(raw, &again); err != nil || !cmp.Equal(got, again) {
		t.Errorf("%s is read as %v, %v", raw, again, err)
	}
}

func TestParseLosable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"table users column fax": "", "view v": "`view v` is no table, column or sequence: only those hold data",
		"table users key k": "`table users key k` is no table, column or sequence: only those hold data",
		"users":             "`users` does not begin with the kind of an object, such as `table` or `view`",
	} {
		said := ""
		if _, err := landlord.ParseLosable(text); err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("%s: %q, want %q", text, said, want)
		}
	}
}
