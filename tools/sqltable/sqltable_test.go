package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

func TestRun(t *testing.T) {
	t.Parallel()
	server := mysqltest.One(t)
	environment := map[string]string{
		"LANDLORD_ENDPOINT": server.Endpoint(),
		"LANDLORD_USERNAME": server.Username,
		"LANDLORD_PASSWORD": server.Password,
	}
	getenv := func(name string) string { return environment[name] }

	t.Run("tables", func(t *testing.T) {
		t.Parallel()
		var out strings.Builder
		queries := []string{
			"SELECT 'bakery' AS slug, NULL AS modules UNION ALL SELECT 'a', 'x'",
			"SELECT 1 AS n WHERE 1 = 0",
		}
		if err := run(t.Context(), getenv, queries, &out); err != nil {
			t.Fatal(err)
		}
		want := "  slug    modules\n  bakery  -\n  a       x\n\n  n\n"
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("unexpected output (-want +got):\n%s", diff)
		}
	})

	t.Run("error", func(t *testing.T) {
		t.Parallel()
		err := run(t.Context(), getenv, []string{"SELECT * FROM mysql.no_such_table"}, &strings.Builder{})
		if err == nil {
			t.Fatal("a query on a table that does not exist succeeded")
		}
	})
}
