package mysql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PinnedSettings returns the sql_mode and the collation of every connection of
// this package, for whoever writes a script that is to mean the same elsewhere.
func PinnedSettings() (sqlMode, collation string) { return pinnedSQLMode, pinnedCollation }

// BackToPinned gives a session of this package back what a statement may need
// otherwise: by the values themselves, because a variable that kept them could be
// changed by what ran meanwhile.
const BackToPinned = "SET sql_mode = '" + pinnedSQLMode + "', character_set_client = utf8mb4, collation_connection = '" + pinnedCollation + "', time_zone = '" + pinnedZone + "'"

// left are settings that no connection is opened with, and that decide what the
// statements behind them write: the time, how many rows are read, which row is meant
// by a NULL, and what ends with an error for its size.
var left = []string{"timestamp", "sql_select_limit", "sql_auto_is_null", "sql_safe_updates", "sql_big_selects", "max_join_size"}

// forcedID is the name of no time zone. A number that the next row gets in place of
// its automatic one can be read, and on MySQL only be used up.
const forcedID = "insert_id"

// Settle gives the session the settings back that it was opened with, after
// statements of a user, or what they set off, ran on it. What the program itself
// writes behind them must not be read otherwise than it was meant, nor be of another
// time. Nothing of it is kept in the session meanwhile. In a transaction it stays as
// it is. It is an error when the next row that is inserted would get a number that
// was chosen for it.
func (x *Session) Settle(ctx context.Context) error {
	_, err := x.handle.Exec(Impatient(ctx), x.settling())
	if refused, ok := asServerError(err); ok && refused.Number == 1298 { // there is no such time zone
		return errors.New("what ran in this session has set `insert_id`, which chooses the number of the next row: leave that out")
	}
	if err != nil {
		return fmt.Errorf("give the session its settings back: %w", err)
	}
	x.unsettled = false
	return nil
}

// settling is the statement of Settle.
func (x *Session) settling() string {
	all := sessionSettings(x.server.cfg)
	delete(all, "autocommit") // turning it on commits; programs cannot turn it off
	if x.unchecked {
		all["foreign_key_checks"] = "0"
	}
	all["time_zone"] = "IF(@@insert_id = 0, '" + pinnedZone + "', '" + forcedID + "')"
	for _, name := range left {
		all[name] = "DEFAULT"
	}
	parts := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, name+" = "+all[name])
	}
	return "SET " + strings.Join(parts, ", ")
}

// Unsettle says that the session sends a statement that makes a program, which runs
// nothing of it but on MariaDB, where constant parts of a view are computed. The next
// transaction, and whoever has the connection next, finds it settled.
func (x *Session) Unsettle() { x.unsettled = true }

// Settled settles a session after Unsettle.
func (x *Session) Settled(ctx context.Context) error {
	if !x.unsettled {
		return nil
	}
	return x.Settle(ctx)
}
