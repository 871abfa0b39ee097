package checkpoint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// columns lists columns of one type.
func columns(n int, definition string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("c%d %s", i, definition)
	}
	return strings.Join(all, ", ")
}

// doubled doubles the rows of a table with a whole number as its key.
func doubled(table, rest string, times int) []string {
	all := make([]string, times)
	for i := range all {
		all[i] = fmt.Sprintf("INSERT INTO %s SELECT id + %d, %s FROM %[1]s", table, 1<<i, rest)
	}
	return all
}

// former are databases that sessions with other settings than the usual ones have
// made: strict ones refuse their tables or rows.
func former(product mysql.Product) map[string][]string {
	all := map[string][]string{
		"wide":     {"SET innodb_strict_mode = OFF", "CREATE TABLE t (id INT PRIMARY KEY, " + columns(60, "TEXT") + ") ROW_FORMAT=COMPACT CHARACTER SET latin1", "INSERT INTO t (id, c0) VALUES (1, REPEAT('x', 3000))"},
		"doubled":  {"SET sql_mode = ''", "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','a'))", "INSERT INTO t VALUES (1, 'a')"},
		"computed": {"SET sql_mode = ''", "CREATE TABLE t (id INT PRIMARY KEY, a INT, s TINYINT AS (a * 2) STORED, v TINYINT AS (a * 3) VIRTUAL, KEY (v))", "INSERT INTO t (id, a) VALUES (1, 1000)"},
		"memory": append([]string{
			"SET max_heap_table_size = 64 * 1024 * 1024", "CREATE TABLE t (id INT PRIMARY KEY, v CHAR(250), KEY (v)) ENGINE=MEMORY", "INSERT INTO t VALUES (0, 'a')",
		}, doubled("t", "v", 14)...),
	}
	if product == mysql.MariaDB {
		all["unchecked"] = []string{"SET check_constraint_checks = OFF", "CREATE TABLE t (id INT PRIMARY KEY, v INT CHECK (v > 5))", "INSERT INTO t VALUES (1, 2)"}
		return all
	}
	all["functional"] = []string{"SET sql_mode = ''", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(30), KEY k ((CAST(v AS SIGNED))))", "INSERT INTO t VALUES (1, 'abc')"}
	all["part of a key"] = []string{
		"SET restrict_fk_on_non_standard_key = OFF", "CREATE TABLE p (a INT, b INT, KEY (a, b))", "CREATE TABLE t (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES p (a))",
		"INSERT INTO p VALUES (1, 1)", "INSERT INTO t VALUES (1, 1)",
	}
	return all
}

// TestLoad_former brings back, on the same server, what only a session with other
// settings could make, and leaves the session that it was lent as it was.
func TestLoad_former(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := checkpointtest.Open(t, s, 2)
		n := 0
		for name, statements := range former(checkpointtest.InfoOf(t, server).Product) {
			n++
			source, target := checkpointtest.CreateDatabase(t, s, fmt.Sprint("former", n)), checkpointtest.CreateDatabase(t, s, fmt.Sprint("back", n))
			t.Run(name, func(t *testing.T) {
				checkpointtest.SetUp(t, server, source, statements...)
				m := checkpointtest.Take(t, server, checkpoint.Request{Database: source, Name: "former"})
				x := checkpointtest.UseSession(t, server, source)
				before := settings(t, x)
				checkpointtest.Load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: target, Session: x})
				checkpointtest.MustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: target, Session: x})
				if after := settings(t, x); before != after {
					t.Errorf("the settings of the session were\n%s and are\n%s", before, after)
				}
			})
		}
	})
}

// settings lists the variables of a session that its work does not change by itself.
func settings(t *testing.T, x *mysql.Session) string {
	t.Helper()
	rows, err := x.Query(t.Context(), "SHOW SESSION VARIABLES WHERE Variable_name NOT IN"+
		" ('timestamp', 'statement_id', 'rand_seed1', 'rand_seed2', 'last_gtid', 'insert_id', 'last_insert_id', 'identity', 'warning_count', 'error_count')"+
		" AND Variable_name NOT LIKE 'gtid%' AND Variable_name NOT LIKE 'innodb_buffer_pool%'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all strings.Builder
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, name, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
