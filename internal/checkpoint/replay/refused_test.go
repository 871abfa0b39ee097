package replay_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/replay"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// fresh makes another source on the same server.
func (s *scene) fresh(t testing.TB, name string, statements ...string) *scene {
	t.Helper()
	other := *s
	other.source = createDatabase(t, s.Server, name)
	setUp(t, s.server, other.source, statements...)
	other.first = other.copy(t, other.source)
	return &other
}

var (
	logPosition = regexp.MustCompile("`?[a-z.]+\\.[0-9]{6}:[0-9]+( server:[^ `]+)?( gtid:[^ `]+)?`?")
	logTime     = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]+)?`)
)

// plain replaces what differs from run to run.
func (s *scene) plain(text string) string {
	text = strings.ReplaceAll(text, s.source, "live")
	text = strings.ReplaceAll(text, s.neighbor, "next")
	text = strings.ReplaceAll(text, s.Prefix, "")
	text = logPosition.ReplaceAllString(text, "POSITION")
	return logTime.ReplaceAllString(text, "TIME")
}

// What cannot be replayed exactly is refused with a sentence, and the live
// database stays as it is.
func TestReplay_refused(t *testing.T) {
	t.Parallel()
	type refusal struct {
		only       mysql.Product
		statements []string // {live} and {next} are the databases
		want       string
	}
	const start = "the changes of `live` cannot be replayed beyond TIME (POSITION): "
	// The log does not have what makes room for the row again.
	twice := []string{"CREATE TABLE p (mail VARCHAR(40) PRIMARY KEY)", "INSERT INTO p VALUES ('ann@example.com')",
		"SET sql_log_bin = 0", "DELETE FROM p", "SET sql_log_bin = 1", "INSERT INTO p VALUES ('ann@example.com')"}
	cases := map[string]refusal{
		"statement format": {
			statements: []string{"SET binlog_format = 'STATEMENT'", "INSERT INTO t VALUES (7, 'x')"},
			want:       start + "rows were changed by a statement that the log holds as text, not as rows (`binlog_format` was not ROW) (`INSERT`)",
		},
		"statement format, other default": {
			statements: []string{"SET binlog_format = 'STATEMENT'", "USE {next}", "DELETE FROM {live}.t WHERE id = 1"},
			want:       start + "rows were changed by a statement that the log holds as text, not as rows (`binlog_format` was not ROW) (`DELETE`)",
		},
		"part of a row": {
			statements: []string{"SET binlog_row_image = 'MINIMAL'", "UPDATE t SET v = 'y' WHERE id = 1"},
			want:       start + "rows of the table `t` cannot be written: the log has no value for the column `id` (`binlog_row_image` was not FULL)",
		},
		"part of a document": {
			only: mysql.MySQL,
			statements: []string{
				"SET binlog_row_value_options = 'PARTIAL_JSON'", "UPDATE j SET v = JSON_SET(v, '$.a', 2)",
			},
			want: "the server writes JSON documents into its binary log in part, and only whole ones can be replayed;" +
				" set `binlog_row_value_options = ''` and take a new checkpoint",
		},
		"two phases": {
			statements: []string{"XA START 'x{live}'", "INSERT INTO t VALUES (7, 'x')", "XA END 'x{live}'", "XA PREPARE 'x{live}'", "XA COMMIT 'x{live}'"},
			want:       start + "it is a distributed transaction (XA) in two phases",
		},
		"from another database": {
			statements: []string{"CREATE TABLE {next}.come{live} (id INT)", "RENAME TABLE {next}.come{live} TO come"},
			want:       start + "a table came from another database (`RENAME TABLE next.comelive TO come`)",
		},
		"from another database, altered": {
			statements: []string{"CREATE TABLE {next}.came{live} (id INT)", "ALTER TABLE {next}.came{live} ADD c INT, RENAME TO {live}.came"},
			want:       start + "a table came from another database (`ALTER TABLE next.camelive ADD c INT, RENAME TO live.came`)",
		},
		"parent leaves": {
			statements: []string{"RENAME TABLE t TO {next}.t{live}"},
			want:       start + "the table `t` went to another database, and a foreign key of `child` followed it there (`RENAME TABLE t TO next.tlive`)",
		},
		"like another database": {
			statements: []string{"CREATE TABLE l LIKE {next}.n"},
			want:       start + "a table was made like one of another database (`CREATE TABLE l LIKE next.n`)",
		},
		"reference to another database": {
			statements: []string{"CREATE TABLE r (id INT PRIMARY KEY, n INT, FOREIGN KEY (n) REFERENCES {next}.n (id))"},
			want: start + "a statement failed that had succeeded (`CREATE TABLE r (id INT PRIMARY KEY, n INT, FOREIGN KEY (n) REFERENCES next.n (id))`):" +
				" error 1142: REFERENCES command denied to user 'ACCOUNT' for table TABLE",
		},
		"view of another default": {
			statements: []string{"USE {next}", "CREATE VIEW {live}.w AS SELECT * FROM n"},
			want: start + "a view was made while another database was the default one" +
				" (`CREATE ALGORITHM=UNDEFINED DEFINER=`landlord_admin`@`%` SQL SECURITY DEFINER VIEW `live`.`w` AS SELECT * FROM n`)",
		},
		"numbered": {
			statements: []string{"ALTER TABLE keyless ADD n INT AUTO_INCREMENT PRIMARY KEY"},
			want: start + "a column was added that numbers rows, and the table had no key that says in which order" +
				" (`ALTER TABLE keyless ADD n INT AUTO_INCREMENT PRIMARY KEY`)",
		},
		"random": {
			only:       mysql.MariaDB,
			statements: []string{"ALTER TABLE t ADD u VARCHAR(40) DEFAULT (uuid())"},
			want:       start + "a column was added whose values are different each time (`ALTER TABLE t ADD u VARCHAR(40) DEFAULT (uuid())`)",
		},
		"dropped": {
			statements: []string{"DROP DATABASE {live}"},
			want:       start + "the database was dropped and did not exist at that moment",
		},
		"versioned": {
			only:       mysql.MariaDB,
			statements: []string{"CREATE TABLE h (id INT PRIMARY KEY) WITH SYSTEM VERSIONING", "INSERT INTO h VALUES (1)"},
			want:       start + "rows of the table `h` do not fit it: tables that keep old versions of their rows are not supported",
		},
		"row that is there": {
			only:       mysql.MySQL,
			statements: twice,
			want:       start + "rows of the table `p` cannot be written: error 1062: Duplicate entry '…' for key 'p.PRIMARY'",
		},
		"row that is there on MariaDB": {
			only:       mysql.MariaDB,
			statements: twice,
			want:       start + "rows of the table `p` cannot be written: error 1062: Duplicate entry '…' for key 'PRIMARY'",
		},
		"character set": {
			statements: []string{"SET NAMES sjis", "ALTER TABLE t COMMENT '\x83\x5c'"},
			want: start + "a statement cannot be repeated (`ALTER TABLE t COMMENT '\ufffd\\'`):" +
				" the character set of the statement is not supported: sjis",
		},
	}
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		s := newScene(t, kind, nil)
		n := 0
		for name, c := range cases {
			if c.only != "" && c.only != s.info.Product {
				continue
			}
			n++
			source := s.fresh(t, "r"+string(rune('a'+n)), "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10))", "INSERT INTO t VALUES (1, 'a')",
				"CREATE TABLE child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES t (id))",
				"CREATE TABLE keyless (v INT)", "INSERT INTO keyless VALUES (5), (6)",
				"CREATE TABLE j (id INT PRIMARY KEY, v JSON)", "INSERT INTO j VALUES (1, '{\"a\": 1, \"b\": \"a long enough text to be worth it\"}')")
			db := source.source
			var statements []string
			for _, sql := range c.statements {
				statements = append(statements, strings.NewReplacer("{live}", db, "{next}", s.neighbor).Replace(sql))
			}
			t.Run(name, func(t *testing.T) { source.mustRefuse(t, statements, c.want) })
		}
	})
}

var replayAccount = regexp.MustCompile(`'landlord_replay_[a-z0-9]+'@'[^']+'`)

func (s *scene) mustRefuse(t *testing.T, statements []string, want string) {
	req := s.target(t, s.source[len(s.Prefix):]+"_side")
	x := useSession(t, s.server, s.source)
	run(t, x, statements...)
	x.Discard()
	_, err := replay.Run(t.Context(), s.server, req)
	if err == nil {
		t.Fatal("the replay went through")
	}
	got := replayAccount.ReplaceAllString(s.plain(err.Error()), "'ACCOUNT'")
	// The products quote it differently.
	got = strings.NewReplacer("table 'next.n'", "table TABLE", "table `next`.`n`", "table TABLE").Replace(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var refused *replay.UnreplayableError
	if strings.HasPrefix(want, "the changes of") && !errors.As(err, &refused) {
		t.Errorf("%T is no UnreplayableError", err)
	}
	if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE 'landlord_replay_%'"); len(left) > 0 {
		t.Errorf("accounts are left: %v", left)
	}
}
