package replay

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A collationName is what a collation's id stands for.
type collationName struct{ collation, characterSet string }

// sessionDefaults are settings that need a privilege to be changed. They are
// left alone as long as they are what the log wants.
type sessionDefaults struct {
	explicitTimestamps bool
	utf8mb4            string // MySQL: default_collation_for_utf8mb4
	requirePrimaryKey  bool   // MySQL
	characterSets      string // MariaDB: character_set_collations
}

// idleTimeout keeps connections open that wait for a long statement, or for
// what the log says of other databases.
const idleTimeout = 7 * 24 * time.Hour

// prepare sets up the session that writes.
func (r *replayer) prepare(ctx context.Context) error {
	if err := r.loadCollations(ctx); err != nil {
		return fmt.Errorf("read the collations of the server: %w", err)
	}
	if err := (&session.Group{Sessions: []*mysql.Session{r.w}}).Loosen(ctx); err != nil {
		return err //nolint:wrapcheck // it says what was prepared
	}
	d := &r.defaults
	query := "SELECT @@explicit_defaults_for_timestamp, '', 0, ''"
	switch {
	case r.info.Product == mysql.MySQL:
		query = "SELECT @@explicit_defaults_for_timestamp, @@default_collation_for_utf8mb4, @@sql_require_primary_key, ''"
	case r.hasCharacterSetCollations():
		query = "SELECT @@explicit_defaults_for_timestamp, '', 0, @@character_set_collations"
	}
	if err := r.w.Row(ctx, query).Scan(&d.explicitTimestamps, &d.utf8mb4, &d.requirePrimaryKey, &d.characterSets); err != nil {
		return fmt.Errorf("read the settings of the session: %w", err)
	}
	set := fmt.Sprintf("SET wait_timeout = %d, lock_wait_timeout = 3600, innodb_lock_wait_timeout = 3600", int(idleTimeout.Seconds()))
	if r.info.Product == mysql.MariaDB {
		set += ", max_statement_time = 0"
	}
	if _, err := r.w.Exec(ctx, set); err != nil {
		return fmt.Errorf("prepare the session for the replay: %w", err)
	}
	// The log does not say that a session was not strict about the width of rows. What
	// it was not refused then is not refused now, where the account may set this.
	if _, err := r.w.Exec(ctx, "SET innodb_strict_mode = OFF"); err != nil && !mysql.IsAccessDenied(err) {
		return fmt.Errorf("prepare the session for the replay: %w", err)
	}
	packet, err := value.Packet(ctx, r.w)
	if err != nil {
		return err
	}
	r.spreader = value.NewSpreader(packet, func(statement string) error {
		_, err := r.w.Exec(ctx, statement)
		return err
	})
	return nil
}

// keepAwake lets the administrator's session be idle until the end, and returns
// what gives it its patience back.
func (r *replayer) keepAwake(ctx context.Context) (restore func(), err error) {
	var before int
	if err := r.x.Row(ctx, "SELECT @@session.wait_timeout").Scan(&before); err != nil {
		return nil, fmt.Errorf("prepare a session: %w", err)
	}
	if _, err := r.x.Exec(ctx, fmt.Sprintf("SET wait_timeout = %d", int(idleTimeout.Seconds()))); err != nil {
		return nil, fmt.Errorf("prepare a session: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), session.TidyTimeout)
		defer cancel()
		if !r.x.Poisoned() { // else it is thrown away
			_, _ = r.x.Exec(ctx, fmt.Sprintf("SET wait_timeout = %d", before))
		}
	}, nil
}

// hasCharacterSetCollations says whether the server has a default collation for
// each character set and session (MariaDB 11.2).
func (r *replayer) hasCharacterSetCollations() bool {
	return ddl.Server{Product: ddl.Product(r.info.Product), Version: r.info.Version}.AtLeast(ddl.MariaDB, 11, 2)
}

// loadCollations reads the ids. MariaDB's newer collations belong to several
// character sets, and have an id for each.
func (r *replayer) loadCollations(ctx context.Context) error {
	r.collations = map[uint16]collationName{}
	query := "SELECT ID, COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATIONS WHERE ID IS NOT NULL"
	if r.info.Product == mysql.MariaDB {
		query = "SELECT ID, FULL_COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY"
	}
	rows, err := r.x.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id uint16
		var c collationName
		if err := rows.Scan(&id, &c.collation, &c.characterSet); err != nil {
			return err
		}
		r.collations[id] = c
	}
	return errors.Join(rows.Err(), rows.Close())
}

// set sends settings unless they are in force.
func (r *replayer) set(ctx context.Context, settings string) error {
	if r.settings == settings {
		return nil
	}
	r.settings = ""
	if _, err := r.w.Exec(ctx, settings); err != nil {
		return err
	}
	r.settings = settings
	return nil
}

// setForRows prepares the session for the literals of rows. Checks of other
// columns were made where the rows come from; a session may have switched them
// off. lax takes values that a strict mode refuses.
func (r *replayer) setForRows(ctx context.Context, checkForeignKeys, lax bool) error {
	settings := value.WriteSettings + ", timestamp = DEFAULT, foreign_key_checks = " + zeroOne(checkForeignKeys) + ", unique_checks = 1"
	if lax {
		settings = strings.Replace(settings, value.WriteMode, laxMode, 1)
	}
	if r.info.Product == mysql.MariaDB {
		settings += ", check_constraint_checks = 0"
	}
	if err := r.set(ctx, settings); err != nil {
		return fmt.Errorf("prepare the session for rows: %w", err)
	}
	return nil
}

