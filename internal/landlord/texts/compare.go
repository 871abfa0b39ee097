// Package texts compares and judges SQL without a server, for functions that
// Terraform runs before anything is configured. What only a server can say, such
// as algorithms, rows and its own spelling, it does not know.
package texts

import (
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Argument is the error of an argument of a function, by its number from 0.
type Argument struct {
	Number int
	Err    error // a *landlord.Problem, or one sentence
}

// Error returns what is wrong with the argument.
func (a *Argument) Error() string { return a.Err.Error() }

// Unwrap returns what is wrong with the argument.
func (a *Argument) Unwrap() error { return a.Err }

// Compare returns the statements that turn one schema into another, both being
// scripts as a server of the flavor prints them. The error is an *Argument.
func Compare(from, to, flavor string) ([]string, error) {
	srv, err := ddl.ParseFlavor(flavor)
	if err != nil {
		return nil, &Argument{2, err}
	}
	before, err := schemaOf(from, srv)
	if err != nil {
		return nil, &Argument{0, err}
	}
	after, err := schemaOf(to, srv)
	if err != nil {
		return nil, &Argument{1, err}
	}
	m, err := diff.Diff(before, after, srv, diff.Options{})
	var unsupported *diff.UnsupportedError
	if errors.As(err, &unsupported) {
		return nil, &Argument{1, &landlord.Problem{Summary: "Schemas cannot be compared", Detail: []string{
			landlord.Sentence(err.Error()),
			"Both texts have to be what a server prints: `sql` of the data source `landlord_schema_snapshot`, or `SHOW CREATE`. What people write is compared by a plan, which asks the server what it makes of it.",
		}, Err: err}}
	} else if err != nil {
		return nil, &Argument{1, fmt.Errorf("comparing two texts: %w", err)}
	}
	return m.Statements(), nil
}

// schemaOf reads the objects that a script defines.
func schemaOf(text string, srv ddl.Server) (ddl.Schema, error) {
	file := dump.Parse(text, source.LayerSchema, srv)
	for _, f := range file.Faults {
		if f.Severity == source.SeverityError {
			return ddl.Schema{}, &landlord.Problem{Summary: "Text is no schema", Detail: []string{
				fmt.Sprintf("%s: %s: %s", f.Position, f.Summary, f.Detail),
			}}
		}
	}
	schema := ddl.Schema{CharacterSet: landlord.TenantCharacterSet, Collation: landlord.TenantCollation}
	for _, st := range append(file.Schema, file.Rows...) {
		switch {
		case st.Verb == "CREATE" && st.Kind != "":
			schema.Objects = append(schema.Objects, ddl.Object{Kind: st.Kind, Name: st.Object, Table: tableOfTrigger(st), SQL: st.Text})
		case st.Verb == "SET" || st.Verb == "ALTER" && st.Kind == "":
			// Settings of a session or of the database, as printed scripts have them.
		default:
			return ddl.Schema{}, &landlord.Problem{Summary: "Text is no schema", Detail: []string{
				fmt.Sprintf("%s: a statement that defines no object: %s", st.Position, landlord.Shorten(st.Text)),
				"A schema is a list of CREATE statements.",
			}}
		}
	}
	return schema, nil
}

// tableOfTrigger returns the table of a trigger; a statement names one for other
// kinds too, where an object has none.
func tableOfTrigger(st source.Statement) string {
	if st.Kind != ddl.KindTrigger {
		return ""
	}
	return st.Table
}
