package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// namesPerStatement bounds the list of names in one statement. A caller with
// more databases than this chooses them by prefix, or pays a few statements
// more.
const namesPerStatement = 1000

// Databases chooses databases: those in Names and, when Prefix is not empty,
// those whose name begins with it.
type Databases struct {
	Names  []string
	Prefix string
}

// A DescribeRow is one fact about the structure of a database: the values of
// one row of the information schema. Facts come in no particular order. The
// slices are valid during the call that receives them only.
type DescribeRow struct {
	Database string
	// Kind and Object are what the fact is about: `table`, `view`, `sequence`,
	// `procedure`, `function`, `package`, `package body`, `trigger`, `event`,
	// and `database` with an empty Object.
	Kind   string
	Object string
	// Source is the part of the information schema in lower case, such as
	// `columns`. Facts of different sources must not be mixed up, because the
	// values have no names.
	Source string
	Values [][]byte // nil is NULL
	// Definer is the account, `user@host`, whose rights a view or program has;
	// empty for other facts. See Info.Definer for what Values tell.
	Definer string
}

// Describe reads the structure of many databases in at most four statements (a
// fifth on MariaDB when there are sequences), whatever their number up to a
// thousand names, and calls fn for every fact. A database without any object
// yields one fact of the kind `database`; one that does not exist yields none.
// An error of fn ends the reading and is returned as it is.
//
// Two databases with the same structure yield the same facts, and the facts
// stay the same while nothing changes the structure: there are no statistics,
// times or counters among them, and a database's own name is removed where it
// qualifies another name. An event's start is left out when it is the moment
// at which the event was created or last altered, because every copy has
// another. (An event that was given another interval, and later another property,
// shows the moment of the former as its start.)
//
// What is not seen, because the information schema does not show it or only by
// opening every table: the order of the indexes of a table (nor do diffs care);
// KEY_BLOCK_SIZE of an index; the parser of a FULLTEXT index, COLUMN_FORMAT,
// STORAGE, AUTOEXTEND_SIZE and the algorithm of a view
// (MySQL); application time periods and the aggregate property of a function
// (MariaDB); READ ONLY and the default encryption of a database; whether a
// quote inside a string of a routine, trigger or event is doubled (MySQL shows
// the text without escapes, and a name with a backquote garbled).
//
// An account that lacks privileges sees less: texts of views and routines come
// out empty, triggers and events are missing.
func Describe(ctx context.Context, q mysql.Queryer, info mysql.Info, which Databases, fn func(DescribeRow) error) error {
	r := newReader(info, which, fn)
	for _, selected := range which.selections() {
		for _, group := range sourceGroups(info) {
			if err := r.read(ctx, q, group, selected); err != nil {
				return err
			}
		}
	}
	if err := r.finishChecks(); err != nil {
		return err
	}
	return r.readSequences(ctx, q)
}

// ListDatabases returns the names of those databases that exist, sorted.
func ListDatabases(ctx context.Context, q mysql.Queryer, which Databases) ([]string, error) {
	var found []string
	for _, s := range which.selections() {
		where, args := s.condition("SCHEMA_NAME")
		rows, err := q.Query(ctx, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE "+where, args...)
		if err != nil {
			return nil, mysql.Attempted(err, "list the databases")
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				_ = rows.Close()
				return nil, fmt.Errorf("list the databases: %w", err)
			}
			found = append(found, name)
		}
		if err := rows.End(); err != nil {
			return nil, fmt.Errorf("list the databases: %w", err)
		}
	}
	chosen := which.filter(false)
	found = slices.DeleteFunc(found, func(name string) bool { return !chosen(name) })
	slices.Sort(found)
	return slices.Compact(found), nil
}

// AllDatabases returns the names of all databases that the account sees.
func AllDatabases(ctx context.Context, q mysql.Queryer) ([]string, error) {
	rows, err := q.Query(ctx, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
	if err != nil {
		return nil, mysql.Attempted(err, "list the databases")
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			_ = rows.Close()
			return nil, fmt.Errorf("list the databases: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.End(); err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	return names, nil
}

// A selection is the part of a choice that one statement can make.
type selection struct {
	names  []string
	prefix string
}

func (w Databases) selections() []selection {
	var parts []selection
	if w.Prefix != "" {
		parts = append(parts, selection{prefix: w.Prefix})
	}
	rest := slices.DeleteFunc(slices.Clone(w.Names), func(name string) bool {
		return w.Prefix != "" && strings.HasPrefix(name, w.Prefix)
	})
	slices.Sort(rest)
	rest = slices.Compact(rest)
	for chunk := range slices.Chunk(rest, namesPerStatement) {
		parts = append(parts, selection{names: chunk})
	}
	return parts
}

// apart says whether no name is equal to another one as a server compares them,
// which takes letters with accents and in another case for the same: else what is
// of one would be found for both.
func apart(names []string) bool {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) || seen[strings.ToLower(name)] {
			return false
		}
		seen[strings.ToLower(name)] = true
	}
	return true
}

// fewNames is up to how many databases MariaDB is asked for one by one.
const fewNames = 32

// parts returns what each SELECT of a statement chooses. MariaDB is asked for each
// of a few databases by itself, in one statement: of a list it would look at the
// tables of all databases that it has.
func (s selection) parts(product mysql.Product) []selection {
	if product != mysql.MariaDB || len(s.names) < 2 || len(s.names) > fewNames || !apart(s.names) {
		return []selection{s}
	}
	var out []selection
	for _, name := range s.names {
		out = append(out, selection{names: []string{name}})
	}
	return out
}

// condition writes the filter on the column with the database's name. One name
// is compared by equality: only that keeps MariaDB from looking at the tables
// of every database. MySQL looks lists and prefixes up in its dictionary.
func (s selection) condition(column string) (where string, args []any) {
	switch {
	case s.prefix != "":
		return column + " LIKE ?", []any{mysql.LikePrefix(s.prefix)}
	case len(s.names) == 1:
		return column + " = ?", []any{s.names[0]}
	}
	for _, name := range s.names {
		args = append(args, name)
	}
	return column + " IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}

// filter returns whether a database was chosen. The servers compare names by a
// collation that may take é for e or ignore case, so their answer is sifted.
func (w Databases) filter(foldCase bool) func(string) bool {
	fold := func(s string) string { return s }
	if foldCase {
		fold = strings.ToLower
	}
	chosen := make(map[string]bool, len(w.Names))
	for _, name := range w.Names {
		chosen[fold(name)] = true
	}
	prefix := fold(w.Prefix)
	return func(name string) bool {
		name = fold(name)
		return chosen[name] || prefix != "" && strings.HasPrefix(name, prefix)
	}
}
