package source_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// What nobody but its owner may ever see: of a neighbor, of a file of the server.
const (
	secretOfNeighbor = "TOP SECRET 8151623"
	secretOfFile     = "FILE SECRET 4815"
)

// world is a private server with a tenant `sec_a`, its neighbors, a landlord
// database, and everything that a text could harm.
type world struct {
	*mysqltest.Server
	accounts *account.Accounts
	x        *mysql.Session // of the provider's account
	files    string         // the folder in which texts of the corpus would write
	app      *sql.DB        // of an account of the tenant, which does what a text waits for
	clean    map[string]string
	late     bool    // a statement was ended by its deadline
	failed   []error // of statements, since a text began
	known    bool    // the account of the last run has another password than it was given, or other rights
}

// ownTables and othersTables make what a text may have changed as it was.
var ownTables = []string{
	"DROP DATABASE IF EXISTS sec_a", "CREATE DATABASE sec_a",
	"CREATE TABLE sec_a.core_users (id INT PRIMARY KEY, email VARCHAR(80), balance INT DEFAULT 7)", "INSERT INTO sec_a.core_users VALUES (1, 'a@x', 7), (2, 'b@x', 7)",
	"CREATE TABLE sec_a.core_orders (id INT PRIMARY KEY, user_id INT)", "INSERT INTO sec_a.core_orders VALUES (1, 1)",
	"CREATE VIEW sec_a.v_users AS SELECT id, email FROM sec_a.core_users",
	"CREATE TABLE sec_a.ext_notes (id INT AUTO_INCREMENT PRIMARY KEY, body TEXT)", "INSERT INTO sec_a.ext_notes (body) VALUES ('mine')",
	"CREATE TABLE sec_a.ext_m (id INT PRIMARY KEY, n INT)", "CREATE TABLE sec_a.ext_part (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10))",
	"CREATE TRIGGER sec_a.trg_notes BEFORE INSERT ON sec_a.ext_notes FOR EACH ROW SET NEW.body = TRIM(NEW.body)",
	"CREATE TABLE sec_a.notes (id INT PRIMARY KEY, body TEXT)", "CREATE TABLE sec_a.tags (id INT, name VARCHAR(40))", "CREATE TABLE sec_a.users (id INT PRIMARY KEY, email VARCHAR(40))",
}

var othersTables = []string{
	"DROP DATABASE IF EXISTS sec_b", "DROP DATABASE IF EXISTS landlord", "DROP DATABASE IF EXISTS billing",
	"CREATE DATABASE sec_b", "CREATE DATABASE landlord", "CREATE DATABASE billing",
	"CREATE TABLE sec_b.secrets (id INT, v VARCHAR(80)) COMMENT = '" + secretOfNeighbor + "'", "INSERT INTO sec_b.secrets VALUES (1, '" + secretOfNeighbor + "')",
	"CREATE TABLE sec_b.canary (id INT, n INT)", "INSERT INTO sec_b.canary VALUES (1, 1)", "CREATE TABLE sec_b.users (id INT PRIMARY KEY)",
	"CREATE TABLE sec_b.mtab (id INT NOT NULL, v VARCHAR(80), KEY (id)) ENGINE=MyISAM", "INSERT INTO sec_b.mtab VALUES (1, '" + secretOfNeighbor + "')",
	"CREATE PROCEDURE sec_b.pb() UPDATE sec_b.canary SET n = 666", "CREATE FUNCTION sec_b.f(n INT) RETURNS VARCHAR(80) DETERMINISTIC RETURN '" + secretOfNeighbor + "'",
	"CREATE TABLE landlord.tenants (id INT, slug VARCHAR(40), name VARCHAR(80))", "INSERT INTO landlord.tenants VALUES (1, 'b', '" + secretOfNeighbor + "')",
	"CREATE TABLE billing.invoices (id INT, v VARCHAR(80))", "INSERT INTO billing.invoices VALUES (1, '" + secretOfNeighbor + "')",
}

