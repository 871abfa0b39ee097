package landlord

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// CopyConflict says what happens to a row that is in the target already.
type CopyConflict string

// The ways to treat conflicts.
const (
	CopyFail    CopyConflict = "fail"    // the copy ends
	CopySkip    CopyConflict = "skip"    // the row of the target stays
	CopyReplace CopyConflict = "replace" // the row of the target takes the values of the source
)

// DataCopySpec is what the configuration wants of a copy of rows from one tenant
// into another.
type DataCopySpec struct {
	Source, Target string // slugs
	Tables         []string
	Where          map[string]string // by table: an SQL condition on its rows
	OnConflict     CopyConflict      // empty: fail
	Keepers        map[string]string
	ChunkRows      int64 // in one transaction, 0 for DefaultCopyChunk
}

// Check says whether the parts of the specification fit together. The error is a
// *Problem.
func (s DataCopySpec) Check() error {
	if s.Source == s.Target {
		return NewProblem(FieldTarget, "Source and target are the same",
			fmt.Sprintf("Rows of tenant `%s` would be copied into tenant `%[1]s`.", s.Source), "Name two tenants.")
	}
	for _, table := range slices.Sorted(maps.Keys(s.Where)) {
		if !slices.Contains(s.Tables, table) {
			return NewProblem(FieldWhere+"."+Field(table), "Condition is for another table",
				fmt.Sprintf("There is a condition for table `%s`, which is not among `tables`.", table),
				"Add the table to `tables`, or remove the condition; names are written as in the database.")
		}
	}
	return nil
}

// Request names what is asked for, so that a run that was cut off is known
// again. How large the chunks are does not matter for that.
func (s DataCopySpec) Request() string {
	parts := []string{"data copy", s.Source, s.Target, string(s.ConflictRule()), fmt.Sprint(len(s.Tables), len(s.Where), len(s.Keepers))}
	parts = append(parts, slices.Sorted(slices.Values(s.Tables))...)
	for _, m := range []map[string]string{s.Where, s.Keepers} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, k, m[k])
		}
	}
	return Digest(parts...)
}

// ConflictRule returns what becomes of rows whose key the target has already:
// CopyFail unless the configuration says otherwise.
func (s DataCopySpec) ConflictRule() CopyConflict {
	if s.OnConflict == "" {
		return CopyFail
	}
	return s.OnConflict
}

// Doing says what is attempted, for messages.
func (s DataCopySpec) Doing() string {
	return fmt.Sprintf("Copying rows of tenant `%s` into tenant `%s`", s.Source, s.Target)
}

// DataCopy is a copy of rows that was made.
type DataCopy struct {
	ID         string // target and number: `acme/7`
	Spec       DataCopySpec
	Rows       int64        // inserted or replaced
	Checksum   string       // over all tables
	Tables     []CopiedRows // in the order in which they were copied
	FinishedAt time.Time    // UTC
	Notes      []Note
}

// CopiedRows is what became of the rows of one table. Read is the sum of the
// three others.
type CopiedRows struct {
	Table    string `json:"table"`
	Read     int64  `json:"read"`
	Inserted int64  `json:"inserted"`
	Skipped  int64  `json:"skipped"`
	Replaced int64  `json:"replaced"`
	// Checksum is of the rows that were inserted or replaced, as read from the
	// source and, the same, as read back from the target.
	Checksum string `json:"checksum"`
}
