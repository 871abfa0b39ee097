package landlord

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Consents say of single tables and columns that a migration may take their data
// away, and what becomes of it. What is said of a table counts for its columns.
type Consents map[ddl.Place]DestructiveMode

// ParseConsents reads what is said of tables and columns by their names, as
// `table users` or `table users column phone`.
func ParseConsents(said map[string]string) (Consents, error) {
	if len(said) == 0 {
		return nil, nil
	}
	out := Consents{}
	for text, mode := range said {
		p, err := ParseLosable(text)
		if err != nil {
			return nil, err
		}
		out[p] = DestructiveMode(mode)
	}
	return out, nil
}

// ParseLosable reads the name of something that holds data: a table, a sequence,
// or a column.
func ParseLosable(text string) (ddl.Place, error) {
	p, err := ddl.ParsePlace(text)
	if err != nil {
		return p, err //nolint:wrapcheck // it is in the words of the interface
	}
	kind, _ := ddl.SplitObject(p.Object)
	if kind != ddl.KindTable && kind != ddl.KindSequence || p.Element != "" && !strings.HasPrefix(p.Element, "column ") {
		return p, fmt.Errorf("`%s` is no table, column or sequence: only those hold data", text)
	}
	return p, nil
}

// MarshalJSON writes the consents by the names of the places.
func (c Consents) MarshalJSON() ([]byte, error) {
	said := make(map[string]DestructiveMode, len(c))
	for p, mode := range c {
		said[p.String()] = mode
	}
	return json.Marshal(said)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Consents) UnmarshalJSON(raw []byte) error {
	var said map[string]string
	if err := json.Unmarshal(raw, &said); err != nil {
		return err
	}
	parsed, err := ParseConsents(said)
	*c = parsed
	return err
}

// Of returns what is said of a place, empty when nothing is.
func (c Consents) Of(p ddl.Place) DestructiveMode {
	return cmp.Or(c[p], c[ddl.Place{Object: p.Object}])
}

// String lists the consents, in order.
func (c Consents) String() string {
	text := ""
	for _, p := range slices.SortedFunc(maps.Keys(c), ddl.Place.Compare) {
		text += p.String() + "=" + string(c[p]) + "\x00"
	}
	return text
}

// Agrees says whether the step may take away what it takes: as a whole, or because
// each thing was named.
func (t *TenantSpec) Agrees(s Step) bool {
	return t.AllowDestructive || len(s.Takes) > 0 && !slices.ContainsFunc(s.Takes, func(p ddl.Place) bool { return t.Consents.Of(p) == "" })
}
