package template_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestJoined says which statements of a script go into one transaction: a `+`
// for each that is joined to the one before it, a `-` for each that is not.
func TestJoined(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ script, want, fault string }{
		"nothing to hand on":            {"UPDATE a SET x = 1; UPDATE a SET x = 2; ALTER TABLE a ADD y INT", "---", ""},
		"a variable":                    {"SET @n = 1; UPDATE a SET x = @n", "-+", ""},
		"what triggers may read":        {"SET @off = 1; UPDATE a SET x = 1; UPDATE a SET x = 2", "-++", ""},
		"not what is before":            {"UPDATE a SET x = 1; SET @n = 1; UPDATE a SET x = @n", "--+", ""},
		"until the structure changes":   {"SET @n = 1; UPDATE a SET x = @n; ALTER TABLE a ADD y INT; UPDATE a SET x = 2; UPDATE a SET x = 3", "-+---", ""},
		"set again":                     {"SET @n = 1; UPDATE a SET x = @n; ALTER TABLE a ADD y INT; SET @n = 2; UPDATE a SET y = @n", "-+--+", ""},
		"inside of one statement":       {"UPDATE a SET x = (@r := IFNULL(@r, 0) + 1); UPDATE a SET y = 1", "-+", ""},
		"last insert":                   {"INSERT INTO a (x) VALUES (1); UPDATE a SET x = 2; INSERT INTO b (x) VALUES (LAST_INSERT_ID())", "-++", ""},
		"last insert of nothing":        {"INSERT INTO b (x) VALUES (LAST_INSERT_ID())", "-", ""},
		"last insert behind structure":  {"ALTER TABLE a ADD y INT; INSERT INTO b (x) VALUES (LAST_INSERT_ID())", "--", ""},
		"over a change of structure":    {"SET @n = 1;\nALTER TABLE a ADD y INT;\nUPDATE a SET y = @n", "---", "3:1 @n: Set it again behind that statement, for example with `SET @n = (SELECT …)`."},
		"over two":                      {"SET @n = 1;\nALTER TABLE a ADD y INT;\nDROP TABLE b;\nUPDATE a SET y = @n", "----", "4:1 @n: Set it again behind that statement, for example with `SET @n = (SELECT …)`."},
		"over one, found once":          {"SET @n = 1;\nALTER TABLE a ADD y INT;\nUPDATE a SET y = @n; UPDATE a SET x = @n", "---+", "3:1 @n: Set it again behind that statement, for example with `SET @n = (SELECT …)`."},
		"counted on":                    {"SET @n = 1;\nALTER TABLE a ADD y INT;\nSET @n = @n + 1", "---", "3:1 @n: Set it again behind that statement, for example with `SET @n = (SELECT …)`."},
		"last insert over structure":    {"INSERT INTO a (x) VALUES (1);\nCREATE TABLE c (x INT);\nINSERT INTO c VALUES (LAST_INSERT_ID())", "---", "3:1 LAST_INSERT_ID(): Put the statement that it asks about right in front of it."},
		"rows counted behind structure": {"DELETE FROM a;\nRENAME TABLE a TO c;\nINSERT INTO c VALUES (ROW_COUNT())", "---", "3:1 ROW_COUNT(): Put the statement that it asks about right in front of it."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := files{"core/a.sql": ok}.build(t, "shop@1.0.0")
			next := files{"core/a.sql": ok, "migrations/1.0.0--1.1.0.sql": c.script + ";"}.build(t, "shop@1.1.0")
			statements, findings := lineage(t, next).MigrationStatements(lineage(t, old), mysql97)
			wanted := ""
			if c.fault != "" {
				at, rest, _ := strings.Cut(c.fault, " ")
				what, next, _ := strings.Cut(rest, ": ")
				wanted = "migrations/1.0.0--1.1.0.sql:" + at + ": error: Session value does not last that long: `" + what +
					"` is what a statement before has left in the session, and one that changes the structure stands between the two. " +
					"It commits by itself, so a run that is cut off behind it goes on in a session without that value. " + next + "\n"
			}
			diff(t, texts(findings), wanted)
			if c.fault != "" {
				if !strings.Contains(texts(lineage(t, next).Validate(mysql97)), wanted) {
					t.Error("it is not said when the version is published")
				}
				return
			}
			joined, _ := template.Joined(statements)
			got := ""
			for _, j := range joined {
				got += map[bool]string{true: "+", false: "-"}[j]
			}
			diff(t, got, c.want)
		})
	}
}

// TestTexts_joined compares what is said of a value that cannot be handed on.
func TestTexts_joined(t *testing.T) {
	t.Parallel()
	next := files{"core/a.sql": ok, "migrations/1.0.0--1.1.0.sql": "SET @n = 1;\nALTER TABLE a ADD y INT;\nUPDATE a SET y = @n;"}.build(t, "shop@1.1.0")
	diff(t, texts(lineage(t, next).Validate(mysql97)), "migrations/1.0.0--1.1.0.sql:3:1: error: Session value does not last that long: "+
		"`@n` is what a statement before has left in the session, and one that changes the structure stands between the two. "+
		"It commits by itself, so a run that is cut off behind it goes on in a session without that value. "+
		"Set it again behind that statement, for example with `SET @n = (SELECT …)`.\n")
}
