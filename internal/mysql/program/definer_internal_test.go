package program

import (
	"slices"
	"testing"
)

// TestWithDefiner lists every place where a DEFINER may stand, and what looks
// like one.
func TestWithDefiner(t *testing.T) {
	t.Parallel()
	const owner = "`o`@`localhost`"
	tests := map[string]struct{ sql, with, without string }{
		"view":            {"CREATE VIEW v AS SELECT 1", "CREATE DEFINER=`o`@`localhost` VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT 1"},
		"view, replaced":  {"create or replace view v as select 1", "create or replace DEFINER=`o`@`localhost` view v as select 1", "create or replace view v as select 1"},
		"view, algorithm": {"CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v AS SELECT 1", "CREATE OR REPLACE ALGORITHM = MERGE DEFINER=`o`@`localhost` SQL SECURITY INVOKER VIEW v AS SELECT 1", "CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v AS SELECT 1"},
		"view, printed":   {"CREATE ALGORITHM=UNDEFINED DEFINER=`a b`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1", "CREATE ALGORITHM=UNDEFINED DEFINER=`o`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select 1", "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1"},
		"view, altered":   {"ALTER VIEW v AS SELECT 1", "ALTER DEFINER=`o`@`localhost` VIEW v AS SELECT 1", "ALTER VIEW v AS SELECT 1"},
		"view, duality":   {"CREATE JSON DUALITY VIEW v AS SELECT 1", "CREATE DEFINER=`o`@`localhost` JSON DUALITY VIEW v AS SELECT 1", "CREATE JSON DUALITY VIEW v AS SELECT 1"},
		"view, materialized": {"CREATE ALGORITHM=UNDEFINED MATERIALIZED /*(BY ENGINE=UNKNOWN)*/ DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW v AS SELECT 1",
			"CREATE ALGORITHM=UNDEFINED MATERIALIZED /*(BY ENGINE=UNKNOWN)*/ DEFINER=`o`@`localhost` SQL SECURITY DEFINER VIEW v AS SELECT 1", "CREATE ALGORITHM=UNDEFINED MATERIALIZED /*(BY ENGINE=UNKNOWN)*/ SQL SECURITY DEFINER VIEW v AS SELECT 1"},
		"view, materialized, no definer": {"CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED DEFINER=`o`@`localhost` VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW v AS SELECT 1"},
		"event, altered":                 {"ALTER DEFINER = a@b EVENT e ENABLE", "ALTER DEFINER=`o`@`localhost` EVENT e ENABLE", "ALTER EVENT e ENABLE"},
		"event":                          {"CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "CREATE DEFINER=`o`@`localhost` EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO SELECT 1"},
		"trigger":                        {"CREATE DEFINER=`view`@`%` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "CREATE DEFINER=`o`@`localhost` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1"},
		"procedure":                      {"CREATE DEFINER = 'a'@'b' PROCEDURE p() SELECT 1", "CREATE DEFINER=`o`@`localhost` PROCEDURE p() SELECT 1", "CREATE PROCEDURE p() SELECT 1"},
		"spaces round @":                 {"CREATE DEFINER = a @ b PROCEDURE p() SELECT 1", "CREATE DEFINER=`o`@`localhost` PROCEDURE p() SELECT 1", "CREATE PROCEDURE p() SELECT 1"},
		"role":                           {"CREATE DEFINER=`role` PROCEDURE p() SELECT 1", "CREATE DEFINER=`o`@`localhost` PROCEDURE p() SELECT 1", "CREATE PROCEDURE p() SELECT 1"},
		"current user":                   {"CREATE DEFINER=CURRENT_USER PROCEDURE p() SELECT 1", "CREATE DEFINER=`o`@`localhost` PROCEDURE p() SELECT 1", "CREATE PROCEDURE p() SELECT 1"},
		"current user()":                 {"CREATE DEFINER=CURRENT_USER() PROCEDURE p() SELECT 1", "CREATE DEFINER=`o`@`localhost` PROCEDURE p() SELECT 1", "CREATE PROCEDURE p() SELECT 1"},
		"function":                       {"CREATE AGGREGATE FUNCTION f(x INT) RETURNS INT RETURN 1", "CREATE DEFINER=`o`@`localhost` AGGREGATE FUNCTION f(x INT) RETURNS INT RETURN 1", "CREATE AGGREGATE FUNCTION f(x INT) RETURNS INT RETURN 1"},
		"package":                        {"CREATE OR REPLACE PACKAGE BODY p AS END", "CREATE OR REPLACE DEFINER=`o`@`localhost` PACKAGE BODY p AS END", "CREATE OR REPLACE PACKAGE BODY p AS END"},
		"executed comments":              {"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 */", "/*!50003 CREATE*/ /*!50017 DEFINER=`o`@`localhost`*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 */", "/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 */"},
		"comments":                       {"-- CREATE TABLE\n# x\nCREATE /* DEFINER=a@b */ VIEW v AS SELECT 1", "-- CREATE TABLE\n# x\nCREATE DEFINER=`o`@`localhost` /* DEFINER=a@b */ VIEW v AS SELECT 1", "-- CREATE TABLE\n# x\nCREATE /* DEFINER=a@b */ VIEW v AS SELECT 1"},

		"table":                {"CREATE TABLE view (definer INT)", "", ""},
		"temporary table":      {"CREATE TEMPORARY TABLE t (a INT)", "", ""},
		"table, replaced":      {"CREATE OR REPLACE TABLE t (a INT)", "", ""},
		"table, altered":       {"ALTER TABLE t ADD COLUMN definer INT", "", ""},
		"procedure, altered":   {"ALTER PROCEDURE p COMMENT 'x'", "", ""},
		"rows":                 {"INSERT INTO t VALUES ('CREATE VIEW v AS SELECT 1')", "", ""},
		"dropped":              {"DROP VIEW v", "", ""},
		"nothing":              {"", "", ""},
		"one word":             {"CREATE", "", ""},
		"definer without name": {"CREATE DEFINER", "", ""},
		"algorithm alone":      {"CREATE ALGORITHM VIEW", "", ""},
		"quoted kind":          {"CREATE `view` v", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.with != ""
			if !want {
				test.with, test.without = test.sql, test.sql
			}
			if got, ok := WithDefiner(test.sql, owner); got != test.with || ok != want {
				t.Errorf("with: %q, %t", got, ok)
			}
			if got, ok := WithDefiner(test.sql, ""); got != test.without || ok != want {
				t.Errorf("without: %q, %t", got, ok)
			}
			if again, _ := WithDefiner(test.with, owner); again != test.with {
				t.Errorf("a second time: %q", again)
			}
		})
	}
}

// TestReadHead tells whose database a program belongs to.
func TestReadHead(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"CREATE VIEW v AS SELECT 1":                                                       "",
		"CREATE VIEW `a.b`.`v` AS SELECT 1":                                               "a.b",
		"CREATE EVENT IF NOT EXISTS d . e ON SCHEDULE EVERY 1 DAY DO SELECT 1":            "d",
		"CREATE DEFINER=x@y TRIGGER `d`.x BEFORE INSERT ON `e`.t FOR EACH ROW SET @a = 1": "d",
		"CREATE PACKAGE BODY d.p AS END":                                                  "d",
	}
	for sql, want := range tests {
		if h := ReadHead(sql); h == nil || h.Database != want {
			t.Errorf("%s: %+v, want %q", sql, h, want)
		}
	}
}

