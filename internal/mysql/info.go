package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
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

	// shape holds the other settings that change what SHOW CREATE prints.
	shape string
}

// infoColumns are read in one SELECT on either product. Comments with a version
// are executed by MySQL from that version on and skipped by MariaDB (its
// versions of 5.7 and above), those with M the other way round.
const infoColumns = "SELECT VERSION(), CURRENT_USER(), @@hostname, @@read_only, @@lower_case_table_names," +
	" @@event_scheduler, @@log_bin, @@log_bin_trust_function_creators, @@default_storage_engine" +
	" /*!80000 , @@server_uuid, @@super_read_only, @@partial_revokes, @@sql_require_primary_key" +
	", CONCAT_WS(',', @@explicit_defaults_for_timestamp, @@innodb_default_row_format, @@default_collation_for_utf8mb4" +
	", @@innodb_strict_mode, @@show_create_table_verbosity, @@default_table_encryption) */" +
	" /*M!100500 , '', 0, 0, 0, CONCAT_WS(',', @@explicit_defaults_for_timestamp, @@innodb_default_row_format" +
	", @@innodb_strict_mode, @@old_mode) */" +
	" /*!80030 , @@sql_generate_invisible_primary_key */"

// Info asks the server for what it is, once; later calls return the same.
func (s *Server) Info(ctx context.Context) (Info, error) { return s.infoOn(ctx, s) }

// Info asks as Server.Info does, but on this session.
func (x *Session) Info(ctx context.Context) (Info, error) { return x.server.infoOn(ctx, x) }

// infoOn asks on the connection at hand: whoever holds a session must not use
// the pool.
func (s *Server) infoOn(ctx context.Context, q Queryer) (Info, error) {
	s.mu.Lock()
	known := s.info
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	info, err := readInfo(ctx, q)
	if err != nil {
		return Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = &info
	return info, nil
}

func readInfo(ctx context.Context, q Queryer) (Info, error) {
	rows, err := q.Query(ctx, infoColumns)
	if err != nil {
		return Info{}, describing(err, "ask the server for its version")
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return Info{}, fmt.Errorf("ask the server for its version: %w", err)
	}
	values := make([]sql.NullString, max(len(columns), 15))
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	if rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return Info{}, fmt.Errorf("ask the server for its version: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return Info{}, fmt.Errorf("ask the server for its version: %w", err)
	}
	return newInfo(values), nil
}

// describing says what was attempted, but for a failed connect, whose one
// sentence is complete.
func describing(err error, what string) error {
	if _, ok := err.(*ConnectError); ok { //nolint:errorlint // only when it is the whole error
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

func newInfo(v []sql.NullString) Info {
	on := func(i int) bool { return isOn(v[i].String) }
	info := Info{
		Product: MySQL, Version: v[0].String, Account: v[1].String, Host: v[2].String,
		ReadOnly:              on(3) || on(10),
		EventScheduler:        on(5),
		BinaryLog:             on(6),
		TrustFunctionCreators: on(7),
		DefaultEngine:         v[8].String,
		UUID:                  v[9].String,
		PartialRevokes:        on(11),
		RequirePrimaryKey:     on(12),
		shape:                 v[13].String,
		InvisiblePrimaryKey:   on(14),
	}
	if strings.Contains(strings.ToLower(info.Version), "mariadb") {
		info.Product = MariaDB
	}
	_, _ = fmt.Sscan(v[4].String, &info.LowerCaseTableNames)
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
// statement: product, version, account (the definer of what it creates) and
// settings. ASCII, at most 190 characters.
func (i Info) RenderKey() string {
	settings := fmt.Sprint(i.Account, "\x00", i.LowerCaseTableNames, i.InvisiblePrimaryKey, i.DefaultEngine, "\x00", i.shape)
	sum := sha256.Sum256([]byte(i.Version + "\x00" + settings))
	version := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '_'
	}, i.Version)
	return fmt.Sprintf("%s %.100s %s", strings.ToLower(string(i.Product)), version, hex.EncodeToString(sum[:12]))
}
