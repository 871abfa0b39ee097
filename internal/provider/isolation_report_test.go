package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestIsolationReport plants one of everything that reaches across tenants, finds
// all of it and nothing else, and counts the statements with a few and with many
// tenants. Other tests share the server, so only what has a name of this one counts.
func TestIsolationReport(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		recording := s.Record(t)
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = recording.Username, recording.Password
		c := coreWith(t, environment)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		grow := func(from, to int) {
			for i := from; i < to; i++ {
				c.must("landlord_tenant", nil, acme(values{"slug": fmt.Sprintf("t%02d", i)}))
			}
		}
		report := func() ([]string, int) {
			t.Helper()
			recording.Reset(t)
			found := coreWith(t, environment).mustData("landlord_isolation_report", values{})
			statements := recording.Count(t)
			var out []string
			for _, f := range found["findings"].([]any) { //nolint:forcetypeassert // the schema says so
				f := f.(values)                                                         //nolint:forcetypeassert // the schema says so
				if object := f["object"].(string); strings.Contains(object, s.Prefix) { //nolint:forcetypeassert // the schema says so
					out = append(out, strings.ReplaceAll(fmt.Sprintf("%s %s %s %v: %s | %s", f["severity"], f["kind"], object, f["tenants"], f["detail"], f["statement"]), s.Prefix, "P_"))
				}
			}
			return out, statements
		}
		grow(0, 3)
		clean, few := report()
		if len(clean) > 0 {
			t.Errorf("findings on a clean estate: %s", strings.Join(clean, "\n"))
		}
		plantReaching(t, s, recording.Username)
		found, _ := report()
		if diff := cmp.Diff(reaching(s), found); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
		grow(3, 12)
		if _, many := report(); many != few {
			t.Errorf("%d statements for 3 tenants, %d for 12: %q", few, many, recording.Statements(t))
		}
		_, diagnostics := c.data("landlord_isolation_report", values{"server": "nowhere"})
		want := []string{"ERROR at (server): Server is not configured\nThe provider has no server `nowhere`.\n\nAdd it to `servers` of the provider, or leave `server` out for the main server."}
		if diff := cmp.Diff(want, diagnostics); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
	})
}

// plantReaching makes accounts, programs and a foreign key that reach across the
// tenants t00 to t02. The programs belong to the provider's account, but one.
func plantReaching(t *testing.T, s *mysqltest.Server, provider string) {
	t.Helper()
	db := func(i int) string { return fmt.Sprintf("%st%02d", s.Prefix, i) }
	quoted := func(i int) string { return "`" + strings.ReplaceAll(db(i), "_", `\_`) + "`" }
	who := func(name string) string { return s.Prefix + name }
	for _, name := range []string{"one", "two", "wild", "part", "roled", "locked"} {
		s.Exec(t, "CREATE USER "+who(name)+" IDENTIFIED BY 'Reaching_1'")
	}
	s.Exec(t, "ALTER USER "+who("locked")+" ACCOUNT LOCK", "CREATE ROLE "+who("role"),
		"GRANT SELECT ON "+quoted(0)+".* TO "+who("one"), "GRANT INSERT ON "+db(0)+".users TO "+who("one"),
		"GRANT SELECT ON "+quoted(0)+".* TO "+who("two"), "GRANT SELECT ON "+quoted(1)+".* TO "+who("two"),
		"GRANT SELECT ON `"+db(0)+"`.* TO "+who("wild"),
		"GRANT SELECT (id) ON "+db(0)+".users TO "+who("part"), "CREATE DEFINER="+provider+" PROCEDURE "+db(1)+".p() SELECT 1", "GRANT EXECUTE ON PROCEDURE "+db(1)+".p TO "+who("part"),
		"GRANT SELECT ON `"+strings.ReplaceAll(s.Prefix, "_", `\_`)+"t%`.* TO "+who("role"), "GRANT "+who("role")+" TO "+who("roled"),
		"GRANT SELECT ON "+quoted(0)+".* TO "+who("locked"), "GRANT SELECT ON "+quoted(1)+".* TO "+who("locked"),
		"CREATE DEFINER="+provider+" VIEW "+db(0)+".spy AS SELECT id FROM "+db(1)+".users",
		"CREATE DEFINER="+provider+" PROCEDURE "+db(0)+".wipe() DELETE FROM "+db(1)+".users WHERE id < 0",
		"CREATE DEFINER="+provider+" TRIGGER "+db(0)+".copy AFTER INSERT ON "+db(0)+".users FOR EACH ROW UPDATE "+db(2)+".users SET id = id WHERE id < 0",
		"CREATE DEFINER="+provider+" EVENT "+db(0)+".nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01' DO DELETE FROM "+s.LandlordDatabase+".tenants WHERE id < 0",
		"CREATE DEFINER="+who("two")+" FUNCTION "+db(1)+".lent() RETURNS INT DETERMINISTIC RETURN 1",
		"CREATE TABLE "+db(1)+".child (id INT NOT NULL PRIMARY KEY, CONSTRAINT reaches FOREIGN KEY (id) REFERENCES "+db(2)+".users (id))",
	)
	t.Cleanup(func() {
		for _, sql := range []string{"DROP TABLE IF EXISTS " + db(1) + ".child", "DROP ROLE IF EXISTS " + who("role")} {
			_, _ = s.DB().ExecContext(context.Background(), sql)
		}
	})
}

