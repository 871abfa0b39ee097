package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// untransacted is a template with a seeded table that knows no transactions, between
// two that do.
func untransacted() landlord.TemplateSpec {
	return landlord.TemplateSpec{
		Name: "old", Version: "1.0.0",
		Core: map[string]string{"1.sql": "CREATE TABLE a (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20));\n" +
			"CREATE TABLE m (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20)) ENGINE=MyISAM;\nCREATE TABLE z (id INT NOT NULL PRIMARY KEY, v VARCHAR(20));\nCREATE TABLE r (a INT NOT NULL, FOREIGN KEY (a) REFERENCES a (id));"},
		Seeds: map[string]string{"1.sql": "INSERT INTO a (v) VALUES ('one'), ('two');\nINSERT INTO r VALUES (2);\nINSERT INTO m (v) SELECT CONCAT(v, '!') FROM a;\nINSERT INTO m (v) VALUES ('three');\nINSERT INTO z SELECT id, v FROM m;"},
	}
}

func wantSown(t *testing.T, s *mysqltest.Server, slug string) {
	t.Helper()
	got := s.QueryRows(t, fmt.Sprintf("SELECT id, v FROM `%s%s`.z UNION ALL SELECT id, v FROM `%[1]s%[2]s`.a ORDER BY v, id", s.Prefix, slug))
	want := [][]string{{"1", "one"}, {"1", "one!"}, {"3", "three"}, {"2", "two"}, {"2", "two!"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", slug, diff)
	}
}

// TestCreateTenant_untransacted makes tenants of a template whose seeds fill a table
// without transactions. MySQL takes that in no transaction with anything else. A run
// that is killed among the seeds is told of, and nothing is guessed.
func TestCreateTenant_untransacted(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, untransacted())
		spec := landlord.TenantSpec{Slug: "single", Name: "Single", Template: "old@1.0.0"}
		create(t, e, spec)
		wantSown(t, s, "single")
		fleetSpec := fleet.Spec{Name: "all", Template: "old@1.0.0", Members: []fleet.Member{{Slug: "f1", Name: "F1"}, {Slug: "f2", Name: "F2"}}}
		if _, err := e.ApplyFleet(t.Context(), fleetSpec, nil, ""); err != nil {
			t.Fatal(explain(err))
		}
		wantSown(t, s, "f1")
		wantSown(t, s, "f2")

		for slug, at := range map[string]string{"k1": "before insert table `a`", "k2": "after insert table `a`"} {
			spec.Slug, spec.Name = slug, slug
			v := victim{Config: configOf(s), Spec: spec, KillAt: at}
			if !v.run(t) {
				t.Fatalf("nobody was killed %s", at)
			}
			e := engineOn(t, s)
			plan, err := e.PlanTenant(t.Context(), spec, nil)
			if err != nil {
				t.Fatal(explain(err))
			}
			_, err = e.CreateTenant(t.Context(), spec, plan.Digest)
			if slug == "k1" {
				if err != nil {
					t.Fatal(explain(err))
				}
				wantSown(t, s, slug)
				continue
			}
			want := "Interrupted creation has left rows [slug]\nCreating tenant `k2` was interrupted while its seeds went in: table `a` has rows. Since table `m` has an engine without transactions, nobody can tell which are missing.\n\n" +
				"Drop the database, which is not complete, with `DROP DATABASE `" + s.Prefix + "k2``, and apply again."
			if got := explain(err); got != want {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			s.Exec(t, "DROP DATABASE `"+s.Prefix+"k2`")
			e = engineOn(t, s)
			if plan, err = e.PlanTenant(t.Context(), spec, nil); err != nil {
				t.Fatal(explain(err))
			}
			if _, err := e.CreateTenant(t.Context(), spec, plan.Digest); err != nil {
				t.Fatal(explain(err))
			}
			wantSown(t, s, slug)
		}
		if names := s.QueryRows(t, "SELECT slug FROM "+s.LandlordDatabase+".tenants WHERE status <> 'active'"); len(names) > 0 {
			t.Errorf("not active: %v", names)
		}
	})
}
