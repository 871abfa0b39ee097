package template

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// BuiltinPrefix begins the source of a built-in template: `builtin:ngo`.
const BuiltinPrefix = "builtin:"

//go:embed builtin
var builtinFiles embed.FS

// builtin describes a template that comes with the provider.
type builtin struct {
	name, version, description string
	extends                    string // name of another one
}

// builtins lists them in the order in which they are shown. The SQL of a
// version never changes once released, because tenants were made from it: a
// change is a new version, and the sum in the test is what notices.
func builtins() []builtin {
	return []builtin{
		{name: "basic", version: "1.0.0", description: "Users with roles and permissions, organizational units, audit log and settings"},
		{name: "ngo", version: "1.0.0", description: "Membership, donations, chapters and chapter meetings", extends: "basic"},
		{name: "political_party", version: "1.0.0", description: "Campaigns, constituencies and party positions", extends: "basic"},
		{name: "corporate", version: "1.0.0", description: "Departments, projects and employees", extends: "basic"},
	}
}

// Builtins returns the names of the built-in templates.
func Builtins() []string {
	var names []string
	for _, b := range builtins() {
		names = append(names, b.name)
	}
	return names
}

// LoadBuiltin returns the files of a built-in template. Sources.Parent is the
// built-in template that it extends, for a configuration that names no other.
// The error is a *LoadError.
func LoadBuiltin(name string) (Sources, error) {
	b, ok := findBuiltin(name)
	if !ok {
		detail := fmt.Sprintf("There is no built-in template `%s`; there are %s.", name, join(Builtins()))
		if near := nearest(name, Builtins()); near != "" {
			detail += " Did you mean `" + BuiltinPrefix + near + "`?"
		}
		return Sources{}, &LoadError{Source: BuiltinPrefix + name, Findings: []Finding{{
			Severity: SeverityError, Summary: "Unknown built-in template", Detail: detail,
		}}}
	}
	c := collector{source: BuiltinPrefix + name}
	root := path.Join("builtin", name)
	err := fs.WalkDir(builtinFiles, root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := builtinFiles.ReadFile(file)
		c.add(strings.TrimPrefix(file, root+"/"), string(text))
		return err
	})
	if err != nil {
		c.failIO(root, err)
	}
	sources, err := c.sources()
	if err != nil || b.extends == "" {
		return sources, err
	}
	sources.Parent, err = loadBuiltinTemplate(b.extends)
	return sources, err
}

// BuiltinSource returns the source of the built-in template that has the very files of
// this one, `builtin:ngo`; empty when none has.
func (t Template) BuiltinSource() string {
	m := Metadata{Name: t.Name, Version: t.Version, Extends: t.Extends, FrozenTables: t.FrozenTables, ExtensionPoints: t.ExtensionPoints, SQLMode: t.SQLMode}
	if t.Parent != nil {
		m.Extends = ""
	}
	for _, b := range builtins() {
		sources, err := LoadBuiltin(b.name)
		if err != nil {
			continue
		}
		if same, err := New(m, sources); err == nil && same.Checksum() == t.Checksum() {
			return BuiltinPrefix + b.name
		}
	}
	return ""
}

// LoadSource reads what the attribute `source` of a template names: a
// directory, or a built-in template after `builtin:`. The error is a
// *LoadError.
func LoadSource(source string) (Sources, error) {
	if name, ok := strings.CutPrefix(source, BuiltinPrefix); ok {
		return LoadBuiltin(name)
	}
	return LoadDirectory(source)
}

// loadBuiltinTemplate returns a built-in template as one that somebody
// published under its own name.
func loadBuiltinTemplate(name string) (*Template, error) {
	b, _ := findBuiltin(name)
	sources, err := LoadBuiltin(name)
	if err != nil {
		return nil, err
	}
	t, err := New(Metadata{Name: b.name, Version: b.version, Description: b.description}, sources)
	return &t, err
}

func findBuiltin(name string) (builtin, bool) {
	all := builtins()
	i := slices.IndexFunc(all, func(b builtin) bool { return b.name == name })
	if i < 0 {
		return builtin{}, false
	}
	return all[i], true
}
