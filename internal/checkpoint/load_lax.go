package checkpoint

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A refusal is why a strict session did not make an object.
type refusal struct {
	object string // kind and name
	err    error
}

// runLax makes a table that a strict session does not, as it was made once: with
// rows that may be too wide, or with doubled values of an ENUM. It returns the error
// of the strict session when that changes nothing.
func (l *loading) runLax(ctx context.Context, x *mysql.Session, st script.Statement, strict error) error {
	if st.Kind != ddl.KindTable || x.Poisoned() || !mysql.IsRefused(strict) {
		return strict
	}
	var strictly bool
	if err := x.Row(ctx, "SELECT @@innodb_strict_mode").Scan(&strictly); err != nil {
		return fmt.Errorf("ask for innodb_strict_mode: %w", err)
	}
	settings := []string{value.LaxSettings}
	back := []string{value.StrictSettings}
	if strictly {
		settings, back = append(settings, "SET innodb_strict_mode = OFF"), append(back, "SET innodb_strict_mode = ON")
	}
	for _, sql := range settings {
		if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
			return fmt.Errorf("prepare a session: %w", err)
		}
	}
	failed := st.Run(ctx, x)
	for _, sql := range back {
		if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
			return fmt.Errorf("prepare a session: %w", err)
		}
	}
	if failed != nil {
		return strict
	}
	return nil
}

// proveLax looks whether what a lax session has made is what was copied: such a
// session may leave out what it cannot make. Otherwise the error is that of the
// strict session. Another version describes a table otherwise, and is left to the
// comparison of the whole.
func (l *loading) proveLax(ctx context.Context, x *mysql.Session, made []refusal) error {
	if len(made) == 0 || l.manifest.Version != l.info.Version {
		return nil
	}
	found, err := readFingerprint(ctx, x, l.info, l.req.Database)
	if err != nil {
		return err
	}
	for _, r := range made {
		if found.Objects[r.object] != l.manifest.Fingerprint.Objects[r.object] {
			return r.err
		}
	}
	return nil
}

// computing returns the tables that compute values of their rows. A session that was
// not strict has stored those that do not fit, and a strict one would refuse their
// rows; the values that are loaded are exact, whatever the mode.
func (l *loading) computing(ctx context.Context, x *mysql.Session) (map[string]bool, error) {
	found := map[string]bool{}
	columns, err := value.ReadColumns(ctx, x, l.info, l.req.Database)
	if err != nil {
		return nil, err
	}
	for table, all := range columns {
		found[table] = len(value.Stored(all)) < len(all)
	}
	if l.info.Product != mysql.MySQL {
		return found, nil
	}
	rows, err := x.Query(ctx, "SELECT DISTINCT TABLE_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND EXPRESSION IS NOT NULL", l.req.Database)
	if err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", l.req.Database, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, fmt.Errorf("read the keys of `%s`: %w", l.req.Database, err)
		}
		found[table] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", l.req.Database, err)
	}
	return found, nil
}

// laxly returns a statement as it is for a table that computes values.
func laxly(statement string) string {
	if statement == value.WriteSettings || statement == value.StrictSettings {
		return strings.Replace(statement, ",STRICT_ALL_TABLES", "", 1)
	}
	return statement
}
