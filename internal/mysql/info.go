package mysql

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Product is the make of a server.
type Product string

// The products.
const (
	MySQL   Product = "MySQL"
	MariaDB Product = "MariaDB"
)

// Info is what does not change while a server runs, or only by an
// administrator's hand.
type Info struct {
	Product Product
	Version string // in full: 9.7.4, 10.11.19-MariaDB-log
	UUID    string // server_uuid or server_uid; empty when the server has none
	Account string // CURRENT_USER(): the account that the privileges come from
	Host    string // the name that the server has for itself

	ReadOnly              bool // read_only or super_read_only
	LowerCaseTableNames   int
	PartialRevokes        bool // MySQL
	InvisiblePrimaryKey   bool // MySQL: sql_generate_invisible_primary_key
	EventScheduler        bool
	BinaryLog             bool
	TrustFunctionCreators bool // log_bin_trust_function_creators
	RequirePrimaryKey     bool // MySQL: sql_require_primary_key
	DefaultEngine         string
	Group                 string // kind of the group of servers that it is a member of; empty for none
	MultiPrimary          bool   // the group lets every member write, and checks that it can

	// Definer is the account that stands for whoever is the definer of a view,
	// routine, trigger or event: Describe tells it in the place of the real one,
	// and dumps leave the definer out. Empty: each is told as it is.
	Definer string

	// shape holds the other settings that change what SHOW CREATE prints.
	shape string
}

// infoQuery reads it in one statement on either product. MySQL executes a
// comment with a version from that version on, and MariaDB skips those of 5.7
// and above; comments with an M are MariaDB's alone.
const infoQuery = "SELECT VERSION() AS version, CURRENT_USER() AS account, @@hostname AS host" +
	", @@read_only AS read_only, @@lower_case_table_names AS lower_case, @@event_scheduler AS events" +
	", @@log_bin AS log_bin, @@log_bin_trust_function_creators AS trust, @@default_storage_engine AS engine" +
	", @@explicit_defaults_for_timestamp AS shape_timestamp, @@innodb_default_row_format AS shape_row_format" +
	", @@innodb_strict_mode AS shape_strict" +
	" /*!80000 , @@server_uuid AS uuid, @@super_read_only AS super_read_only, @@partial_revokes AS partial_revokes" +
	", @@sql_require_primary_key AS require_key, @@default_collation_for_utf8mb4 AS shape_collation" +
	", (SELECT MAX(VARIABLE_VALUE) FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'group_replication_group_name') AS group_name" +
	", (SELECT MAX(VARIABLE_VALUE) FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'group_replication_enforce_update_everywhere_checks') AS multi" +
	", @@show_create_table_verbosity AS shape_verbosity, @@default_table_encryption AS shape_encryption */" +
	" /*!80030 , @@sql_generate_invisible_primary_key AS invisible_key */" +
	" /*M!100600 , (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = 'WSREP_ON') AS wsrep */" +
	" /*M!100600 , @@old_mode AS shape_old_mode */" +
	" /*M!101109 , @@server_uid AS uuid */" +
	" /*M!110201 , @@character_set_collations AS shape_collation */"

// Within returns a SELECT that the server ends after a time in whole seconds or more,
// with an error that IsInterrupted knows.
func (i Info) Within(limit time.Duration, query string) string {
	if i.Product != MySQL {
		return fmt.Sprintf("SET STATEMENT max_statement_time=%d FOR %s", int(limit.Seconds()), query)
	}
	return strings.Replace(query, "SELECT ", fmt.Sprintf("SELECT /*+ MAX_EXECUTION_TIME(%d) */ ", limit.Milliseconds()), 1)
}

// Info asks the server for what it is, once; later calls return the same, unless
// a connection was lost meanwhile: another server may answer since then.
func (s *Server) Info(ctx context.Context) (Info, error) { return s.infoOn(ctx, s) }

// Info asks as Server.Info does, but on this session.
func (x *Session) Info(ctx context.Context) (Info, error) { return x.server.infoOn(ctx, x) }

