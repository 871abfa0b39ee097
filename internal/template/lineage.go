package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxParents is how long a chain of parents may be.
const MaxParents = 16

// Finder finds a published template version. When there is none it returns a
// *NotFoundError, or nothing at all when it cannot say what there is.
type Finder func(id ID) (*Template, error)

// NotFoundError says that a template version does not exist, and what does.
type NotFoundError struct {
	ID       ID
	Versions []string // that exist of this template
	Names    []string // of templates that exist
}

// Error returns what is missing, what there is, and what may have been meant.
func (e *NotFoundError) Error() string {
	if len(e.Versions) > 0 {
		versions := slices.Clone(e.Versions)
		SortVersions(versions)
		text := fmt.Sprintf("template `%s` has no version `%s`; there %s %s", e.ID.Name, e.ID.Version, isAre(len(versions)), join(versions))
		if near := nearest(e.ID.Version, versions); near != "" && len(versions) > 1 {
			text += fmt.Sprintf("; did you mean `%s`?", near)
		}
		return text
	}
	text := fmt.Sprintf("there is no template `%s`", e.ID.Name)
	names := sortedSet(e.Names)
	if len(names) == 0 {
		return text + "; none is published"
	}
	text += fmt.Sprintf("; there %s %s", isAre(len(names)), join(names))
	if near := nearest(e.ID.Name, names); near != "" {
		text += fmt.Sprintf("; did you mean `%s`?", near)
	}
	return text
}

func isAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}

// ExtendsError says why the chain of parents of a template cannot be followed.
type ExtendsError struct {
	Template ID     // whose `extends` is at fault
	Extends  string // what it says
	Err      error
}

// Error returns the link of the chain and its fault.
func (e *ExtendsError) Error() string {
	return fmt.Sprintf("`%s` extends `%s`: %v", e.Template, e.Extends, e.Err)
}

// Unwrap returns the fault.
func (e *ExtendsError) Unwrap() error { return e.Err }

// Lineage is a template with everything that it extends.
type Lineage struct {
	templates []Template // the eldest first, the template itself last
}

// Resolve follows what a template extends. A parent that travels inside its
// child is taken; then find is asked, then the built-in templates. The error is
// an *ExtendsError, or what find returned, wrapped.
func Resolve(t Template, find Finder) (*Lineage, error) {
	chain := []Template{t}
	for at := t; at.Extends != ""; at = chain[len(chain)-1] {
		parent, err := parentOf(at, find)
		if err != nil {
			return nil, &ExtendsError{Template: at.ID(), Extends: at.Extends, Err: err}
		}
		if err := checkChain(chain, parent); err != nil {
			return nil, &ExtendsError{Template: at.ID(), Extends: at.Extends, Err: err}
		}
		chain = append(chain, *parent)
	}
	slices.Reverse(chain)
	return &Lineage{templates: chain}, nil
}

// parentOf finds the parent of a template.
func parentOf(t Template, find Finder) (*Template, error) {
	if t.Parent != nil {
		return t.Parent, nil
	}
	id, err := ParseID(t.Extends)
	if err != nil {
		return nil, err
	}
	missing := &NotFoundError{ID: id}
	if find != nil {
		parent, err := find(id)
		switch {
		case err == nil && parent != nil:
			return parent, nil
		case err != nil && !errors.As(err, &missing):
			return nil, fmt.Errorf("looking for template `%s`: %w", id, err)
		}
	}
	if b, ok := findBuiltin(id.Name); ok && b.version == id.Version {
		return loadBuiltinTemplate(b.name)
	}
	return nil, withBuiltins(*missing)
}

// withBuiltins adds the built-in templates to what exists.
func withBuiltins(missing NotFoundError) *NotFoundError {
	missing.Names = append(slices.Clone(missing.Names), Builtins()...)
	if b, ok := findBuiltin(missing.ID.Name); ok && !slices.Contains(missing.Versions, b.version) {
		missing.Versions = append(slices.Clone(missing.Versions), b.version)
	}
	return &missing
}

// checkChain says whether a parent may stand above the templates of a chain.
// One template may not stand there twice, not even in two versions: it would
// meet its own tables.
func checkChain(chain []Template, parent *Template) error {
	var names []string
	back := false
	for _, t := range chain {
		names = append(names, t.ID().String())
		back = back || t.Name == parent.Name
	}
	path := strings.Join(append(names, parent.ID().String()), " extends ")
	switch {
	case back:
		return fmt.Errorf("the chain of parents comes back to a template that is in it: %s", path)
	case len(chain) > MaxParents:
		return fmt.Errorf("the chain of parents is longer than %d: %s", MaxParents, path)
	}
	return nil
}

// Template returns the template itself.
func (l *Lineage) Template() Template { return l.templates[len(l.templates)-1] }

// Parents returns what the template extends, the eldest first.
func (l *Lineage) Parents() []Template { return slices.Clone(l.templates[:len(l.templates)-1]) }

// Modules returns the modules that can be chosen, own and inherited, in name
// order. Of two with one name, which Validate reports, the eldest is there.
func (l *Lineage) Modules() []Module {
	var modules []Module
	for _, m := range l.members() {
		modules = append(modules, m.Module)
	}
	return modules
}

// FrozenTables returns the tables that nothing above their core may extend: of
// the template and everything that it extends, in order.
func (l *Lineage) FrozenTables() []string {
	var tables []string
	for _, t := range l.templates {
		tables = append(tables, t.FrozenTables...)
	}
	return sortedSet(tables)
}

// ExtensionPoints returns the tables whose rows customizations may change: of the
// template and everything that it extends, in order.
func (l *Lineage) ExtensionPoints() []string {
	var tables []string
	for _, t := range l.templates {
		tables = append(tables, t.ExtensionPoints...)
	}
	return sortedSet(tables)
}

// SQLMode returns the sql_mode of the template, or the next one that it extends;
// empty for the strict one.
func (l *Lineage) SQLMode() string {
	for _, t := range slices.Backward(l.templates) {
		if t.SQLMode != "" {
			return t.SQLMode
		}
	}
	return ""
}

// member is a module with the generation that it comes from.
type member struct {
	Module
	generation int // index in Lineage.templates
}

// members returns the modules of all generations in name order.
func (l *Lineage) members() []member {
	var members []member
	seen := map[string]bool{}
	for i, t := range l.templates {
		for _, m := range t.Modules {
			if !seen[m.Name] {
				seen[m.Name] = true
				members = append(members, member{m, i})
			}
		}
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.Name, b.Name) })
	return members
}

// fileName is how a finding names a file: one of a parent has the parent's ID
// in front.
func (l *Lineage) fileName(generation int, name string) string {
	if generation == len(l.templates)-1 {
		return name
	}
	return l.templates[generation].ID().String() + "/" + name
}
