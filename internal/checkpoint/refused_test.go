package checkpoint_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A refusedCase is a database and what other servers say to its checkpoint, on each
// of the products.
type refusedCase struct {
	statements []string
	server     string // one of refusing
	only       mysql.Product
	mysql      string
	mariadb    string // empty: as on MySQL
}

// refusing are servers on which a checkpoint of another one may not come back.
var refusing = map[string][]string{
	"small pages":  {"--innodb-page-size=4k", "--max-allowed-packet=1M"},
	"folded names": {"--lower-case-table-names=1"},
	"one file":     {"--innodb-file-per-table=OFF"},
	"no engines":   nil, // by product
}

const (
	wideRow  = "error 1118: Row size too large (> 1982). Changing some columns to TEXT or BLOB may help. In current row format, BLOB prefix of 0 bytes is stored inline; "
	pageSize = "`innodb_page_size` of the server is `4096`, and was `16384` | Use a server whose `innodb_page_size` is as large: it is chosen when the data of a server are made."
	folded   = ": the server keeps the names of tables in lower case; `lower_case_table_names` of the server is `1`, and was `0` | Use a server with the `lower_case_table_names` of the former one, or rename the table first."
)

func refusedCases() map[string]refusedCase {
	values := make([]string, 20)
	for i := range values {
		values[i] = fmt.Sprintf("c%d = REPEAT('a', 190)", i)
	}
	wide := "CREATE TABLE t (k VARCHAR(9), id INT, " + columns(40, "VARCHAR(190) NOT NULL DEFAULT ''") + ", PRIMARY KEY (k, id)) CHARACTER SET latin1"
	comment := strings.Repeat("y", 1024)
	return map[string]refusedCase{
		"a row": {
			statements: []string{wide, "INSERT INTO t (k, id) VALUES ('a', 1), ('b', 2), ('it''s', 3), ('d', 4), ('e', 5)", "UPDATE t SET " + strings.Join(values, ", ") + " WHERE id = 3"}, server: "small pages",
			mysql: "load the row with `k` = … AND `id` = 3 (row 5 of file `10_0001_t.000.001.sql.zst`) of `t`: " + wideRow + pageSize,
		},
		"a row without a key": {
			statements: []string{strings.ReplaceAll(wide, ", PRIMARY KEY (k, id)", ""), "INSERT INTO t (k, id) VALUES ('a', 1), ('b', 2)", "UPDATE t SET " + strings.Join(values, ", ") + " WHERE id = 2"}, server: "small pages",
			mysql: "load row 2 of file `10_0001_t.000.001.sql.zst` of `t`: " + wideRow + pageSize,
		},
		"a key": {
			statements: []string{"CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(768), KEY k (v)) CHARACTER SET utf8mb4"}, server: "small pages",
			mysql:   "create the table `t`: error 1071: Specified key was too long; max key length is 768 bytes; " + pageSize,
			mariadb: "create the table `t`: error 1071: Specified key was too long; max key length is 1173 bytes; " + pageSize,
		},
		"a statement": {
			statements: []string{"CREATE TABLE t (id INT PRIMARY KEY, " + columns(1000, "INT COMMENT '"+comment+"'") + ")"}, server: "small pages", only: mysql.MySQL,
			mysql: "create the table `t`: its statement has 1062017 bytes; `max_allowed_packet` of the server is `1048576`, and was `67108864` | Raise `max_allowed_packet` on the server.",
		},
		"a long routine": {
			statements: []string{"CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN LENGTH('" + strings.Repeat("z", 1<<20) + "')"}, server: "small pages", only: mysql.MySQL,
			mysql: "create the function `f`: its statement has 1048674 bytes; `max_allowed_packet` of the server is `1048576`, and was `67108864` | Raise `max_allowed_packet` on the server.",
		},
		"a value": {
			statements: []string{"CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)", "INSERT INTO t VALUES (1, 'a'), (2, REPEAT('a', 2000000))"}, server: "small pages",
			mysql: "column `v` of table `t` holds 2000000 bytes in the row with `id` = 2, and `max_allowed_packet` of the server is 1048576 | Set `max_allowed_packet` of the server to 2000000 at least.",
		},
		"a name": {statements: []string{"CREATE TABLE Users (id INT PRIMARY KEY)"}, server: "folded names", mysql: "create the table `Users`" + folded},
		"a view": {statements: []string{"CREATE VIEW Users AS SELECT 1 AS id"}, server: "folded names", mysql: "create the view `Users`" + folded},
		"a table": {
			statements: []string{"CREATE TABLE t (id INT PRIMARY KEY) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8"}, server: "one file", only: mysql.MySQL,
			mysql: "create the table `t`: error 1031: Table storage engine for 't' doesn't have this option; `innodb_file_per_table` of the server is `OFF`, and was `ON` | Set `innodb_file_per_table = ON` on the server.",
		},
		"an engine": {
			statements: []string{"CREATE TABLE t (id INT PRIMARY KEY) ENGINE=MyISAM"}, server: "no engines",
			mysql:   "create the table `t`: error 3161: Storage engine MyISAM is disabled (Table creation is disallowed); `disabled_storage_engines` of the server is `MyISAM`, and was empty | Take the engine out of `disabled_storage_engines` on the server.",
			mariadb: "create the table `t`: error 1290: The MariaDB server is running with the NO_ENGINE_SUBSTITUTION option so it cannot execute this statement; `enforce_storage_engine` of the server is `InnoDB`, and was empty | Empty `enforce_storage_engine` on the server.",
		},
	}
}

