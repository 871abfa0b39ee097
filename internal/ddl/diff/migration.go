package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Operation names what a change or one of its clauses does.
type Operation string

// The operations of a migration. Dropping and creating again is two changes.
const (
	OpAlterDatabase  Operation = "alter_database" // default character set and collation
	OpCreateTable    Operation = "create_table"
	OpDropTable      Operation = "drop_table"
	OpAlterTable     Operation = "alter_table" // clauses of several kinds; see Change.Clauses
	OpAddColumn      Operation = "add_column"
	OpDropColumn     Operation = "drop_column"
	OpModifyColumn   Operation = "modify_column"
	OpReplaceColumn  Operation = "replace_column" // dropped and added in one statement
	OpAddIndex       Operation = "add_index"
	OpDropIndex      Operation = "drop_index"
	OpModifyIndex    Operation = "modify_index" // visibility
	OpRenameIndex    Operation = "rename_index"
	OpAddPrimaryKey  Operation = "add_primary_key"
	OpDropPrimaryKey Operation = "drop_primary_key"
	OpAddCheck       Operation = "add_check"
	OpDropCheck      Operation = "drop_check"
	OpModifyCheck    Operation = "modify_check" // enforced or not
	OpAddForeignKey  Operation = "add_foreign_key"
	OpDropForeignKey Operation = "drop_foreign_key"
	OpTableOptions   Operation = "change_table_options"
	OpPartition      Operation = "change_partitions"
	OpBackfill       Operation = "backfill_column" // the only one that is not DDL: see Change
	OpReplaceView    Operation = "replace_view"
	OpAlterSequence  Operation = "alter_sequence"
	OpAlterEvent     Operation = "alter_event"
)

// createOf and dropOf name the operations of the kinds that are only ever
// created and dropped: create_view, drop_trigger and so on.
func createOf(k ddl.Kind) Operation {
	return Operation("create_" + strings.ReplaceAll(string(k), " ", "_"))
}

func dropOf(k ddl.Kind) Operation {
	return Operation("drop_" + strings.ReplaceAll(string(k), " ", "_"))
}

// Migration is the ordered list of statements that turn one schema into
// another. It is a value: nothing in it depends on when or where it runs.
type Migration struct {
	Changes []Change `json:"changes"`
}

// Empty says whether the two schemas were the same.
func (m *Migration) Empty() bool { return m == nil || len(m.Changes) == 0 }

// Statements returns the SQL of all changes.
func (m *Migration) Statements() []string {
	out := make([]string, 0, len(m.Changes))
	for _, c := range m.Changes {
		out = append(out, c.SQL)
	}
	return out
}

// Change is one statement of a migration. All are DDL but OpBackfill, an
// UPDATE that fills a new column and may be run again.
type Change struct {
	SQL       string    `json:"sql"` // one line, unless it is a routine, trigger or event
	Operation Operation `json:"operation"`
	Kind      ddl.Kind  `json:"kind"`
	Object    string    `json:"object"`          // kind and name: `table users`
	Table     string    `json:"table,omitempty"` // that the change belongs to, also of a trigger

	// Destructive is true when rows, values or counters may be lost; Lost
	// says which. A view, routine, trigger, event, index or constraint that
	// goes is no loss: its text comes back with the inverse migration.
	Destructive bool   `json:"destructive,omitempty"`
	Lost        string `json:"lost,omitempty"`

	// Reversible is true when the inverse migration restores what was there,
	// values included.
	Reversible bool `json:"reversible"`

	// Reason says why the change carries a risk, or why it is there at all
	// when the schemas alone do not show it. Empty when there is nothing to say.
	Reason string `json:"reason,omitempty"`

	// Probes ask the live database, before anything runs, whether the
	// statement would fail and what would be lost.
	Probes []Probe `json:"probes,omitempty"`

	// AskAlgorithm is true for statements whose cost depends on the algorithm
	// that the server chooses: ALTERs of tables that exist.
	AskAlgorithm bool `json:"ask_algorithm,omitempty"`

	// Clauses are the parts of an ALTER TABLE, each with its own risk; the
	// risk of the change is their sum. Columns are the columns that a
	// drop_column or replace_column takes away.
	Clauses []Clause `json:"clauses,omitempty"`
	Columns []string `json:"columns,omitempty"`

	// Settings are the session settings under which the statement must run,
	// because the server keeps them with the object.
	Settings ddl.Settings `json:"settings,omitzero"`
}

// Clause is one part of an ALTER TABLE.
type Clause struct {
	SQL         string    `json:"sql"`
	Operation   Operation `json:"operation"`
	Object      string    `json:"object"` // column, key or constraint: "column `users`.`phone`"
	Column      string    `json:"column,omitempty"`
	Destructive bool      `json:"destructive,omitempty"`
	Lost        string    `json:"lost,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Probes      []Probe   `json:"-"`

	// Counts is true when a column with values begins to count.
	Counts bool `json:"-"`

	// Untold is true when something is lost that none of the probes finds.
	Untold bool `json:"-"`
}

// Losses returns the probes that tell what the change loses: as long as none of
// them finds a row, it loses nothing. There are none when no question can tell.
func (c *Change) Losses() []Probe {
	if len(c.Clauses) == 0 {
		return losses(c.Probes)
	}
	var out []Probe
	for _, part := range c.Clauses {
		if part.Untold {
			return nil
		}
		if part.Destructive {
			out = append(out, losses(part.Probes)...)
		}
	}
	return out
}

func losses(asked []Probe) []Probe {
	return slices.DeleteFunc(slices.Clone(asked), func(p Probe) bool { return p.Blocks })
}

// LostWhere returns the condition for the rows of which the change loses values;
// empty when it may be any row.
func (c *Change) LostWhere() string {
	var where []string
	for _, part := range c.Clauses {
		if !part.Destructive {
			continue
		}
		told := losses(part.Probes)
		if part.Operation != OpModifyColumn || part.Untold || len(told) == 0 {
			return ""
		}
		for _, p := range told {
			where = append(where, "("+p.Where+")")
		}
	}
	return strings.Join(where, " OR ")
}
