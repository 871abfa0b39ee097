package estate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TemplateStore holds what this process has read of the published templates.
// A published version never changes, so only the list can grow old: it is read
// once and then follows what this process publishes and deletes.
type TemplateStore struct {
	servers *registry.Servers

	mu     sync.Mutex
	loaded bool
	list   map[template.ID]registry.Published
	full   map[template.ID]*template.Template
}

func newTemplateStore(servers *registry.Servers) *TemplateStore {
	return &TemplateStore{servers: servers, full: map[template.ID]*template.Template{}}
}

// All returns the published versions.
func (s *TemplateStore) All(ctx context.Context) (map[template.ID]registry.Published, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded {
		return s.list, nil
	}
	list, err := s.servers.Registry.ReadTemplates(ctx, s.servers.Main())
	if err != nil {
		return nil, registry.Unreachable(s.servers.Main(), "reading the published templates", err)
	}
	s.list, s.loaded = list, true
	return s.list, nil
}

// Forget makes the next look read the list again.
func (s *TemplateStore) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded, s.full = false, map[template.ID]*template.Template{}
}

// Load returns a published template, nil when there is none of that ID.
func (s *TemplateStore) Load(ctx context.Context, id template.ID) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.full[id]; t != nil {
		return t, nil
	}
	t, err := s.servers.Registry.ReadTemplate(ctx, s.servers.Main(), id)
	if err != nil {
		return nil, registry.Unreachable(s.servers.Main(), fmt.Sprintf("reading template `%s`", id), err)
	}
	if t == nil {
		return nil, nil
	}
	s.full[id] = t
	return t, nil
}

// Find returns a template version from the plans of this run or from the
// landlord database; nil when nobody knows it.
func (e *Estate) Find(ctx context.Context, id template.ID) (*template.Template, error) {
	if t, ok := e.Run.Template(id); ok {
		return t, nil
	}
	return e.Templates.Load(ctx, id)
}

// Lineage returns a template with its parents.
func (e *Estate) Lineage(ctx context.Context, t template.Template) (*template.Lineage, error) {
	return template.Resolve(t, func(id template.ID) (*template.Template, error) {
		found, err := e.Find(ctx, id)
		if err != nil || found != nil {
			return found, err
		}
		return nil, e.notFound(ctx, id)
	})
}

// notFound says which templates there are instead; nil when there are none.
func (e *Estate) notFound(ctx context.Context, id template.ID) error {
	list, err := e.Templates.All(ctx)
	if err != nil {
		return err
	}
	missing := &template.NotFoundError{ID: id}
	names := map[string]bool{}
	ids := e.Run.ids()
	for other := range list {
		ids = append(ids, other)
	}
	for _, other := range ids {
		names[other.Name] = true
	}
	if missing.Versions, err = e.Versions(ctx, id.Name); err != nil {
		return err
	}
	missing.Names = slices.Sorted(maps.Keys(names))
	if len(missing.Names) == 0 {
		return nil
	}
	return missing
}

// LineageKey names a template with its parents by content.
func LineageKey(l *template.Lineage) string {
	key := l.Template().Checksum()
	for _, p := range l.Parents() {
		key += " " + p.Checksum()
	}
	return key
}

