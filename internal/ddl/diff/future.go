package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// future tells what the rows of a table will hold once it is altered, as SQL over
// the rows as they are.
type future struct {
	now, then *ddl.Table
	known     map[string]*foretold // by column, in lower case
}

// foretold is what a column will hold. While it is not decided no expression says
// so: no server takes columns that are computed from each other, and a merge may
// ask for them.
type foretold struct {
	value string
	ok    bool
}

func newFuture(now, then *ddl.Table) future {
	return future{now: now, then: then, known: map[string]*foretold{}}
}

// value returns what a column will hold, its name when that is what it holds now.
// It returns false when no expression says so: a new number, another kind of value.
func (f future) value(name string) (string, bool) {
	key := strings.ToLower(name)
	if known := f.known[key]; known != nil {
		return known.value, known.ok
	}
	told := &foretold{}
	f.known[key] = told
	told.value, told.ok = f.foretell(name)
	return told.value, told.ok
}

func (f future) foretell(name string) (string, bool) {
	x, y := f.now.Column(name), f.then.Column(name)
	switch {
	case y == nil:
		return "", false
	case y.Generated != "":
		return f.computed(x, y)
	case x != nil && x.Generated != y.Generated: // it stays what was computed, or is lost
		return "", false
	case x != nil:
		value := x.Becomes(y)
		if y.AutoIncrement && !x.AutoIncrement {
			value = ""
		}
		return value, value != ""
	case y.AutoIncrement:
		return "", false
	case strings.EqualFold(y.Default, "null") || y.Default == "" && !y.NotNull:
		return "NULL", true
	case y.Default == "":
		value, ok := y.Type.ImplicitDefault()
		if ok {
			value = y.Stored(value)
		}
		return value, value != ""
	case y.ConstantDefault() && !strings.HasPrefix(y.Default, "current_timestamp"):
		value := y.Stored(y.Expression())
		return value, value != ""
	}
	return "", false
}

// names returns the columns that an expression names.
func (f future) names(expr string) []string {
	var out []string
	for _, t := range sqltext.Tokens(expr, sqltext.Mode{}) {
		if t.Kind == sqltext.Name && f.then.Column(t.Value()) != nil {
			out = append(out, t.Value())
		}
	}
	return out
}

func (f future) computed(x, y *ddl.Column) (string, bool) {
	if x != nil && x.SameGenerated(y) && !slices.ContainsFunc(f.names(x.Expression()), f.changes) {
		value := x.Becomes(y)
		return value, value != ""
	}
	expr, ok := f.expression(y.Expression())
	if !ok {
		return "", false
	}
	value := y.Stored(expr)
	return value, value != ""
}

// changes says whether a column will hold something else than now, or may.
func (f future) changes(name string) bool {
	value, ok := f.value(name)
	return !ok || value != sqltext.Quote(f.then.Column(name).Name)
}

// expression returns an expression of the altered table with what its columns will
// hold in their place; false where one of them is not known, or is a member of an
// enumeration that is new or another one beside a number: what is put there is a text,
// and the number of its place may be meant.
func (f future) expression(text string) (string, bool) {
	values, toks := map[string]string{}, sqltext.Tokens(text, sqltext.Mode{})
	numbers := slices.ContainsFunc(toks, func(t sqltext.Token) bool { return t.Kind == sqltext.Number })
	for _, name := range f.names(text) {
		value, ok := f.value(name)
		if !ok || numbers && !strings.EqualFold(value, sqltext.Quote(name)) && f.then.Column(name).Type.HasMembers() {
			return "", false
		}
		values[strings.ToLower(name)] = value
	}
	var b strings.Builder
	end := 0
	for _, t := range toks {
		value, ok := values[strings.ToLower(t.Value())]
		if t.Kind != sqltext.Name || !ok || value == t.Text {
			continue
		}
		b.WriteString(text[end:t.Start])
		b.WriteString("(" + value + ")")
		end = t.End
	}
	b.WriteString(text[end:])
	return b.String(), true
}
