package preview

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// The marks of values that are not shown or not known.
type (
	hiddenValue  struct{}
	unknownValue struct{}
)

// The words for them.
const (
	hiddenText  = "(sensitive value)"
	unknownText = "(known after apply)"
)

// plan is a plan as `terraform show -json` prints it, as far as it matters here.
type plan struct {
	terraform   string // version of the core
	errored     bool   // planning ended with an error
	made        time.Time
	changes     []change
	drifts      []change // what a refresh found
	deferred    []change // what a later plan decides
	invocations []invocation
	previews    []object           // data sources landlord_migration_preview that were read
	grants      map[string][]grant // by digest
	masker      *masker
	hidesSQL    bool // SQL of some resource comes from sensitive values, or nobody is to see any
}

// Options say how a plan is told.
type Options struct {
	// HideSQL leaves out statements, definitions and whatever else may have a part of
	// one, as is done for a plan whose SQL comes from sensitive values.
	HideSQL bool
}

// change is an entry of resource_changes or resource_drift.
type change struct {
	address, kind string
	actions       []string
	before, after object // nil where there is none
	forced        []string
	importing     bool
}

// Read reads a plan. The error is a *landlord.Problem when the text is no plan.
func Read(from io.Reader, options Options) (*Report, error) {
	decoder := json.NewDecoder(from)
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return nil, landlord.NewProblem(landlord.FieldNone, "Plan cannot be read",
			"Reading the plan: the text is no JSON.",
			"Hand over what `terraform show -json PLANFILE` prints, PLANFILE being what `terraform plan -out=PLANFILE` wrote.").Because(err)
	}
	root := asObject(raw)
	version := root.text("format_version")
	if _, ok := root["planned_values"]; !ok || version == "" {
		return nil, landlord.NewProblem(landlord.FieldNone, "JSON is no plan of Terraform",
			"Reading the plan: the JSON has no `format_version` or no `planned_values`, as that of a state or of another program.",
			"Hand over what `terraform show -json PLANFILE` prints, PLANFILE being what `terraform plan -out=PLANFILE` wrote.")
	}
	if major, _, _ := strings.Cut(version, "."); major != "1" {
		return nil, landlord.NewProblem(landlord.FieldNone, "Format of the plan is not known",
			fmt.Sprintf("Reading the plan: its `format_version` is `%s`; this version knows those that begin with `1.`.", shorten(version, 40)),
			"Use a later version of the provider's program for the preview.")
	}
	p := readPlan(root)
	p.hidesSQL = p.hidesSQL || options.HideSQL
	return build(p), nil
}

// readPlan takes the plan apart.
func readPlan(root object) *plan {
	p := &plan{terraform: root.text("terraform_version"), errored: root.flag("errored")}
	for _, entry := range root.list("resource_changes") {
		p.addChange(asObject(entry), &p.changes)
	}
	for _, entry := range root.list("resource_drift") {
		p.addChange(asObject(entry), &p.drifts)
	}
	for _, entry := range root.list("deferred_changes") {
		p.addChange(asObject(asObject(entry)["resource_change"]), &p.deferred)
	}
	for _, entry := range root.list("action_invocations") {
		p.addInvocation(asObject(entry), false)
	}
	for _, entry := range root.list("deferred_action_invocations") {
		p.addInvocation(asObject(asObject(entry)["action_invocation"]), true)
	}
	p.made, _ = time.Parse(time.RFC3339, root.text("timestamp")) // older cores have none
	p.grants = p.approvals()
	prior := asObject(asObject(root["prior_state"])["values"])
	p.addPreviews(asObject(prior["root_module"]))
	p.masker = newMasker(secretsOf(root))
	return p
}

// addChange takes an entry that is about a resource of the landlord.
func (p *plan) addChange(entry object, to *[]change) {
	kind := entry.text("type")
	if !strings.HasPrefix(kind, "landlord_") || entry.text("mode") == "data" {
		return
	}
	raw := asObject(entry["change"])
	c := change{address: entry.text("address"), kind: kind, importing: raw["importing"] != nil}
	for _, action := range raw.list("actions") {
		if text, ok := action.(string); ok {
			c.actions = append(c.actions, text)
		}
	}
	for _, path := range raw.list("replace_paths") {
		if parts, ok := path.([]any); ok && len(parts) > 0 {
			c.forced = append(c.forced, fmt.Sprint(parts[0]))
		}
	}
	if raw["before"] != nil {
		c.before = asObject(marked(raw["before"], nil, raw["before_sensitive"]))
	}
	if raw["after"] != nil {
		c.after = asObject(marked(raw["after"], raw["after_unknown"], raw["after_sensitive"]))
	}
	if writesSQL(kind) && (hasHidden(c.before, sqlInputs) || hasHidden(c.after, sqlInputs)) {
		p.hidesSQL = true
	}
	*to = append(*to, c)
}