// TestLoad_refused says on which object and which row a load came to nothing, which
// setting of the server is behind it, and what to do.
func TestLoad_refused(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		source := checkpointtest.Open(t, s, 2)
		product := checkpointtest.InfoOf(t, source).Product
		for server, flags := range refusing {
			if server == "no engines" {
				flags = []string{"--disabled-storage-engines=MyISAM"}
				if product == mysql.MariaDB {
					flags = []string{"--enforce-storage-engine=InnoDB"}
				}
			}
			target := mysqltest.Private(t, s.Kind, mysqltest.Args(flags...))
			pool := checkpointtest.Open(t, target.Server, 2)
			n := 0
			for name, c := range refusedCases() {
				if c.server != server || c.only != "" && c.only != product {
					continue
				}
				n++
				from := checkpointtest.CreateDatabase(t, s, fmt.Sprint(server[:3], n))
				into := checkpointtest.CreateDatabase(t, target.Server, fmt.Sprint("into", n))
				checkpointtest.SetUp(t, source, from, c.statements...)
				m := checkpointtest.Take(t, source, checkpoint.Request{Database: from, Name: "refused"})
				_, err := checkpoint.Load(t.Context(), pool, checkpoint.LoadRequest{Directory: m.Directory(), Database: into})
				want := c.mysql
				if product == mysql.MariaDB && c.mariadb != "" {
					want = c.mariadb
				}
				if diff := cmp.Diff(want, fmt.Sprint(err, " | ", checkpoint.Advice(err))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		}
	})
}

// TestLoad_refusedAccount: an account that may not set what its sessions need is
// told which setting keeps it from loading.
func TestLoad_refusedAccount(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		p := mysqltest.Private(t, s.Kind, mysqltest.Args("--log-bin=log", "--server-id=1"))
		all := checkpointtest.Open(t, p.Server, 2)
		info := checkpointtest.InfoOf(t, all)
		cases := map[string]struct {
			only       mysql.Product
			statements []string
			want       string
		}{
			"strict": {mysql.MySQL, former(info.Product)["wide"], "create the table `t`: error 1118: Row size too large (> 8126). Changing some columns to TEXT or BLOB or using ROW_FORMAT=DYNAMIC or ROW_FORMAT=COMPRESSED may help. " +
				"In current row format, BLOB prefix of 768 bytes is stored inline; `innodb_strict_mode` of the server is `ON` | Set `innodb_strict_mode = OFF` on the server, or let the account set it for its sessions (MySQL: `SESSION_VARIABLES_ADMIN`)."},
			"key": {mysql.MySQL, []string{"CREATE TABLE t (id INT)", "SET GLOBAL sql_require_primary_key = ON"}, "create the table `t`: error 3750: Unable to create or change a table without a primary key, when the system variable 'sql_require_primary_key' is set. " +
				"Add a primary key to the table or unset this variable to avoid this message. Note that tables without a primary key can cause performance problems in row-based replication, so please consult your DBA before changing this setting; " +
				"`sql_require_primary_key` of the server is `ON` | Set `sql_require_primary_key = OFF` on the server, or let the account set it for its sessions (`SESSION_VARIABLES_ADMIN`)."},
			"function": {"", []string{"SET GLOBAL log_bin_trust_function_creators = ON", "CREATE DEFINER = few@`%` FUNCTION f() RETURNS INT RETURN RAND()"},
				"create the function `f`: error 1418: This function has none of DETERMINISTIC, NO SQL, or READS SQL DATA in its declaration and binary logging is enabled (you *might* want to use the less safe log_bin_trust_function_creators variable); " +
					"`log_bin_trust_function_creators` of the server is `OFF`, and was `ON` | Set `log_bin_trust_function_creators = ON` on the server."},
		}
		p.Exec(t, "CREATE USER few@'%' IDENTIFIED BY 'Few-1-few'", "GRANT ALL ON `"+p.Prefix+"into`.* TO few@'%'")
		few, err := mysql.Open(mysql.Config{Endpoint: p.Endpoint(), Username: "few", Password: "Few-1-few", MaxConnections: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = few.Close() }()
		for name, c := range cases {
			if c.only != "" && c.only != info.Product {
				continue
			}
			from, into := checkpointtest.CreateDatabase(t, p.Server, "from"), checkpointtest.CreateDatabase(t, p.Server, "into")
			checkpointtest.SetUp(t, all, from, c.statements...)
			m := checkpointtest.Take(t, all, checkpoint.Request{Database: from, Name: "refused"})
			p.Exec(t, "SET GLOBAL log_bin_trust_function_creators = OFF")
			_, err := checkpoint.Load(t.Context(), few, checkpoint.LoadRequest{Directory: m.Directory(), Database: into})
			if diff := cmp.Diff(c.want, fmt.Sprint(err, " | ", checkpoint.Advice(err))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			var refused *checkpoint.RefusedError
			if !errors.As(err, &refused) {
				t.Errorf("%s: %T", name, err)
			}
			p.Exec(t, "DROP DATABASE `"+from+"`", "DROP DATABASE `"+into+"`")
		}
	})
}
