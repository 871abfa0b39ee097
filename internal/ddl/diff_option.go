package ddl

import (
	"slices"
	"strings"
)

// readOptions reads what follows the list of columns: options and partitions.
func (t *table) readOptions(c *cursor) error {
	for !c.done() {
		switch {
		case c.at("partition", "by"):
			p, err := readPartitioning(c)
			if err != nil {
				return err
			}
			t.partition = p
		case c.at("with", "system", "versioning"):
			t.versioned = true
			t.options = append(t.options, option{name: "WITH SYSTEM VERSIONING", text: renderTokens(c.toks[c.i : c.i+3])})
			c.i += 3
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
func readOption(c *cursor) option {
	start := c.i
	words := []string{strings.ToUpper(c.next().name())}
	if words[0] == "DEFAULT" || (c.i+1 < len(c.toks) && c.peek().kind == tokWord && c.toks[c.i+1].punct('=')) {
		words = append(words, strings.ToUpper(c.next().name()))
	}
	if words[len(words)-1] == "CHARACTER" && c.accept("set") {
		words[len(words)-1] = "CHARSET"
	}
	if words[0] == "DEFAULT" {
		words = words[1:]
	}
	o := option{name: strings.Join(words, " ")}
	c.acceptPunct('=')
	value := c.i
	if c.group() == nil {
		c.next()
	}
	o.value, o.printed, o.text = canonTokens(c.since(value)), renderTokens(c.since(value)), renderTokens(c.since(start))
	return o
}

// resets says how an option goes back to what a table has that never had it.
// Options that are not listed cannot be taken back.
var resets = map[string]string{
	"AVG_ROW_LENGTH": "0", "CHECKSUM": "0", "COMMENT": "''", "COMPRESSION": "''", "CONNECTION": "''", "DELAY_KEY_WRITE": "0",
	"ENCRYPTION": "'N'", "INSERT_METHOD": "NO", "KEY_BLOCK_SIZE": "0", "MAX_ROWS": "0", "MIN_ROWS": "0", "PACK_KEYS": "DEFAULT",
	"ROW_FORMAT": "DEFAULT", "STATS_AUTO_RECALC": "DEFAULT", "STATS_PERSISTENT": "DEFAULT", "STATS_SAMPLE_PAGES": "DEFAULT",
	"PAGE_CHECKSUM": "DEFAULT", "TRANSACTIONAL": "DEFAULT", "PAGE_COMPRESSED": "DEFAULT", "PAGE_COMPRESSION_LEVEL": "DEFAULT",
	"ENCRYPTED": "DEFAULT", "ENCRYPTION_KEY_ID": "DEFAULT", "SECONDARY_ENGINE": "NULL", "ENGINE_ATTRIBUTE": "''",
	"SECONDARY_ENGINE_ATTRIBUTE": "''", "AUTOEXTEND_SIZE": "0",
}

// optionClauses returns the options that change, and the name of one that
// cannot ("" when all can).
func optionClauses(a, b *table) (clauses []string, stuck string) {
	for _, o := range b.options {
		switch i := slices.IndexFunc(a.options, func(x option) bool { return x.name == o.name }); {
		case i >= 0 && a.options[i].value == o.value:
		case o.name == "DATA DIRECTORY", o.name == "INDEX DIRECTORY", o.name == "WITH SYSTEM VERSIONING":
			return nil, o.name
		case o.name == "COLLATE" || o.name == "CHARSET": // together, below
		default:
			clauses = append(clauses, o.text)
		}
	}
	for _, o := range a.options {
		if slices.ContainsFunc(b.options, func(x option) bool { return x.name == o.name }) || o.name == "COLLATE" || o.name == "CHARSET" {
			continue
		}
		reset, ok := resets[o.name]
		if !ok {
			return nil, o.name
		}
		clauses = append(clauses, o.name+"="+reset)
	}
	if a.collation != b.collation && b.charset != "" {
		set := "DEFAULT CHARSET=" + b.charset
		if !strings.HasSuffix(b.collation, " default") {
			set += " COLLATE=" + b.collation
		}
		clauses = append(clauses, set)
	}
	return clauses, ""
}

// partitioning is PARTITION BY … of a table.
type partitioning struct {
	head       []token // PARTITION BY … without the list
	partitions []partition
}

// partition is one partition; engine names are left out, they follow the table.
type partition struct {
	name string
	toks []token
}

func (p partition) canon() string { return canonTokens(p.toks) }

// readPartitioning reads PARTITION BY up to the end.
func readPartitioning(c *cursor) (*partitioning, error) {
	p := &partitioning{}
	for !c.done() {
		group := c.i
		if toks := c.group(); toks != nil {
			if len(toks) == 0 || !toks[0].is("partition") {
				p.head = append(p.head, c.since(group)...)
				continue
			}
			for _, part := range commaList(toks) {
				if len(part) < 2 {
					return nil, errNoColumns
				}
				p.partitions = append(p.partitions, partition{name: part[1].name(), toks: withoutEngine(part)})
			}
			continue
		}
		p.head = append(p.head, c.next())
	}
	return p, nil
}

// withoutEngine leaves ENGINE = x out.
func withoutEngine(toks []token) []token {
	var out []token
	for i := 0; i < len(toks); i++ {
		if toks[i].is("engine") && i+2 < len(toks) && toks[i+1].punct('=') {
			i += 2
			continue
		}
		out = append(out, toks[i])
	}
	return out
}

func (p *partitioning) text() string {
	if len(p.partitions) == 0 {
		return renderTokens(p.head)
	}
	return renderTokens(p.head) + " (" + partitionList(p.partitions) + ")"
}

func partitionList(list []partition) string {
	var out []string
	for _, x := range list {
		out = append(out, renderTokens(x.toks))
	}
	return strings.Join(out, ", ")
}

func (p *partitioning) same(q *partitioning) bool {
	if p == nil || q == nil {
		return p == q
	}
	return canonTokens(p.head) == canonTokens(q.head) && slices.EqualFunc(p.partitions, q.partitions, func(x, y partition) bool {
		return x.canon() == y.canon()
	})
}

// partitionStep returns the statement part that turns one partitioning into the
// other by ADD or REORGANIZE PARTITION; "" when only a new PARTITION BY can.
// None of them loses rows: a row without a partition makes the statement fail.
func partitionStep(p, q *partitioning) string {
	if p == nil || q == nil || canonTokens(p.head) != canonTokens(q.head) || len(p.partitions) == 0 || len(q.partitions) == 0 {
		return ""
	}
	a, b := p.partitions, q.partitions
	start := 0
	for start < len(a) && start < len(b) && a[start].canon() == b[start].canon() {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end].canon() == b[len(b)-1-end].canon() {
		end++
	}
	if start == len(a) {
		return "ADD PARTITION (" + partitionList(b[start:]) + ")"
	}
	if end == 0 || !slices.ContainsFunc(p.head, func(t token) bool { return t.is("range") }) {
		return ""
	}
	if start == len(a)-end || start == len(b)-end { // nothing to take from, or nothing to put it into
		end--
	}
	var from []string
	for _, x := range a[start : len(a)-end] {
		from = append(from, quoteName(x.name))
	}
	return "REORGANIZE PARTITION " + strings.Join(from, ", ") + " INTO (" + partitionList(b[start:len(b)-end]) + ")"
}
