package engine_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestEngine_account customizes, copies, restores in place, updates and drops
// with an account that has the privileges of the documentation and no others.
// With a binary log MySQL makes no programs for it, and the error says what to do.
func TestEngine_account(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, password := s.ProviderAccount(t)
		directory := t.TempDir()
		start := func() *engine.Engine {
			return copying(t, s, directory, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
		}
		e := start()
		if !s.Kind.IsMariaDB() {
			_, err := e.PlanTemplate(t.Context(), store("1.0.0"))
			wantProblem(t, err, "Server refuses a statement of the template []\nTrying template `store@1.0.0` in a scratch database stopped at statement 6 of 11.\n\n"+
				"core/004_programs.sql:2:1: CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW INSERT INTO log (what) VALUES (CONCAT('order ', NEW.id, ' in 1.0.0'))\n\n"+
				"Cause: You do not have the SUPER privilege and binary logging is enabled (you *might* want to use the less safe log_bin_trust_function_creators variable)\n\n"+
				"Set `log_bin_trust_function_creators = ON` on the server: while it writes a binary log, an account without SUPER makes no functions and triggers otherwise.")
		}
		publish(t, e, shop("1.0.0"))
		publish(t, e, shopWithout())
		_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"})
		custom := small("alpha")
		custom.Patch.SQL = ""
		custom.Patch.Views = map[string]string{"alphas": "SELECT id, alpha FROM customers"}
		mustCustomize(t, start(), custom, nil)
		take(t, start(), "acme", "before")
		s.Exec(t, "DELETE FROM "+tenant.DatabaseName+".customers WHERE email LIKE 'second%'")
		restored, err := start().Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+tenant.DatabaseName+".customers"); rows[0][0] != "2" || restored.Report.Rows != 2 {
			t.Errorf("%v rows: %+v", rows, restored)
		}
		tenant = noDrift(t, start(), "acme")
		_, after, err := update(t.Context(), start(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@2.0.0", AllowDestructive: true}, tenant)
		if err != nil || after.UpdateStatus != landlord.UpdateCurrent {
			t.Fatal(said(err))
		}
		err = start().DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true})
		if err != nil {
			t.Fatal(explain(err))
		}
	})
}
