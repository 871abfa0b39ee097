package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func TestToConsents(t *testing.T) {
	t.Parallel()
	got := toConsents(types.MapValueMust(types.StringType, map[string]attr.Value{
		"table users column Fax": types.StringValue("drop"), "table `odd name`": types.StringValue("retire"), "sequence s": types.StringValue("drop"),
	}))
	want := landlord.Consents{
		{Object: "table users", Element: "column `fax`"}: landlord.Drop, {Object: "table odd name"}: landlord.Retire, {Object: "sequence s"}: landlord.Drop,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("consents (-want +got):\n%s", diff)
	}
	if got.Of(ddl.Place{Object: "table odd name", Element: "column `a`"}) != landlord.Retire || got.Of(ddl.Place{Object: "table users"}) != "" {
		t.Error("what is said of a table counts for its columns, and not the other way round")
	}
	for text, want := range map[string]string{
		"table users column fax": "", "view v": "`view v` is no table, column or sequence: only those hold data",
		"table users key k": "`table users key k` is no table, column or sequence: only those hold data",
		"users":             "`users` does not begin with the kind of an object, such as `table` or `view`",
	} {
		_, err := losable(text)
		if said := message(err); said != want {
			t.Errorf("%s: %q, want %q", text, said, want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
