package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// readOptions reads what follows the list of columns: options and partitions.
func (t *table) readOptions(c *sqltext.Cursor) error {
	for !c.Done() {
		switch {
		case c.At("partition", "by"):
			p, err := readPartitioning(c)
			if err != nil {
				return err
			}
			t.partition = p
		case c.At("with", "system", "versioning"):
			t.versioned = true
			t.options = append(t.options, option{name: "WITH SYSTEM VERSIONING", text: sqltext.Join(c.Tokens[c.Index : c.Index+3])})
			c.Index += 3
		default:
			if o := readOption(c); o.name != "AUTO_INCREMENT" { // data, not structure
				t.options = append(t.options, o)
			}
		}
	}
	memory := strings.EqualFold(t.option("ENGINE"), "memory")
	for i := range t.keys {
		if !memory { // printed until the table is rebuilt
			t.keys[i].options = strings.TrimSpace(strings.Replace(" "+t.keys[i].options+" ", " using hash ", " ", 1))
		}
		if memory && strings.Contains(strings.ToLower(t.keys[i].text), "using btree") {
			t.keys[i].options += " using btree"
		}
	}
	return nil
}

// readOption reads NAME=value, NAME value or `name`=value; a name can have two
// words.
func readOption(c *sqltext.Cursor) option {
	start := c.Index
	words := []string{strings.ToUpper(c.Next().Value())}
	if words[0] == "DEFAULT" || (c.Index+1 < len(c.Tokens) && c.Peek().Kind == sqltext.Word && c.Tokens[c.Index+1].IsPunct('=')) {
		words = append(words, strings.ToUpper(c.Next().Value()))
	}
	if words[len(words)-1] == "CHARACTER" && c.Accept("set") {
		words[len(words)-1] = "CHARSET"
	}
	if words[0] == "DEFAULT" {
		words = words[1:]
	}
	o := option{name: strings.Join(words, " ")}
	c.AcceptPunct('=')
	value := c.Index
	if c.Group() == nil {
		c.Next()
	}
	o.value, o.printed, o.text = sqltext.Canonical(c.Since(value)), sqltext.Join(c.Since(value)), sqltext.Join(c.Since(start))
	return o
}

// partitioning is PARTITION BY … of a table.
type partitioning struct {
	head       []sqltext.Token // PARTITION BY … without the list
	partitions []partition
}

// partition is one partition; engine names are left out, they follow the table.
type partition struct {
	name string
	toks []sqltext.Token
}

func (p partition) canon() string { return sqltext.Canonical(p.toks) }

// readPartitioning reads PARTITION BY up to the end.
func readPartitioning(c *sqltext.Cursor) (*partitioning, error) {
	p := &partitioning{}
	for !c.Done() {
		group := c.Index
		if toks := c.Group(); toks != nil {
			if len(toks) == 0 || !toks[0].Is("partition") {
				p.head = append(p.head, c.Since(group)...)
				continue
			}
			for _, part := range sqltext.SplitCommas(toks) {
				if len(part) < 2 {
					return nil, errNoColumns
				}
				p.partitions = append(p.partitions, partition{name: part[1].Value(), toks: withoutEngine(part)})
			}
			continue
		}
		p.head = append(p.head, c.Next())
	}
	return p, nil
}

// withoutEngine leaves ENGINE = x out.
func withoutEngine(toks []sqltext.Token) []sqltext.Token {
	var out []sqltext.Token
	for i := 0; i < len(toks); i++ {
		if toks[i].Is("engine") && i+2 < len(toks) && toks[i+1].IsPunct('=') {
			i += 2
			continue
		}
		out = append(out, toks[i])
	}
	return out
}

func (p *partitioning) text() string {
	if len(p.partitions) == 0 {
		return sqltext.Join(p.head)
	}
	return sqltext.Join(p.head) + " (" + partitionList(p.partitions) + ")"
}

func partitionList(list []partition) string {
	var out []string
	for _, x := range list {
		out = append(out, sqltext.Join(x.toks))
	}
	return strings.Join(out, ", ")
}

func (p *partitioning) same(q *partitioning) bool {
	if p == nil || q == nil {
		return p == q
	}
	return sqltext.Canonical(p.head) == sqltext.Canonical(q.head) && slices.EqualFunc(p.partitions, q.partitions, func(x, y partition) bool {
		return x.canon() == y.canon()
	})
}
