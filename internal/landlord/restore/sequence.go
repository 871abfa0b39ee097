package restore

import (
	"context"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// sequenceDefault is a column of MariaDB that takes its values from a sequence
// of its own database. The server keeps the name of the sequence with that of
// the database, and RENAME TABLE leaves it as it is.
type sequenceDefault struct {
	table, column string
	expression    string // with sequences by their names alone
}

// scanPrinted is how MariaDB's texts of tables are read.
var scanPrinted = sqltext.Mode{Flavor: sqltext.MariaDB}

// A sequenceName is a sequence in an expression as the server prints it.
type sequenceName struct {
	value string
	at    int  // where it begins, its qualifier included
	own   bool // no database qualifies it
}

// sequencesIn returns the sequences that an expression takes values from.
func sequencesIn(expression string) []sequenceName {
	var out []sequenceName
	tokens := sqltext.Tokens(expression, scanPrinted)
	for i := 0; i+2 < len(tokens); i++ {
		if tokens[i].IsAny("nextval", "lastval", "setval") && tokens[i+1].IsPunct('(') && tokens[i+2].Kind == sqltext.Name {
			qualified := i+3 < len(tokens) && tokens[i+3].IsPunct('.')
			out = append(out, sequenceName{value: tokens[i+2].Value(), at: tokens[i+2].Start, own: !qualified})
		}
	}
	return out
}

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
		for _, d := range columnDefaults(o.SQL) {
			if slices.ContainsFunc(sequencesIn(d.expression), func(n sequenceName) bool { return n.own }) {
				out = append(out, sequenceDefault{table: o.Name, column: d.column, expression: d.expression})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b sequenceDefault) int { return strings.Compare(a.table, b.table) })
	return out
}

// columnDefaults reads the defaults of the columns in what SHOW CREATE TABLE
// prints. MariaDB prints an expression as one function or in parentheses, so it
// ends where a blank or a comma stands outside of them.
func columnDefaults(sql string) []sequenceDefault {
	var out []sequenceDefault
	column, depth, begins := "", 0, false
	tokens := sqltext.Tokens(sql, scanPrinted)
	for i, t := range tokens {
		switch {
		case t.IsPunct('('):
			depth++
			begins = depth == 1 // the first column
			continue
		case t.IsPunct(')'):
			if depth--; depth == 0 { // what follows are options of the table
				return out
			}
		case depth == 1 && t.IsPunct(','):
			begins = true
			continue
		case depth == 1 && begins:
			column = ""
			if t.Kind == sqltext.Name { // else it is a key, a check …
				column = t.Value()
			}
		case depth == 1 && column != "" && t.Is("DEFAULT"):
			if expression := printedDefault(sql, tokens[i+1:]); expression != "" {
				out = append(out, sequenceDefault{column: column, expression: expression})
			}
			column = "" // there is one
		}
		begins = false
	}
	return out
}

// printedDefault returns the expression that tokens begin with.
func printedDefault(sql string, tokens []sqltext.Token) string {
	depth, end := 0, -1
	for _, t := range tokens {
		if depth == 0 && end >= 0 && (t.Start > end || t.IsPunct(',') || t.IsPunct(')')) {
			break
		}
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		}
		end = t.End
	}
	if end < 0 {
		return ""
	}
	return sql[tokens[0].Start:end]
}

// in writes the expression with the sequences of a database.
func (d sequenceDefault) in(database string) string {
	var b strings.Builder
	last := 0
	for _, n := range sequencesIn(d.expression) {
		if n.own {
			b.WriteString(d.expression[last:n.at] + mysql.Quote(database) + ".")
			last = n.at
		}
	}
	return b.String() + d.expression[last:]
}

// uses says whether the expression takes values from a sequence.
func (d sequenceDefault) uses(sequence string) bool {
	return slices.ContainsFunc(sequencesIn(d.expression), func(n sequenceName) bool { return n.own && n.value == sequence })
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
			s.Objects[i].SQL = unqualified(o.SQL, side)
		}
	}
	return s
}

// unqualified takes a database out of a text where it qualifies a name.
func unqualified(sql, database string) string {
	if !strings.Contains(sql, mysql.Quote(database)) {
		return sql
	}
	var b strings.Builder
	last := 0
	tokens := sqltext.Tokens(sql, scanPrinted)
	for i, t := range tokens {
		if t.Kind == sqltext.Name && t.Value() == database && i+1 < len(tokens) && tokens[i+1].IsPunct('.') {
			b.WriteString(sql[last:t.Start])
			last = tokens[i+1].End
		}
	}
	return b.String() + sql[last:]
}