// infoOn asks on the connection at hand: whoever holds a session must not use
// the pool.
func (s *Server) infoOn(ctx context.Context, q Queryer) (Info, error) {
	s.mu.Lock()
	known, stale := s.info, s.stale
	s.mu.Unlock()
	if known != nil && !stale {
		return *known, nil
	}
	info, err := ReadInfo(ctx, q)
	if err == nil && s.cfg.Complete != nil {
		err = s.cfg.Complete(ctx, q, &info)
	}
	if err != nil {
		return Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info, s.stale = &info, false
	return info, nil
}

// ReadOnly asks the server whether it is read-only now, which may change while
// a run goes on. MySQL's super_read_only switches read_only on.
func (x *Session) ReadOnly(ctx context.Context) (bool, error) {
	ctx = Impatient(ctx)
	var value string
	if err := x.Row(ctx, "SELECT @@global.read_only").Scan(&value); err != nil {
		return false, fmt.Errorf("ask whether the server is read-only: %w", err)
	}
	return x.said(value)
}

// said takes note of what the server has said about being read-only.
func (x *Session) said(value string) (readOnly bool, err error) {
	if isOn(value) {
		x.writable = time.Time{}
		return x.readOnly(true)
	}
	x.writable = time.Now()
	return false, nil
}

// WritableSince says whether the server has said on this session, in the time
// that has passed last, that it takes writes.
func (x *Session) WritableSince(last time.Duration) bool {
	return !x.writable.IsZero() && time.Since(x.writable) < last
}

// ReadInfo asks the server anew: whether it takes writes and which server it is
// may change while a run goes on, when a replica takes over.
func ReadInfo(ctx context.Context, q Queryer) (Info, error) {
	ctx = Impatient(ctx)
	const asking = "ask the server for its version and settings"
	rows, err := q.Query(ctx, infoQuery)
	if err != nil {
		return Info{}, Attempted(err, asking)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return Info{}, fmt.Errorf("%s: %w", asking, err)
	}
	values := make([]sql.NullString, len(columns))
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	if rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return Info{}, fmt.Errorf("%s: %w", asking, err)
		}
	}
	if err := rows.End(); err != nil {
		return Info{}, fmt.Errorf("%s: %w", asking, err)
	}
	named := make(map[string]string, len(columns))
	for i, c := range columns {
		named[c] = values[i].String
	}
	return newInfo(named), nil
}

// Attempted says what was attempted, but for a failed connect, whose one
// sentence is complete.
func Attempted(err error, what string) error {
	if _, ok := err.(*ConnectError); ok { //nolint:errorlint // only when it is the whole error
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

func newInfo(v map[string]string) Info {
	info := Info{
		Product: MySQL, Version: v["version"], UUID: v["uuid"], Account: v["account"], Host: v["host"],
		ReadOnly:              isOn(v["read_only"]) || isOn(v["super_read_only"]),
		PartialRevokes:        isOn(v["partial_revokes"]),
		InvisiblePrimaryKey:   isOn(v["invisible_key"]),
		EventScheduler:        isOn(v["events"]),
		BinaryLog:             isOn(v["log_bin"]),
		TrustFunctionCreators: isOn(v["trust"]),
		RequirePrimaryKey:     isOn(v["require_key"]),
		DefaultEngine:         v["engine"],
		MultiPrimary:          isOn(v["multi"]),
	}
	switch {
	case v["group_name"] != "":
		info.Group = "Group Replication"
	case isOn(v["wsrep"]):
		info.Group = "Galera"
	}
	if strings.Contains(strings.ToLower(info.Version), "mariadb") {
		info.Product = MariaDB
	}
	info.LowerCaseTableNames, _ = strconv.Atoi(v["lower_case"]) // always a number
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if strings.HasPrefix(name, "shape_") {
			info.shape += name + "=" + v[name] + "\n"
		}
	}
	return info
}

func isOn(value string) bool {
	switch strings.ToUpper(value) {
	case "1", "ON", "TRUE":
		return true
	}
	return false
}

// RenderKey names everything that shapes what the server prints for a given
// statement: product, version, the account that is told as the definer of what
// is created, and settings. ASCII, at most 190 characters.
func (i Info) RenderKey() string {
	settings := fmt.Sprint(cmp.Or(i.Definer, i.Account), "\x00", i.LowerCaseTableNames, i.InvisiblePrimaryKey, i.DefaultEngine, "\x00", i.shape)
	sum := sha256.Sum256([]byte(i.Version + "\x00" + settings))
	version := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '_'
	}, i.Version)
	return fmt.Sprintf("%s %.100s %s", strings.ToLower(string(i.Product)), version, hex.EncodeToString(sum[:12]))
}

// AtLeast says whether the server has this version of its product or a later
// one.
func (i Info) AtLeast(major, minor int) bool {
	var is [2]int
	_, _ = fmt.Sscanf(i.Version, "%d.%d", &is[0], &is[1]) // what is no version is older than every other
	return is[0] > major || is[0] == major && is[1] >= minor
}

// IsNewerThan says whether the server is of a later version than another one of its
// product, patches aside.
func (i Info) IsNewerThan(other Info) bool {
	var major, minor int
	_, _ = fmt.Sscanf(other.Version, "%d.%d", &major, &minor)
	return i.AtLeast(major, minor+1)
}

// SetsDefiner returns the privilege that it takes to make a program that runs
// with the rights of another account.
func (i Info) SetsDefiner() string {
	switch {
	case i.Product == MariaDB:
		return "SET USER"
	case i.AtLeast(8, 2):
		return "SET_ANY_DEFINER"
	}
	return "SET_USER_ID"
}

// SameDatabase says whether two names are the same database to the server, which may
// not tell upper from lower case (lower_case_table_names).
func (i Info) SameDatabase(a, b string) bool {
	return a == b || i.LowerCaseTableNames != 0 && strings.EqualFold(a, b)
}