func newWorld(t *testing.T, kind instance.Kind) *world {
	t.Helper()
	s := mysqltest.Private(t, kind, mysqltest.Args("--log-bin=binlog", "--server-id=7", "--log-bin-trust-function-creators=1", "--secure-file-priv=", "--local-infile=1", "--event-scheduler=OFF",
		"--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-doublewrite=0")).Server
	// The deadline is that of the provider's statements, shorter than its default.
	cfg := landlord.Config{Main: mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, StatementTimeout: deadline}, Database: "landlord", Prefix: "sec_"}.WithDefaults()
	servers, err := registry.Open(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	w := &world{Server: s, accounts: account.New(servers.Config), files: t.TempDir()}
	for name, text := range map[string]string{"secret.txt": secretOfFile, "rows.txt": secretOfFile + "\n"} {
		if err := os.WriteFile(filepath.Join(w.files, name), []byte(text), 0o644); err != nil { //nolint:gosec // the server has to be able to read it
			t.Fatal(err)
		}
	}
	if w.x, err = servers.Main().Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.x.Close)
	s.Exec(t, "CREATE USER sec_app IDENTIFIED BY 'nothing secret'", "GRANT ALL ON `sec\\_a`.* TO sec_app")
	w.app = s.Open(t, "sec_app", "nothing secret", "sec_a")
	w.app.SetMaxIdleConns(0)
	s.Exec(t, ownTables...)
	s.Exec(t, othersTables...)
	w.clean = w.look(t)
	return w
}

// look describes what a text may harm, by the class of harm. The tenant's own
// tables are not in it.
func (w *world) look(t *testing.T) map[string]string {
	t.Helper()
	read := func(parts ...string) string {
		return fmt.Sprint(w.QueryRows(t, strings.Join(parts, " UNION ALL ")+" ORDER BY 1"))
	}
	others := "('sec_b', 'landlord', 'billing')"
	text := func(values, from string) string {
		return "SELECT CAST(CONCAT_WS(' ', " + values + ") AS CHAR CHARACTER SET utf8mb4) AS x FROM " + from
	}
	out := map[string]string{
		"neighbor": read(text("TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE", "information_schema.COLUMNS WHERE TABLE_SCHEMA IN "+others),
			text("ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION", "information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN "+others),
			text("TRIGGER_SCHEMA, TRIGGER_NAME", "information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN "+others),
			text("EVENT_SCHEMA, EVENT_NAME", "information_schema.EVENTS WHERE EVENT_SCHEMA IN "+others),
			text("SCHEMA_NAME, DEFAULT_COLLATION_NAME", "information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('sec_a')")),
		"own core": read(text("TABLE_NAME, COLUMN_NAME, COLUMN_TYPE", "information_schema.COLUMNS WHERE TABLE_SCHEMA = 'sec_a' AND TABLE_NAME IN ('core_users', 'core_orders', 'v_users')"),
			text("TRIGGER_NAME", "information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = 'sec_a' AND EVENT_OBJECT_TABLE LIKE 'core%'")),
		"account": read(text("User, Host", "mysql.user WHERE User NOT LIKE 'landlord\\_run\\_%'"),
			text("Host, Db, User, Select_priv, Insert_priv, Drop_priv", "mysql.db WHERE User NOT LIKE 'landlord\\_run\\_%'"),
			text("Db, User, Table_name, Table_priv", "mysql.tables_priv WHERE User NOT LIKE 'landlord\\_run\\_%'")),
		"server": read("SELECT CONCAT_WS(' ', @@global.read_only, @@global.event_scheduler, @@global.max_connections, @@global.sql_mode, @@global.autocommit, @@global.character_set_server) AS x",
			text("COUNT(*)", "mysql.servers"), text("COUNT(*)", "mysql.func"), text("COUNT(*)", "information_schema.PLUGINS")) + w.firstLog(t),
		"file": strings.Join(w.made(t), " "),
		"lock": fmt.Sprint(w.QueryRows(t, "XA RECOVER")),
	}
	rows := func(class string, tables ...string) {
		for _, table := range tables {
			if r, err := w.DB().QueryContext(t.Context(), "SELECT * FROM "+table); err == nil {
				out[class] += table + rowsText(r)
			}
		}
	}
	rows("neighbor", "sec_b.secrets", "sec_b.canary", "sec_b.mtab", "landlord.tenants", "billing.invoices")
	rows("own core", "sec_a.core_users", "sec_a.core_orders")
	return out
}

// firstLog names the oldest binary log, which goes when logs are purged or reset.
func (w *world) firstLog(t *testing.T) string {
	t.Helper()
	rows := w.QueryRows(t, "SHOW BINARY LOGS")
	if len(rows) == 0 {
		return ""
	}
	return rows[0][0]
}

