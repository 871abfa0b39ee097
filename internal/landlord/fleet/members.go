package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// FieldTenants is the attribute that lists the tenants of a fleet.
const FieldTenants landlord.Field = "tenants"

// Member is one tenant of a fleet, as its list has it.
type Member struct {
	Slug, Name string // Name is the slug when the list has none
	Modules    []string
	Metadata   map[string]string
	Version    string // of the fleet's template; empty for the one that the fleet follows
	Server     string // key of the further servers; empty for where it is, or is placed
	OnMain     bool   // Server is empty and means the main server
	Database   string // that is there and is adopted; empty for the one that the slug makes

	selected bool            // not in the list
	pool     bool            // nobody's: kept ready
	status   landlord.Status // that it keeps; empty for active
}

// listAttempt begins every refusal of a list.
const listAttempt = "Reading the list of a fleet's tenants"

// ParseMembers reads a list of tenants: a JSON object whose keys are slugs and
// whose values are objects with `name`, `modules`, `metadata`, `version`,
// `server` and `database_name`, all optional; null is an empty object. Members come back by slug.
// The error is a *landlord.Problem at `tenants` that names the entry, as
// `tenants["acme"].modules[1]`.
func ParseMembers(text string) ([]Member, error) {
	var list json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, malformed(text, err)
	}
	entries, err := objectOf(list, "tenants")
	if err != nil {
		return nil, err
	}
	members := make([]Member, 0, len(entries))
	for _, e := range entries {
		m, err := parseMember(e)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Slug, b.Slug) })
	return members, nil
}

// WriteMembers writes a list of tenants as ParseMembers reads it.
func WriteMembers(members []Member) string {
	type written struct {
		Name     string            `json:"name,omitempty"`
		Modules  []string          `json:"modules,omitempty"`
		Metadata map[string]string `json:"metadata,omitempty"`
		Version  string            `json:"version,omitempty"`
		Server   string            `json:"server,omitempty"`
		Database string            `json:"database_name,omitempty"`
	}
	list := make(map[string]written, len(members))
	for _, m := range members {
		w := written{m.Name, m.Modules, m.Metadata, m.Version, m.Server, m.Database}
		if m.Name == m.Slug {
			w.Name = ""
		}
		list[m.Slug] = w
	}
	text, _ := json.Marshal(list) // texts have a form
	return string(text)
}

// entry is a member of a JSON object.
type entry struct {
	key   string
	at    string // path of the value, for people
	value json.RawMessage
}

// objectOf reads a JSON object, whose syntax is right, in its order. JSON allows
// a key twice, and leaves open which one counts: that is refused.
func objectOf(text json.RawMessage, at string) ([]entry, error) {
	if kind := kindOf(text); kind != "an object" {
		return nil, refused(at, "is "+kind+", where an object is expected", "Write an object, for example with `jsonencode({ … })`.")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var entries []entry
	known := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // nothing else is a key
		e := entry{key: key, at: member(at, key)}
		if err := dec.Decode(&e.value); err != nil {
			return nil, err
		}
		if known[key] {
			return nil, refused(e.at, "is there twice", "Remove one of the two.")
		}
		known[key] = true
		entries = append(entries, e)
	}
	return entries, nil
}

// member returns the path of a value in an object.
func member(at, key string) string {
	if at == "tenants" || strings.HasSuffix(at, ".metadata") {
		return fmt.Sprintf("%s[%q]", at, key)
	}
	return at + "." + key
}

func parseMember(e entry) (Member, error) {
	m := Member{Slug: e.key, Name: e.key}
	if _, err := landlord.DatabaseName("", e.key); err != nil {
		return m, refused(e.at, "has a key that cannot be a slug", "A slug starts with a lower-case letter and holds lower-case letters, digits, `-` and `_`, at most 64 characters; `test`, `landlord` and names of system databases are reserved.")
	}
	if isNull(e.value) {
		return m, nil
	}
	fields, err := objectOf(e.value, e.at)
	if err != nil {
		return m, err
	}
	for _, f := range fields {
		if err := m.set(f); err != nil {
			return m, err
		}
	}
	return m, nil
}

