package landlord

import (
	"cmp"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Consents say of single tables and columns that a migration may take their data
// away, and what becomes of it. What is said of a table counts for its columns.
type Consents map[ddl.Place]DestructiveMode

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