// Versions returns the known versions of a template, published and planned, in
// their order.
func (e *Estate) Versions(ctx context.Context, name string) ([]string, error) {
	list, err := e.Templates.All(ctx)
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for id := range list {
		if id.Name == name {
			set[id.Version] = true
		}
	}
	for _, id := range e.Run.ids() {
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

// LoadSpec makes a template out of what the configuration says. Errors are
// Problems.
func LoadSpec(spec landlord.TemplateSpec) (*template.Template, error) {
	var sources template.Sources
	var err error
	if spec.Source != "" {
		sources, err = template.LoadSource(spec.Source)
	} else {
		sources, err = template.LoadInline(spec.Core, spec.Optional, spec.Seeds, spec.Migrations)
	}
	var load *template.LoadError
	if errors.As(err, &load) {
		return nil, FindingsProblem(spec.SourceField(), "Template files cannot be used", load.Source, load.Findings)
	}
	if err != nil {
		return nil, err
	}
	t, err := template.New(template.Metadata{
		Name: spec.Name, Version: spec.Version, Type: spec.Type, Description: spec.Description, Extends: spec.Extends,
		FrozenTables: spec.FrozenTables, ExtensionPoints: spec.ExtensionPoints, ApprovalRequired: spec.ApprovalRequired, SQLMode: spec.SQLMode,
	}, sources)
	var attribute *template.AttributeError
	if errors.As(err, &attribute) {
		return nil, &landlord.Problem{Field: landlord.Field(attribute.Attribute), Summary: "Template attribute is not valid",
			Detail: []string{landlord.Sentence(attribute.Err.Error())}, Err: err}
	}
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// SpecOf returns a configuration that LoadSpec makes a published template of: a
// built-in source where it has its very files, else the files inline. A template whose
// parent travels inside of it, from a built-in source of another release of the
// provider, has neither: its files and its parent cannot be written.
func SpecOf(t *template.Template) landlord.TemplateSpec {
	spec := landlord.TemplateSpec{
		Name: t.Name, Version: t.Version, Type: t.Type, Description: t.Description, Extends: t.Extends, Source: t.BuiltinSource(),
		FrozenTables: t.FrozenTables, ExtensionPoints: t.ExtensionPoints, ApprovalRequired: t.ApprovalRequired, SQLMode: t.SQLMode,
	}
	switch {
	case t.Parent != nil: // nobody has named it
		spec.Extends = ""
	case spec.Source == "":
		spec.Core, spec.Optional, spec.Seeds, spec.Migrations = t.Inline()
	}
	return spec
}

// FindingsProblem makes one problem of the errors among findings.
func FindingsProblem(field landlord.Field, summary, source string, findings []template.Finding) *landlord.Problem {
	p := &landlord.Problem{Field: field, Summary: summary}
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

// Warnings makes notes of the warnings among findings: one per class.
func Warnings(field landlord.Field, findings []template.Finding) []landlord.Note {
	var notes []landlord.Note
	for _, f := range findings {
		if f.Severity != template.SeverityWarning {
			continue
		}
		at := slices.IndexFunc(notes, func(n landlord.Note) bool { return n.Summary == f.Summary })
		text := f.Detail
		if pos := f.Position(); pos != "" {
			text = pos + ": " + text
		}
		if at < 0 {
			notes = append(notes, landlord.Note{Severity: landlord.Warning, Field: field, Summary: f.Summary, Detail: text})
			continue
		}
		notes[at].Detail += "\n" + text
	}
	return notes
}

// LineageProblem returns the *Problem of a template whose parents cannot be
// resolved; one that is a *Problem already stays as it is.
func LineageProblem(err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	return &landlord.Problem{Field: landlord.FieldExtends, Summary: "Parent template cannot be used", Detail: []string{landlord.Sentence(err.Error())}, Err: err}
}

// Target is what a tenant is to become.
type Target struct {
	ID          template.ID
	Info        mysql.Info // of the server that it is for
	Lineage     *template.Lineage
	Composition *template.Composition
	Rendered    *Rendering // nil when plans are not rendered on the server
	Notes       []landlord.Note
}

// Fingerprint returns the schema's fingerprint, empty when it is not known.
func (t *Target) Fingerprint() string {
	if t.Rendered == nil {
		return ""
	}
	return t.Rendered.Fingerprint.Whole
}

// UnknownTemplate says which versions there are instead.
func (e *Estate) UnknownTemplate(ctx context.Context, id template.ID) error {
	versions, err := e.Versions(ctx, id.Name)
	if err != nil {
		return err
	}
	next := "Declare a `landlord_tenant_template` and refer to its `id`, so that Terraform publishes it first."
	if len(versions) > 0 {
		next = fmt.Sprintf("Published versions of `%s`: %s. %s", id.Name, landlord.Quoted(versions), next)
	}
	return landlord.NewProblem(landlord.FieldTemplate, "Template is not published", fmt.Sprintf("Nobody has published template `%s`, and no template of this run has that ID.", id), next)
}