// made returns what there is in the folder of files beside what a test has put
// there.
func (w *world) made(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(w.files)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "secret.txt" && e.Name() != "rows.txt" {
			names = append(names, e.Name())
		}
	}
	return names
}

// harm returns the classes of harm that there are, and makes everything as it
// was. seen is what came back from the server.
func (w *world) harm(t *testing.T, seen string) []string {
	t.Helper()
	var classes []string
	for _, row := range w.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'sec_a' AND TABLE_TYPE = 'BASE TABLE' AND (ENGINE IS NULL OR ENGINE NOT LIKE 'MRG%')") {
		if rows, err := w.DB().QueryContext(t.Context(), "SELECT * FROM sec_a."+mysqltest.QuoteName(row[0])+" LIMIT 50"); err == nil {
			seen += rowsText(rows)
		}
	}
	if strings.Contains(seen, secretOfNeighbor) {
		classes = append(classes, "neighbor read")
	}
	if strings.Contains(seen, secretOfFile) {
		classes = append(classes, "file read")
	}
	now := w.look(t)
	for class, text := range now {
		if text != w.clean[class] {
			classes = append(classes, class)
		}
	}
	if w.known {
		classes, w.known = append(classes, "run account"), false
	}
	slices.Sort(classes)
	for _, row := range w.QueryRows(t, "XA RECOVER") { // format, lengths, data
		w.Exec(t, "XA ROLLBACK '"+row[3]+"'")
	}
	if slices.Contains(classes, "account") || slices.Contains(classes, "server") {
		t.Fatalf("the server itself has changed: %s\nbefore %s\nafter %s", classes, w.clean, now)
	}
	for _, name := range w.made(t) {
		_ = os.RemoveAll(filepath.Join(w.files, name))
	}
	w.Exec(t, ownTables...)
	if slices.Contains(classes, "neighbor") {
		w.Exec(t, othersTables...)
	}
	return classes
}

func rowsText(rows *sql.Rows) string {
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return ""
	}
	var b strings.Builder
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() && rows.Scan(into...) == nil {
		for _, v := range values {
			b.Write(v)
			b.WriteByte('\t')
		}
	}
	return b.String()
}

// foreignPath matches the files that texts of the corpora name.
var foreignPath = regexp.MustCompile(`/(tmp|srv|etc)/[A-Za-z0-9_./]*`)

// here puts the files that a text names into the folder of the test.
func (w *world) here(text string) string {
	return foreignPath.ReplaceAllStringFunc(text, func(path string) string {
		switch {
		case strings.Contains(path, "secret.txt"), strings.HasPrefix(path, "/etc/"):
			return filepath.Join(w.files, "secret.txt")
		}
		return filepath.Join(w.files, "made_"+filepath.Base(path))
	})
}

// deadline ends a statement of a text, as Config.StatementTimeout does; oneTry one
// of the tenant's own account.
const (
	deadline = 2 * time.Second
	oneTry   = 500 * time.Millisecond
)

// send runs statements on a connection, one by one, whatever comes of them, up to
// one that its deadline ends, and returns what came back.
func (w *world) send(ctx context.Context, x *mysql.Session, q mysql.Queryer, statements []string) string {
	var b strings.Builder
	for _, sql := range statements {
		rows, err := q.Query(ctx, sql)
		if err == nil {
			var text string
			text, err = scanned(rows)
			b.WriteString(text)
		}
		if errors.As(err, new(*mysql.StatementTimeoutError)) {
			w.late = true
		}
		if err != nil {
			w.failed = append(w.failed, fmt.Errorf("%w: %.100s", err, sql))
		}
		if x.Poisoned() {
			break
		}
	}
	return b.String()
}

func scanned(rows *mysql.Rows) (string, error) {
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() && rows.Scan(into...) == nil {
		for _, v := range values {
			b.Write(v)
			b.WriteByte('\t')
		}
	}
	return b.String(), rows.Err()
}

// asAccount runs statements as an account for one run, with the rights of their
// layer, and then what the tenant's own account does.
func (w *world) asAccount(t *testing.T, layer source.Layer, statements, then []string) string {
	t.Helper()
	r, err := w.accounts.Open(t.Context(), account.Purpose{On: w.x, Database: "sec_a", Grants: grantsOf(layer, statements)})
	if err != nil {
		t.Fatal(err)
	}
	credentials := func() string {
		return fmt.Sprint(w.QueryRows(t, "SELECT Host, User, plugin, authentication_string, Select_priv, Create_user_priv FROM mysql.user WHERE User = ?", r.Account.User))
	}
	before := credentials()
	seen := w.send(t.Context(), r.Session, account.Texts(r.Session), statements) + w.afterwards(t, statements, then)
	w.known = credentials() != before
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return seen
}

