package catalog_test

import (
	compare "cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func dump(t testing.TB, b *sessiontest.Bench, database string) catalog.Dump {
	t.Helper()
	d, err := catalog.DumpDatabase(t.Context(), b, b.Info, database)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func objectNames(d catalog.Dump) []string {
	var names []string
	for _, o := range d.Objects {
		names = append(names, o.Kind+" "+o.Name)
	}
	return names
}

func find(t testing.TB, d catalog.Dump, kind, name string) catalog.Object {
	t.Helper()
	for _, o := range d.Objects {
		if o.Kind == kind && o.Name == name {
			return o
		}
	}
	t.Fatalf("no %s %s among %v", kind, name, objectNames(d))
	return catalog.Object{}
}

// The same structure in databases of other names prints the same, whatever the
// default database is.
func TestDumpDatabase_names(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		var want catalog.Dump
		for i, name := range strangeNames(s.Prefix) {
			b := sessiontest.NewBench(t, s, name)
			b.Run(t, structure(b)...)
			b.Run(t,
				"INSERT INTO parent (code) VALUES ("+fmt.Sprintf("'%d'", i)+"), ('x'), ('y')",
				"CREATE TABLE `a``b.c d` (`x``y.z` INT PRIMARY KEY)",
				"CREATE FUNCTION total() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM "+mysql.Quote(name)+".`child`)",
				"CREATE VIEW with_function AS SELECT total() AS t, id FROM `child` WHERE name = '"+s.Prefix+"plain.t'",
				"CREATE TRIGGER own AFTER DELETE ON "+mysql.Quote(name)+".child FOR EACH ROW INSERT INTO "+mysql.Quote(name)+".`a``b.c d` VALUES (1)",
			)
			inside := dump(t, b, name)
			if i == 0 {
				want = inside
			}
			if diff := cmp.Diff(want, inside); diff != "" {
				t.Errorf("`%s` (-first +this):\n%s", name, diff)
			}
			if err := b.Use(t.Context(), "information_schema"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(inside, dump(t, b, name)); diff != "" {
				t.Errorf("`%s` with another default database (-inside +outside):\n%s", name, diff)
			}
		}
		names := objectNames(want)
		sorted := slices.IsSortedFunc(want.Objects, func(a, b catalog.Object) int {
			return compare.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
		})
		if !sorted || len(names) < 15 {
			t.Errorf("the objects are %v", names)
		}
		if want.CharacterSet != "utf8mb4" || want.Collation != "utf8mb4_unicode_ci" {
			t.Errorf("the database has %s, %s", want.CharacterSet, want.Collation)
		}
	})
}

// What is printed creates the same structure again.
func TestDumpDatabase_roundTrip(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		a := sessiontest.NewBench(t, s, s.Prefix+"a")
		a.Run(t, structure(a)...)
		a.Run(t,
			"CREATE TRIGGER a3 BEFORE INSERT ON child FOR EACH ROW PRECEDES t2 SET NEW.name = 'it''s; FOR EACH ROW'",
			"CREATE EVENT later ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2035-01-01 00:00:00' DISABLE COMMENT 'it''s' DO SELECT 'it''s'",
			"SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
			`CREATE PROCEDURE odd () SELECT '\', "id" FROM "child"`,
			"SET sql_mode = 'STRICT_TRANS_TABLES'",
		)
		original := dump(t, a, a.Name)
		b := sessiontest.NewBench(t, s, s.Prefix+"b")
		b.Run(t, "SET foreign_key_checks = 0")
		replay(t, b, original)
		copied := dump(t, b, b.Name)
		for _, d := range []catalog.Dump{original, copied} {
			for i := range d.Objects {
				// MySQL prints the character set of a column once it was written.
				d.Objects[i].SQL = strings.ReplaceAll(d.Objects[i].SQL, " CHARACTER SET utf8mb4", "")
			}
		}
		if diff := cmp.Diff(original, copied); diff != "" {
			t.Errorf("(-original +copy):\n%s", diff)
		}
		if diff := cmp.Diff(describeOne(t, a, a.Info, a.Name), describeOne(t, b, b.Info, b.Name)); diff != "" {
			t.Errorf("facts (-original +copy):\n%s", diff)
		}
	})
}

// replay creates objects in an order that suits the structure of the tests; a
// trigger waits for the one that it follows.
func replay(t *testing.T, b *sessiontest.Bench, d catalog.Dump) {
	t.Helper()
	order := []string{"sequence", "table", "function", "procedure", "package", "package body", "view", "trigger", "event"}
	rest := slices.Clone(d.Objects)
	slices.SortStableFunc(rest, func(x, y catalog.Object) int { return slices.Index(order, x.Kind) - slices.Index(order, y.Kind) })
	for len(rest) > 0 {
		var waiting []catalog.Object
		for _, o := range rest {
			if o.SQLMode != "" {
				b.Run(t, "SET sql_mode = '"+o.SQLMode+"'")
			} else {
				b.Run(t, "SET sql_mode = 'STRICT_TRANS_TABLES'")
			}
			if _, err := b.Exec(t.Context(), o.SQL); err != nil {
				if o.Kind != "trigger" {
					t.Fatalf("%v\n%s", err, o.SQL)
				}
				waiting = append(waiting, o)
			}
		}
		if len(waiting) == len(rest) {
			t.Fatalf("these cannot be created: %v", waiting)
		}
		rest = waiting
	}
}