// laxMode is writeMode without what makes it strict.
const laxMode = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"

func zeroOne(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// unsafeCharacterSets are those in which a byte below 0x80 may be a part of a
// character: a statement in them cannot be taken apart byte by byte.
var unsafeCharacterSets = []string{"big5", "cp932", "gb18030", "gbk", "sjis", "ucs2", "utf16", "utf16le", "utf32"}

var errCharacterSet = errors.New("the character set of the statement is not supported")

// characterSet returns the character set in which a statement is written.
func (r *replayer) characterSet(q *binlog.Query) (string, error) {
	c, ok := r.collations[q.Client]
	switch {
	case q.Incomplete:
		return "", errors.New("the server noted a setting of the session that is not known")
	case !ok:
		return "", fmt.Errorf("%w: the collation %d is not known", errCharacterSet, q.Client)
	case !value.IsASCII([]byte(q.Text)) && slices.Contains(unsafeCharacterSets, c.characterSet):
		return "", fmt.Errorf("%w: %s", errCharacterSet, c.characterSet)
	}
	return c.characterSet, nil
}

// settingsFor returns the SET statement that makes a session what it was when a
// statement ran.
func (r *replayer) settingsFor(q *binlog.Query) (string, error) {
	client, err := r.characterSet(q)
	if err != nil {
		return "", err
	}
	connection, ok := r.collations[q.Connection]
	if !ok {
		return "", fmt.Errorf("%w: the collation %d is not known", errCharacterSet, q.Connection)
	}
	parts := []string{
		fmt.Sprintf("sql_mode = %d", q.SQLMode),
		"foreign_key_checks = " + zeroOne(!q.NoForeignKeyChecks), "unique_checks = " + zeroOne(!q.NoUniqueChecks),
		"character_set_client = " + client, "collation_connection = " + connection.collation,
		"timestamp = " + timestamp(q.Timestamp),
	}
	zone := q.TimeZone
	if zone == "" {
		zone = session.TimeZone
	}
	parts = append(parts, "time_zone = "+string(value.AppendQuoted(nil, []byte(zone))))
	if r.info.Product == mysql.MariaDB {
		parts = append(parts, "check_constraint_checks = "+zeroOne(!q.NoCheckConstraints))
	}
	if q.AutoIncrement > 0 {
		parts = append(parts, fmt.Sprintf("auto_increment_increment = %d, auto_increment_offset = %d", q.AutoIncrement, q.AutoOffset))
	}
	return "SET " + strings.Join(append(parts, r.guarded(q)...), ", "), nil
}

func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/int(time.Microsecond))
}

// guarded returns the settings that need a privilege, when they are not what
// the session has anyway.
func (r *replayer) guarded(q *binlog.Query) []string {
	var parts []string
	if q.ExplicitTimestamps != nil && *q.ExplicitTimestamps != r.defaults.explicitTimestamps {
		parts = append(parts, "explicit_defaults_for_timestamp = "+zeroOne(*q.ExplicitTimestamps))
	}
	if c, ok := r.collations[q.DefaultUTF8MB4]; ok && c.collation != r.defaults.utf8mb4 && r.defaults.utf8mb4 != "" {
		parts = append(parts, "default_collation_for_utf8mb4 = "+c.collation)
	}
	if q.RequirePrimaryKey != nil && *q.RequirePrimaryKey != r.defaults.requirePrimaryKey {
		parts = append(parts, "sql_require_primary_key = "+zeroOne(*q.RequirePrimaryKey))
	}
	if r.hasCharacterSetCollations() {
		parts = append(parts, r.characterSetCollations(q))
	}
	return parts
}

// characterSetCollations writes MariaDB's default collations of the session.
func (r *replayer) characterSetCollations(q *binlog.Query) string {
	var pairs []string
	for from, to := range q.CharsetCollations {
		pairs = append(pairs, r.collations[from].characterSet+"="+r.collations[to].collation)
	}
	slices.Sort(pairs)
	return "character_set_collations = '" + strings.Join(pairs, ",") + "'"
}

// unicodeText returns the text of a statement in UTF-8, as objects keep it.
func (r *replayer) unicodeText(ctx context.Context, text, characterSet string) (string, error) {
	if value.IsASCII([]byte(text)) || strings.HasPrefix(characterSet, "utf8") {
		return text, nil
	}
	var converted string
	query := "SELECT CONVERT(_" + characterSet + " x'" + hex.EncodeToString([]byte(text)) + "' USING utf8mb4)"
	if err := r.x.Row(ctx, query).Scan(&converted); err != nil {
		return "", fmt.Errorf("read a statement in the character set %s: %w", characterSet, err)
	}
	return converted, nil
}

// modeNames returns a sql_mode in words, as objects keep it.
func (r *replayer) modeNames(ctx context.Context, mode uint64) (string, error) {
	if names, ok := r.modes[mode]; ok {
		return names, nil
	}
	var names string
	if _, err := r.x.Exec(ctx, fmt.Sprintf("SET sql_mode = %d", mode)); err != nil {
		return "", fmt.Errorf("read the sql_mode %d: %w", mode, err)
	}
	if err := r.x.Row(ctx, "SELECT @@session.sql_mode").Scan(&names); err != nil {
		return "", fmt.Errorf("read the sql_mode %d: %w", mode, err)
	}
	r.modes[mode] = names
	if err := value.PrepareWrite(ctx, r.x); err != nil { // modes change how our own statements are read
		return "", err
	}
	return names, nil
}