// reaching is what is found of plantReaching, with `P_` for the prefix.
func reaching(s *mysqltest.Server) []string {
	role := "`P_role`@`%`"
	if s.Kind.IsMariaDB() {
		role = "`P_role`"
	}
	const stay = "Everything of a tenant has to stay in its own database. | DROP "
	escaped := func(name string) string { return "`" + strings.ReplaceAll(s.Prefix, "_", `\_`) + name + "`.*" }
	account := func(name, tenants, list, how, statement string) string {
		return fmt.Sprintf("high account `P_%s`@`%%` [%s]: Account `P_%s`@`%%` can log in and has rights in %s: %s. Leave it those of one tenant. | %s", name, tenants, name, list, how, statement)
	}
	provider := func(kind, name, slug string) string {
		object := kind + " `P_" + slug + "`.`" + name + "`"
		return fmt.Sprintf("high definer %s [%s]: %s has the definer `P_rec1`@`%%`, which administers the server: whoever may use the program runs it with those rights. | DROP %s",
			object, slug, strings.ToUpper(kind[:1])+object[1:], strings.ToUpper(kind)+object[len(kind):])
	}
	want := []string{
		provider("event", "nightly", "t00"), provider("procedure", "wipe", "t00"), provider("procedure", "p", "t01"), provider("trigger", "copy", "t00"), provider("view", "spy", "t00"),
		account("part", "t00 t01", "2 tenants (`t00`, `t01`)", "on PROCEDURE `P_t01`.`p`, on `P_t00`.`users`", "REVOKE EXECUTE ON PROCEDURE `P_t01`.`p` FROM `P_part`@`%`;\nREVOKE SELECT ON `P_t00`.`users` FROM `P_part`@`%`"),
		account("roled", "t00 t01 t02", "3 tenants (`t00`, `t01`, `t02`)", "by the role "+role, "REVOKE "+role+" FROM `P_roled`@`%`"),
		account("two", "t00 t01", "2 tenants (`t00`, `t01`)", "on "+escaped("t00")+", on "+escaped("t01"), "REVOKE SELECT ON "+escaped("t00")+" FROM `P_two`@`%`;\nREVOKE SELECT ON "+escaped("t01")+" FROM `P_two`@`%`"),
		"high definer function `P_t01`.`lent` [t01]: Function `P_t01`.`lent` has the definer `P_two`@`%`, which has rights beyond this database (`P_t00`): whoever may use the program runs it with those rights. | DROP FUNCTION `P_t01`.`lent`",
		"high event event `P_t00`.`nightly` [t00]: Event `P_t00`.`nightly` names `" + s.LandlordDatabase + "`. " + stay + "EVENT `P_t00`.`nightly`",
		"high foreign_key `P_t01`.`child`.`reaches` [t01 t02]: Foreign key `reaches` of table `P_t01`.`child` refers to table `P_t02`.`users`. It tells which rows are there, and keeps them from being changed and dropped. | " +
			"ALTER TABLE `P_t01`.`child` DROP FOREIGN KEY `reaches`",
		"high routine procedure `P_t00`.`wipe` [t00 t01]: Procedure `P_t00`.`wipe` names `P_t01`. " + stay + "PROCEDURE `P_t00`.`wipe`",
		"high trigger trigger `P_t00`.`copy` [t00 t02]: Trigger `P_t00`.`copy` names `P_t02`. " + stay + "TRIGGER `P_t00`.`copy`",
		"high view view `P_t00`.`spy` [t00 t01]: View `P_t00`.`spy` names `P_t01`. " + stay + "VIEW `P_t00`.`spy`",
		"low grant `P_wild`@`%` [t00]: The grant on `P_t00`.* is a pattern: `_` stands for any character and `%` for any number of them, so that it opens every database that fits, one that is made later too. Escape them. | " +
			"REVOKE SELECT ON `P_t00`.* FROM `P_wild`@`%`;\nGRANT SELECT ON " + escaped("t00") + " TO `P_wild`@`%`",
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], s.Prefix, "P_")
	}
	slices.Sort(want)
	return slices.Clip(want)
}
