package fleet

import (
	"errors"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// failures are what tenants failed of, told once a kind.
type failures struct {
	notes *digestOfNotes
	first error
	count int
}

func newFailures() *failures { return &failures{notes: newDigestOfNotes()} }

func (f *failures) add(slug string, err error) {
	f.count++
	if f.first == nil {
		f.first = err
	}
	var p *landlord.Problem
	if errors.As(err, &p) {
		f.notes.add(slug, landlord.Note{Field: p.Field, Summary: p.Summary, Detail: p.Text()})
		return
	}
	f.notes.add(slug, landlord.Note{Summary: "Tenant could not be changed", Detail: "Cause: " + err.Error()})
}

func (f *failures) tenants() int { return f.count }

// told returns the failure of one tenant in its own words, those of several as
// one problem.
func (f *failures) told(summary string, attempted string) error {
	if f.count > 1 {
		return f.problem(summary, attempted)
	}
	var p *landlord.Problem
	if !errors.As(f.first, &p) {
		return f.first
	}
	own := *p
	own.Field = fieldOf(own.Field)
	return &own
}

// problem tells all kinds of failures in one problem, at the attribute of the
// first.
func (f *failures) problem(summary string, attempted string) *landlord.Problem {
	p := &landlord.Problem{Summary: summary, Detail: []string{attempted}, Err: f.first}
	for i, n := range f.notes.list() {
		if i == 0 {
			p.Field = n.Field
		}
		p.Detail = append(p.Detail, n.Summary+". "+n.Detail)
	}
	return p
}

// joined tells these failures, and those that came before them, in one problem.
func (f *failures) joined(before *failures, summary, attempted string) *landlord.Problem {
	p, first := f.problem(summary, attempted), before.problem(summary, attempted)
	p.Detail = append(p.Detail, first.Detail[1:]...)
	return p
}

func (f *failures) note(attempted string) landlord.Note {
	p := f.problem("Some tenants of the fleet fail", attempted)
	return landlord.Note{Severity: landlord.Warning, Field: p.Field, Summary: p.Summary, Detail: p.Text()}
}

// failureOf returns what the notes of a plan refuse, nil when they refuse nothing.
func failureOf(notes []landlord.Note) error {
	for _, n := range notes {
		if n.Severity == landlord.Failure {
			return landlord.NewProblem(n.Field, n.Summary, n.Detail)
		}
	}
	return nil
}