// ownName matches what is a tenant's own among the words of a text.
var ownName = regexp.MustCompile(`(?i)\b(ext_\w+|notes|tags|users)\b`)

// grantsOf are the rights of a run: on the tables of a customization, on the whole
// database for what a template brings, on what is read for a condition.
func grantsOf(layer source.Layer, statements []string) []account.Grant {
	switch layer {
	case layerWhere:
		return []account.Grant{{Database: "sec_a", Privileges: "SELECT"}}
	case source.LayerCustomization:
	default:
		return []account.Grant{{Database: "sec_a", Privileges: account.OnDatabase + ", CREATE ROUTINE, ALTER ROUTINE, EVENT"}}
	}
	grants := []account.Grant{
		{Database: "sec_a", Privileges: "CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, CREATE TEMPORARY TABLES"},
		{Database: "sec_a", Table: "core_users", Privileges: "SELECT, REFERENCES"},
		{Database: "sec_a", Table: "core_orders", Privileges: "SELECT, REFERENCES"},
		{Database: "sec_a", Table: "v_users", Privileges: "SELECT"},
	}
	seen := map[string]bool{}
	const most = 20
	for _, name := range ownName.FindAllString(strings.Join(statements, " "), most) {
		if !seen[name] {
			seen[name] = true
			grants = append(grants, account.Grant{Database: "sec_a", Table: name, Privileges: account.OnTable + ", TRIGGER"})
		}
	}
	return grants
}

// asAdministrator runs statements as whoever may do everything.
func (w *world) asAdministrator(t *testing.T, statements, then []string) string {
	t.Helper()
	x, err := w.x.Server().LogIn(t.Context(), w.Username, w.Password, "sec_a")
	if err != nil {
		t.Fatal(err)
	}
	seen := w.send(t.Context(), x, x, statements)
	x.Discard()
	w.end(t, x.ID())
	return seen + w.afterwards(t, statements, then)
}

// end ends a connection, and returns when the server has ended what it did.
func (w *world) end(t *testing.T, id uint64) {
	t.Helper()
	const patience = 60 * time.Second
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		_, _ = w.DB().ExecContext(t.Context(), fmt.Sprintf("KILL %d", id)) // an error when it is gone
		if left := w.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ?", id); len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("connection %d is still there %v after it was killed", id, patience)
		}
	}
}

// makes matches what leaves something that somebody could use.
var makes = regexp.MustCompile(`(?i)\b(create|alter|rename)\b`)

// afterwards does what a text waits for: somebody uses what it has made.
func (w *world) afterwards(t *testing.T, statements, then []string) string {
	t.Helper()
	if !makes.MatchString(strings.Join(statements, " ")) && len(then) == 0 {
		return ""
	}
	uses := slices.Concat(then, []string{
		"SELECT * FROM ext_v", "SELECT ext_f()", "SELECT ext_f(1)", "CALL ext_p()", "CALL p()", "CALL f()", "CALL ext_p('sec_b.canary')", "INSERT INTO ext_notes (body) VALUES ('x')", "INSERT INTO ext_m VALUES (4, 4)",
		"INSERT INTO notes VALUES (9, 'x')", "INSERT INTO users VALUES (9, 'x')", "SELECT * FROM ext_t", "SELECT * FROM t", "SELECT * FROM v", "SELECT f()", "SELECT * FROM ext_mrg", "UPDATE core_users SET email = email WHERE id = 1",
	})
	var b strings.Builder
	for _, sql := range uses {
		ctx, cancel := context.WithTimeout(t.Context(), oneTry)
		if rows, err := w.app.QueryContext(ctx, sql); err == nil {
			b.WriteString(rowsText(rows))
		}
		late := ctx.Err() != nil
		if cancel(); late { // the server goes on with what was given up
			w.late = true
			// In a program the list tells its definer, not who is connected.
			for _, row := range w.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND = 'Query' AND ID <> CONNECTION_ID()") {
				id, err := strconv.ParseUint(row[0], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				w.end(t, id)
			}
		}
	}
	return b.String()
}
