package landlord

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// CustomizationStatus says where a customization stands.
type CustomizationStatus string

// The statuses of a customization. Removing and applying are passing ones that
// only an interrupted run leaves behind.
const (
	CustomizationApplying CustomizationStatus = "applying"
	CustomizationActive   CustomizationStatus = "active"
	CustomizationRemoving CustomizationStatus = "removing"
)

// CustomizationPatch is what a tenant gets beyond its template.
type CustomizationPatch struct {
	Tables  map[string]string     `json:"tables,omitempty"` // name to CREATE TABLE
	Columns []CustomizationColumn `json:"columns,omitempty"`
	Indexes []CustomizationIndex  `json:"indexes,omitempty"`
	Views   map[string]string     `json:"views,omitempty"` // name to SELECT
	SQL     string                `json:"sql,omitempty"`   // further additive statements
}

// CustomizationColumn is a column that a tenant adds to a table.
type CustomizationColumn struct {
	Table      string `json:"table"`
	Name       string `json:"name"`
	Definition string `json:"definition"` // type and attributes
}

// CustomizationIndex is an index that a tenant adds to a table.
type CustomizationIndex struct {
	Table   string   `json:"table"`
	Name    string   `json:"name"`
	Columns []string `json:"columns"` // names, each with a length or direction if wanted
	Unique  bool     `json:"unique,omitempty"`
}

// InputLocation is where the text of statements stands in the configuration.
type InputLocation struct {
	From  string // for people: `tables.visits`, `columns[0]`, `sql`
	Field Field  // path of the attribute
	Shift int    // lines that stand before what the user wrote
}

// At names a place in the text, for people.
func (l InputLocation) At(p source.Position) string {
	if p.Line <= l.Shift {
		return l.From
	}
	return fmt.Sprintf("%s:%d:%d", l.From, p.Line-l.Shift, p.Column)
}

// PatchStatement is a statement of a patch.
type PatchStatement struct {
	source.Statement
	InputLocation
	View bool // of `views`: those may read each other in any order
}

// ParsedPatch is a patch taken apart and judged on its own.
type ParsedPatch struct {
	Statements []PatchStatement // in the order in which they run
	Makes      []ddl.Place      // what the structured parts and CREATE statements make, as far as it is known
	Checksum   string
	Words      map[string]bool // every name in it, in lower case
}

// Checksum names the text of a patch.
func (p CustomizationPatch) Checksum() (string, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("writing JSON: %w", err)
	}
	return Digest("patch", string(raw)), nil
}

// word is an unquoted name: servers take every character beyond ASCII in one.
var word = regexp.MustCompile(`[0-9A-Za-z_$\x{80}-\x{10FFFF}]+`)

// quotedName is a quoted name at the beginning of a text, of at most 64
// characters as on every server, so that a text of backticks is read fast.
var quotedName = regexp.MustCompile("^`((?:[^`]|``){1,64})`")

// Words returns everything in a patch that could be a name, in lower case. It
// may hold more than names, never less.
func (p CustomizationPatch) Words() map[string]bool {
	out := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			out[strings.ToLower(text)] = true
			for _, w := range word.FindAllString(text, -1) {
				out[strings.ToLower(w)] = true
			}
			for i := range len(text) { // a backtick in a text or a comment opens nothing, so each may be the one that does
				if text[i] != '`' {
					continue
				}
				if m := quotedName.FindStringSubmatch(text[i:]); m != nil {
					out[strings.ToLower(strings.ReplaceAll(m[1], "``", "`"))] = true
				}
			}
		}
	}
	for name, text := range p.Tables {
		add(name, text)
	}
	for _, c := range p.Columns {
		add(c.Table, c.Name, c.Definition)
	}
	for _, x := range p.Indexes {
		add(x.Table, x.Name)
		add(x.Columns...)
	}
	for name, text := range p.Views {
		add(name, text)
	}
	add(p.SQL)
	return out
}

// With joins two customizations into one.
func (p *CustomizationPatch) With(q *CustomizationPatch) *CustomizationPatch {
	joined := CustomizationPatch{Tables: map[string]string{}, Views: map[string]string{}}
	var texts []string
	for _, from := range []*CustomizationPatch{p, q} {
		if from == nil {
			continue
		}
		for name, text := range from.Tables {
			joined.Tables[name] = text
		}
		for name, text := range from.Views {
			joined.Views[name] = text
		}
		joined.Columns, joined.Indexes = append(joined.Columns, from.Columns...), append(joined.Indexes, from.Indexes...)
		if from.SQL != "" {
			texts = append(texts, strings.TrimSuffix(from.SQL, "\n"))
		}
	}
	joined.SQL = strings.Join(texts, "\n")
	return &joined
}
