package script

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// A Schema is the structure of a database with what the statements of its
// objects do not say. It survives a round trip through JSON.
type Schema struct {
	ddl.Schema

	// EventTimeZones are the time zones in which events with a schedule count,
	// by name; those in the time zone of the session (`+00:00`) are left out.
	EventTimeZones map[string]string `json:"event_time_zones,omitempty"`
	// Broken are views that the server could not open, by name: they read
	// something that is not there. They may be impossible to create.
	Broken []string `json:"broken_views,omitempty"`
	// Counters are the next automatic values of tables, by name.
	Counters map[string]uint64 `json:"counters,omitempty"`
	// Memory are the bytes of tables that lie in memory (the engine MEMORY), by
	// name: the server bounds each by what held when it was made.
	Memory map[string]int64 `json:"memory,omitempty"`
	// Sequences are the next values of MariaDB's sequences, by name. They lie
	// behind all that the server has reserved, so that no value comes twice.
	Sequences map[string]SequenceValue `json:"sequences,omitempty"`
}

// A SequenceValue is where a sequence stands.
type SequenceValue struct {
	Next  int64 `json:"next"`
	Round int64 `json:"round,omitempty"` // how often it began again
}

// Only returns the part of a schema that belongs to some tables: the tables,
// their triggers and their counters.
func (s Schema) Only(tables []string) Schema {
	part := Schema{Schema: ddl.Schema{CharacterSet: s.CharacterSet, Collation: s.Collation}}
	for _, o := range s.Objects {
		if o.Kind == ddl.KindTable && slices.Contains(tables, o.Name) || o.Kind == ddl.KindTrigger && slices.Contains(tables, o.Table) {
			part.Objects = append(part.Objects, o)
		}
	}
	part.Counters, part.Memory = only(s.Counters, tables), only(s.Memory, tables)
	return part
}

// only returns the entries of some tables, nil for none.
func only[T any](all map[string]T, tables []string) map[string]T {
	var part map[string]T
	for name, v := range all {
		if slices.Contains(tables, name) {
			if part == nil {
				part = map[string]T{}
			}
			part[name] = v
		}
	}
	return part
}

// Transactional returns the tables in which a statement that fails leaves nothing.
func (s Schema) Transactional() map[string]bool {
	found := map[string]bool{}
	for _, o := range s.Objects {
		if o.Kind == ddl.KindTable {
			found[o.Name] = slices.Contains(tableOptions.FindAllString(o.SQL, -1), ") ENGINE=InnoDB")
		}
	}
	return found
}
