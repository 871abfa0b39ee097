package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccount_taken meets accounts that somebody else made, and takes one over
// when it is asked to.
func TestAccount_taken(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme", "beta")
		spec := accountOf(landlord.RoleApplication)
		spec.Name = s.Prefix + "app"
		foreign := mysqltest.QuoteName(spec.Name) + "@`%`"
		plainly := "GRANT SELECT, INSERT ON " + mysqltest.QuoteName(s.Prefix+"acme") + ".* TO " + foreign // as people write it: a pattern
		s.Exec(t, "CREATE USER "+foreign+" IDENTIFIED BY '"+firstPassword+"'", plainly, "GRANT SELECT ON "+s.Prefix+"beta.* TO "+foreign)
		_, err := engineOn(t, s).PlanAccount(t.Context(), spec, "")
		wantProblem(t, err, "Account exists already [name]\nTenant `acme` needs the account `"+spec.Name+"`, and the server has "+foreign+", which the landlord did not make.\n\n"+
			"Nothing was touched. To take it over, import it: `terraform import <address> acme/"+spec.Name+"`. Otherwise choose another `name`.")

		imported, err := engineOn(t, s).Account(t.Context(), "acme", spec.Name)
		if err != nil || imported.Status != landlord.AccountUnmanaged || imported.Role != landlord.RoleApplication {
			t.Fatalf("imported %+v, %v", imported, err)
		}
		_, err = engineOn(t, s).PlanAccount(t.Context(), spec, imported.Fingerprint)
		wantProblem(t, err, "Account has rights beyond its tenant [name]\nThe account `"+spec.Name+"`, which the landlord did not make, is to become an account of tenant `acme`, and may do more than anything in its database.\n\n"+
			"Nothing was touched: others may need these rights.\n\nTake them away yourself, and plan again:\nREVOKE SELECT ON `"+s.Prefix+"beta`.* FROM "+foreign+"\n\nOr make an account of another name.")
		s.Exec(t, "REVOKE SELECT ON "+s.Prefix+"beta.* FROM "+foreign)
		if imported, err = engineOn(t, s).Account(t.Context(), "acme", spec.Name); err != nil {
			t.Fatal(explain(err))
		}
		spec.Password = ""
		plan, _ := give(t, s, spec, imported.Fingerprint)
		plain := mysqltest.QuoteName(s.Prefix+"acme") + ".*"
		want := []string{"GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON " + escaped(s.Prefix+"acme") + ".* TO " + foreign,
			"REVOKE INSERT ON " + plain + " FROM " + foreign, "REVOKE SELECT ON " + plain + " FROM " + foreign}
		if diff := cmp.Diff(want, plan.Statements); diff != "" {
			t.Errorf("statements (-want +got):\n%s", diff)
		}
		if !logs(t, s, spec.Name, firstPassword) {
			t.Error("the password changed")
		}

		local := mysqltest.QuoteName(spec.Name) + "@`10.1.%`"
		s.Exec(t, "CREATE USER "+local+" IDENTIFIED BY '"+firstPassword+"'")
		beside, err := engineOn(t, s).Account(t.Context(), "acme", spec.Name)
		if err != nil || len(beside.OtherHosts) != 1 || beside.OtherHosts[0] != "10.1.%" || len(beside.Hosts) != 1 {
			t.Errorf("beside it: %+v, %v", beside, err)
		}
		both := spec
		both.Hosts = []string{"%", "10.1.%"}
		_, err = engineOn(t, s).PlanAccount(t.Context(), both, beside.Fingerprint)
		wantProblem(t, err, "Account exists already [hosts]\nThe server has "+local+", which the landlord did not make, beside the accounts `"+spec.Name+"` of tenant `acme` that it made.\n\n"+
			"Nothing was touched. Leave this host out of `hosts`, or drop that account yourself when nobody needs it: DROP USER "+local)

		neighbor := spec
		neighbor.Tenant = "beta"
		_, err = engineOn(t, s).PlanAccount(t.Context(), neighbor, "")
		wantProblem(t, err, "Account belongs to somebody else [name]\nThe account `"+spec.Name+"`, wanted for tenant `beta`, is an account of tenant `acme`. An account never has more than one tenant.\n\n"+
			"Nothing was touched. Choose another `name`, or remove that account first.")
		if _, err = engineOn(t, s).Account(t.Context(), "beta", spec.Name); err == nil || !strings.HasPrefix(explain(err), "Account belongs to somebody else") {
			t.Errorf("importing it: %v", err)
		}
		cut, err := engineOn(t, s).PlanAccount(t.Context(), spec, "")
		if err != nil || len(cut.Statements) != 2 || !strings.HasPrefix(cut.Statements[0], "CREATE USER ") { // as when it was made: that may have been between this plan and its apply
			t.Fatalf("after a run that was cut off: %+v, %s", cut, said(err))
		}
		if diff := cmp.Diff("Account was made by an earlier run [name]\nTenant `acme` has had the account `"+spec.Name+"`, as it is configured, for less than an hour. "+
			"An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and gets the password that is configured.\n\nIf another configuration has made it, give this one another `name`.", written(cut.Notes)); diff != "" {
			t.Error(diff)
		}
		s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts SET created_at = created_at - INTERVAL 2 HOUR")
		_, err = engineOn(t, s).PlanAccount(t.Context(), spec, "")
		wantProblem(t, err, "Account exists already [name]\nTenant `acme` has an account `"+spec.Name+"`, which another configuration or an earlier run made.\n\n"+
			"Nothing was touched. To go on with it, import it: `terraform import <address> acme/"+spec.Name+"`. Otherwise choose another `name`.")
		for name, whose := range map[string]string{s.Username: "is the account of the provider itself", s.LandlordDatabase + "_app": "begins as the names of the accounts that the landlord makes for itself"} {
			if name == "root" {
				continue // refused by its name
			}
			ours := spec
			ours.Name = name
			_, err = engineOn(t, s).PlanAccount(t.Context(), ours, "")
			wantProblem(t, err, "Account name cannot be used [name]\nThe name `"+name+"` "+whose+".\n\nChoose another one, or leave `name` out.")
		}

		if err := engineOn(t, s).RemoveAccount(t.Context(), "acme", spec.Name); err != nil {
			t.Fatal(explain(err))
		}
		left := s.QueryRows(t, "SELECT Host FROM mysql.user WHERE User = ?", spec.Name)
		if diff := cmp.Diff([][]string{{"10.1.%"}}, left); diff != "" {
			t.Errorf("accounts that are left:\n%s", diff)
		}
		if err := engineOn(t, s).RemoveAccount(t.Context(), "acme", spec.Name); !errors.Is(err, landlord.ErrNotFound) {
			t.Errorf("removing it again: %v", err)
		}
	})
}