func TestDumpDatabase_texts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, structure(b)...)
		b.Run(t, "ALTER EVENT e COMMENT 'altered'", "INSERT INTO parent (code) VALUES ('a')",
			"CREATE TABLE doomed (a INT)", "CREATE VIEW broken AS SELECT a FROM doomed", "DROP TABLE doomed")
		d := dump(t, b, b.Name)
		definer := "CREATE DEFINER=`" + s.Username + "`@`%` "
		want := map[string]string{
			"trigger t2": definer + "TRIGGER `t2` BEFORE INSERT ON `child` FOR EACH ROW FOLLOWS `t1` SET NEW.n = 2",
			"trigger t1": definer + "TRIGGER `t1` BEFORE INSERT ON `child` FOR EACH ROW SET NEW.n = 1",
			"event e": definer + "EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE COMMENT 'altered'" +
				" DO DELETE FROM child WHERE n = 1",
		}
		for key, sql := range want {
			kind, name, _ := strings.Cut(key, " ")
			if got := find(t, d, kind, name).SQL; got != sql {
				t.Errorf("%s:\ngot  %s\nwant %s", key, got, sql)
			}
		}
		if o := find(t, d, "trigger", "t1"); o.Table != "child" || o.CharacterSetClient != "utf8mb4" ||
			o.CollationConnection != "utf8mb4_unicode_ci" || !strings.Contains(o.SQLMode, "STRICT_TRANS_TABLES") {
			t.Errorf("trigger: %+v", o)
		}
		if sql := find(t, d, "table", "parent").SQL; strings.Contains(sql, "AUTO_INCREMENT=") || !strings.Contains(sql, "NOT NULL AUTO_INCREMENT,") {
			t.Errorf("the counter is in the text:\n%s", sql)
		}
		if sql := find(t, d, "view", "broken").SQL; !strings.HasSuffix(sql, "VIEW `broken` AS select `doomed`.`a` AS `a` from `doomed`") {
			t.Errorf("a broken view:\n%s", sql)
		}
		_, err := catalog.DumpDatabase(t.Context(), b, b.Info, s.Prefix+"gone")
		if !mysql.IsNoSuchDatabase(err) {
			t.Errorf("a database that does not exist: %v", err)
		}
	})
}

// An account that may not see a text must not take it for empty.
func TestDumpDatabase_hidden(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, "CREATE PROCEDURE p () SELECT 1")
		user := s.Prefix + "u"
		s.Exec(t, "CREATE USER "+user+"@'%' IDENTIFIED BY 'Pass_word1'", "GRANT EXECUTE ON `"+b.Name+"`.* TO "+user+"@'%'")
		cfg := sessiontest.Config(s)
		cfg.Username, cfg.Password = user, "Pass_word1"
		_, err := catalog.DumpDatabase(t.Context(), sessiontest.Open(t, cfg), b.Info, b.Name)
		var hidden *catalog.HiddenError
		if !errors.As(err, &hidden) || err.Error() != "the account may not see the text of the procedure `p`" {
			t.Errorf("got %v", err)
		}
	})
}

// meddler runs statements of somebody else before the texts of objects are asked for.
type meddler struct {
	mysql.Queryer
	meddle func()
}

func (m *meddler) Query(ctx context.Context, query string, args ...any) (*mysql.Rows, error) {
	if strings.HasPrefix(query, "SHOW CREATE ") {
		m.meddle()
	}
	return m.Queryer.Query(ctx, query, args...)
}

// What goes between the list and its text is no failure of the reading, until it
// happens again and again.
func TestDumpDatabase_changing(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		b.Run(t, "CREATE TABLE a0 (id INT PRIMARY KEY)", "CREATE VIEW v AS SELECT 1 AS one", "CREATE PROCEDURE p () SELECT 1", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1",
			"CREATE TRIGGER t BEFORE INSERT ON a0 FOR EACH ROW SET NEW.id = 1")
		n := 0
		rename := func() {
			b.Run(t, fmt.Sprintf("RENAME TABLE a%d TO a%d", n, n+1))
			n++
		}
		for _, drop := range []func(){rename, func() { b.Run(t, "DROP VIEW v") }, func() { b.Run(t, "DROP PROCEDURE p") }, func() { b.Run(t, "DROP EVENT e") }, func() { b.Run(t, "DROP TRIGGER t") }} {
			once := sync.OnceFunc(drop)
			d, err := catalog.DumpDatabase(t.Context(), &meddler{b, once}, b.Info, b.Name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(objectNames(dump(t, b, b.Name)), objectNames(d)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		}
		_, err := catalog.DumpDatabase(t.Context(), &meddler{b, rename}, b.Info, b.Name)
		if want := fmt.Sprintf("show the table `a5`: error 1146: Table '%s.a5' doesn't exist", b.Name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// A text longer than what a cast or a buffer might cut.
func TestDescribe_longText(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := sessiontest.NewBench(t, s, s.Prefix+"a")
		long := strings.Repeat("SELECT 'x'; ", 20_000)
		b.Run(t, "CREATE PROCEDURE p () BEGIN "+long+" END")
		before := describeOne(t, b, b.Info, b.Name)
		b.Run(t, "DROP PROCEDURE p", "CREATE PROCEDURE p () BEGIN "+long+" SELECT 2; END")
		if diff := cmp.Diff([]string{"procedure p"}, changed(before, describeOne(t, b, b.Info, b.Name))); diff != "" {
			t.Errorf("changed objects (-want +got):\n%s", diff)
		}
		if sql := find(t, dump(t, b, b.Name), "procedure", "p").SQL; len(sql) < len(long) {
			t.Errorf("the text has %d bytes only", len(sql))
		}
	})
}
