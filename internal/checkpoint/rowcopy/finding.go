package rowcopy

import (
	"fmt"
	"strings"
)

// A Code names a class of findings.
type Code string

// The classes of findings.
const (
	CodeTable      Code = "table"       // the table is missing, or is none
	CodeColumn     Code = "column"      // a column is on one side only
	CodeComputed   Code = "computed"    // the target computes a column
	CodeType       Code = "type"        // the target's type does not take every value
	CodeNull       Code = "null"        // the target takes no NULL
	CodeCharset    Code = "charset"     // text is converted
	CodeKey        Code = "key"         // the primary keys do not serve
	CodeEngine     Code = "engine"      // a table without transactions
	CodeTrigger    Code = "trigger"     // triggers of the target fire
	CodeForeignKey Code = "foreign_key" // rows refer to what is not copied, or in a circle
	CodeWhere      Code = "where"       // the condition cannot be used
)

// A Finding is a difference between the two sides of a copy, or something
// else that one should know before.
type Finding struct {
	Table  string
	Column string // empty: about the table
	Code   Code
	// Problem says what differs and Advice what to do: sentences without a full
	// stop at the end of Problem, with one at the end of Advice.
	Problem string
	Advice  string
	// Blocks says that the copy cannot be made.
	Blocks bool
}

// String returns the finding in one line.
func (f Finding) String() string {
	where := fmt.Sprintf("table `%s`", f.Table)
	if f.Column != "" {
		where += fmt.Sprintf(", column `%s`", f.Column)
	}
	return where + ": " + f.Problem + ". " + f.Advice
}

// A BlockedError says that findings of the plan forbid the copy.
type BlockedError struct {
	Findings []Finding // all of the plan
}

// Error lists the findings that block.
func (e *BlockedError) Error() string {
	var list []string
	for _, f := range e.Findings {
		if f.Blocks {
			list = append(list, f.String())
		}
	}
	return "the tables cannot be copied: " + strings.Join(list, " ")
}

// A StaleError says that a side has changed its structure since the plan
// was made, so that it has to be made again.
type StaleError struct{ Source, Target string }

// Error names both databases.
func (e *StaleError) Error() string {
	return fmt.Sprintf("the structure of `%s` or `%s` has changed since the copy was planned", e.Source, e.Target)
}

// A ProgressError says that the journal holds the progress of another copy:
// of other tables, columns or conditions, or with another way to treat
// conflicts.
type ProgressError struct{ Table string }

// Error names the table.
func (e *ProgressError) Error() string {
	return fmt.Sprintf("the copy of table `%s` was begun in another way than it is planned now, so that it cannot go on; begin a new copy", e.Table)
}

// A MisfitError says that the source has a value that the target's column
// does not take. No row of the table has been copied.
type MisfitError struct {
	Finding Finding // of the plan
	Row     string  // the primary key of one such row, empty without one
}

// Error names the column and the row.
func (e *MisfitError) Error() string {
	text := fmt.Sprintf("table `%s` has values in column `%s` that do not fit", e.Finding.Table, e.Finding.Column)
	if e.Row != "" {
		text += ", in the row " + e.Row
	}
	return text + ": " + e.Finding.Problem
}

// A ConflictError says that a row is in the target already, or meets another
// one in a unique key. The rows of its chunk are not in the target.
type ConflictError struct {
	Table string
	Row   string // the primary key of the row: "`id` = 5"; empty without one
	// Exists says that the target has a row with this primary key.
	Exists bool
	Reason string // what the server said
}

// Error names the row.
func (e *ConflictError) Error() string {
	switch {
	case e.Row == "":
		return fmt.Sprintf("a row of table `%s` meets another one in the target: %s", e.Table, e.Reason)
	case e.Exists:
		return fmt.Sprintf("the row %s of table `%s` is in the target already", e.Row, e.Table)
	}
	return fmt.Sprintf("the row %s of table `%s` meets another one in the target: %s", e.Row, e.Table, e.Reason)
}

// A MismatchError says that what was read back from the target is not what
// was read from the source. The rows of its chunk are not in the target.
type MismatchError struct {
	Table   string
	Row     string   // the primary key of one such row, empty when it is not known
	Columns []string // the columns that differ; none when the row is not there
}

// Error names the row and the columns.
func (e *MismatchError) Error() string {
	var b strings.Builder
	b.WriteString("rows ")
	if e.Row != "" {
		b.Reset()
		fmt.Fprintf(&b, "the row %s ", e.Row)
	}
	fmt.Fprintf(&b, "of table `%s` came out otherwise in the target than in the source", e.Table)
	if len(e.Columns) > 0 {
		fmt.Fprintf(&b, ", in `%s`", strings.Join(e.Columns, "`, `"))
	}
	b.WriteString("; a trigger of the target may have changed what was inserted")
	return b.String()
}

// An OrphanError says that a row refers to one that is neither in the target
// nor among those that are copied. The row is not in the target.
type OrphanError struct {
	Table      string
	Row        string // the primary key of the row
	ForeignKey string
	Parent     string // the table that is referred to
}

// Error names the row and the foreign key.
func (e *OrphanError) Error() string {
	return fmt.Sprintf("the row %s of table `%s` refers to a row of `%s` that is neither in the target nor copied (foreign key `%s`)",
		e.Row, e.Table, e.Parent, e.ForeignKey)
}