// TestAccount_status suspends a tenant: its accounts are locked and keep their
// rights, and those of others lose them. Dropping the tenant drops its accounts.
func TestAccount_status(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme")
		_, made := give(t, s, accountOf(landlord.RoleApplication), "")
		other := mysqltest.QuoteName(s.Prefix+"other") + "@`%`"
		s.Exec(t, "CREATE USER "+other+" IDENTIFIED BY '"+firstPassword+"'", "GRANT SELECT ON "+escaped(s.Prefix+"acme")+".* TO "+other)
		name := mysqltest.QuoteName(made.Name) + "@`%`"
		grants := s.QueryRows(t, "SHOW GRANTS FOR "+name)
		open := s.Open(t, made.Name, firstPassword, "")
		if err := run(t.Context(), open, "SELECT * FROM "+s.Prefix+"acme.customers"); err != nil {
			t.Fatal(err)
		}
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Status: landlord.StatusSuspended}
		change := func(status landlord.Status) {
			t.Helper()
			e := engineOn(t, s)
			tenant, err := e.Tenant(t.Context(), "acme")
			if err != nil {
				t.Fatal(explain(err))
			}
			spec.Status = status
			if _, _, err := update(t.Context(), e, spec, tenant); err != nil {
				t.Fatal(explain(err))
			}
		}
		change(landlord.StatusSuspended)
		if logs(t, s, made.Name, firstPassword) {
			t.Error("the account of a suspended tenant logs in")
		}
		if run(t.Context(), open, "SELECT * FROM "+s.Prefix+"acme.customers") == nil {
			t.Error("a connection goes on")
		}
		if diff := cmp.Diff(grants, s.QueryRows(t, "SHOW GRANTS FOR "+name)); diff != "" {
			t.Errorf("grants (-before +after):\n%s", diff)
		}
		if rows := s.QueryRows(t, "SHOW GRANTS FOR "+other); len(rows) != 1 {
			t.Errorf("the other account keeps %v", rows)
		}
		locked, err := engineOn(t, s).Account(t.Context(), "acme", made.Name)
		if err != nil || !locked.Locked || len(locked.Drift) > 0 || locked.Fingerprint != made.Fingerprint {
			t.Errorf("while it is suspended: %+v, %v", locked, err)
		}
		reads := accountOf(landlord.RoleReadOnly)
		plan, second := give(t, s, reads, "")
		if !strings.HasSuffix(plan.Statements[0], " ACCOUNT LOCK") || !second.Locked || !plan.Locked || logs(t, s, second.Name, firstPassword) {
			t.Errorf("an account of a suspended tenant: %v", plan.Statements)
		}
		s.Exec(t, "ALTER USER "+name+" ACCOUNT UNLOCK")
		drifted, err := engineOn(t, s).Account(t.Context(), "acme", made.Name)
		if err != nil || len(drifted.Drift) != 1 || drifted.Drift[0] != name+" is not locked" {
			t.Errorf("unlocked by hand: %+v, %v", drifted, err)
		}
		back := accountOf(landlord.RoleApplication)
		if plan, _ := give(t, s, back, drifted.Fingerprint); len(plan.Statements) != 1 || plan.Statements[0] != "ALTER USER "+name+" ACCOUNT LOCK" {
			t.Errorf("locked again by %v", plan.Statements)
		}
		change(landlord.StatusActive)
		if !logs(t, s, made.Name, firstPassword) || !logs(t, s, second.Name, firstPassword) || len(s.QueryRows(t, "SHOW GRANTS FOR "+other)) != 2 {
			t.Error("the accounts do not come back")
		}
		change(landlord.StatusArchived)
		if logs(t, s, made.Name, firstPassword) {
			t.Error("the account of an archived tenant logs in")
		}
		e := engineOn(t, s)
		if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
			t.Fatal(explain(err))
		}
		left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ?", s.Prefix+"%")
		rows := s.QueryRows(t, "SELECT account FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts")
		if diff := cmp.Diff([][]string{{s.Prefix + "other"}}, left); diff != "" || len(rows) > 0 {
			t.Errorf("left: %v, %v", left, rows)
		}
	})
}
