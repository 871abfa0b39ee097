package source

import (
	"fmt"
	"slices"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// tree compares what the tokens say with what vitess reads in a statement: what
// it is, and which databases it names. Where they differ one of them is wrong,
// and the statement is refused.
func (g *guard) tree() {
	tree := g.st.parsed
	if tree == nil {
		tree = g.parseRows()
	}
	if tree == nil {
		return
	}
	if verb := verbOf(tree); verb != "" && verb != g.st.Verb && !(g.st.Verb == "WITH" && slices.Contains([]string{"SELECT", "UPDATE", "DELETE"}, verb)) && !(g.st.Head.Index && verb == "ALTER") {
		g.add(0, CodeStatement, summaryStatement, "This begins with `%s` and reads as `%s`. Write it in a plainer way.", g.st.Verb, verb)
	}
	if slices.ContainsFunc(g.faults, func(f Fault) bool { return f.Code == CodeDatabase }) {
		return
	}
	databases, err := treeDatabases(tree)
	if err != nil {
		g.add(0, CodeStatement, summaryStatement, ambiguous)
		return
	}
	for _, name := range databases {
		if !g.own(name) {
			g.add(0, CodeDatabase, summaryDatabase, "Database `%s` is named. Everything has to stay in the tenant's own database.", name)
		}
	}
}

// parseRows parses a statement about rows, nil when vitess does not take it.
func (g *guard) parseRows() sqlparser.Statement {
	if !slices.Contains([]string{"INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH"}, g.st.Verb) ||
		len(g.st.Text) > maxParsed || strings.Contains(g.st.Text, "/*") && executes(g.st.Text) {
		return nil
	}
	tree, err := parseStrict(newParser(g.st.server), g.st.Text)
	if err != nil {
		return nil
	}
	return tree
}

// verbOf returns the verb of a parsed statement, empty for others than those that
// are parsed here.
func verbOf(tree sqlparser.Statement) string {
	switch tree := tree.(type) {
	case *sqlparser.CreateTable, *sqlparser.CreateView:
		return "CREATE"
	case *sqlparser.AlterTable, *sqlparser.AlterView:
		return "ALTER"
	case *sqlparser.Insert:
		if tree.Action == sqlparser.ReplaceAct {
			return "REPLACE"
		}
		return "INSERT"
	case *sqlparser.Update:
		return "UPDATE"
	case *sqlparser.Delete:
		return "DELETE"
	case *sqlparser.Select, *sqlparser.Union:
		return "SELECT"
	}
	return ""
}

// treeDatabases returns the databases that a parsed statement names, sorted. A
// panic of the parser's own code becomes an error.
func treeDatabases(tree sqlparser.SQLNode) (names []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parser failed: %v", r)
		}
	}()
	err = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		switch node := node.(type) {
		case sqlparser.TableName:
			if !node.Qualifier.IsEmpty() {
				names = append(names, node.Qualifier.String())
			}
		case *sqlparser.FuncExpr:
			if !node.Qualifier.IsEmpty() {
				names = append(names, node.Qualifier.String())
			}
		}
		return true, nil
	}, tree)
	slices.Sort(names)
	return slices.Compact(names), err
}

// treeTables returns the tables that a parsed statement reads, sorted: what
// stands in a FROM, not the qualifiers of columns.
func treeTables(tree sqlparser.SQLNode) (names []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parser failed: %v", r)
		}
	}()
	err = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if from, ok := node.(*sqlparser.AliasedTableExpr); ok {
			if name, ok := from.Expr.(sqlparser.TableName); ok {
				names = append(names, name.Name.String())
			}
		}
		return true, nil
	}, tree)
	slices.Sort(names)
	return slices.Compact(names), err
}