// sqlInputs are the attributes whose values become SQL.
var sqlInputs = []string{"core", "modules", "optional_modules", "seeds", "migrations", "source", "sql", "tables", "columns", "indexes", "views", "where", "resolutions"} //nolint:gochecknoglobals // a table

// writesSQL says whether attributes of the type become SQL.
func writesSQL(kind string) bool {
	switch kind {
	case typeTenant, typeFleet, typeTemplate, typeCustomization, typeDataCopy:
		return true
	}
	return false
}

// hasHidden says whether one of the attributes is sensitive, in parts or wholly.
func hasHidden(o object, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return containsHidden(o[name]) })
}

func containsHidden(v any) bool {
	switch v := v.(type) {
	case hiddenValue:
		return true
	case map[string]any:
		for _, inner := range v {
			if containsHidden(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, containsHidden)
	}
	return false
}

// addPreviews takes the data sources that say both sides of conflicts.
func (p *plan) addPreviews(module object) {
	for _, entry := range module.list("resources") {
		resource := asObject(entry)
		if resource.text("mode") == "data" && resource.text("type") == "landlord_migration_preview" {
			p.previews = append(p.previews, asObject(marked(resource["values"], nil, resource["sensitive_values"])))
		}
	}
	for _, child := range module.list("child_modules") {
		p.addPreviews(asObject(child))
	}
}

// marked returns a value with the marks that lie beside it: what is sensitive or
// unknown is replaced, so that nobody above can show it by mistake.
func marked(value, unknown, sensitive any) any {
	switch {
	case sensitive == true:
		return hiddenValue{}
	case unknown == true:
		return unknownValue{}
	}
	switch value := value.(type) {
	case map[string]any:
		return markedMap(value, asObject(unknown), asObject(sensitive))
	case []any:
		unknowns, _ := unknown.([]any)
		sensitives, _ := sensitive.([]any)
		out := make([]any, len(value))
		for i := range value {
			out[i] = marked(value[i], at(unknowns, i), at(sensitives, i))
		}
		return out
	case nil:
		if of, ok := unknown.(map[string]any); ok && len(of) > 0 {
			return markedMap(nil, of, asObject(sensitive))
		}
	}
	return value
}

func markedMap(value, unknown, sensitive object) map[string]any {
	out := make(map[string]any, len(value))
	for name := range value {
		out[name] = marked(value[name], unknown[name], sensitive[name])
	}
	for name := range unknown {
		if _, ok := value[name]; !ok {
			out[name] = marked(nil, unknown[name], sensitive[name])
		}
	}
	return out
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// object is a JSON object. Its methods answer for whatever it holds: a plan of
// another version may have another type in a place.
type object map[string]any

func asObject(v any) object {
	m, _ := v.(map[string]any)
	return m
}

// text returns a text, a number or a word for what is not shown; empty for null
// and everything else.
func (o object) text(name string) string { return asText(o[name]) }

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case hiddenValue:
		return hiddenText
	case unknownValue:
		return unknownText
	}
	return ""
}

func (o object) list(name string) []any {
	list, _ := o[name].([]any)
	return list
}

// texts returns the texts of a list.
func (o object) texts(name string) []string {
	var out []string
	for _, v := range o.list(name) {
		if text := asText(v); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func (o object) flag(name string) bool { return o[name] == true }

// number returns a whole number; false for everything else.
func (o object) number(name string) (int64, bool) {
	n, ok := o[name].(json.Number)
	if !ok {
		return 0, false
	}
	out, err := strconv.ParseInt(n.String(), 10, 64)
	return out, err == nil
}

func (o object) isUnknown(name string) bool { _, ok := o[name].(unknownValue); return ok }

// shorten cuts a text at a number of characters and says how many are missing.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + fmt.Sprintf(" … (%d more characters)", len(runes)-most)
}
