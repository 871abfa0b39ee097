package ddl

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Homeless returns a condition for rows that no partition takes; empty when each row
// has its place, or none can be told. value returns what stands for a column or an
// expression of the table.
func (p *Partitioning) Homeless(value func(expr string) (string, bool)) string {
	c := &sqltext.Cursor{Tokens: p.Head}
	list := false
	switch {
	case c.Accept("partition", "by", "range"):
	case c.Accept("partition", "by", "list"):
		list = true
	default:
		return ""
	}
	c.Accept("columns")
	var exprs []string
	for _, toks := range sqltext.SplitCommas(c.Group()) {
		expr, ok := value(sqltext.Join(toks))
		if !ok {
			return ""
		}
		exprs = append(exprs, expr)
	}
	switch {
	case len(exprs) == 0 || len(p.Partitions) == 0:
		return ""
	case list:
		return outsideLists(exprs, p.Partitions)
	}
	return beyondLast(exprs, p.Partitions[len(p.Partitions)-1])
}

// bounds returns what stands behind LESS THAN or IN; ok is false for MAXVALUE and
// DEFAULT without parentheses.
func (p Partition) bounds() (toks []sqltext.Token, ok bool) {
	c := &sqltext.Cursor{Tokens: p.toks}
	for !c.Done() && !c.Peek().IsPunct('(') {
		if c.Next().IsAny("maxvalue", "default") {
			return nil, false
		}
	}
	toks = c.Group()
	return toks, toks != nil
}

// beyondLast compares with the bound of the last partition, up to a MAXVALUE in it.
func beyondLast(exprs []string, last Partition) string {
	toks, ok := last.bounds()
	if !ok {
		return ""
	}
	var limits []string
	open := false
	for _, bound := range sqltext.SplitCommas(toks) {
		if open = len(bound) == 1 && bound[0].Is("maxvalue"); open {
			break
		}
		limits = append(limits, sqltext.Join(bound))
	}
	switch n := len(limits); {
	case n == 0 || n > len(exprs):
		return ""
	case open:
		return "(" + strings.Join(exprs[:n], ", ") + ") > (" + strings.Join(limits, ", ") + ")"
	default:
		return "(" + strings.Join(exprs, ", ") + ") >= (" + strings.Join(limits, ", ") + ")"
	}
}

// outsideLists compares with all lists of values. NULL has its place only where a
// list names it.
func outsideLists(exprs []string, partitions []Partition) string {
	var named []string
	null := len(exprs) > 1 // which no single condition tells
	for _, p := range partitions {
		toks, ok := p.bounds()
		if !ok { // DEFAULT takes them all
			return ""
		}
		for _, v := range sqltext.SplitCommas(toks) {
			switch {
			case len(v) == 1 && v[0].Is("null"):
				null = true
			case len(v) == 1 && v[0].Is("default"):
				return ""
			default:
				named = append(named, sqltext.Join(v))
			}
		}
	}
	tuple := "(" + strings.Join(exprs, ", ") + ")"
	cond := tuple + " IS NOT NULL"
	if len(exprs) > 1 {
		cond = "TRUE"
	}
	if len(named) > 0 {
		cond = tuple + " NOT IN (" + strings.Join(named, ", ") + ")"
	}
	if !null {
		cond = "(" + cond + " OR " + exprs[0] + " IS NULL)"
	}
	return cond
}
