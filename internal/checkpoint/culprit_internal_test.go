package checkpoint

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// many are rows with three columns, of which more than one statement is made.
func many() []string {
	inserts := []string{"INSERT INTO t VALUES ('c00000', '2024-02-29', REPEAT('n', 100), 0)"}
	for n := 1; n < 4096; n *= 2 {
		inserts = append(inserts, fmt.Sprintf("INSERT INTO t SELECT CONCAT('c', LPAD(n + %d, 5, '0')), day, CONCAT(LPAD(n + %[1]d, 9, '0'), REPEAT('n', 100)), n + %[1]d FROM t", n))
	}
	return append(inserts, "UPDATE t SET note = (SELECT note FROM (SELECT note FROM t WHERE n = 7) x) WHERE n = 4000")
}

// TestBlamed: of rows that a server refuses an error tells the numbers and dates of
// their key and where they are, and no other value, whoever would quote one.
func TestBlamed(t *testing.T) {
	t.Parallel()
	two := []string{"INSERT INTO t VALUES ('tökén-1', '2024-02-29', 'ann@example.com', 1), ('tökén-2', '2024-03-01', 'ann@example.com', 2)"}
	cases := map[string]struct {
		key, engine string
		inserts     []string
		want        string
	}{
		"a number":      {"PRIMARY KEY (n)", "InnoDB", two, "load the row with `n` = 2 of `t`"},
		"with a date":   {"PRIMARY KEY (day, n)", "InnoDB", two, "load the row with `day` = '2024-03-01' AND `n` = 2 of `t`"},
		"a text":        {"PRIMARY KEY (code)", "InnoDB", two, "load the row with `code` = … (row 2 of file `10_0001_t.000.001.sql.zst`) of `t`"},
		"both":          {"PRIMARY KEY (n, code)", "InnoDB", two, "load the row with `n` = 2 AND `code` = … (row 2 of file `10_0001_t.000.001.sql.zst`) of `t`"},
		"none":          {"KEY (n)", "InnoDB", two, "load row 2 of file `10_0001_t.000.001.sql.zst` of `t`"},
		"far behind":    {"PRIMARY KEY (code)", "InnoDB", many(), "load the row with `code` = … (row 4001 of file `10_0001_t.000.001.sql.zst`) of `t`"},
		"several":       {"PRIMARY KEY (n)", "MyISAM", two, "load the rows from `n` = 1 to `n` = 2 of `t`"},
		"several texts": {"PRIMARY KEY (code)", "MyISAM", two, "load the rows from `code` = … to `code` = … (rows 1 to 2 of file `10_0001_t.000.001.sql.zst`) of `t`"},
		"several bare":  {"KEY (n)", "MyISAM", two, "load rows 1 to 2 of file `10_0001_t.000.001.sql.zst` of `t`"},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		srv, err := mysql.Open(mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, MaxConnections: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = srv.Close() }()
		number := 0
		for name, c := range cases {
			number++
			from, into := fmt.Sprint(s.Prefix, "from", number), fmt.Sprint(s.Prefix, "into", number)
			x, err := srv.Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			run := func(statements ...string) {
				for _, sql := range statements {
					if _, err := x.Exec(t.Context(), sql); err != nil {
						t.Fatalf("%s: %v", sql, err)
					}
				}
			}
			table := "CREATE TABLE t (code VARCHAR(20), day DATE, note VARCHAR(120), n INT, " + c.key + ") ENGINE=" + c.engine + " CHARACTER SET utf8mb4"
			run("CREATE DATABASE "+from, "CREATE DATABASE "+into, "USE "+into, table, "ALTER TABLE t ADD UNIQUE KEY note (note)", "USE "+from, table)
			run(c.inserts...)
			m, err := Take(t.Context(), srv, Request{Database: from, Name: "rows", Directory: filepath.Join(t.TempDir(), "rows")})
			if err != nil {
				t.Fatal(err)
			}
			run("USE " + into)
			info, err := x.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r := &fileReader{x: x, info: info, directory: m.directory, database: into, packet: 16 << 20, transactional: map[string]bool{"t": c.engine == "InnoDB"}, progress: &tally{to: newProgress(nil, 1, 1)}}
			for _, f := range m.Files {
				if f.Table == "" {
					continue
				}
				want := c.want + ": error 1062: Duplicate entry '…' for key 't.note'"
				if info.Product == mysql.MariaDB {
					want = strings.Replace(want, "t.note", "note", 1)
				}
				if diff := cmp.Diff(want, fmt.Sprint(r.load(t.Context(), f))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			r.close()
			x.Discard()
			s.Exec(t, "DROP DATABASE "+from, "DROP DATABASE "+into)
		}
	})
}
