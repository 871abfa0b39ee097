package preview

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// The shortest secrets that are looked for in other texts: a shorter one would
// be found in half of all words. Where it is itself, it is hidden in any case.
const (
	shortestSecret = 4
	shortestLine   = 12 // a line of a secret with several
)

// secretsOf returns every text of a plan that is marked as sensitive, whatever
// resource, variable or output it belongs to: a value that was computed from one
// has no mark of its own.
func secretsOf(root object) []string {
	found := map[string]bool{}
	for _, name := range []string{"resource_changes", "resource_drift"} {
		for _, entry := range root.list(name) {
			changeSecrets(asObject(asObject(entry)["change"]), found)
		}
	}
	for _, output := range asObject(root["output_changes"]) {
		changeSecrets(asObject(output), found)
	}
	for _, values := range []object{asObject(root["planned_values"]), asObject(asObject(root["prior_state"])["values"])} {
		for _, output := range asObject(values["outputs"]) {
			if o := asObject(output); o.flag("sensitive") {
				textsOf(o["value"], found)
			}
		}
		moduleSecrets(asObject(values["root_module"]), found)
	}
	variables := asObject(asObject(asObject(root["configuration"])["root_module"])["variables"])
	for name, declared := range variables {
		if asObject(declared).flag("sensitive") {
			textsOf(asObject(asObject(root["variables"])[name])["value"], found)
		}
	}
	var out []string
	for secret := range found {
		out = append(out, secret)
	}
	return out
}

func changeSecrets(c object, found map[string]bool) {
	sensitiveTexts(c["before"], c["before_sensitive"], found)
	sensitiveTexts(c["after"], c["after_sensitive"], found)
}

func moduleSecrets(module object, found map[string]bool) {
	for _, entry := range module.list("resources") {
		resource := asObject(entry)
		sensitiveTexts(resource["values"], resource["sensitive_values"], found)
	}
	for _, child := range module.list("child_modules") {
		moduleSecrets(asObject(child), found)
	}
}

// sensitiveTexts finds the texts of a value that its marks make secret.
func sensitiveTexts(value, sensitive any, found map[string]bool) {
	switch sensitive := sensitive.(type) {
	case bool:
		if sensitive {
			textsOf(value, found)
		}
	case map[string]any:
		of := asObject(value)
		for name, mark := range sensitive {
			sensitiveTexts(of[name], mark, found)
		}
	case []any:
		of, _ := value.([]any)
		for i, mark := range sensitive {
			sensitiveTexts(at(of, i), mark, found)
		}
	}
}

// textsOf finds all texts and numbers in a value.
func textsOf(value any, found map[string]bool) {
	switch value := value.(type) {
	case string:
		found[value] = true
	case json.Number:
		found[value.String()] = true
	case map[string]any:
		for _, inner := range value {
			textsOf(inner, found)
		}
	case []any:
		for _, inner := range value {
			textsOf(inner, found)
		}
	}
}

// masker returns what replaces secrets in texts, in every way in which one may
// be written: as it is, on one line, in a literal of SQL, in JSON.
func masker(secrets []string) *strings.Replacer {
	ways := map[string]bool{}
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		for _, way := range spellings(secret) {
			ways[way] = true
		}
		lines := strings.Split(secret, "\n")
		for _, line := range lines[:len(lines)*min(1, len(lines)-1)] {
			if line = strings.TrimSpace(line); len(line) >= shortestLine {
				ways[line] = true
			}
		}
	}
	sorted := make([]string, 0, len(ways))
	for way := range ways {
		sorted = append(sorted, way)
	}
	// Of two that begin alike the longer one is replaced.
	slices.SortFunc(sorted, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(sorted))
	for _, way := range sorted {
		pairs = append(pairs, way, hiddenText)
	}
	return strings.NewReplacer(pairs...)
}

// spellings returns the ways in which a secret may be written: its line ends in
// each of three ways, and its quotes in each of five.
func spellings(secret string) []string {
	lines := []string{secret, strings.TrimSpace(secret), strings.Join(strings.Fields(secret), " "), strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(secret)}
	var ways []string
	for _, text := range lines {
		doubled, slashed := strings.ReplaceAll(text, "'", "''"), strings.NewReplacer("'", `\'`, `"`, `\"`).Replace(text)
		ways = append(ways, text, doubled, slashed, strings.ReplaceAll(text, `"`, `""`), strings.ReplaceAll(text, "`", "``"))
	}
	escaped := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(secret)
	ways = append(ways, escaped, strings.ReplaceAll(escaped, "'", "''"), strings.NewReplacer("'", `\'`, `"`, `\"`).Replace(escaped))
	quoted := fmt.Sprintf("%q", secret)
	ways = append(ways, quoted[1:len(quoted)-1])
	if raw, err := json.Marshal(secret); err == nil {
		ways = append(ways, string(raw[1:len(raw)-1]))
	}
	return slices.DeleteFunc(ways, func(way string) bool { return len(way) < shortestSecret })
}

// mask replaces secrets in every text of a value, which is a pointer.
func mask(secrets *strings.Replacer, v any) { maskValue(secrets, reflect.ValueOf(v)) }

func maskValue(secrets *strings.Replacer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			maskValue(secrets, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				maskValue(secrets, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			maskValue(secrets, v.Index(i))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(secrets.Replace(v.String()))
		}
	}
}
