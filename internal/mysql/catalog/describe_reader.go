package catalog

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sequencesPerStatement bounds one statement that reads the definitions of
// sequences, each of which is a small table.
const sequencesPerStatement = 500

// A reader turns the rows of the sources into facts.
type reader struct {
	info   mysql.Info
	fold   bool
	wanted func(string) bool
	fn     func(DescribeRow) error
	// kinds of what is in TABLES but is no table.
	kinds map[objectKey]string
	// memory are the tables of that engine, the only one with a choice of algorithms.
	memory map[objectKey]bool
	// checks of MySQL wait here for their other half.
	checks map[objectKey]*check
	holds  func(database, event string) bool
	last   string // a database name that was seen, to save allocations
}

type objectKey struct{ database, object string }

// check is a constraint of which one source knows the table and another the
// condition.
type check struct {
	table              string
	name, enforced     []byte
	clause             []byte
	hasTable, hasCheck bool
}

func newReader(info mysql.Info, which Databases, fn func(DescribeRow) error) *reader {
	fold := info.LowerCaseTableNames != 0
	return &reader{
		info: info, fold: fold, wanted: which.filter(fold), fn: fn,
		kinds: map[objectKey]string{}, memory: map[objectKey]bool{}, checks: map[objectKey]*check{},
	}
}

// read runs the statement of one group.
func (r *reader) read(ctx context.Context, q mysql.Queryer, group []source, chosen selection) error {
	query, args, width := statement(group, chosen.parts(r.info.Product))
	r.holds = func(database, event string) bool { return mysql.HoldsEvent(q, database, event) }
	take := func(row [][]byte) error {
		s := &group[row[0][0]-'0']
		return r.row(s, row[1:fixedColumns], row[fixedColumns:fixedColumns+len(s.values)])
	}
	if x, ok := q.(*mysql.Session); ok && r.info.Product == mysql.MySQL && len(chosen.names) == 1 {
		return x.QueryKept(ctx, describeDoing, query, args, take)
	}
	return rowsOf(ctx, q, query, args, fixedColumns+width, take)
}

func (r *reader) row(s *source, fixed, values [][]byte) error {
	if string(fixed[0]) != r.last {
		r.last = string(fixed[0])
	}
	if !r.wanted(r.last) {
		return nil
	}
	fact := DescribeRow{Database: r.last, Kind: string(fixed[1]), Object: string(fixed[2]), Source: s.name}
	key := objectKey{fact.Database, fact.Object}
	switch {
	case s.kind == kindCheck:
		r.noteCheck(fact, values)
		return nil
	case s.kind == tableKind && fact.Kind != "table":
		r.kinds[key] = fact.Kind
	case s.kind == kindTable:
		if kind, ok := r.kinds[key]; ok {
			fact.Kind = kind
		}
	}
	r.settleAlgorithm(s, key, values)
	if at := slices.Index(s.values, "STATUS"); fact.Kind == "event" && at >= 0 && r.holds(fact.Database, fact.Object) {
		values[at] = []byte("ENABLED")
	}
	if r.info.Product == mysql.MySQL {
		settleExpressions(s, values)
	} else {
		settleOptions(s, values)
	}
	if fact.Kind == "view" && s.name == "columns" {
		// Types are those of the tables below, which have facts of their own;
		// the names are what a view adds.
		values = values[:2]
	}
	if s.definer >= 0 {
		fact.Definer = string(values[s.definer])
		if r.info.Definer != "" {
			values[s.definer] = []byte(r.info.Definer)
		}
	}
	r.clean(s, fact.Database, values)
	fact.Values = values
	return r.fn(fact)
}

// settleExpressions brings the expressions of a fact into one form.
func settleExpressions(s *source, values [][]byte) {
	for i, column := range s.values {
		switch column {
		case "COLUMN_DEFAULT":
			extra := values[slices.Index(s.values, "EXTRA")]
			if !bytes.Contains(extra, []byte("DEFAULT_GENERATED")) {
				continue // a value, and no expression
			}
		case "GENERATION_EXPRESSION", "EXPRESSION", "PARTITION_EXPRESSION", "SUBPARTITION_EXPRESSION":
		default:
			continue
		}
		if values[i] != nil {
			values[i] = settleExpression(values[i])
		}
	}
}

