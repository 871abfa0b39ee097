package isolation

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// server is one with the tenants a and b.
func server() *serverReport {
	s := &serverReport{
		report: &Report{}, info: mysql.Info{Product: mysql.MySQL, Version: "9.7.4", Account: "provider@%"},
		names:   account.NamesOf("landlord"),
		tenants: map[string]string{"tenant_a": "a", "tenant_b": "b"}, landlord: (&registry.Store{Database: "landlord"}).IsOwn,
		databases: []string{"landlord", "landlord_retired_7_m1", "mysql", "ops", "tenant_a", "tenant_b", "tenant_template_shop"}, template: "tenant_template_",
	}
	s.others = (&ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"tenant_"}}).On(s.databases)
	return s
}

func lines(r *Report) []string {
	r.sort()
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s %s %v: %s | %s", f.Severity, f.Kind, f.Object, f.Tenants, f.Detail, f.Statement))
	}
	return out
}

func grantee1(user string, grants ...privilege.GranteeRight) *privilege.Grantee {
	return &privilege.Grantee{User: user, Host: "%", Grants: grants}
}

func on(database string, privileges ...string) privilege.GranteeRight {
	if len(privileges) == 0 {
		privileges = []string{"SELECT"}
	}
	return privilege.GranteeRight{Database: database, Privileges: privileges}
}

func part(kind, database, object string) privilege.GranteeRight {
	return privilege.GranteeRight{Kind: kind, Database: database, Object: object, Privileges: []string{"SELECT"}}
}

