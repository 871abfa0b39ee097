package template

import (
	"fmt"
	"slices"
	"strings"
)

// File is one file of a template.
type File struct {
	// Name is the path inside the template with forward slashes, for example
	// `core/001_users.sql`. Inline files have the name that they would have
	// in a directory.
	Name string `json:"name"`
	// SQL is the text: valid UTF-8 without NUL and byte order mark, lines
	// ended by a line feed.
	SQL string `json:"sql"`
}

// Module is an optional part of a template that a tenant can choose (level 2).
type Module struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Requires    []string `json:"requires,omitempty"`  // sorted; own or inherited modules
	Conflicts   []string `json:"conflicts,omitempty"` // sorted; holds in both directions
	Files       []File   `json:"files,omitempty"`     // in name order
	Seeds       []File   `json:"seeds,omitempty"`     // in name order
}

// MigrationScript holds the explicit steps of one hop between two versions:
// what a comparison of schemas cannot know, like renames and backfills.
type MigrationScript struct {
	From string `json:"from"`
	To   string `json:"to"`
	File
}

// Sources are the files of a template, sorted into its layers.
type Sources struct {
	Core       []File
	Seeds      []File
	Modules    []Module
	Migrations []MigrationScript
	// Parent is what the files extend when the metadata names no parent. Only
	// built-in templates have one.
	Parent *Template
}

// Metadata is what is said about a template besides its files.
type Metadata struct {
	Name, Version     string
	Type, Description string
	Extends           string   // name@version of the parent, or empty
	FrozenTables      []string // core tables that nothing above this core may extend
	ExtensionPoints   []string // tables whose rows customizations may change
	ApprovalRequired  []string // levels whose migrations a person approves first
	SQLMode           string   // that the files are run under, unless they set another; empty for the strict one
}

// Template is one version of a template, complete but for its parents. It
// keeps its checksum over a round trip through JSON, which is how published
// versions are stored. Use New to make one.
type Template struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
	// Extends is the ID of the parent, or empty.
	Extends string `json:"extends,omitempty"`
	// Parent is a parent that travels inside the template because nobody
	// published it: the built-in `basic` of a built-in template that names
	// none. Extends is its ID then. A parent that is published is never here.
	Parent *Template `json:"parent,omitempty"`

	Core       []File            `json:"core,omitempty"`
	Seeds      []File            `json:"seeds,omitempty"`
	Modules    []Module          `json:"modules,omitempty"`
	Migrations []MigrationScript `json:"migrations,omitempty"`

	FrozenTables     []string `json:"frozen_tables,omitempty"`
	ExtensionPoints  []string `json:"extension_points,omitempty"`
	ApprovalRequired []string `json:"approval_required,omitempty"`
	SQLMode          string   `json:"sql_mode,omitempty"`
}

// AttributeError says which attribute of a template is at fault. Attribute is
// its name in a configuration: `name`, `version`, `extends`, `frozen_tables`,
// `extension_points`, `sql_mode`.
type AttributeError struct {
	Attribute string
	Err       error
}

// Error returns the attribute and its fault.
func (e *AttributeError) Error() string { return fmt.Sprintf("attribute `%s`: %v", e.Attribute, e.Err) }

// Unwrap returns the fault.
func (e *AttributeError) Unwrap() error { return e.Err }

// New puts a template together. It checks name, version and the ID of the
// parent; whether the parent exists and the SQL fits together is for Resolve
// and Validate. The error is an *AttributeError.
func New(meta Metadata, sources Sources) (Template, error) {
	if err := CheckName(meta.Name); err != nil {
		return Template{}, &AttributeError{"name", err}
	}
	if err := CheckVersion(meta.Version); err != nil {
		return Template{}, &AttributeError{"version", err}
	}
	if err := checkExtends(meta.Name, meta.Extends); err != nil {
		return Template{}, &AttributeError{"extends", err}
	}
	var parent *Template
	if meta.Extends == "" && sources.Parent != nil {
		parent = sources.Parent
		meta.Extends = parent.ID().String()
		if parent.Name == meta.Name {
			return Template{}, &AttributeError{"name", &IDError{Text: meta.Name, Reason: "is the name of the built-in template that this one extends: choose another name, or name the parent in `extends`"}}
		}
	}
	if slices.Contains(meta.FrozenTables, "") {
		return Template{}, &AttributeError{"frozen_tables", &IDError{Reason: "is no table name: it is empty"}}
	}
	if slices.Contains(meta.ExtensionPoints, "") {
		return Template{}, &AttributeError{"extension_points", &IDError{Reason: "is no table name: it is empty"}}
	}
	mode, err := readMode(meta.SQLMode)
	if err != nil {
		return Template{}, &AttributeError{"sql_mode", err}
	}
	return Template{
		Name: meta.Name, Version: meta.Version, Type: meta.Type, Description: meta.Description, Extends: meta.Extends,
		Parent: parent,
		Core:   sources.Core, Seeds: sources.Seeds, Modules: sources.Modules, Migrations: sources.Migrations,
		FrozenTables:     sortedSet(meta.FrozenTables),
		ExtensionPoints:  sortedSet(meta.ExtensionPoints),
		ApprovalRequired: sortedSet(meta.ApprovalRequired),
		SQLMode:          mode,
	}, nil
}

// modes are the words that the sql_mode of a template may have. All change what a
// server refuses, none how it reads a text.
var modes = []string{"ERROR_FOR_DIVISION_BY_ZERO", "NO_ENGINE_SUBSTITUTION", "NO_ZERO_DATE", "NO_ZERO_IN_DATE", "ONLY_FULL_GROUP_BY", "STRICT_ALL_TABLES", "STRICT_TRANS_TABLES"}

// readMode returns a sql_mode in order and in capitals. Every connection of ours is
// strict, so a template's is too.
func readMode(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var words []string
	for word := range strings.SplitSeq(strings.ToUpper(text), ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(modes, word) {
			return "", &IDError{Text: word, Reason: "is no mode of a template: it may have " + strings.Join(modes, ", ")}
		}
		words = append(words, word)
	}
	if !slices.Contains(words, "STRICT_TRANS_TABLES") && !slices.Contains(words, "STRICT_ALL_TABLES") {
		return "", &IDError{Text: text, Reason: "is not strict: add STRICT_TRANS_TABLES, so that no value is changed without a word"}
	}
	return strings.Join(sortedSet(words), ","), nil
}

// checkExtends says whether a template of that name can extend the given ID.
func checkExtends(name, extends string) error {
	if extends == "" {
		return nil
	}
	parent, err := ParseID(extends)
	if err != nil {
		return err
	}
	if parent.Name == name {
		return &IDError{Text: extends, Reason: "is a version of the template itself: a new version replaces the former one, it does not extend it"}
	}
	return nil
}

// ID returns name and version.
func (t Template) ID() ID { return ID{Name: t.Name, Version: t.Version} }

// Module returns the template's own module of that name.
func (t Template) Module(name string) (Module, bool) {
	for _, m := range t.Modules {
		if m.Name == name {
			return m, true
		}
	}
	return Module{}, false
}

// sortedSet returns the values sorted and without repetition; nil for none.
func sortedSet(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
