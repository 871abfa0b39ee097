package checkpoint_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// roundTrip copies what statements make, loads it and compares.
func roundTrip(t *testing.T, s *mysqltest.Server, server *mysql.Server, name string, statements ...string) *checkpoint.Manifest {
	t.Helper()
	source, target := checkpointtest.CreateDatabase(t, s, name), checkpointtest.CreateDatabase(t, s, name+"_back")
	checkpointtest.SetUp(t, server, source, statements...)
	m := checkpointtest.Take(t, server, checkpoint.Request{Database: source, Name: name})
	checkpointtest.Load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: target})
	checkpointtest.MustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: target})
	if m.Rows == 0 {
		t.Errorf("%s has no rows", name)
	}
	for _, db := range []string{source, target} {
		s.Exec(t, "DROP DATABASE "+mysql.Quote(db))
	}
	return m
}

// TestTake_limits brings back tables that are as wide as servers take them: columns,
// their names, keys and what they consist of, rows, and the other engines.
func TestTake_limits(t *testing.T) {
	t.Parallel()
	keys, parts := make([]string, 63), make([]string, 16)
	for i := range keys {
		keys[i] = fmt.Sprintf("KEY k%d (c%d)", i, i)
	}
	for i := range parts {
		parts[i] = fmt.Sprintf("c%d", i)
	}
	long := make([]string, 1017)
	for i := range long {
		long[i] = fmt.Sprintf("`%04d%s` INT DEFAULT %d", i, strings.Repeat("ü", 20), i)
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := checkpointtest.Open(t, s, 2)
		cases := map[string][]string{
			"columns": {"CREATE TABLE t (" + columns(1017, "TINYINT DEFAULT 7") + ")", "INSERT INTO t (c0) VALUES (1), (NULL)"},
			"names":   {"CREATE TABLE t (" + strings.Join(long, ", ") + ")", "INSERT INTO t VALUES ()", "INSERT INTO t VALUES ()"},
			"keys":    {"CREATE TABLE t (id INT PRIMARY KEY, " + columns(63, "INT DEFAULT 5") + ", " + strings.Join(keys, ", ") + ")", "INSERT INTO t (id) VALUES (1), (2)"},
			"parts":   {"CREATE TABLE t (" + columns(16, "VARCHAR(192) NOT NULL DEFAULT 'x'") + ", PRIMARY KEY (" + strings.Join(parts, ", ") + ")) CHARACTER SET latin1", "INSERT INTO t (c0) VALUES ('a'), (REPEAT('b', 192))"},
			"row":     {"CREATE TABLE t (v VARCHAR(65532) NOT NULL) CHARACTER SET latin1", "INSERT INTO t VALUES (REPEAT('a', 65532)), ('')"},
			"page":    {"CREATE TABLE t (" + columns(31, "CHAR(250) NOT NULL DEFAULT 'x'") + ", c CHAR(225) NOT NULL DEFAULT 'y') CHARACTER SET latin1", "INSERT INTO t (c0) VALUES (REPEAT('a', 250)), ('b')"},
			"kinds": {"CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, b BIT(64), d DECIMAL(65,30), s SET(" + strings.Join(members(64), ",") + "), e ENUM(" + strings.Join(members(2000), ",") + "))",
				"INSERT INTO t VALUES (18446744073709551615, b'1111111111111111111111111111111111111111111111111111111111111111', -99999999999999999999999999999999999.999999999999999999999999999999, 18446744073709551615, 2000)"},
		}
		most := 4096
		if checkpointtest.InfoOf(t, server).Product == mysql.MariaDB {
			most = 2600 // which bounds the length of a definition
		}
		for _, engine := range engines(t, s) {
			most := most
			if engine == "Aria" {
				most = 1500
			}
			cases[strings.ToLower(engine)] = []string{
				"CREATE TABLE t (" + columns(most, "TINYINT NOT NULL DEFAULT 7") + ") ENGINE=" + engine, "INSERT INTO t (c0) VALUES (1), (2)", fmt.Sprintf("INSERT INTO t (c%d) VALUES (3)", most-1),
			}
		}
		for name, statements := range cases {
			t.Run(name, func(t *testing.T) { roundTrip(t, s, server, name, statements...) })
		}
	})
}

// members are values of an ENUM or a SET.
func members(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("'m%d'", i)
	}
	return all
}

