package preview

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
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
	for _, name := range []string{"deferred_changes", "deferred_action_invocations"} {
		for _, entry := range root.list(name) {
			changeSecrets(asObject(asObject(asObject(entry)["resource_change"])["change"]), found)
			invocationSecrets(asObject(asObject(entry)["action_invocation"]), found)
		}
	}
	for _, entry := range root.list("action_invocations") {
		invocationSecrets(asObject(entry), found)
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

func invocationSecrets(o object, found map[string]bool) {
	sensitiveTexts(map[string]any(asObject(o["config_values"])), o["config_sensitive"], found)
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
		insideJSON(value, found)
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

// entryWords are the names that every entry of a fleet's list may have. They are
// words of ours and no secrets, but where slugs stand.
var entryWords = []string{"name", "modules", "metadata", "version", "server", "database_name"} //nolint:gochecknoglobals // a table

// insideJSON finds what is in a secret that is JSON, as the list of a fleet: its
// texts, numbers and names, however deep. Numbers are found as they are written.
// What comes before a fault of the syntax counts, too.
func insideJSON(text string, found map[string]bool) {
	if trimmed := strings.TrimSpace(text); !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") {
		return
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for depth := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 || !slices.Contains(entryWords, token) {
				textsOf(token, found)
			}
		case json.Number:
			textsOf(token, found)
		}
	}
}

// mask replaces secrets in every text of a value, which is a pointer.
func mask(secrets *masker, v any) { maskValue(secrets, reflect.ValueOf(v)) }

// mask hides secrets that lie across both parts of a statement.
func (s *Statement) mask(secrets *masker) {
	whole, parts := secrets.replace(s.line), secrets.replace(s.SQL)
	if s.Risk != "" {
		parts += " -- " + secrets.replace(s.Risk)
	}
	if s.line != "" && s.SQL != notShown && whole != parts {
		s.SQL, s.Risk = whole, ""
	}
}

func maskValue(secrets *masker, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			maskValue(secrets, v.Elem())
		}
	case reflect.Struct:
		if s, ok := v.Addr().Interface().(*Statement); ok {
			s.mask(secrets)
		}
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
			v.SetString(secrets.replace(v.String()))
		}
	}
}
