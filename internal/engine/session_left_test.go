package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCreateTenant_sessionOfSeeds makes tenants whose seeds try to have what follows
// them read in another way than it was judged and written: by the variables in which a
// script keeps settings, and by a trigger that changes its session.
func TestCreateTenant_sessionOfSeeds(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		neighbor := s.Prefix + "b"
		s.Exec(t, "CREATE DATABASE "+neighbor, "CREATE TABLE "+neighbor+".secrets (v VARCHAR(90))", "INSERT INTO "+neighbor+".secrets VALUES ('TOP SECRET')")
		const table, zone = "CREATE TABLE notes (v VARCHAR(90));\n", "SET time_zone = '+01:00';\n"
		odd := `你\', 'x`
		templates := map[string]landlord.TemplateSpec{
			"mode": {
				Core: map[string]string{"1.sql": table},
				Seeds: map[string]string{"1.sql": zone + "INSERT INTO notes SELECT @landlord_mode := 'NO_BACKSLASH_ESCAPES';\n" +
					`INSERT INTO notes SELECT 'x\' UNION SELECT v FROM ` + neighbor + `.secrets -- ';`},
			},
			"client": {
				Core:  map[string]string{"1.sql": table + "CREATE TABLE `" + odd + "` (id INT);"},
				Seeds: map[string]string{"1.sql": zone + "INSERT INTO notes SELECT @landlord_client := 'gbk';"},
			},
			"trigger": {
				Core: map[string]string{"1.sql": table + "CREATE TRIGGER past AFTER INSERT ON notes FOR EACH ROW SET SESSION timestamp = 1;\n" +
					"CREATE TRIGGER other BEFORE INSERT ON notes FOR EACH ROW SET SESSION sql_select_limit = 0, SESSION time_zone = '-11:00';"},
				Seeds: map[string]string{"1.sql": "INSERT INTO notes VALUES ('one');"},
			},
			"view": { // MariaDB computes constant parts of a view when it is made
				Core: map[string]string{"1.sql": table + "CREATE FUNCTION digits() RETURNS INT DETERMINISTIC SQL SECURITY INVOKER BEGIN SET SESSION timestamp = 1; RETURN 1; END;\n" +
					"CREATE SQL SECURITY INVOKER VIEW rounded AS SELECT ROUND(1.25, digits()) AS n;"},
			},
		}
		for name, template := range templates {
			for account, change := range map[string]func(*landlord.Config){"run": func(*landlord.Config) {}, "own": func(c *landlord.Config) { c.ExecutionAccount = landlord.ExecutionOwn }} {
				t.Run(name+" as "+account, func(t *testing.T) {
					template := template
					template.Name, template.Version = name+"_"+account, "1.0.0"
					e := engineOn(t, s, change)
					publish(t, e, template)
					slug := name + account
					create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: template.Name + "@1.0.0"})
					noDrift(t, e, slug)
					if got := s.QueryRows(t, "SELECT v FROM "+s.Prefix+slug+".notes WHERE v = 'TOP SECRET'"); len(got) > 0 {
						t.Errorf("the neighbor was read: %v", got)
					}
					history := s.LandlordDatabase + ".tenant_migrations_history"
					where := " WHERE tenant_slug = '" + slug + "'"
					if got := s.QueryRows(t, "SELECT applied_at BETWEEN started_at AND NOW(6) FROM "+history+where); !cmp.Equal(got, [][]string{{"1"}}) {
						t.Errorf("the time of the migration is another one: %v", s.QueryRows(t, "SELECT started_at, applied_at FROM "+history+where))
					}
					if name == "client" {
						got := s.QueryRows(t, fmt.Sprintf("SELECT object FROM %s.tenant_migration_steps WHERE object LIKE '%%你%%' AND migration_id IN (SELECT id FROM %s%s)", s.LandlordDatabase, history, where))
						if !cmp.Equal(got, [][]string{{"table `" + odd + "`"}}) {
							t.Errorf("the ledger has %q", got)
						}
					}
				})
			}
		}
	})
}
