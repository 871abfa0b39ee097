package account_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCheckPrograms_privileged: what an administrator of MySQL has made can be altered
// and dropped by another one only. The plan says so exactly where the server refuses.
func TestCheckPrograms_privileged(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		database := s.Prefix + "a"
		programs := map[string]string{
			"view v": "CREATE VIEW v AS SELECT * FROM t", "procedure p": "CREATE PROCEDURE p() SELECT 1",
			"function f": "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1", "trigger g": "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
			"event e": "CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1",
		}
		username, password := s.ProviderAccount(t)
		b := newBed(t, s, username, password)
		s.Exec(t, "CREATE DATABASE "+database)
		admin := s.Open(t, s.Username, s.Password, database)
		exec := func(sql string) {
			if _, err := admin.ExecContext(t.Context(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		exec("CREATE TABLE t (a INT)")
		exec("CREATE VIEW w AS SELECT * FROM t")
		replaced := []landlord.Step{{Object: "view w", SQL: "CREATE OR REPLACE VIEW w AS SELECT 1"}}
		if err := b.accounts.CheckPrograms(t.Context(), b.srv.Server, &account.OwnersSeen{}, database, landlord.FieldTemplate, replaced); err != nil {
			t.Errorf("replacing a view: %v", err)
		}
		for object, create := range programs {
			exec(create)
			steps := []landlord.Step{{Object: object, SQL: "DROP " + object}}
			planned := b.accounts.CheckPrograms(t.Context(), b.srv.Server, &account.OwnersSeen{}, database, landlord.FieldTemplate, steps)
			if err := b.x.Use(t.Context(), database); err != nil {
				t.Fatal(err)
			}
			_, err := b.x.Exec(t.Context(), "DROP "+object)
			if (planned == nil) != (err == nil) {
				t.Errorf("%s: planned %v, dropped %v", object, planned, err)
			}
			if planned == nil {
				continue
			}
			account, owner := mysql.AccountName(username, "%"), mysql.AccountName(s.Username, "%")
			want := "Programs belong to a privileged account [template]\nPrograms of database `" + database + "` that are to be changed belong to accounts with the privilege SYSTEM_USER: " + object + " of " + owner + ".\n\n" +
				"MySQL lets no other account alter or drop them, and the account of the provider does not have the privilege. Nothing was run. Grant it, as an administrator:\n\n" +
				"GRANT SYSTEM_USER ON *.* TO " + account + ";\n\n" +
				"Once they are changed the programs belong to another account, and it can be taken away: REVOKE SYSTEM_USER ON *.* FROM " + account + ";"
			var p *landlord.Problem
			if !errors.As(planned, &p) {
				t.Fatalf("%s: %v", object, planned)
			}
			if diff := cmp.Diff(want, p.Summary+" ["+string(p.Field)+"]\n"+p.Text()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", object, diff)
			}
		}
	})
}
