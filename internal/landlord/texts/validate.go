package texts

import (
	"errors"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Finding is something that is wrong, or doubtful, in a text.
type Finding struct {
	Severity     string // `error` or `warning`
	Line, Column int    // from 1; 0 when the whole text is meant
	Summary      string
	Detail       string // what exactly, why, and what to do
}

// Validate judges a text as the core of a template, for servers of a flavor: its
// syntax, what it may not say, and whether all that it refers to is there. The
// error is an *Argument.
func Validate(sql, flavor string) ([]Finding, error) {
	srv, err := ddl.ParseFlavor(flavor)
	if err != nil {
		return nil, &Argument{1, err}
	}
	sources, err := template.LoadInline(map[string]string{"schema.sql": sql}, nil, nil, nil)
	var load *template.LoadError
	if errors.As(err, &load) {
		return told(load.Findings), nil
	} else if err != nil {
		return nil, &Argument{0, err}
	}
	lineage, err := template.Resolve(template.Template{Core: sources.Core}, nil)
	if err != nil {
		return nil, &Argument{0, err}
	}
	_, findings := lineage.Compose(nil, srv)
	return told(findings), nil
}

// told leaves out what a text that is no file of a template has not.
func told(findings []template.Finding) []Finding {
	list := make([]Finding, 0, len(findings))
	for _, f := range findings {
		list = append(list, Finding{Severity: string(f.Severity), Line: f.Line, Column: f.Column, Summary: f.Summary, Detail: f.Detail})
	}
	return list
}