// engines are those of the server that take wider tables than InnoDB.
func engines(t *testing.T, s *mysqltest.Server) []string {
	t.Helper()
	var found []string
	for _, row := range s.QueryRows(t, "SELECT ENGINE FROM information_schema.ENGINES WHERE ENGINE IN ('MyISAM', 'Aria', 'MEMORY', 'ARCHIVE') AND SUPPORT = 'YES'") {
		found = append(found, row[0])
	}
	return found
}

// largest are values of all types that grow, each as large as a packet.
func largest(packet int64) []string {
	var statements []string
	for i, c := range []struct{ kind, value string }{
		{"LONGBLOB", fmt.Sprintf("REPEAT(x'00', %d)", packet)},
		{"LONGBLOB", fmt.Sprintf("REPEAT('''', %d)", packet)},
		{"LONGTEXT CHARACTER SET utf8mb4", fmt.Sprintf("REPEAT('\\\\', %d)", packet)},
		{"LONGTEXT CHARACTER SET utf8mb4", fmt.Sprintf("REPEAT('ä', %d)", packet/2)},
		{"LONGTEXT CHARACTER SET latin1", fmt.Sprintf("REPEAT(_latin1 x'e4', %d)", packet)},
		{"LONGTEXT CHARACTER SET utf16", fmt.Sprintf("REPEAT(_utf16 x'20ac', %d)", packet/2)},
		{"JSON", fmt.Sprintf("CONCAT('[\"', REPEAT('a', %d), '\"]')", packet-64)},
		{"JSON", fmt.Sprintf("CONCAT('[\"', REPEAT('\\\\\"', %d), '\"]')", packet/2-64)},
		// In bytes: MySQL takes minutes to read such a line as a text.
		{"GEOMETRY", fmt.Sprintf("ST_GeomFromWKB(CONCAT(x'0102000000%x', REPEAT(x'000000000000f03f0000000000000040', %d)))", binary.LittleEndian.AppendUint32(nil, uint32(packet/16-8)), packet/16-8)}, //nolint:gosec // it is small
	} {
		statements = append(statements, fmt.Sprintf("CREATE TABLE t%d (id INT PRIMARY KEY, v %s)", i, c.kind), fmt.Sprintf("INSERT INTO t%d VALUES (1, NULL), (2, %s)", i, c.value))
	}
	statements = append(statements, "CREATE TABLE several (id INT PRIMARY KEY, a LONGBLOB, b LONGBLOB, c LONGTEXT, d LONGTEXT)", "INSERT INTO several (id) VALUES (1)")
	for _, c := range []string{"a", "b", "c", "d"} {
		statements = append(statements, fmt.Sprintf("UPDATE several SET %s = REPEAT('%s', %d)", c, c, packet))
	}
	statements = append(statements, "CREATE TABLE many (id INT PRIMARY KEY, v LONGBLOB)", fmt.Sprintf("INSERT INTO many VALUES (0, REPEAT('z', %d))", packet/8))
	return append(statements, doubled("many", "v", 7)...)
}

// TestTake_largest brings back values that are as large as a packet, several of them
// in one row, and many rows with large ones.
func TestTake_largest(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--max-allowed-packet=4M"))
			roundTrip(t, s.Server, checkpointtest.Open(t, s.Server, 4), "largest", largest(4<<20)...)
		})
	}
}

// TestSoakTake_limits does the same at the settings that servers have by default, and
// brings back a million rows.
func TestSoakTake_limits(t *testing.T) {
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("part of make soak")
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := checkpointtest.Open(t, s, 4)
		packet, err := value.Packet(t.Context(), server)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, s, server, "largest", largest(packet)...)
		statements := append([]string{
			"CREATE TABLE t (id INT PRIMARY KEY, n DECIMAL(20,6), v VARCHAR(60), at DATETIME(6), KEY (v), KEY (at))", "INSERT INTO t VALUES (0, 0, 'first', '2020-01-01')",
		}, doubled("t", "n + id / 7, CONCAT('row ', id), at + INTERVAL id SECOND", 20)...)
		m := roundTrip(t, s, server, "million", append(statements, "CREATE TABLE unkeyed AS SELECT n, v FROM t")...)
		if m.Rows != 2<<20 {
			t.Errorf("%d rows", m.Rows)
		}
		t.Logf("%d rows were copied in %s", m.Rows, m.Duration)
	})
}