// settleOptions leaves an option out of a fact that means nothing, or what the engine
// does unasked: MariaDB shows PAGE_CHECKSUM of a table of any engine until it copies it.
func settleOptions(s *source, values [][]byte) {
	at := slices.Index(s.values, "CREATE_OPTIONS")
	if at < 0 || values[at] == nil {
		return
	}
	aria := string(values[slices.Index(s.values, "ENGINE")]) == "Aria"
	kept := bytes.Fields(values[at])
	kept = slices.DeleteFunc(kept, func(option []byte) bool {
		name, value, _ := strings.Cut(strings.ToLower(string(option)), "=")
		return name == "page_checksum" && (!aria || value == "1")
	})
	values[at] = bytes.Join(kept, []byte(" "))
}

// settleAlgorithm takes a hash for what it is in all tables but those in memory.
// MariaDB shows the algorithm that somebody asked for until it rebuilds the
// table, also where the engine has one only.
func (r *reader) settleAlgorithm(s *source, key objectKey, values [][]byte) {
	switch s.name {
	case "tables":
		if at := slices.Index(s.values, "ENGINE"); at >= 0 && string(values[at]) == "MEMORY" {
			r.memory[key] = true
		}
	case "statistics":
		if at := slices.Index(s.values, "INDEX_TYPE"); string(values[at]) == "HASH" && !r.memory[key] {
			values[at] = []byte("BTREE")
		}
	}
}

// clean removes the database's own name.
func (r *reader) clean(s *source, database string, values [][]byte) {
	if s.ownName >= 0 && r.sameDatabase(string(values[s.ownName]), database) {
		values[s.ownName] = nil
	}
	if len(s.texts) == 0 {
		return
	}
	var d dialect
	if s.mode >= 0 {
		d = dialectOf(values[s.mode])
	}
	d.printed, d.foldCase = s.printed, r.fold
	for _, i := range s.texts {
		if i < len(values) {
			values[i] = unqualify(values[i], database, d)
			if s.name == "views" && r.info.Product == mysql.MySQL {
				values[i] = flattenJoins(values[i])
			}
		}
	}
}

func (r *reader) sameDatabase(a, b string) bool {
	if r.fold {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// noteCheck brings the two halves of a check constraint together.
func (r *reader) noteCheck(fact DescribeRow, values [][]byte) {
	key := objectKey{fact.Database, string(values[0])}
	c := r.checks[key]
	if c == nil {
		c = &check{name: slices.Clone(values[0])}
		r.checks[key] = c
	}
	if fact.Source == "checks" {
		c.table, c.enforced, c.hasTable = fact.Object, slices.Clone(values[1]), true
		return
	}
	c.clause, c.hasCheck = settleExpression(slices.Clone(values[1])), true // of MySQL alone
}

func (r *reader) finishChecks() error {
	for key, c := range r.checks {
		if !c.hasTable || !c.hasCheck {
			continue // created or dropped while it was read
		}
		err := r.fn(DescribeRow{
			Database: key.database, Kind: "table", Object: c.table, Source: "checks",
			Values: [][]byte{c.name, c.enforced, c.clause},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readSequences reads what defines the sequences of MariaDB. The information
// schema has it only since version 11.5 and without the cache; a sequence is a
// table of one row, so all can be read in one statement.
func (r *reader) readSequences(ctx context.Context, q mysql.Queryer) error {
	var keys []objectKey
	for key, kind := range r.kinds {
		if kind == "sequence" {
			keys = append(keys, key)
		}
	}
	for chunk := range slices.Chunk(keys, sequencesPerStatement) {
		parts := make([]string, len(chunk))
		for i, key := range chunk {
			parts[i] = fmt.Sprintf("SELECT %d, start_value, minimum_value, maximum_value, increment, cache_size, cycle_option FROM %s",
				i, mysql.Qualified(key.database, key.object))
		}
		rows, err := q.Query(ctx, strings.Join(parts, " UNION ALL "))
		if err != nil {
			return mysql.Attempted(err, "read the definitions of sequences")
		}
		if err := r.sequenceRows(rows, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) sequenceRows(rows *mysql.Rows, keys []objectKey) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number int
		values := make([][]byte, 6)
		dest := []any{&number}
		for i := range values {
			dest = append(dest, &values[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("read the definitions of sequences: %w", err)
		}
		key := keys[number]
		err := r.fn(DescribeRow{Database: key.database, Kind: "sequence", Object: key.object, Source: "sequences", Values: values})
		if err != nil {
			return err
		}
	}
	if err := rows.End(); err != nil {
		return fmt.Errorf("read the definitions of sequences: %w", err)
	}
	return nil
}
