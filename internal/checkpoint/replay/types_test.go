package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// Every value is repeated as the very same value: where it is added, where it
// takes the place of another, and where it alone tells which row is meant.
func TestReplay_everyType(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		args := []string{"--binlog-transaction-compression=ON"}
		if kind != instance.MySQL97 {
			args = []string{"--log-bin-compress=ON", "--log-bin-compress-min-len=10", "--binlog-row-metadata=FULL"}
		}
		s := newScene(t, kind, args)
		x := useSession(t, s.server, s.source)
		cases := everyType(t, x, s.info, "every")
		var names, next []string
		for _, c := range cases {
			names = append(names, mysql.Quote(c.Name))
			next = append(next, "a."+mysql.Quote(c.Name)+" = b."+mysql.Quote(c.Name))
		}
		columns := strings.Join(names, ", ")
		run(
			t, x, "CREATE TABLE moved LIKE every", "INSERT INTO moved SELECT * FROM every",
			"UPDATE moved a JOIN every b ON b.id = (a.id + 1) % 8 SET "+strings.Join(next, ", "),
			"CREATE TABLE keyless LIKE every", "ALTER TABLE keyless DROP PRIMARY KEY",
			"INSERT INTO keyless (id, "+columns+") SELECT 1, "+columns+" FROM every", "INSERT INTO keyless SELECT * FROM keyless",
			"UPDATE keyless SET id = 2 LIMIT 7", "DELETE FROM keyless WHERE id = 1",
		)
		x.Discard()
		want := s.copy(t, s.source)
		req := s.target(t, "back")
		s.replay(t, req)
		for _, table := range []string{"every", "moved"} {
			sameTypes(t, s.Server, cases, mysql.Qualified(s.source, table), mysql.Qualified(req.Target, table))
		}
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})
	})
}

// A document keeps the types of its values, also those that JSON does not know.
func TestReplay_documents(t *testing.T) {
	t.Parallel()
	if mysqltest.Kinds(t)[0] != instance.MySQL97 {
		t.Skip("MariaDB keeps documents as texts")
	}
	s := newScene(t, instance.MySQL97, []string{"--partial-revokes=ON"}, "CREATE TABLE d (id INT PRIMARY KEY, v JSON)", "CREATE TABLE b (v BLOB, w BIT(9), x VARBINARY(5))",
		"INSERT INTO b VALUES (x'00ff', 257, x'27')")
	values := []string{
		`JSON_OBJECT('d', CAST('2020-02-03' AS DATE), 't', CAST('-838:59:58.5' AS TIME(6)), 'm', CAST('2020-02-03 04:05:06.000007' AS DATETIME(6)), 'z', CAST('00:00:00' AS TIME))`,
		`JSON_ARRAY(CAST(5 AS UNSIGNED), 18446744073709551615, -9223372036854775808, 65536, 32768, -32769, 1.0e0, -0e0, 1e300, 5e-324, 0.1e0)`,
		`JSON_ARRAY(1.10, -0.001, 12345678901234567890123456789012345.123456789012345678901234567890, 0.0, 100000000000000000000)`,
		"(SELECT JSON_OBJECT('blob', v, 'bit', w, 'bin', x) FROM b)",
		`JSON_OBJECT('"', '\\', '', 'é 😀 \u2028', 'a.b', JSON_ARRAY(JSON_OBJECT('$', 7.50)), 'nul', CONCAT('a', CHAR(0 USING utf8mb4), 'b'))`,
		`JSON_OBJECT('long', REPEAT('x', 70000), 'n', 70000, 'list', JSON_ARRAY(JSON_ARRAY(), JSON_OBJECT(), true, false, null))`,
		"CAST('null' AS JSON)", "CAST(1.50 AS JSON)", "CAST(CAST('2020-01-01' AS DATE) AS JSON)", "NULL",
	}
	for i, v := range values {
		s.Exec(t, fmt.Sprintf("INSERT INTO %s SELECT %d, %s", mysql.Qualified(s.source, "d"), i, strings.ReplaceAll(v, " b)", " "+mysql.Qualified(s.source, "b")+")")))
	}
	req := s.target(t, "back")
	s.replay(t, req)
	for _, path := range []string{"$", "$.d", "$.t", "$.m", "$.z", "$[0]", "$[1]", "$[2]", "$[3]", "$[4]", "$[5]", "$[6]", "$[7]", "$[8]", "$[9]", "$[10]", "$.blob", "$.bit", "$.bin", `$."a.b"[0]."$"`, "$.n"} {
		const query = "SELECT a.id, JSON_TYPE(JSON_EXTRACT(a.v, ?)), JSON_TYPE(JSON_EXTRACT(b.v, ?)), LEFT(JSON_EXTRACT(a.v, ?), 60), LEFT(JSON_EXTRACT(b.v, ?), 60) FROM "
		both := mysql.Qualified(s.source, "d") + " a JOIN " + mysql.Qualified(req.Target, "d") + " b USING (id)"
		// Bytes of a BLOB or BIT become the text that they are printed as.
		differ := " WHERE NOT ((JSON_TYPE(JSON_EXTRACT(a.v, ?)) IN ('BLOB', 'BIT') OR JSON_TYPE(JSON_EXTRACT(a.v, ?)) <=> JSON_TYPE(JSON_EXTRACT(b.v, ?))) AND CAST(JSON_EXTRACT(a.v, ?) AS CHAR) <=> CAST(JSON_EXTRACT(b.v, ?) AS CHAR))"
		for _, row := range s.QueryRows(t, query+both+differ, path, path, path, path, path, path, path, path, path) {
			t.Errorf("%s differs: %v", path, row)
		}
	}
}