// TestDatabases tells statements about programs from others, and the
// databases that they name.
func TestDatabases(t *testing.T) {
	t.Parallel()
	b := []string{"b"}
	for sql, want := range map[string][]string{
		"CREATE PROCEDURE p() SELECT 1":                                                           {},
		"create definer = `a`@`%` procedure b.p() SELECT 1":                                       b,
		"CREATE OR REPLACE SQL SECURITY INVOKER VIEW `b` . `v` AS SELECT 1":                       b,
		"CREATE /*!50003 TRIGGER */ IF NOT EXISTS b.t BEFORE INSERT ON u FOR EACH ROW SET @a = 1": b,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT b.f()":                                  {},
		"CREATE FUNCTION f(a INT) RETURNS INT RETURN 1":                                           {},
		"CREATE PACKAGE BODY b.p AS END":                                                          b,
		"ALTER EVENT b.e DISABLE":                                                                 b,
		"ALTER VIEW v AS SELECT 1":                                                                {},
		"ALTER PROCEDURE b.p COMMENT 'x'":                                                         b,
		"DROP PROCEDURE IF EXISTS `b`.p":                                                          b,
		"DROP TRIGGER t":                                                                          {},
		"DROP PACKAGE BODY b.p":                                                                   b,
		"DROP VIEW v, b.w, c.x, y RESTRICT":                                                       {"b", "c"},
		"DROP VIEW IF EXISTS v":                                                                   {},
		"DROP VIEW IF EXISTS .a, b.v":                                                             b,
		"DROP VIEW .a":                                                                            {},
		"DROP VIEW a b.v":                                                                         nil,
		"DROP PROCEDURE b 1.e.p":                                                                  b,
		"CREATE PROCEDURE b 1.e.p() SELECT 1":                                                     b,
		"CREATE VIEW b 1.e.v AS SELECT 1":                                                         b,
		"ALTER EVENT b 1.e.v DISABLE":                                                             b,
		"CREATE JSON RELATIONAL DUALITY VIEW b.v AS SELECT 1":                                     b,
		"CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER JSON RELATIONAL DUALITY VIEW `b`.`v` AS SELECT 1": b,
		"ALTER JSON DUALITY VIEW b.v AS SELECT 1": b,
		"DROP TABLE b.t":                                           nil,
		"ALTER TABLE b.t ADD a INT":                                nil,
		"CREATE TABLE `procedure` (a INT)":                         nil,
		"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'":           nil,
		"CREATE AGGREGATE FUNCTION b.f RETURNS INTEGER SONAME 'x'": nil,
		"INSERT INTO t VALUES ('CREATE PROCEDURE b.p()')":          nil,
		"CREATE PROCEDURE body.p() SELECT 1":                       {"body"},
		"DROP VIEW body.v":                                         {"body"},
		"ALTER EVENT e RENAME TO b.f":                              b,
		"ALTER EVENT a.e ON SCHEDULE EVERY 1 DAY COMMENT 'RENAME TO c.f' RENAME TO `b` . f ENABLE": {"a", "b"},
		"ALTER DEFINER = x@y EVENT e RENAME TO f DO ALTER TABLE t RENAME TO u":                     {},
		"DROP": nil, "": nil,
		// Some servers skip such a comment: what is left is another statement.
		"/*!99999 CREATE VIEW v AS SELECT 1 */ DROP DATABASE b":        nil,
		"CREATE /*!99999 VIEW v AS SELECT 1 -- */ TABLE b.t (a INT)":   nil,
		"CREATE /*M!100000 VIEW */ USER b":                             nil,
		"CREATE /*! VIEW */ USER b":                                    nil,
		"CREATE /*!99999 DEFINER = x@y */ PROCEDURE p() SELECT 1":      nil,
		"DROP /*!80000 VIEW */ TABLE b.t":                              nil,
		"DROP VIEW v /*!99999 RESTRICT */, b.w":                        nil,
		"ALTER EVENT e /*!99999 RENAME TO f */ RENAME TO b.f":          nil,
		"DROP VIEW /* VIEW */ v, # x\n w -- /*!99999 y */":             {},
		"CREATE /*!50001 VIEW v AS SELECT /*!99999 a, */ b FROM c.t*/": {},
	} {
		got, ok := Databases(sql)
		if ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %t", sql, got, ok)
		}
	}
}

