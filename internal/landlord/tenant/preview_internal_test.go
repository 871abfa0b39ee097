package tenant

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestPreview_script writes the steps as one text. What a tenant has named is
// no line of its own.
func TestPreview_script(t *testing.T) {
	t.Parallel()
	head := func(from string) string {
		return fmt.Sprintf("-- Tenant acme: %sto shop@2.0.0, verdict auto\n-- Digest sha256:1\n", from) +
			"-- To be read: the provider runs these statements one by one, each recorded before it is sent.\n"
	}
	cases := map[string]struct {
		from  string
		steps []landlord.Step
		want  string
	}{
		"nothing to do": {"shop@1.0.0", nil, ""},
		"one": {"shop@1.0.0", []landlord.Step{{SQL: "DROP TABLE `a`", Origin: "core", Operation: "drop_table", Object: "table `a`", Reason: "Lost: the rows.\nAll."}},
			head("from shop@1.0.0 ") + "-- 1. core: drop_table table `a`: Lost: the rows. All.\nDROP TABLE `a`;\n"},
		"adopted, body": {"", []landlord.Step{{SQL: "CREATE TRIGGER r BEGIN SET @a = 1; END", Origin: "core", Operation: "create_trigger", Object: "trigger `r`", Settings: ddl.Settings{SQLMode: "ANSI"}}},
			head("") + "-- 1. core: create_trigger trigger `r`\n" +
				"SET @landlord_mode = @@sql_mode, @landlord_client = @@character_set_client, @landlord_collation = @@collation_connection, @landlord_zone = @@time_zone;\n" +
				"SET sql_mode = 'ANSI';\nDELIMITER $$\nCREATE TRIGGER r BEGIN SET @a = 1; END\n$$\nDELIMITER ;\n" +
				"SET sql_mode = @landlord_mode, character_set_client = @landlord_client, collation_connection = @landlord_collation, time_zone = @landlord_zone;\n"},
		"name of two lines": {"", []landlord.Step{{SQL: "DROP VIEW `a\nDROP DATABASE mysql; --`", Origin: "tenant", Operation: "drop_view", Object: "view `a\nDROP DATABASE mysql; --`"}},
			head("") + "-- 1. tenant: drop_view view `a DROP DATABASE mysql; --`\nDELIMITER $$\nDROP VIEW `a\nDROP DATABASE mysql; --`\n$$\nDELIMITER ;\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &Preview{From: c.from, To: "shop@2.0.0", Verdict: "auto", Digest: "sha256:1", Steps: c.steps}
			if diff := cmp.Diff(c.want, p.script("acme")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
