package landlord

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// templateStore holds what this process has read of the published templates.
// A published version never changes, so only the list can grow old: it is read
// once and then follows what this process publishes and deletes.
type templateStore struct {
	e *Engine

	mu     sync.Mutex
	loaded bool
	list   map[template.ID]published
	full   map[template.ID]*template.Template
}

func newTemplateStore(e *Engine) *templateStore {
	return &templateStore{e: e, full: map[template.ID]*template.Template{}}
}

// all returns the published versions.
func (s *templateStore) all(ctx context.Context) (map[template.ID]published, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded {
		return s.list, nil
	}
	list, err := s.e.registry.readTemplates(ctx, s.e.main())
	if err != nil {
		return nil, unreachable(s.e.main(), "reading the published templates", err)
	}
	s.list, s.loaded = list, true
	return s.list, nil
}

// forget makes the next look read the list again.
func (s *templateStore) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded, s.full = false, map[template.ID]*template.Template{}
}

// load returns a published template, nil when there is none of that ID.
func (s *templateStore) load(ctx context.Context, id template.ID) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.full[id]; t != nil {
		return t, nil
	}
	t, err := s.e.registry.readTemplate(ctx, s.e.main(), id)
	if err != nil {
		return nil, unreachable(s.e.main(), fmt.Sprintf("reading template `%s`", id), err)
	}
	if t == nil {
		return nil, nil
	}
	s.full[id] = t
	return t, nil
}

// find returns a template version from the plans of this run or from the
// landlord database; nil when nobody knows it.
func (e *Engine) find(ctx context.Context, id template.ID) (*template.Template, error) {
	if t, ok := e.world.template(id); ok {
		return t, nil
	}
	return e.templates.load(ctx, id)
}

// lineage returns a template with its parents.
func (e *Engine) lineage(ctx context.Context, t template.Template) (*template.Lineage, error) {
	return template.Resolve(t, func(id template.ID) (*template.Template, error) {
		found, err := e.find(ctx, id)
		if err != nil || found != nil {
			return found, err
		}
		return nil, e.notFound(ctx, id)
	})
}

// notFound says which templates there are instead; nil when there are none.
func (e *Engine) notFound(ctx context.Context, id template.ID) error {
	list, err := e.templates.all(ctx)
	if err != nil {
		return err
	}
	missing := &template.NotFoundError{ID: id}
	names := map[string]bool{}
	ids := e.world.ids()
	for other := range list {
		ids = append(ids, other)
	}
	for _, other := range ids {
		names[other.Name] = true
	}
	if missing.Versions, err = e.versions(ctx, id.Name); err != nil {
		return err
	}
	missing.Names = slices.Sorted(maps.Keys(names))
	if len(missing.Names) == 0 {
		return nil
	}
	return missing
}

// lineageKey names a template with its parents by content.
func lineageKey(l *template.Lineage) string {
	key := l.Template().Checksum()
	for _, p := range l.Parents() {
		key += " " + p.Checksum()
	}
	return key
}

// versions returns the known versions of a template, published and planned, in
// their order.
func (e *Engine) versions(ctx context.Context, name string) ([]string, error) {
	list, err := e.templates.all(ctx)
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for id := range list {
		if id.Name == name {
			set[id.Version] = true
		}
	}
	for _, id := range e.world.ids() {
		if id.Name == name {
			set[id.Version] = true
		}
	}
	out := make([]string, 0, len(set))
	for v := range set {
		out = append(out, v)
	}
	template.SortVersions(out)
	return out, nil
}

// loadSpec makes a template out of what the configuration says. Errors are
// Problems.
func loadSpec(spec TemplateSpec) (*template.Template, error) {
	var sources template.Sources
	var err error
	if spec.Source != "" {
		sources, err = template.LoadSource(spec.Source)
	} else {
		sources, err = template.LoadInline(spec.Core, spec.Optional, spec.Seeds, spec.Migrations)
	}
	var load *template.LoadError
	if errors.As(err, &load) {
		return nil, findingsProblem(spec.sourceField(), "Template files cannot be used", load.Source, load.Findings)
	}
	if err != nil {
		return nil, err
	}
	t, err := template.New(template.Metadata{
		Name: spec.Name, Version: spec.Version, Type: spec.Type, Description: spec.Description, Extends: spec.Extends,
		FrozenTables: spec.FrozenTables, ApprovalRequired: spec.ApprovalRequired,
	}, sources)
	var attribute *template.AttributeError
	if errors.As(err, &attribute) {
		return nil, &Problem{Field: Field(attribute.Attribute), Summary: "Template attribute is not valid",
			Detail: []string{sentence(attribute.Err.Error())}, Err: err}
	}
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// sourceField returns the attribute that the files come from.
func (s TemplateSpec) sourceField() Field {
	if s.Source != "" {
		return FieldSource
	}
	return FieldNone
}

// findingsProblem makes one problem of the errors among findings.
func findingsProblem(field Field, summary, source string, findings []template.Finding) *Problem {
	p := &Problem{Field: field, Summary: summary}
	if source != "" {
		p.Detail = append(p.Detail, fmt.Sprintf("Source: `%s`.", source))
	}
	for _, f := range findings {
		if f.Severity == template.SeverityError {
			p.Detail = append(p.Detail, f.String())
		}
	}
	return p
}

// warnings makes notes of the warnings among findings: one per class.
func warnings(field Field, findings []template.Finding) []Note {
	var notes []Note
	for _, f := range findings {
		if f.Severity != template.SeverityWarning {
			continue
		}
		at := slices.IndexFunc(notes, func(n Note) bool { return n.Summary == f.Summary })
		text := f.Detail
		if pos := f.Position(); pos != "" {
			text = pos + ": " + text
		}
		if at < 0 {
			notes = append(notes, Note{Severity: Warning, Field: field, Summary: f.Summary, Detail: text})
			continue
		}
		notes[at].Detail += "\n" + text
	}
	return notes
}