// TestMakesView tells views from other programs.
func TestMakesView(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]bool{
		"CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `view`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1": true, "ALTER VIEW v AS SELECT 1": true,
		"CREATE DEFINER=`view`@`%` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1": false, "CREATE TABLE view (a INT)": false, "DROP VIEW v": false,
	} {
		if got := MakesView(sql); got != want {
			t.Errorf("%s: %t", sql, got)
		}
	}
}

// TestInDatabase names the database of a function that is dropped.
func TestInDatabase(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"DROP FUNCTION f":                          "DROP FUNCTION `a``b`.f",
		"drop /* x */ function if exists `f`":      "drop /* x */ function if exists `a``b`.`f`",
		"/*!50003 DROP FUNCTION IF EXISTS f */":    "/*!50003 DROP FUNCTION IF EXISTS `a``b`.f */",
		"DROP FUNCTION IF EXISTS b.f":              "",
		"DROP PROCEDURE f":                         "",
		"CREATE FUNCTION f() RETURNS INT RETURN 1": "",
		"DROP FUNCTION":                            "",
		"":                                         "",
	} {
		if want == "" {
			want = sql
		}
		if got := InDatabase(sql, "a`b"); got != want {
			t.Errorf("%s: %s", sql, got)
		}
		if got := InDatabase(sql, ""); got != sql {
			t.Errorf("%s without a database: %s", sql, got)
		}
	}
}
