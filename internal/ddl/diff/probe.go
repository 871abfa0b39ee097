package diff

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// ProbeLimit is how many rows a probe counts at most.
const ProbeLimit = 1000

// Probe is a read-only question to the database before the migration. It finds
// at most ProbeLimit+1 rows, but may read a whole table to find none: run it
// with a limit of time.
type Probe struct {
	// SQL returns one row: the number of rows found and one example, as
	// text, NULL when there is none.
	SQL string `json:"sql"`

	// Blocks is true when the statement fails as long as one row is found.
	// Otherwise the rows found are what is lost.
	Blocks bool `json:"blocks"`

	// Text is what a finding says, see Finding. Label is what the example
	// is: a column or several.
	Text  string `json:"text"`
	Label string `json:"label,omitempty"`

	// Where is the condition for the rows that are found; empty where the
	// question is no one about single rows.
	Where string `json:"-"`

	// Versions names the table of which the question is how often it was changed
	// without writing its rows; empty for others. The catalog answers it for all
	// tables at once, by reading about every table of the server each time.
	Versions string `json:"-"`

	// Algorithm is copy or instant when the question matters only for a
	// statement that runs so, empty when it always matters.
	Algorithm string `json:"-"`

	// ZeroDates is true when it looks for dates without a month or a day, which
	// only a mode that forbids them refuses.
	ZeroDates bool `json:"-"`

	// Evaluates says what the question computes of each row; empty when it
	// computes nothing. What the server warns of then, or fails with, makes
	// the statement fail on a strict server; see Failure.
	Evaluates string `json:"-"`
}

// Concerns says whether the question matters for a statement that runs by an
// algorithm.
func (p Probe) Concerns(algorithm string) bool { return p.Algorithm == "" || p.Algorithm == algorithm }

// Failure returns what it says in words when computing fails with a message of the
// server.
func (p Probe) Failure(message string) string { return p.Evaluates + ": " + message }

// Finding returns the answer to a probe in words: "3 rows of `t` violate NOT
// NULL of `v`, e.g. `id` 17". It returns "" when nothing was found.
func (p Probe) Finding(count int64, example string) string {
	if count == 0 {
		return ""
	}
	rows, verbs := strconv.FormatInt(count, 10)+" rows", [...]string{"{violate}", "violate", "{lose}", "lose"}
	switch {
	case count == 1:
		rows, verbs = "1 row", [...]string{"{violate}", "violates", "{lose}", "loses"}
	case count > ProbeLimit:
		rows = fmt.Sprintf("more than %d rows", ProbeLimit)
	}
	text := strings.NewReplacer(append([]string{"{rows}", rows}, verbs[:]...)...).Replace(p.Text)
	if p.Label != "" && example != "" {
		text += ", e.g. " + p.Label + " " + example
	}
	return text
}

func keyTitle(k *ddl.Key) string {
	if k.Kind == ddl.KeyPrimary {
		return "the primary key"
	}
	return "unique key `" + k.Name + "`"
}

// duplicateProbe returns the probe for values that a unique key would see twice.
func duplicateProbe(t *ddl.Table, k *ddl.Key, exprs []string, under string) Probe {
	var notNull []string
	for _, e := range exprs {
		notNull = append(notNull, e+" IS NOT NULL")
	}
	example := asTexts(exprs)
	var labels []string
	for _, p := range k.Parts {
		if p.Column != "" {
			labels = append(labels, "`"+p.Column+"`")
		} else {
			labels = append(labels, p.Expr)
		}
	}
	text := "{rows} of `" + t.Name + "` {violate} " + keyTitle(k)
	if under != "" {
		text += " " + under
	}
	return Probe{
		SQL: fmt.Sprintf("SELECT COALESCE(SUM(`copies`), 0), MIN(`example`) FROM (SELECT MIN(%s) AS `example`, COUNT(*) AS `copies` FROM %s WHERE %s GROUP BY %s HAVING COUNT(*) > 1 LIMIT %d) AS `found`",
			example, sqltext.Quote(t.Name), strings.Join(notNull, " AND "), strings.Join(exprs, ", "), ProbeLimit+1),
		Blocks: true, Text: text, Label: strings.Join(labels, ", "),
	}
}

// rowProbe returns the question how many rows of the table meet a condition.
func rowProbe(t *ddl.Table, cond, text string, blocks bool) Probe {
	example, label := "NULL", ""
	if pk := t.Primary(); pk != nil && pk.Columns() != nil {
		var list, names []string
		for _, p := range pk.Parts {
			list, names = append(list, readable(t, p.Column)), append(names, "`"+p.Column+"`")
		}
		example, label = asTexts(list), strings.Join(names, ", ")
	}
	return Probe{
		SQL: fmt.Sprintf("SELECT COUNT(*), MIN(`example`) FROM (SELECT %s AS `example` FROM %s WHERE %s LIMIT %d) AS `found`",
			example, sqltext.Quote(t.Name), cond, ProbeLimit+1),
		Blocks: blocks, Text: text, Label: label, Where: cond,
	}
}

func asText(expr string) string { return "CAST(" + expr + " AS CHAR)" }

// asTexts returns values as one text. Each is made a text by itself: the servers put no
// two texts together that have collations of their own.
func asTexts(exprs []string) string {
	if len(exprs) == 1 {
		return asText(exprs[0])
	}
	texts := make([]string, len(exprs))
	for i, e := range exprs {
		texts[i] = asText(e)
	}
	return "CONCAT_WS(', ', " + strings.Join(texts, ", ") + ")"
}

// readable returns an expression for a column that a person can read.
func readable(t *ddl.Table, name string) string {
	if col := t.Column(name); col != nil && col.Type.Binary() {
		return "HEX(" + sqltext.Quote(name) + ")"
	}
	return sqltext.Quote(name)
}
