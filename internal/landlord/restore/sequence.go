package restore

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sequenceDefault is a column of MariaDB that takes its values from a sequence
// of its own database. The server keeps the name of the sequence with that of
// the database, and RENAME TABLE leaves it as it is.
type sequenceDefault struct {
	table, column string
	expression    string // with sequences by their names alone
}

// ownSequence finds a sequence in an expression as the server prints it. The
// last group is a dot when the name before it is that of a database.
var ownSequence = regexp.MustCompile("(?i)\\b((?:nextval|lastval|setval)\\()(`(?:[^`]|``)+`)(\\.?)")

// sideSequences returns the columns whose default names the database beside a
// tenant: of its own tables, or of the tenant's when they have changed places.
func sideSequences(ctx context.Context, q mysql.Queryer, info mysql.Info, r *registry.RestoreRow, v *swapView) ([]sequenceDefault, error) {
	if info.Product != mysql.MariaDB || r.Side == "" {
		return nil, nil
	}
	if v.moved {
		var named []ddl.Object
		for _, o := range v.live.Schema.Objects {
			if strings.Contains(o.SQL, mysql.Quote(r.Side)+".") {
				named = append(named, o)
			}
		}
		return sequenceDefaults(unnamed(ddl.Schema{Objects: named}, r.Side).Objects), nil
	}
	some, err := listOf(ctx, q, r.Side, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'SEQUENCE'")
	if err != nil || len(some) == 0 {
		return nil, err
	}
	side, err := estate.DumpSchema(ctx, q, info, r.Side)
	if err != nil {
		return nil, err
	}
	return sequenceDefaults(side.Objects), nil
}

// sequenceDefaults returns the columns of tables that take their values from a
// sequence of the same database, in whose texts its name does not stand.
func sequenceDefaults(objects []ddl.Object) []sequenceDefault {
	var out []sequenceDefault
	for _, o := range objects {
		if o.Kind != ddl.KindTable {
			continue
		}
		for line := range strings.Lines(o.SQL) {
			column, expression := columnDefault(line)
			if slices.ContainsFunc(ownSequence.FindAllStringSubmatch(expression, -1), func(m []string) bool { return m[3] == "" }) {
				out = append(out, sequenceDefault{table: o.Name, column: column, expression: expression})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b sequenceDefault) int { return strings.Compare(a.table, b.table) })
	return out
}

// columnDefault reads the default of a column from its line in what SHOW CREATE
// TABLE prints; empty when the line is no column or has none. MariaDB prints an
// expression as one function or in parentheses.
func columnDefault(line string) (column, expression string) {
	if !strings.HasPrefix(line, "  `") {
		return "", ""
	}
	text := line[2:]
	end := quotedEnd(text)
	column = strings.ReplaceAll(text[1:end-1], "``", "`")
	const word = " DEFAULT "
	depth, from := 0, -1
	for i := end; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || c == '`':
			i += quotedEnd(text[i:]) - 1
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth > 0:
		case from < 0 && strings.HasPrefix(text[i:], word):
			from = i + len(word)
			i = from - 1
		case from >= 0 && (c == ' ' || c == ',' || c == '\n'):
			return column, text[from:i]
		}
	}
	if from < 0 {
		return column, ""
	}
	return column, text[from:]
}

// quotedEnd returns the length of the quoted run that a text begins with.
func quotedEnd(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '\'':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// in writes the expression with the sequences of a database.
func (d sequenceDefault) in(database string) string {
	return ownSequence.ReplaceAllStringFunc(d.expression, func(found string) string {
		m := ownSequence.FindStringSubmatch(found)
		if m[3] != "" {
			return found // of another database
		}
		return m[1] + mysql.Quote(database) + "." + m[2]
	})
}

// uses says whether the expression takes values from a sequence.
func (d sequenceDefault) uses(sequence string) bool {
	return slices.ContainsFunc(ownSequence.FindAllStringSubmatch(d.expression, -1), func(m []string) bool {
		return m[3] == "" && m[2] == mysql.Quote(sequence)
	})
}

// repoint returns the statements that make columns take their values from the
// sequences of the tenant: before the exchange where the tenant has a sequence
// of the name already, so that no insert ever misses it, else behind it.
func (v *swapView) repoint(r *registry.RestoreRow, origin string) (before, after []landlord.Step) {
	for _, d := range v.sequences {
		sql := func(database string) string {
			return "ALTER TABLE " + mysql.Qualified(database, d.table) + " ALTER COLUMN " + mysql.Quote(d.column) + " SET DEFAULT (" + d.in(r.Database) + ")"
		}
		step := landlord.Step{Object: "table " + mysql.Quote(d.table), Operation: "modify_column", Origin: origin, Level: 1, Reversible: true, Table: d.table,
			Reason: "The server keeps the name of a sequence with that of its database."}
		if !v.moved && slices.ContainsFunc(v.leaving, d.uses) {
			step.SQL = sql(r.Side)
			before = append(before, step)
			continue
		}
		step.SQL = sql(r.Database)
		after = append(after, step)
	}
	return before, after
}

// unnamed takes the name of the database beside a tenant out of the texts of
// tables, as if their sequences were the tenant's already.
func unnamed(s ddl.Schema, side string) ddl.Schema {
	if side == "" {
		return s
	}
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		if o.Kind == ddl.KindTable {
			s.Objects[i].SQL = strings.ReplaceAll(o.SQL, mysql.Quote(side)+".", "")
		}
	}
	return s
}