// TestReport_accounts has an account for every way to reach tenants.
func TestReport_accounts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		grantees []*privilege.Grantee
		partial  bool
		want     []string
		admins   []string
	}{
		"nobody":         {},
		"one tenant":     {grantees: []*privilege.Grantee{grantee1("app", on(`tenant\_a`), part("TABLE", "tenant_a", "t"))}},
		"something else": {grantees: []*privilege.Grantee{grantee1("app", on("ops"), on(`ops\_%`))}},
		"provider":       {grantees: []*privilege.Grantee{grantee1("provider", on(`tenant\_%`), on("landlord"))}},
		"landlord's own": {grantees: []*privilege.Grantee{grantee1("landlord_run_0123456789ab", on(`tenant\_a`), on(`tenant\_b`))}},
		"of the server":  {grantees: []*privilege.Grantee{{User: "mysql.sys", Host: "localhost", Global: []string{"SELECT"}}}},
		"locked":         {grantees: []*privilege.Grantee{{User: "app", Host: "%", Locked: true, Grants: []privilege.GranteeRight{on(`tenant\_%`)}}}},
		"administrator":  {grantees: []*privilege.Grantee{{User: "root", Host: "localhost", Global: []string{"SELECT", "SUPER"}}}, admins: []string{"`root`@`localhost`"}},
		"role of nobody": {grantees: []*privilege.Grantee{{User: "r", Role: true, Grants: []privilege.GranteeRight{on(`tenant\_%`)}}}},
		"an exact name":  {partial: true, grantees: []*privilege.Grantee{grantee1("app", on(`tenant_a`), on(`tenant\_b`))}},
		"two databases": {grantees: []*privilege.Grantee{grantee1("app", on(`tenant\_a`), on(`tenant\_b`, "SELECT", "INSERT"))}, want: []string{
			"high account `app`@`%` [a b]: Account `app`@`%` can log in and has rights in 2 tenants (`a`, `b`): on `tenant\\_a`.*, on `tenant\\_b`.*. Leave it those of one tenant. | " +
				"REVOKE SELECT ON `tenant\\_a`.* FROM `app`@`%`;\nREVOKE SELECT, INSERT ON `tenant\\_b`.* FROM `app`@`%`"}},
		"a table and a routine": {grantees: []*privilege.Grantee{grantee1("app", part("TABLE", "tenant_a", "t"), part("PROCEDURE", "tenant_b", "p"))}, want: []string{
			"high account `app`@`%` [a b]: Account `app`@`%` can log in and has rights in 2 tenants (`a`, `b`): on PROCEDURE `tenant_b`.`p`, on `tenant_a`.`t`. Leave it those of one tenant. | " +
				"REVOKE SELECT ON PROCEDURE `tenant_b`.`p` FROM `app`@`%`;\nREVOKE SELECT ON `tenant_a`.`t` FROM `app`@`%`"}},
		"the landlord": {grantees: []*privilege.Grantee{grantee1("app", on(`tenant\_a`), part("TABLE", "landlord", "tenants"))}, want: []string{
			"high account `app`@`%` [a]: Account `app`@`%` can log in and has rights in 1 tenant (`a`) and the landlord's `landlord`: on `landlord`.`tenants`, on `tenant\\_a`.*. Leave it those of one tenant. | " +
				"REVOKE SELECT ON `landlord`.`tenants` FROM `app`@`%`;\nREVOKE SELECT ON `tenant\\_a`.* FROM `app`@`%`"}},
		"what a tenant left behind": {grantees: []*privilege.Grantee{grantee1("app", on(`tenant\_a`), on(`landlord\_retired\_7\_m1`))}, want: []string{
			"high account `app`@`%` [a]: Account `app`@`%` can log in and has rights in 1 tenant (`a`) and the landlord's `landlord_retired_7_m1`: on `landlord\\_retired\\_7\\_m1`.*, on `tenant\\_a`.*. Leave it those of one tenant. | " +
				"REVOKE SELECT ON `landlord\\_retired\\_7\\_m1`.* FROM `app`@`%`;\nREVOKE SELECT ON `tenant\\_a`.* FROM `app`@`%`"}},
		"a name like an owner's": {grantees: []*privilege.Grantee{grantee1("landlord_owner_x", on(`tenant\_a`), on(`tenant\_b`))}, want: []string{
			"high account `landlord_owner_x`@`%` [a b]: Account `landlord_owner_x`@`%` can log in and has rights in 2 tenants (`a`, `b`): on `tenant\\_a`.*, on `tenant\\_b`.*. Leave it those of one tenant. | " +
				"REVOKE SELECT ON `tenant\\_a`.* FROM `landlord_owner_x`@`%`;\nREVOKE SELECT ON `tenant\\_b`.* FROM `landlord_owner_x`@`%`"}},
		"a wildcard that opens two": {grantees: []*privilege.Grantee{grantee1("app", on(`tenant__`))}, want: []string{
			"high account `app`@`%` [a b]: Account `app`@`%` can log in and has rights in 2 tenants (`a`, `b`): on `tenant__`.*. Leave it those of one tenant. | REVOKE SELECT ON `tenant__`.* FROM `app`@`%`"}},
		"a wildcard that opens one": {grantees: []*privilege.Grantee{grantee1("app", on(`tenant_a`, "SELECT", "UPDATE"))}, want: []string{
			"low grant `app`@`%` [a]: The grant on `tenant_a`.* is a pattern: `_` stands for any character and `%` for any number of them, so that it opens every database that fits, one that is made later too. Escape them. | " +
				"REVOKE SELECT, UPDATE ON `tenant_a`.* FROM `app`@`%`;\nGRANT SELECT, UPDATE ON `tenant\\_a`.* TO `app`@`%`"}},
		"the whole server": {grantees: []*privilege.Grantee{{User: "backup", Host: "%", Global: []string{"SELECT", "LOCK TABLES"}}}, want: []string{
			"high account `backup`@`%` [a b]: Account `backup`@`%` can log in and has rights in 2 tenants (`a`, `b`) and the landlord's `landlord`, `landlord_retired_7_m1`: on the whole server. Leave it those of one tenant. | " +
				"REVOKE SELECT, LOCK TABLES ON *.* FROM `backup`@`%`"}},
		"all but one": {partial: true, grantees: []*privilege.Grantee{{User: "app", Host: "%", Global: []string{"SELECT"}, Withheld: map[string][]string{"tenant_b": {"SELECT"}, "tenant_a": {"SELECT"}, "landlord": {"SELECT"}, "landlord_retired_7_m1": {"SELECT"}}}}},
		"by a role of a role": {grantees: []*privilege.Grantee{
			{User: "app", Host: "%", Roles: []string{"`all`"}, Grants: []privilege.GranteeRight{on(`tenant\_a`)}}, {User: "all", Role: true, Roles: []string{"`b`", "`all`"}}, {User: "b", Role: true, Grants: []privilege.GranteeRight{on(`tenant\_b`)}}}, want: []string{
			"high account `app`@`%` [a b]: Account `app`@`%` can log in and has rights in 2 tenants (`a`, `b`): on `tenant\\_a`.*, by the role `b`. Leave it those of one tenant. | " +
				"REVOKE SELECT ON `tenant\\_a`.* FROM `app`@`%`;\nREVOKE `b` FROM `app`@`%`"}},
		"everybody": {grantees: []*privilege.Grantee{{User: "PUBLIC", Role: true, Grants: []privilege.GranteeRight{on(`tenant\_a`)}}, grantee1("app")}, want: []string{
			"medium account `PUBLIC` [a]: Everybody has the role `PUBLIC`, which has rights in 1 tenant (`a`): on `tenant\\_a`.*. Leave it those of one tenant. | REVOKE SELECT ON `tenant\\_a`.* FROM `PUBLIC`"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server()
			s.info.PartialRevokes = c.partial
			s.accounts(c.grantees)
			if diff := cmp.Diff(c.want, lines(s.report)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.admins, s.report.Administrators); diff != "" {
				t.Errorf("administrators (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReport_programs has a program for every way to reach another database.
func TestReport_programs(t *testing.T) {
	t.Parallel()
	program := func(database, kind, definer, text string) catalog.StoredProgram {
		return catalog.StoredProgram{Database: database, Name: "x", Kind: kind, Definer: definer, Definition: text}
	}
	const stay = " Everything of a tenant has to stay in its own database. | DROP "
	cases := map[string]struct {
		program   catalog.StoredProgram
		dedicated bool
		want      []string
	}{
		"its own":           {program: program("tenant_a", "view", "provider@%", "select `tenant_a`.`t`.`id` AS `id` from `tenant_a`.`t`")},
		"owner":             {dedicated: true, program: program("tenant_a", "procedure", "landlord_owner_a@localhost", "SELECT 1")},
		"not of a tenant":   {program: program("ops", "procedure", "root@%", "SELECT 1 FROM mysql.user")},
		"event of a tenant": {program: catalog.StoredProgram{Database: "tenant_a", Name: "x", Kind: "event", Definer: "provider@%", Definition: "SELECT 1", Enabled: true}},
		"view": {program: program("tenant_a", "view", "provider@%", "select `tenant_b`.`t`.`id` AS `id` from `tenant_b`.`t`"),
			want: []string{"high view view `tenant_a`.`x` [a b]: View `tenant_a`.`x` names `tenant_b`." + stay + "VIEW `tenant_a`.`x`"}},
		"the landlord": {program: program("tenant_a", "procedure", "provider@%", "DELETE FROM landlord.tenants"),
			want: []string{"high routine procedure `tenant_a`.`x` [a]: Procedure `tenant_a`.`x` names `landlord`." + stay + "PROCEDURE `tenant_a`.`x`"}},
		"nobody's": {program: program("tenant_a", "event", "provider@%", "DELETE FROM ops.t"),
			want: []string{"medium event event `tenant_a`.`x` [a]: Event `tenant_a`.`x` names `ops`." + stay + "EVENT `tenant_a`.`x`"}},
		"into a tenant": {program: program("ops", "trigger", "root@%", "UPDATE tenant_a.t, tenant_b.t SET n = 1"),
			want: []string{"medium trigger trigger `ops`.`x` [a b]: Trigger `ops`.`x` names `tenant_a`, `tenant_b`. Whoever may use it, or its schedule, reaches the tenant. | DROP TRIGGER `ops`.`x`"}},
		"hidden": {program: catalog.StoredProgram{Database: "tenant_a", Name: "x", Kind: "procedure", Hidden: true},
			want: []string{"low hidden `tenant_a` [a]: The account of the provider does not see the definition of 1 program of this database. | GRANT SHOW VIEW, SELECT, ALTER ROUTINE, TRIGGER, EVENT ON `tenant\\_a`.* TO `provider`@`%`"}},
		"in a template": {program: catalog.StoredProgram{Database: "tenant_template_shop", Name: "x", Kind: "event", Definer: "provider@%", Definition: "SELECT 1", Enabled: true},
			want: []string{"low event `tenant_template_shop`.`x` []: Event `tenant_template_shop`.`x` runs in a materialized template, which is a database to look at. An earlier version of the provider left it enabled. | ALTER EVENT `tenant_template_shop`.`x` DISABLE"}},
		"administrator": {program: program("tenant_a", "function", "root@localhost", "RETURN 1"),
			want: []string{"high definer function `tenant_a`.`x` [a]: Function `tenant_a`.`x` has the definer `root`@`localhost`, which administers the server: whoever may use the program runs it with those rights. | DROP FUNCTION `tenant_a`.`x`"}},
		"provider, where owners are": {dedicated: true, program: program("tenant_a", "function", "provider@%", "RETURN 1"),
			want: []string{"high definer function `tenant_a`.`x` [a]: Function `tenant_a`.`x` has the definer `provider`@`%`, which administers the server: whoever may use the program runs it with those rights. | DROP FUNCTION `tenant_a`.`x`"}},
		"invoker": {program: catalog.StoredProgram{Database: "tenant_a", Name: "x", Kind: "view", Definer: "root@localhost", Invoker: true, Definition: "select 1 AS `1`"}},
		"the neighbor": {program: program("tenant_a", "view", "both@%", "select 1 AS `1`"),
			want: []string{"high definer view `tenant_a`.`x` [a]: View `tenant_a`.`x` has the definer `both`@`%`, which has rights beyond this database (`tenant_b`): whoever may use the program runs it with those rights. | DROP VIEW `tenant_a`.`x`"}},
		"nobody": {program: program("tenant_a", "view", "gone@%", "select 1 AS `1`"),
			want: []string{"low definer view `tenant_a`.`x` [a]: View `tenant_a`.`x` has the definer `gone`@`%`, an account that does not exist: it fails when it is used, and runs with the rights of whoever makes that account. | DROP VIEW `tenant_a`.`x`"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := server()
			s.dedicated = c.dedicated
			s.accounts([]*privilege.Grantee{
				{User: "root", Host: "localhost", Global: []string{"SELECT", "SUPER"}}, {User: "provider", Host: "%", Global: []string{"CREATE USER"}, Grants: []privilege.GranteeRight{on(`tenant\_%`)}},
				{User: "landlord_owner_a", Host: "localhost", Locked: true, Grants: []privilege.GranteeRight{on(`tenant\_a`)}},
				{User: "both", Host: "%", Locked: true, Grants: []privilege.GranteeRight{on(`tenant\_a`), on(`tenant\_b`)}},
			})
			s.programs([]catalog.StoredProgram{c.program})
			if diff := cmp.Diff(c.want, lines(s.report)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReport_keys(t *testing.T) {
	t.Parallel()
	s := server()
	s.keys([]catalog.ReachingKey{
		{Database: "tenant_a", Table: "t", Name: "fk1", ReferencedDatabase: "tenant_b", ReferencedTable: "u"},
		{Database: "tenant_a", Table: "t", Name: "fk2", ReferencedDatabase: "ops", ReferencedTable: "u"},
		{Database: "ops", Table: "t", Name: "fk3", ReferencedDatabase: "tenant_b", ReferencedTable: "u"},
		{Database: "tenant_a", Table: "t", Name: "fk4", ReferencedDatabase: "landlord", ReferencedTable: "tenants"},
		{Database: "ops", Table: "t", Name: "fk5", ReferencedDatabase: "other", ReferencedTable: "u"},
	})
	line := func(severity, tenants, name, from, to string) string {
		return fmt.Sprintf("%s foreign_key %s.`%s` [%s]: Foreign key `%s` of table %s refers to table %s. It tells which rows are there, and keeps them from being changed and dropped. | ALTER TABLE %s DROP FOREIGN KEY `%s`",
			severity, from, name, tenants, name, from, to, from, name)
	}
	want := []string{
		line("high", "a b", "fk1", "`tenant_a`.`t`", "`tenant_b`.`u`"), line("high", "a", "fk4", "`tenant_a`.`t`", "`landlord`.`tenants`"),
		line("medium", "b", "fk3", "`ops`.`t`", "`tenant_b`.`u`"), line("medium", "a", "fk2", "`tenant_a`.`t`", "`ops`.`u`"),
	}
	if diff := cmp.Diff(want, lines(s.report)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
