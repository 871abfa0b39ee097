package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Effect is what a statement written by a person does to rows and values, as
// far as its words tell.
type Effect struct {
	// Lost says which rows or values are gone afterwards, empty for none.
	Lost string
	// Reversible is true when the former state can be computed from the
	// later one. A statement that changes rows is not.
	Reversible bool
}

// Effect judges a statement of a migration script by its words. It errs on the
// side of loss: what it does not know to be harmless is not reversible.
func (st *Statement) Effect() Effect {
	switch st.Verb {
	case "CREATE", "RENAME":
		return Effect{Reversible: true}
	case "DROP":
		return st.dropEffect()
	case "ALTER":
		return st.alterEffect()
	case "TRUNCATE":
		return Effect{Lost: "all rows of table `" + st.tableName() + "`"}
	case "DELETE", "REPLACE":
		return Effect{Lost: "rows of table `" + st.tableName() + "`"}
	case "WITH":
		if slices.ContainsFunc(sqltext.Tokens(st.Text, sqltext.Mode{}), func(t sqltext.Token) bool { return t.Is("DELETE") }) {
			return Effect{Lost: "rows"}
		}
	}
	return Effect{}
}

func (st *Statement) tableName() string {
	if st.Table != "" {
		return st.Table
	}
	return st.Object
}

func (st *Statement) dropEffect() Effect {
	if st.Head.Index {
		return Effect{Reversible: true}
	}
	switch st.Kind {
	case ddl.KindTable:
		names := make([]string, 0, len(st.Head.Objects))
		for _, t := range st.Head.Objects {
			names = append(names, "`"+t.Value()+"`")
		}
		return Effect{Lost: "table " + strings.Join(names, ", ") + " with all rows"}
	case ddl.KindSequence:
		return Effect{Lost: "the counter of sequence `" + st.Object + "`"}
	}
	return Effect{Reversible: true} // the text comes back with the inverse migration
}

// harmlessDrops follow DROP in ALTER TABLE and take no rows or values away.
var harmlessDrops = []string{"INDEX", "KEY", "FOREIGN", "CONSTRAINT", "CHECK", "PRIMARY", "DEFAULT"}

// alterEffect looks at the clauses of an ALTER TABLE.
func (st *Statement) alterEffect() Effect {
	e := Effect{Reversible: true}
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	var lost []string
	depth := 0
	for i, t := range toks {
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth > 0 || i == 0 || toks[i-1].IsPunct('.') || i+1 >= len(toks):
		case t.IsAny("TRUNCATE", "DISCARD") || t.Is("DROP") && toks[i+1].IsAny("PARTITION", "SUBPARTITION"):
			lost = append(lost, "rows of partitions")
		case t.Is("DROP") && !toks[i+1].IsAny(harmlessDrops...):
			lost = append(lost, "column `"+droppedColumn(toks, i+1)+"` with its values")
		case t.IsAny("MODIFY", "CHANGE", "CONVERT", "COALESCE", "REORGANIZE", "EXCHANGE"):
			e.Reversible = false
		}
	}
	if len(lost) > 0 {
		e.Lost, e.Reversible = strings.Join(lost, ", "), false
	}
	return e
}

// droppedColumn returns the name behind DROP [COLUMN] [IF EXISTS].
func droppedColumn(toks []sqltext.Token, i int) string {
	for i < len(toks)-1 && toks[i].IsAny("COLUMN", "IF", "EXISTS") {
		i++
	}
	return toks[i].Value()
}

// ChoosesAlgorithm says whether a statement alters a table in the way that the server
// finds best: it says no algorithm and no lock of its own.
func (st *Statement) ChoosesAlgorithm() bool {
	return st.AltersTable() && !slices.ContainsFunc(sqltext.Tokens(st.SQL, sqltext.Mode{}), func(t sqltext.Token) bool { return t.IsAny("ALGORITHM", "LOCK") })
}

// AltersTable says whether a statement is an ALTER TABLE.
func (st *Statement) AltersTable() bool {
	toks := sqltext.Head(st.SQL, sqltext.Mode{}, 2)
	return len(toks) > 1 && toks[0].Is("ALTER") && toks[1].Is("TABLE")
}
