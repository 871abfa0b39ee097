package source

import (
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// nameBefore are words behind which an unquoted word of ALTER TABLE is a name
// and no option.
var nameBefore = []string{
	"ADD", "COLUMN", "MODIFY", "CHANGE", "DROP", "AFTER", "BEFORE", "TO", "EXISTS", "KEY", "INDEX", "CONSTRAINT", "BY", "RENAME", "CHECK", "ALTER",
}

// isOption says whether the word at token i stands where an option of a table
// does: outside of parentheses, or in the definition of a partition.
func (g *guard) isOption(i int) bool {
	if i < g.st.Head.Body || i == 0 {
		return false
	}
	prev := g.toks[i-1]
	if prev.IsAny(nameBefore...) || prev.IsName() && i > 1 && g.toks[i-2].IsAny("CHANGE", "COLUMN") && g.changes(i-2) {
		return false
	}
	if g.optional == nil {
		g.optional = g.optionPlaces()
	}
	return g.optional[i]
}

// optionPlaces says of each token whether it stands outside of parentheses, or in
// the definition of a partition.
func (g *guard) optionPlaces() []bool {
	out := make([]bool, len(g.toks))
	var elements []int // where the current one begins in each list that is open
	for k := g.st.Head.Body; k < len(g.toks); k++ {
		last := len(elements) - 1
		out[k] = last < 0 || elements[last] < len(g.toks) && g.toks[elements[last]].IsAny("PARTITION", "SUBPARTITION")
		switch t := g.toks[k]; {
		case t.IsPunct('('):
			elements = append(elements, k+1)
		case t.IsPunct(')') && last >= 0:
			elements = elements[:last]
		case t.IsPunct(',') && last >= 0:
			elements[last] = k + 1
		}
	}
	return out
}

// changes says whether token i belongs to CHANGE COLUMN, behind which two names
// stand.
func (g *guard) changes(i int) bool {
	return g.is(i, "CHANGE") || g.is(i-1, "CHANGE", "COLUMN")
}

// tableOptions judges the engine of a table.
func (g *guard) tableOptions() {
	if g.st.Kind != ddl.KindTable && g.st.Kind != ddl.KindSequence {
		return
	}
	g.partitions()
	for i := range g.toks {
		if !g.is(i, "ENGINE") || !g.isOption(i) {
			continue
		}
		k := i + 1
		if g.is(k, "=") {
			k++
		}
		if k >= len(g.toks) {
			continue
		}
		engine := g.toks[k].Value()
		switch upper := strings.ToUpper(engine); {
		case !slices.Contains(localEngines, upper):
			g.add(g.toks[i].Start, CodeOption, summaryFor(CodeOption), "`ENGINE=%s` is not known to keep the rows in the tenant's database. Use InnoDB.", engine)
		case g.layer() == LayerCustomization && upper != "INNODB":
			g.add(g.toks[i].Start, CodeOption, summaryFor(CodeOption), "`ENGINE=%s` keeps rows without transactions, or not at all. Use InnoDB.", engine)
		}
	}
}

// maxPartitions is how many partitions a customization may give a table: each
// is a file that stays open.
const maxPartitions = 512

// partitions refuses tables of very many partitions: those that are counted
// (`PARTITIONS 8`), those that are listed, and what both multiply to.
func (g *guard) partitions() {
	if g.layer() != LayerCustomization {
		return
	}
	if auto := slices.IndexFunc(g.toks, func(t sqltext.Token) bool { return t.Is("AUTO") }); auto >= 0 && slices.ContainsFunc(g.toks[:auto], func(t sqltext.Token) bool { return t.Is("SYSTEM_TIME") }) {
		g.add(g.toks[auto].Start, CodeOption, summaryFor(CodeOption), "`AUTO` lets the server make one partition after the other. Leave it out, and list them.")
	}
	counts := map[string]int{} // by PARTITION or SUBPARTITION
	first := -1
	for i, t := range g.toks {
		switch {
		case t.IsAny("PARTITIONS", "SUBPARTITIONS") && i+1 < len(g.toks) && g.toks[i+1].Kind == sqltext.Number:
			n, err := strconv.Atoi(g.toks[i+1].Text)
			if err != nil || n > maxPartitions {
				g.add(t.Start, CodeOption, summaryFor(CodeOption), "`%s %s` makes more files than a tenant may have. At most %d are allowed.", strings.ToUpper(t.Text), g.toks[i+1].Text, maxPartitions)
				return
			}
			word := strings.TrimSuffix(strings.ToUpper(t.Text), "S")
			counts[word] = max(counts[word], n)
		case i > 0 && t.IsAny("PARTITION", "SUBPARTITION") && (g.is(i-1, "(") || g.is(i-1, ",")):
			counts["listed "+strings.ToUpper(t.Text)]++
		default:
			continue
		}
		if first < 0 {
			first = t.Start
		}
	}
	all := max(counts["PARTITION"], counts["listed PARTITION"], 1) * max(counts["SUBPARTITION"], 1)
	if all = max(all, counts["listed SUBPARTITION"]); all > maxPartitions {
		g.add(first, CodeOption, summaryFor(CodeOption), "%d partitions make more files than a tenant may have. At most %d are allowed.", all, maxPartitions)
	}
}

// loops refuses what cannot end, in bodies that are not trusted. It sees the
// plain cases only; a watchdog ends the others.
func (g *guard) loops() {
	if g.layer() != LayerCustomization || !g.st.isRoutine() {
		return
	}
	for i := range g.toks {
		if g.is(i, "EXIT", "HANDLER") {
			return // an error ends the loop with its block
		}
	}
	for i, t := range g.toks {
		if !t.IsAny("WHILE", "REPEAT", "LOOP") || !g.beginsAt(i) {
			continue
		}
		end, condition := g.loopEnd(i), -1
		switch {
		case t.Is("WHILE"):
			condition = i + 1
		case t.Is("REPEAT"):
			for condition = min(end, len(g.toks)-1); condition > i && !g.toks[condition].Is("UNTIL"); condition-- {
			}
			condition++
		}
		leaves := slices.ContainsFunc(g.toks[i:end], func(t sqltext.Token) bool { return t.IsAny("LEAVE", "RETURN", "SIGNAL", "RESIGNAL", "EXIT", "GOTO") })
		for k := i; k+1 < end && !leaves; k++ { // ITERATE of another loop than this one
			leaves = g.toks[k].Is("ITERATE") && !(g.is(i-1, ":") && i > 1 && strings.EqualFold(g.toks[k+1].Value(), g.toks[i-2].Value()))
		}
		if !leaves && (condition < 0 || g.constant(condition)) {
			g.add(t.Start, CodeLoop, "Loop never ends", "Nothing ends this `%s`. Give it a condition, or a `LEAVE`.", strings.ToUpper(t.Text))
		}
	}
}

// loopEnd returns the index of the END that ends the loop at token i.
func (g *guard) loopEnd(i int) int {
	word, depth := g.toks[i].Text, 0
	for k := i; k < len(g.toks); k++ {
		switch {
		case !g.toks[k].Is(word):
		case g.toks[k-1].Is("END"):
			if depth--; depth == 0 {
				return k - 1
			}
		case g.beginsAt(k):
			depth++
		}
	}
	return len(g.toks)
}

// constant says whether the condition of a loop from token i holds nothing that can
// change: no name, no variable, no call.
func (g *guard) constant(i int) bool {
	for ; i < len(g.toks) && !g.toks[i].IsAny("DO", "END"); i++ {
		t := g.toks[i]
		if t.Kind == sqltext.Variable || t.Kind == sqltext.Name || t.Kind == sqltext.Word && !t.IsAny("TRUE", "FALSE", "NULL", "NOT", "IS", "AND", "OR", "XOR", "IN", "BETWEEN", "LIKE") {
			return false
		}
	}
	return true
}

// beginsAt says whether a statement of a body begins at token i.
func (g *guard) beginsAt(i int) bool {
	_, found := slices.BinarySearch(g.begins, i)
	return found
}

// IsLocalEngine says whether an engine is known to keep the rows of a table in the
// files of its database, or nowhere.
func IsLocalEngine(engine string) bool { return slices.Contains(localEngines, strings.ToUpper(engine)) }

// NamesNoEngine says whether a CREATE TABLE leaves its engine to the server.
func (st *Statement) NamesNoEngine() bool { return st.leaves("ENGINE") }

// leaves says whether a CREATE TABLE has none of these options, of its own or of the
// table that it is like.
func (st *Statement) leaves(options ...string) bool {
	g := &guard{st: st, toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	for i, t := range g.toks {
		if t.IsAny(options...) && g.isOption(i) || i == st.Head.Body && (g.is(i, "LIKE") || g.is(i, "(", "LIKE")) {
			return false
		}
	}
	return true
}
