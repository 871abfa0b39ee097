package engine_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestSetups leads a tenant through its life on servers that are set up otherwise than
// ours, all of it at once: global modes under which texts mean something else, another
// time zone, names in lower case, small packets. `make test-setups` runs all tests of
// the engine so, one setup at a time.
func TestSetups(t *testing.T) {
	t.Parallel()
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(mysqltest.Setups())) {
		flags = append(flags, mysqltest.Setups()[name]...)
	}
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := mysqltest.Private(t, kind, mysqltest.Args(flags...))
			e := engineOn(t, p.Server)
			first := shop("1.0.0")
			first.Core["003_odd.sql"] = "CREATE TABLE Odd (id INT NOT NULL PRIMARY KEY, a VARCHAR(20) NOT NULL DEFAULT 'it\\'s \\\\', at TIMESTAMP NOT NULL DEFAULT '2020-01-01 10:00:00', j JSON, CHECK (a <> \"no\\\"\"));\n" +
				"CREATE TRIGGER told BEFORE INSERT ON Odd FOR EACH ROW SET NEW.a = CONCAT(NEW.a, '\\'', \"x\");"
			first.Seeds["002_odd.sql"] = "INSERT INTO Odd (id, a, j) VALUES (1, 'a\\\\b', '{\"k\": 1}');"
			publish(t, e, first)
			second := shopWithout()
			maps.Copy(second.Core, map[string]string{"003_odd.sql": first.Core["003_odd.sql"], "004_more.sql": "ALTER TABLE Odd ADD COLUMN more VARCHAR(30) NOT NULL DEFAULT 'x\\'y';"})
			publish(t, e, second)
			spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", AllowDestructive: true}
			_, tenant := create(t, e, spec)
			for _, to := range []string{"shop@2.0.0", "shop@1.0.0"} {
				spec.Template = to
				_, after, err := update(t.Context(), engineOn(t, p.Server), spec, tenant)
				if err != nil {
					t.Fatalf("to %s: %s", to, explain(err))
				}
				if len(after.Drift) > 0 || after.UpdateStatus != landlord.UpdateCurrent {
					t.Errorf("to %s: %s, drift %v", to, after.UpdateStatus, after.Drift)
				}
				tenant = after
			}
			got := p.QueryRows(t, "SELECT a, UNIX_TIMESTAMP(at) FROM "+mysqltest.QuoteName(p.Prefix+"acme")+".Odd")
			if len(got) != 1 || got[0][0] != `a\b'x` || got[0][1] != "1577872800" {
				t.Errorf("the row is %q", got)
			}
			mustCustomize(t, engineOn(t, p.Server), visits("acme"), nil)
			noDrift(t, engineOn(t, p.Server), "acme")
		})
	}
}