// set takes one field of an entry.
func (m *Member) set(f entry) (err error) {
	if isNull(f.value) {
		return nil
	}
	switch f.key {
	case "name":
		m.Name, err = textOf(f, 255)
	case "modules":
		m.Modules, err = modulesOf(f)
	case "metadata":
		m.Metadata, err = metadataOf(f)
	case "version":
		if m.Version, err = textOf(f, 64); err == nil {
			if template.CheckVersion(m.Version) != nil {
				err = refused(f.at, fmt.Sprintf("is `%s`, which is no version", m.Version), "Write a version of the fleet's template, for example `\"1.4.0\"`.")
			}
		}
	case "server":
		if m.OnMain = string(bytes.TrimSpace(f.value)) == `""`; !m.OnMain {
			m.Server, err = textOf(f, 64)
		}
	case "database_name":
		if m.Database, err = textOf(f, landlord.MaxDatabaseName); err == nil && landlord.CheckDatabase(m.Database) != nil {
			err = refused(f.at, fmt.Sprintf("is `%s`, which no database that can be adopted is called", m.Database), "Write the name of a database that is there, as the server has it.")
		}
	default:
		err = refused(f.at, "is not known", "An entry has `name`, `modules`, `metadata`, `version`, `server` and `database_name`; facts of your own belong into `metadata`.")
	}
	return err
}

// textOf reads a text that is not empty, of at most so many characters.
func textOf(f entry, most int) (string, error) {
	var text string
	if json.Unmarshal(f.value, &text) != nil {
		return "", refused(f.at, "is "+kindOf(f.value)+", where a text is expected", "Write it in quotes.")
	}
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return "", refused(f.at, "is empty", "Write a text, or leave it out.")
	case n > most:
		return "", refused(f.at, fmt.Sprintf("has %d characters, at most %d are allowed", n, most), "Shorten it.")
	}
	return text, nil
}

func modulesOf(f entry) ([]string, error) {
	var values []json.RawMessage
	if json.Unmarshal(f.value, &values) != nil {
		return nil, refused(f.at, "is "+kindOf(f.value)+", where a list is expected", "Write a list of modules, for example `[\"billing\"]`.")
	}
	var modules []string
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", f.at, i)
		module, err := textOf(entry{at: at, value: value}, 64)
		if err != nil {
			return nil, err
		}
		if slices.Contains(modules, module) {
			return nil, refused(at, fmt.Sprintf("names the module `%s` a second time", module), "Remove it.")
		}
		modules = append(modules, module)
	}
	slices.Sort(modules)
	return modules, nil
}

// metadataOf reads texts by key. Numbers and booleans, which YAML makes of what
// has no quotes, count as their text.
func metadataOf(f entry) (map[string]string, error) {
	fields, err := objectOf(f.value, f.at)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	metadata := make(map[string]string, len(fields))
	for _, field := range fields {
		if field.key == "" {
			return nil, refused(field.at, "has an empty key", "Name what it is.")
		}
		switch kindOf(field.value) {
		case "a text":
			var text string
			if err := json.Unmarshal(field.value, &text); err != nil {
				return nil, err
			}
			metadata[field.key] = text
		case "a number", "a boolean":
			metadata[field.key] = string(bytes.TrimSpace(field.value))
		case "null":
		default:
			return nil, refused(field.at, "is "+kindOf(field.value)+", where a text is expected", "Write it in quotes, or as `jsonencode(…)` of it.")
		}
	}
	return metadata, nil
}

func isNull(value json.RawMessage) bool { return kindOf(value) == "null" }

// kindOf says what a JSON value is, for people.
func kindOf(value json.RawMessage) string {
	value = bytes.TrimLeft(value, " \t\r\n")
	if len(value) == 0 {
		return "nothing"
	}
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func refused(at, why, next string) error {
	return landlord.NewProblem(FieldTenants, "List of tenants cannot be used", listAttempt+": `"+at+"` "+why+".", next)
}

// malformed refuses what is no JSON. The cause tells the place, never the text.
func malformed(text string, err error) error {
	next := "Write JSON, for example with `jsonencode({ … })`, `file(\"tenants.json\")` or `jsonencode(yamldecode(file(\"tenants.yaml\")))`."
	if strings.TrimSpace(text) == "" {
		return refused("tenants", "is empty", next)
	}
	why := "is no JSON: " + err.Error()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		line := 1 + strings.Count(text[:min(int(syntax.Offset), len(text))], "\n")
		why += fmt.Sprintf(" at character %d, line %d", syntax.Offset, line)
	}
	return refused("tenants", why, next)
}
