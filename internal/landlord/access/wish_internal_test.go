package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// rights are those of whole databases, as an account has them.
func rights(database string, privileges ...string) []privilege.Right {
	var out []privilege.Right
	for _, p := range privileges {
		out = append(out, privilege.Right{Privilege: p, On: mysql.Quote(database) + ".*", Database: database})
	}
	return out
}

// reader is an account for reading as it should be.
func reader(host string) privilege.Account {
	return privilege.Account{User: "app", Host: host, Password: privilege.StoredPassword{Plugin: "caching_sha2_password", Hash: "$A$"}, Rights: rights(`t\_a`, "SELECT", "SHOW VIEW")}
}

// readers is what is wanted of it.
func readers(hosts ...string) wish {
	return wish{Info: mysql.Info{Product: mysql.MySQL}, Database: "t_a", Recorded: hosts,
		Spec: landlord.TenantAccountSpec{Tenant: "a", Name: "app", Role: landlord.RoleReadOnly, Hosts: hosts}}
}

// TestWish_statements has one thing to do in each case.
func TestWish_statements(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(w *wish, a *privilege.Account)
		want   []string
	}{
		"nothing":    {func(*wish, *privilege.Account) {}, nil},
		"a new host": {func(w *wish, _ *privilege.Account) { w.Spec.Hosts = []string{"%", "h"} }, []string{"CREATE USER `app`@`h` IDENTIFIED BY <secret>", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`h`"}},
		"a new host of a locked one": {func(w *wish, a *privilege.Account) {
			w.Spec.Hosts, w.Locked, a.Locked, w.Spec.RequireTLS, w.Spec.MaxUserConnections, a.TLS, a.MaxUserConnections = []string{"%", "h"}, true, true, true, 3, "ANY", 3
		}, []string{"CREATE USER `app`@`h` IDENTIFIED BY <secret> REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 ACCOUNT LOCK", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`h`"}},
		"another host":            {func(w *wish, _ *privilege.Account) { w.Spec.Hosts = []string{"h"} }, []string{"DROP USER `app`@`%`", "CREATE USER `app`@`h` IDENTIFIED BY <secret>", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`h`"}},
		"a host that is not ours": {func(w *wish, a *privilege.Account) { a.Host, w.Recorded = "x", nil }, []string{"CREATE USER `app`@`%` IDENTIFIED BY <secret>", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`%`"}},
		"lock":                    {func(w *wish, _ *privilege.Account) { w.Locked = true }, []string{"ALTER USER `app`@`%` ACCOUNT LOCK"}},
		"unlock":                  {func(_ *wish, a *privilege.Account) { a.Locked = true }, []string{"ALTER USER `app`@`%` ACCOUNT UNLOCK"}},
		"a lock of somebody else": {func(w *wish, _ *privilege.Account) { w.Locked, w.LeaveOut = true, true }, nil},
		"TLS and limit":           {func(w *wish, _ *privilege.Account) { w.Spec.RequireTLS, w.Spec.MaxUserConnections = true, 5 }, []string{"ALTER USER `app`@`%` REQUIRE SSL WITH MAX_USER_CONNECTIONS 5"}},
		"no TLS and no limit":     {func(_ *wish, a *privilege.Account) { a.TLS, a.MaxUserConnections = "ANY", 5 }, []string{"ALTER USER `app`@`%` REQUIRE NONE WITH MAX_USER_CONNECTIONS 0"}},
		"stricter than TLS":       {func(w *wish, a *privilege.Account) { w.Spec.RequireTLS, a.TLS = true, "X509" }, nil},
		"a password":              {func(w *wish, _ *privilege.Account) { w.Renews = true }, []string{"ALTER USER `app`@`%` IDENTIFIED BY <secret> RETAIN CURRENT PASSWORD"}},
		"a first password":        {func(w *wish, _ *privilege.Account) { w.Renews, w.Fresh = true, true }, []string{"ALTER USER `app`@`%` IDENTIFIED BY <secret>"}},
		"a password of MariaDB":   {func(w *wish, _ *privilege.Account) { w.Renews, w.Info.Product = true, mysql.MariaDB }, []string{"ALTER USER `app`@`%` IDENTIFIED BY <secret>"}},
		"a password beside none":  {func(w *wish, a *privilege.Account) { w.Renews, a.Password.Hash = true, "" }, []string{"ALTER USER `app`@`%` IDENTIFIED BY <secret>"}},
		"a password that discards": {func(w *wish, a *privilege.Account) {
			w.Renews, w.Spec.DiscardFormerPassword, a.FormerPassword = true, true, true
		}, []string{"ALTER USER `app`@`%` IDENTIFIED BY <secret>", "ALTER USER `app`@`%` DISCARD OLD PASSWORD"}},
		"nothing to discard": {func(w *wish, _ *privilege.Account) { w.Spec.DiscardFormerPassword = true }, nil},
		"less than the role": {func(_ *wish, a *privilege.Account) { a.Rights = a.Rights[:1] }, []string{"GRANT SHOW VIEW ON `t\\_a`.* TO `app`@`%`"}},
		"more than the role": {func(_ *wish, a *privilege.Account) { a.Rights = append(a.Rights, rights(`t\_a`, "DROP")...) }, []string{"REVOKE DROP ON `t\\_a`.* FROM `app`@`%`"}},
		"rights to hand on":  {func(_ *wish, a *privilege.Account) { a.Rights[0].Grantable = true }, []string{"REVOKE SELECT, GRANT OPTION ON `t\\_a`.* FROM `app`@`%`"}},
		"a pattern":          {func(_ *wish, a *privilege.Account) { a.Rights = rights("t_a", "SELECT", "SHOW VIEW") }, []string{"GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`%`", "REVOKE SELECT ON `t_a`.* FROM `app`@`%`", "REVOKE SHOW VIEW ON `t_a`.* FROM `app`@`%`"}},
		"a name, where names are no patterns": {func(w *wish, a *privilege.Account) {
			w.Info.PartialRevokes, a.Rights = true, rights("t_a", "SELECT", "SHOW VIEW")
		}, nil},
		"a neighbor":      {func(_ *wish, a *privilege.Account) { a.Rights = append(a.Rights, rights(`t\_b`, "SELECT")...) }, []string{"REVOKE SELECT ON `t\\_b`.* FROM `app`@`%`"}},
		"a wider pattern": {func(_ *wish, a *privilege.Account) { a.Rights = append(a.Rights, rights("t%", "SELECT")...) }, []string{"REVOKE SELECT ON `t%`.* FROM `app`@`%`"}},
		"the server": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "PROCESS", On: "*.*"})
		}, []string{"REVOKE PROCESS ON *.* FROM `app`@`%`"}},
		"a role": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "`r`@`%`"})
		}, []string{"REVOKE `r`@`%` FROM `app`@`%`"}},
		"a proxy": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "PROXY", On: "`root`@`%`"})
		}, []string{"REVOKE PROXY ON `root`@`%` FROM `app`@`%`"}},
		"a column of the role": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "SELECT (`c`)", On: "`t_a`.`x`"})
		}, nil},
		"a column beyond it": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "UPDATE (`c`)", On: "`t_a`.`x`"})
		}, []string{"REVOKE UPDATE (`c`) ON `t_a`.`x` FROM `app`@`%`"}},
		"a routine beyond it": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "EXECUTE", On: "PROCEDURE `t_a`.`p`"})
		}, []string{"REVOKE EXECUTE ON PROCEDURE `t_a`.`p` FROM `app`@`%`"}},
		"a pattern that only its giver may take": {func(w *wish, a *privilege.Account) {
			w.Revokes = func(r privilege.Right) bool { return r.Database != "t_a" }
			a.Rights = slices.Concat(rights("t_a", "SELECT"), rights(`t\_a`, "SELECT"), []privilege.Right{{Privilege: "`r`@`%`"}})
		}, []string{"REVOKE ALL PRIVILEGES, GRANT OPTION FROM `app`@`%`", "REVOKE `r`@`%` FROM `app`@`%`", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`%`"}},
		"what may be taken, and what nobody takes": {func(w *wish, a *privilege.Account) {
			w.Revokes = func(r privilege.Right) bool { return r.Database != `t\_a` }
			a.Rights = append(a.Rights, rights(`t\_b`, "SELECT")...)
		}, []string{"REVOKE SELECT ON `t\\_b`.* FROM `app`@`%`"}},
		"a table of a namesake": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "SELECT", On: "`t_ab`.`x`"})
		}, []string{"REVOKE SELECT ON `t_ab`.`x` FROM `app`@`%`"}},
		"a routine of a neighbor": {func(_ *wish, a *privilege.Account) {
			a.Rights = append(a.Rights, privilege.Right{Privilege: "EXECUTE", On: "FUNCTION `t_b`.`f`"})
		}, []string{"REVOKE EXECUTE ON FUNCTION `t_b`.`f` FROM `app`@`%`"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, a := readers("%"), reader("%")
			c.change(&w, &a)
			if diff := cmp.Diff(c.want, slices.Clip(append([]string(nil), texts(w.statements([]privilege.Account{a}))...))); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWish_order has everything to do at once: what takes away from others comes
// first, what lets in comes last.
func TestWish_order(t *testing.T) {
	t.Parallel()
	w, gone, a := readers("%", "h"), reader("old"), reader("%")
	w.Recorded, w.Renews, w.Spec.RequireTLS = []string{"%", "old"}, true, true
	a.Locked = true
	a.Rights = slices.Concat(rights(`t\_a`, "SELECT", "DROP"), rights(`t\_b`, "SELECT"))
	want := []string{
		"DROP USER `app`@`old`", "REVOKE SELECT ON `t\\_b`.* FROM `app`@`%`",
		"ALTER USER `app`@`%` IDENTIFIED BY <secret> RETAIN CURRENT PASSWORD", "ALTER USER `app`@`%` REQUIRE SSL", "GRANT SHOW VIEW ON `t\\_a`.* TO `app`@`%`", "REVOKE DROP ON `t\\_a`.* FROM `app`@`%`", "ALTER USER `app`@`%` ACCOUNT UNLOCK",
		"CREATE USER `app`@`h` IDENTIFIED BY <secret> REQUIRE SSL", "GRANT SELECT, SHOW VIEW ON `t\\_a`.* TO `app`@`h`",
	}
	got := w.statements([]privilege.Account{gone, a})
	if diff := cmp.Diff(want, texts(got)); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	if made := got[7]; made.Sets != "h" || made.Same != nil {
		t.Errorf("with a new password another host gets the one before: %+v", made)
	}
	takes := []string{}
	for _, s := range got {
		if s.Takes {
			takes = append(takes, s.Text)
		}
	}
	if diff := cmp.Diff([]string{want[0], want[1], want[3], want[5]}, takes); diff != "" {
		t.Errorf("what takes away (-want +got):\n%s", diff)
	}
}

// TestChange_reveal puts hashes in the place of passwords, and leaves out what is
// in force.
func TestChange_reveal(t *testing.T) {
	t.Parallel()
	const password = "Corr3ct-horse-battery"
	for _, product := range []mysql.Product{mysql.MySQL, mysql.MariaDB} {
		w, a := readers("%", "h"), reader("%")
		w.Info.Product, w.Renews, w.Spec.Password = product, true, password
		c := &change{wish: &w, live: []privilege.Account{a}}
		c.Job = jobOn(product)
		todo := w.statements(c.live)
		for i := range todo {
			sql, skip := c.reveal(&todo[i])
			if skip || strings.Contains(sql, "<secret>") || strings.Contains(sql, password) || todo[i].Sets != "" && !strings.Contains(sql, "IDENTIFIED ") {
				t.Errorf("%s: %s is sent as %q", product, todo[i].Text, sql)
			}
		}
		w.Renews = false
		c.live[0].Password = privilege.StoredPassword{Plugin: "some_plugin", Hash: "a'\x01b"}
		todo = w.statements(c.live)
		sql, _ := c.reveal(&todo[0])
		want := map[mysql.Product]string{
			mysql.MySQL:   "CREATE USER `app`@`h` IDENTIFIED WITH `some_plugin` AS 0x61270162",
			mysql.MariaDB: "CREATE USER `app`@`h` IDENTIFIED VIA `some_plugin` USING 'a''\x01b'",
		}[product]
		if sql != want {
			t.Errorf("%s: the password of another host is sent as %q", product, sql)
		}
	}
	w, a := readers("%"), reader("%")
	a.Password = privilege.StoredPassword{Plugin: "mysql_native_password", Hash: "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"} // of "password"
	w.Renews, w.Spec.Password = true, "password"
	c := &change{wish: &w, live: []privilege.Account{a}}
	c.Job = jobOn(mysql.MySQL)
	todo := w.statements(c.live)
	if sql, skip := c.reveal(&todo[0]); !skip {
		t.Errorf("the password that is in force is set again: %s", sql)
	}
}

// TestWish_roleOf finds the least role that has all rights of an account.
func TestWish_roleOf(t *testing.T) {
	t.Parallel()
	w := readers("%")
	for want, of := range map[landlord.AccountRole][]string{
		landlord.RoleReadOnly: {"SELECT"}, landlord.RoleApplication: {"SELECT", "INSERT"}, landlord.RoleMigrator: {"SHOW VIEW", "INSERT", "TRIGGER"},
	} {
		a := privilege.Account{User: "app", Host: "%", Rights: rights(`t\_a`, of...)}
		if got := w.roleOf([]privilege.Account{a}); got != want {
			t.Errorf("%v is %s, not %s", of, got, want)
		}
	}
	a := privilege.Account{User: "app", Host: "%", Rights: rights(`t\_a`, "SUPER POWERS")}
	if got := w.roleOf([]privilege.Account{a}); got != landlord.RoleMigrator {
		t.Errorf("what no role has is %s", got)
	}
}

// jobOn is a job on a server of a product, which nobody opens.
func jobOn(product mysql.Product) *apply.Job { return &apply.Job{Info: mysql.Info{Product: product}} }

// TestWish_notes tells before rights are gone for a moment.
func TestWish_notes(t *testing.T) {
	t.Parallel()
	w, a := readers("%"), reader("%")
	w.Spec.Tenant = "a"
	w.Revokes = func(r privilege.Right) bool { return r.Database != "t_a" }
	a.Rights = append(a.Rights, rights("t_a", "SELECT")...)
	live := []privilege.Account{a}
	got := w.notes(w.statements(live), live, &account.Rights{})
	want := landlord.Note{Severity: landlord.Warning, Field: landlord.FieldNone, Summary: "Rights of an account are given anew",
		Detail: "Account `app` of tenant `a` has rights that the account of the provider may not take away one by one, so all of them are taken away and those of its role given again. Between these two statements the account has none."}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("note (-want +got):\n%s", diff)
	}
}
