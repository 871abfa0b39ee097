package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A trigger as a person writes it, and as it is created in the target: behind the
// trigger that is there before it.
func TestReadTrigger(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1":                               "CREATE TRIGGER `x` BEFORE INSERT ON `t``x` FOR EACH ROW SET NEW.a = 1",
		"create definer=`a`@`%` trigger if not exists s.tr after  update on s.t for each row begin end": "create definer=`a`@`%` TRIGGER `x` AFTER UPDATE ON `t``x` FOR EACH ROW begin end",
		"CREATE OR REPLACE TRIGGER `on` BEFORE DELETE ON `on` FOR EACH ROW FOLLOWS `a` DELETE FROM u":   "CREATE OR REPLACE TRIGGER `x` BEFORE DELETE ON `t``x` FOR EACH ROW DELETE FROM u",
		"CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW PRECEDES other\nDO 1":                         "CREATE TRIGGER `x` AFTER INSERT ON `t``x` FOR EACH ROW \nDO 1",
		"CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW /* kept */ DO 1":                              "CREATE TRIGGER `x` AFTER INSERT ON `t``x` FOR EACH ROW /* kept */ DO 1",
		"CREATE TRIGGER tr AFTER INSERT OR UPDATE OF a ON t FOR EACH ROW DO 1":                          "CREATE TRIGGER `x` AFTER INSERT OR UPDATE OF A ON `t``x` FOR EACH ROW DO 1",
		"CREATE TRIGGER tr AFTER INSERT ON t SET @a = 1":                                                "",
		"CREATE TRIGGER":                 "",
		"CREATE TABLE t (id INT)":        "",
		"DROP TRIGGER tr":                "",
		"CREATE TRIGGER tr AFTER INSERT": "",
		"":                               "",
	} {
		got := ""
		if parts := readTrigger(text, 0); parts != nil {
			got = parts.render("x", "t`x", "")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// An event with all that a server prints, whatever was left out.
func TestReadEvent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t":                                                                              "CREATE EVENT `x` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM t",
		"CREATE DEFINER=a@b EVENT IF NOT EXISTS s.e ON SCHEDULE AT '2030-01-01' ON COMPLETION PRESERVE DISABLE COMMENT 'DO it''s' DO CALL p()": "CREATE DEFINER=a@b EVENT `x` ON SCHEDULE AT '2030-01-01' ON COMPLETION PRESERVE DISABLE COMMENT 'DO it''s' DO CALL p()",
		"CREATE EVENT e ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS NOW() ENDS NOW() + INTERVAL 1 DAY DISABLE ON SLAVE DO BEGIN END":           "CREATE EVENT `x` ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS NOW() ENDS NOW() + INTERVAL 1 DAY ON COMPLETION NOT PRESERVE DISABLE ON SLAVE DO BEGIN END",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE ON REPLICA DO DO 1":                                                                    "CREATE EVENT `x` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE ON REPLICA DO DO 1",
		"CREATE PROCEDURE e() DO 1": "",
		"CREATE EVENT":              "",
		"DROP EVENT e":              "",
	} {
		got := ""
		if parts := readEvent(text, 0); parts != nil {
			got = parts.render("x")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// An ALTER EVENT changes the parts that it names and no other.
func TestEventParts_alter(t *testing.T) {
	t.Parallel()
	const before = "CREATE EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE COMMENT 'c' DO DO 1"
	for by, want := range map[string]string{
		"ALTER EVENT e ENABLE":                     "EVERY 1 DAY|ON COMPLETION PRESERVE|ENABLE|'c'|DO 1",
		"ALTER EVENT e ON SCHEDULE EVERY 2 HOUR":   "EVERY 2 HOUR|ON COMPLETION PRESERVE|DISABLE|'c'|DO 1",
		"ALTER EVENT e ON COMPLETION NOT PRESERVE": "EVERY 1 DAY|ON COMPLETION NOT PRESERVE|DISABLE|'c'|DO 1",
		"ALTER EVENT e COMMENT 'DO ENABLE'":        "EVERY 1 DAY|ON COMPLETION PRESERVE|DISABLE|'DO ENABLE'|DO 1",
		"ALTER EVENT e COMMENT ''":                 "EVERY 1 DAY|ON COMPLETION PRESERVE|DISABLE|''|DO 1",
		"ALTER EVENT e DO DELETE FROM t":           "EVERY 1 DAY|ON COMPLETION PRESERVE|DISABLE|'c'|DELETE FROM t",
		"ALTER EVENT e RENAME TO f":                "EVERY 1 DAY|ON COMPLETION PRESERVE|DISABLE|'c'|DO 1",
		"ALTER EVENT e ON SCHEDULE EVERY 2 DAY ON COMPLETION NOT PRESERVE RENAME TO s.f DISABLE ON SLAVE COMMENT 'd' DO DO 2": "EVERY 2 DAY|ON COMPLETION NOT PRESERVE|DISABLE ON SLAVE|'d'|DO 2",
	} {
		e := readEvent(before, 0)
		e.alter(readEvent(by, 0))
		if got := strings.Join([]string{e.schedule, e.completion, e.state, e.comment, e.body}, "|"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", by, got, want)
		}
	}
}

// programsOf are views (v…), triggers (t…) of the table u and events (e…).
func programsOf(texts ...string) *programs {
	var s script.Schema
	for _, text := range texts {
		st := parseLogStatement(text, 0)
		o := ddl.Object{Kind: st.programKind(), Name: st.objects[0].name, SQL: text}
		if st.on != nil {
			o.Table = st.on.name
		}
		s.Objects = append(s.Objects, o)
	}
	return newPrograms(s, strings.ToLower)
}

func (p *programs) describe() string {
	var names []string
	for _, o := range p.list {
		name := string(o.Kind) + " " + o.Name
		if o.Table != "" {
			name += " on " + o.Table
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func trigger(name, table, order string) string {
	return "CREATE TRIGGER " + name + " BEFORE INSERT ON " + table + " FOR EACH ROW " + order + " SET @a = 1"
}

// The list of programs while statements of the log pass by.
func TestPrograms(t *testing.T) {
	t.Parallel()
	view := "CREATE VIEW v AS SELECT 1"
	add := func(text string) func(*programs) {
		return func(p *programs) { p.add(programsOf(text).list[0]) }
	}
	for name, c := range map[string]struct {
		have   []string
		change func(p *programs)
		want   string
	}{
		"as they come":               {[]string{trigger("a", "u", ""), trigger("b", "u", "")}, nil, "trigger a on u, trigger b on u"},
		"one that follows":           {[]string{trigger("b", "u", "FOLLOWS A"), trigger("c", "u", ""), trigger("a", "u", "")}, nil, "trigger c on u, trigger a on u, trigger b on u"},
		"one that precedes":          {[]string{trigger("a", "u", ""), trigger("b", "u", "PRECEDES a")}, nil, "trigger b on u, trigger a on u"},
		"a chain":                    {[]string{trigger("c", "u", "FOLLOWS b"), trigger("b", "u", "FOLLOWS a"), trigger("a", "u", "")}, nil, "trigger a on u, trigger b on u, trigger c on u"},
		"a circle":                   {[]string{trigger("b", "u", "FOLLOWS a"), trigger("a", "u", "FOLLOWS b")}, nil, "trigger b on u, trigger a on u"},
		"follows nobody":             {[]string{trigger("b", "u", "FOLLOWS gone"), trigger("a", "u", "")}, nil, "trigger b on u, trigger a on u"},
		"added between":              {[]string{trigger("a", "u", ""), trigger("b", "u", "")}, add(trigger("c", "u", "FOLLOWS a")), "trigger a on u, trigger c on u, trigger b on u"},
		"made again goes to the end": {[]string{trigger("a", "u", ""), trigger("b", "u", "")}, add(trigger("A", "u", "")), "trigger b on u, trigger A on u"},
		"drop of a table":            {[]string{trigger("a", "U", ""), trigger("b", "w", ""), view}, func(p *programs) { p.dropTable("u") }, "trigger b on w, view v"},
		"rename of a table":          {[]string{trigger("a", "u", ""), trigger("b", "w", "")}, func(p *programs) { p.renameTable("U", "x") }, "trigger a on x, trigger b on w"},
		"rename of a view":           {[]string{view, trigger("a", "u", "")}, func(p *programs) { p.renameTable("V", "x") }, "view x, trigger a on u"},
		"views by case":              {[]string{view}, func(p *programs) { p.remove(ddl.KindView, "V") }, ""},
		"of another kind":            {[]string{view}, func(p *programs) { p.remove(ddl.KindFunction, "v") }, "view v"},
		"routines without case":      {[]string{"CREATE PROCEDURE Grüße() DO 1"}, func(p *programs) { p.remove(ddl.KindProcedure, "GRÜSSE"); p.remove(ddl.KindProcedure, "GRÜßE") }, ""},
	} {
		p := programsOf(c.have...)
		if c.change != nil {
			c.change(p)
		}
		if diff := cmp.Diff(c.want, p.describe()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What the list holds is created in this form: triggers in their order by time and
// event, events with their time zone, a renamed view under its name.
func TestPrograms_schema(t *testing.T) {
	t.Parallel()
	p := programsOf("CREATE DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v` AS SELECT 'v' AS `v`", trigger("a", "u", ""), trigger("b", "u", ""), trigger("c", "w", ""),
		"CREATE TRIGGER d AFTER INSERT ON u FOR EACH ROW DO 1", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DO 1", "CREATE FUNCTION f() RETURNS INT RETURN 1")
	p.renameTable("v", "n`ew")
	p.find(ddl.KindEvent, "E").zone = "+01:00"
	s := p.schema([]string{"v"})
	var got []string
	for _, o := range s.Objects {
		got = append(got, o.SQL)
	}
	want := []string{
		"CREATE DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `n``ew` AS SELECT 'v' AS `v`",
		"CREATE TRIGGER `a` BEFORE INSERT ON `u` FOR EACH ROW SET @a = 1",
		"CREATE TRIGGER `b` BEFORE INSERT ON `u` FOR EACH ROW FOLLOWS `a` SET @a = 1",
		"CREATE TRIGGER `c` BEFORE INSERT ON `w` FOR EACH ROW SET @a = 1",
		"CREATE TRIGGER `d` AFTER INSERT ON `u` FOR EACH ROW DO 1",
		"CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO DO 1",
		"CREATE FUNCTION f() RETURNS INT RETURN 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"e": "+01:00"}, s.EventTimeZones); diff != "" {
		t.Errorf("time zones (-want +got):\n%s", diff)
	}
	if got := renameView("no view", "x"); got != "no view" {
		t.Errorf("what is not understood becomes %s", got)
	}
}

func replayerOf(source, target string) *replayer {
	r := &replayer{}
	r.req.Source, r.req.Target = source, target
	return r
}

// The text of an object without the name of its database.
func TestUnqualified(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE VIEW live.v AS SELECT live.t.id, t.id FROM live.t":             "CREATE VIEW v AS SELECT t.id, t.id FROM t",
		"CREATE VIEW `live`.`v` AS SELECT 1 FROM `live` . `t`":                 "CREATE VIEW `v` AS SELECT 1 FROM `t`",
		"CREATE VIEW v AS SELECT 1 FROM next.t":                                "CREATE VIEW v AS SELECT 1 FROM next.t",
		"CREATE VIEW v AS SELECT 'live.t' FROM t -- live.t":                    "CREATE VIEW v AS SELECT 'live.t' FROM t -- live.t",
		"CREATE VIEW v AS SELECT other.live.id FROM t":                         "CREATE VIEW v AS SELECT other.live.id FROM t",
		"CREATE DEFINER=a@live VIEW live.v AS SELECT 1":                        "CREATE DEFINER=a@live VIEW v AS SELECT 1",
		"CREATE VIEW live.v AS SELECT live.id FROM t AS live":                  "CREATE VIEW v AS SELECT live.id FROM t AS live",
		"CREATE VIEW live.v AS SELECT live.t.id, live.id FROM live.t, u live":  "CREATE VIEW v AS SELECT t.id, live.id FROM live.t, u live",
		"CREATE TRIGGER live.tr AFTER INSERT ON live.t FOR EACH ROW DO live.f": "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW DO f",
		"ALTER VIEW v AS SELECT 1":                                             "CREATE VIEW v AS SELECT 1",
		"alter ALGORITHM=MERGE VIEW live.v AS SELECT 'ALTER'":                  "CREATE ALGORITHM=MERGE VIEW v AS SELECT 'ALTER'",
		"/* alter by app */ ALTER VIEW v AS SELECT 1":                          "CREATE VIEW v AS SELECT 1",
		"/* ıı */ ALTER VIEW v AS SELECT 1":                                    "CREATE VIEW v AS SELECT 1",
		"CREATE VIEW v AS SELECT live":                                         "CREATE VIEW v AS SELECT live",
		"CREATE VIEW v AS SELECT @live, @`live`.x, .5 live":                    "CREATE VIEW v AS SELECT @live, @`live`.x, .5 live",
	} {
		if diff := cmp.Diff(want, replayerOf("live", "copy").unqualified(parseLogStatement(text, 0))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// A statement about tables means the target.
func TestRetarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE TABLE t (id INT)": "CREATE TABLE t (id INT)",
		"CREATE TABLE live.t (id INT, FOREIGN KEY (id) REFERENCES live.u (id))":      "CREATE TABLE `co``py`.t (id INT, FOREIGN KEY (id) REFERENCES `co``py`.u (id))",
		"ALTER TABLE `live` . `t` COMMENT 'live.t'":                                  "ALTER TABLE `co``py` . `t` COMMENT 'live.t'",
		"ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES next.u (id)":                  "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES next.u (id)",
		"ALTER TABLE LIVE.t ADD c INT":                                               "ALTER TABLE LIVE.t ADD c INT",
		"CREATE TABLE live.t LIKE live.u":                                            "CREATE TABLE `co``py`.t LIKE `co``py`.u",
		"CREATE TABLE t (live INT) START TRANSACTION":                                "CREATE TABLE t (live INT) ",
		"SET STATEMENT max_statement_time = 1 FOR CREATE INDEX i ON live.t (live)":   "CREATE INDEX i ON `co``py`.t (live)",
		"ALTER TABLE live.t COMMENT 'x' /* live.t */, ADD KEY (live), RENAME live.u": "ALTER TABLE `co``py`.t COMMENT 'x' /* live.t */, ADD KEY (live), RENAME `co``py`.u",
	} {
		if diff := cmp.Diff(want, replayerOf("live", "co`py").retarget(parseLogStatement(text, 0))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// A new column may get other values in the rows that are there each time, or
// numbers in an order that nobody knows; rows may come from files.
func TestAddition(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ADD c INT DEFAULT 1":                       "",
		"ADD c CHAR(36) DEFAULT (UUID())":           "random",
		"ADD c DOUBLE DEFAULT (rand() * 5)":         "random",
		"ADD c INT DEFAULT NEXTVAL(s)":              "random",
		"ADD c INT DEFAULT NEXT VALUE FOR s":        "random",
		"ADD c INT DEFAULT (next value for live.s)": "random",
		"ADD `uuid` INT, ADD KEY (`rand`)":          "",
		"ADD uuid UUID, ADD next INT":               "",
		"ADD c INT COMMENT 'RAND()'":                "",
		"ADD c INT AUTO_INCREMENT UNIQUE":           "numbers",
		"ADD c INT AUTO_INCREMENT":                  "numbers",
		"ADD c INT, AUTO_INCREMENT = 5":             "",
		"AUTO_INCREMENT = 5":                        "",
		"MODIFY c INT AUTO_INCREMENT":               "",
		"MODIFY c CHAR(36) DEFAULT (UUID())":        "", // fills no rows
		"ALTER c SET DEFAULT (RAND())":              "",
		"ADD c SERIAL":                              "numbers",
		"ADD COLUMN (c serial, d INT)":              "numbers",
		"ADD c BIGINT SERIAL DEFAULT VALUE":         "numbers",
		"ADD serial INT":                            "",
		"ADD COLUMN serial INT, ADD KEY (serial)":   "",
		"ADD c INT AFTER serial":                    "",
		"ADD COLUMN IF NOT EXISTS serial INT":       "",
		"ADD c INT, DROP serial":                    "",
		"ADD c INT, RENAME COLUMN a TO serial":      "",
		"IMPORT TABLESPACE":                         "tablespace",
		"DISCARD PARTITION p TABLESPACE":            "",
		"DISCARD TABLESPACE":                        "tablespace",
		"TABLESPACE ts":                             "",
	} {
		st := parseLogStatement("ALTER TABLE t "+text, 0)
		got := map[string]string{ddl.FillsAtRandom: "random", ddl.NumbersRows: "numbers"}[ddl.Unrepeatable(st.tokens)]
		if tablespace(st) {
			got += "tablespace"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// A table in memory is emptied by a statement without conditions; the options of a
// database stand behind its name; a statement in a message is short.
func TestStatementParts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"DELETE FROM t":                     "t",
		"DELETE FROM `a`.`t`":               "a.t",
		"DELETE FROM t WHERE id = 1":        "",
		"DELETE FROM t LIMIT 1":             "",
		"DELETE t FROM t":                   "",
		"INSERT INTO t VALUES (1)":          "",
		"DELETE FROM t /* by the server */": "t",
	} {
		o, ok := emptied(parseLogStatement(text, 0))
		if got := strings.TrimPrefix(o.database+"."+o.name, "."); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %t, %s", text, ok, got)
		}
	}
	for text, want := range map[string]string{
		"CREATE DATABASE a CHARACTER SET latin1": " CHARACTER SET latin1",
		"ALTER SCHEMA COLLATE utf8mb4_bin":       " COLLATE utf8mb4_bin",
		"CREATE DATABASE a":                      "",
		"DROP TABLE a":                           "",
	} {
		if got := text[optionsOf(parseLogStatement(text, 0)):]; got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"DROP\n  TABLE t":                       "DROP TABLE t",
		strings.Repeat("x", 120):                strings.Repeat("x", 120),
		strings.Repeat("x", 121):                strings.Repeat("x", 120) + "…",
		strings.Repeat("x", 119) + "é and more": strings.Repeat("x", 119) + "�…",
		"caf\xe9":                               "caf�",
	} {
		if got := brief(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Statements are read in the mode of their session.
func TestParseLogStatement_modes(t *testing.T) {
	t.Parallel()
	const ansi, bare = binlog.ModeANSIQuotes, binlog.ModeNoBackslashEscapes
	for _, c := range []struct {
		mode       uint64
		text, want string
	}{
		{ansi, `CREATE TABLE "a"."t""x" (id INT)`, `table CREATE TABLE a.t"x`},
		{0, `CREATE TABLE "a" (id INT)`, "other"},
		{bare, `ALTER TABLE t COMMENT 'c:\', RENAME TO u`, "table ALTER TABLE t to=u"},
		{0, `ALTER TABLE t COMMENT 'c:\', RENAME TO u'`, "table ALTER TABLE t"},
		{ansi | bare, `ALTER TABLE "t" COMMENT '\', RENAME TO "u"`, "table ALTER TABLE t to=u"},
	} {
		if diff := cmp.Diff(c.want, parseLogStatement(c.text, c.mode).describe()); diff != "" {
			t.Errorf("%d: %s (-want +got):\n%s", c.mode, c.text, diff)
		}
	}
}

// No text of the log makes the reader fail, and edits never leave the text.
func FuzzParseLogStatement(f *testing.F) {
	for _, text := range []string{"", "CREATE", "ALTER TABLE live.t RENAME", "SET STATEMENT a = 1 FOR", "CREATE DEFINER=a@ VIEW live.v AS SELECT live.t.x",
		"CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW FOLLOWS", "ALTER EVENT e ON SCHEDULE", "/*!50001 ALTER VIEW live.v AS */ SELECT 'x", "DROP TABLE .", "CREATE TABLE t START TRANSACTION"} {
		f.Add(text, uint64(0))
		f.Add(text, uint64(binlog.ModeANSIQuotes|binlog.ModeNoBackslashEscapes))
	}
	f.Fuzz(func(t *testing.T, text string, mode uint64) {
		st := parseLogStatement(text, mode)
		r := replayerOf("live", "copy")
		for _, changed := range []string{r.retarget(st), r.unqualified(st)} {
			if st.verb != "ALTER" && st.verb != "CREATE" && !strings.Contains(text, "live") && changed != st.text {
				t.Errorf("%q became %q", st.text, changed)
			}
		}
		if st.class == logTable && len(st.objects) == 0 || st.class == logProgram && len(st.objects) == 0 {
			t.Errorf("%q names no object", text)
		}
		readTrigger(text, mode)
		readEvent(text, mode)
		_, _, _ = ddl.Unrepeatable(st.tokens), tablespace(st), brief(text)
		if at := optionsOf(st); at < 0 || at > len(st.text) {
			t.Errorf("options at %d of %q", at, st.text)
		}
	})
}
