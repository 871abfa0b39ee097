package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// Decision says who wins where a template update comes upon a tenant's own.
type Decision string

// The decisions.
const (
	KeepTenant   Decision = "keep_tenant"   // the tenant's stays, and the template's change is waived
	TakeTemplate Decision = "take_template" // the template's wins
	DecideSQL    Decision = "sql"           // it becomes what the statements make of it
)

// Resolution is the decision on one thing.
type Resolution struct {
	Object, Element string // as in ddl.Place; an empty element decides for the whole object
	Decision        Decision
	SQL             string // of DecideSQL
}

// ResolutionFor makes a resolution of its key in the attribute `resolutions`.
// The error says what is wrong with the key.
func ResolutionFor(key string, decision Decision, sql string) (Resolution, error) {
	p, err := ddl.ParsePlace(key)
	if err != nil {
		return Resolution{}, err
	}
	return Resolution{Object: p.Object, Element: p.Element, Decision: decision, SQL: sql}, nil
}

// Place returns what the resolution is about.
func (r Resolution) Place() ddl.Place { return ddl.Place{Object: r.Object, Element: r.Element} }

// Key returns the resolution's key of the attribute `resolutions`.
func (r Resolution) Key() string { return r.Place().String() }

// HCL writes the resolution as a line of the attribute.
func (r Resolution) HCL() string {
	if r.Decision != DecideSQL {
		return fmt.Sprintf("%q = { decision = %q }", r.Key(), r.Decision)
	}
	return fmt.Sprintf("%q = { decision = %q, sql = %s }", r.Key(), r.Decision, hclText(r.SQL))
}

// hclText writes a text as HCL: what looks like a template of HCL is escaped.
func hclText(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(fmt.Sprintf("%q", text))
}

// Remembered is a decision that was made once, and on which conflict.
type Remembered struct {
	Resolution
	Clash string // as Conflict.Clash
}

// Rewrite is a thing that the statements of a decision make.
type Rewrite struct {
	Place ddl.Place
	SQL   string
}

// Statements reads the statements of a decision. They only say what the object is
// to become, so those that change rows are refused. The error says why, as a
// sentence without an end.
func (r Rewrite) Statements(srv ddl.Server) ([]source.Statement, error) {
	statements, faults := source.Parse(r.SQL, srv)
	for _, st := range statements {
		faults = append(faults, source.Guard(st, source.Rules{Layer: source.LayerMigration})...)
		if !slices.Contains([]string{"CREATE", "ALTER", "DROP"}, st.Verb) {
			return nil, fmt.Errorf("%s: `%s` changes no structure", st.Position, st.Verb)
		}
	}
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			return nil, fmt.Errorf("%s: %s", f.Position, f.Detail)
		}
	}
	if len(statements) == 0 {
		return nil, errors.New("it holds no statement")
	}
	return statements, nil
}

// OtherObjects returns which objects the statements of decisions changed that
// none of the decisions is about, in the order of the changes.
func OtherObjects(rewrites []Rewrite, changes []diff.ElementChange) []string {
	var others []string
	for _, c := range changes {
		own := slices.ContainsFunc(rewrites, func(r Rewrite) bool { return r.Place.Object == c.Object })
		if !own && !slices.Contains(others, c.Object) {
			others = append(others, c.Object)
		}
	}
	return others
}
