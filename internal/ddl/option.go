package ddl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// keyBlockSize is the option of a key in its canonical form.
var keyBlockSize = regexp.MustCompile(`(^| )key_block_size = [0-9]+`)

// readOptions reads what follows the list of columns: options and partitions.
func (t *Table) readOptions(c *sqltext.Cursor) error {
	for !c.Done() {
		switch {
		case c.At("partition", "by"):
			p, err := readPartitioning(c)
			if err != nil {
				return err
			}
			t.Partition = p
		case c.At("with", "system", "versioning"):
			t.Versioned = true
			t.Options = append(t.Options, Option{Name: "WITH SYSTEM VERSIONING", Text: sqltext.Join(c.Tokens[c.Index : c.Index+3])})
			c.Index += 3
		default:
			if o := readOption(c); o.Name != "AUTO_INCREMENT" { // data, not structure
				t.Options = append(t.Options, o)
			}
		}
	}
	// MariaDB prints the option with every engine, keeps it through an ALTER only where it
	// means something, and prints it of each table of Aria, where it is on unless said.
	t.Options = slices.DeleteFunc(t.Options, func(o Option) bool {
		return o.Name == "PAGE_CHECKSUM" && (o.Value == "1" || !strings.EqualFold(t.Option("ENGINE"), "aria"))
	})
	memory := strings.EqualFold(t.Option("ENGINE"), "memory")
	innodb := strings.EqualFold(t.Option("ENGINE"), "innodb")
	for i := range t.Keys {
		if innodb { // it knows none; MariaDB writes the table's down with its keys when that changes
			t.Keys[i].Options = keyBlockSize.ReplaceAllString(t.Keys[i].Options, "")
		}
		if !memory { // printed until the table is rebuilt
			t.Keys[i].Options = strings.TrimSpace(strings.Replace(" "+t.Keys[i].Options+" ", " using hash ", " ", 1))
		}
		if memory && strings.Contains(strings.ToLower(t.Keys[i].Text), "using btree") {
			t.Keys[i].Options += " using btree"
		}
	}
	return nil
}

// readOption reads NAME=value, NAME value or `name`=value; a name can have two
// words.
func readOption(c *sqltext.Cursor) Option {
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
	o := Option{Name: strings.Join(words, " ")}
	c.AcceptPunct('=')
	value := c.Index
	if c.Group() == nil {
		c.Next()
	}
	o.Value, o.printed, o.Text = sqltext.Canonical(c.Since(value)), sqltext.Join(c.Since(value)), sqltext.Join(c.Since(start))
	return o
}

// Partitioning is PARTITION BY … of a table.
type Partitioning struct {
	Head       []sqltext.Token // PARTITION BY … without the list
	Partitions []Partition
}

// Partition is one partition; engine names are left out, they follow the table.
type Partition struct {
	Name string
	toks []sqltext.Token
}

// Canon returns the definition of the partition in the form in which two are compared.
func (p Partition) Canon() string { return sqltext.Canonical(p.toks) }

// SameBound says whether two partitions end at the same value, or hold the same list.
func (p Partition) SameBound(q Partition) bool {
	x, listed := p.bounds()
	y, other := q.bounds()
	return listed == other && sqltext.Canonical(x) == sqltext.Canonical(y)
}

// readPartitioning reads PARTITION BY up to the end.
func readPartitioning(c *sqltext.Cursor) (*Partitioning, error) {
	p := &Partitioning{}
	for !c.Done() {
		group := c.Index
		if toks := c.Group(); toks != nil {
			if len(toks) == 0 || !toks[0].Is("partition") {
				p.Head = append(p.Head, c.Since(group)...)
				continue
			}
			for _, part := range sqltext.SplitCommas(toks) {
				if len(part) < 2 {
					return nil, errNoColumns
				}
				p.Partitions = append(p.Partitions, Partition{Name: part[1].Value(), toks: withoutEngine(part)})
			}
			continue
		}
		p.Head = append(p.Head, c.Next())
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

// Text returns PARTITION BY … on one line, without engines.
func (p *Partitioning) Text() string {
	if len(p.Partitions) == 0 {
		return sqltext.Join(p.Head)
	}
	return sqltext.Join(p.Head) + " (" + PartitionList(p.Partitions) + ")"
}

// PartitionList returns the definitions of partitions with commas between them.
func PartitionList(list []Partition) string {
	var out []string
	for _, x := range list {
		out = append(out, sqltext.Join(x.toks))
	}
	return strings.Join(out, ", ")
}

// Same says whether two partitionings are equal; nil is a table without one.
func (p *Partitioning) Same(q *Partitioning) bool {
	if p == nil || q == nil {
		return p == q
	}
	return sqltext.Canonical(p.Head) == sqltext.Canonical(q.Head) && slices.EqualFunc(p.Partitions, q.Partitions, func(x, y Partition) bool {
		return x.Canon() == y.Canon()
	})
}
