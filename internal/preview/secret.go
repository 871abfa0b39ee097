package preview

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
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

// masker replaces secrets in texts, however they are written there: as they are, on
// one line, in a literal of SQL, as a name, in JSON, or in several of these ways.
type masker struct {
	plain   *strings.Replacer // of secrets as they are
	bare    *strings.Replacer // of those that another spelling may change, as bare writes them
	secrets []string          // the same, the longest first
}

func newMasker(secrets []string) *masker {
	ways := map[string]bool{}
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		ways[secret] = true
		for _, line := range strings.Split(secret, "\n") {
			if line = strings.TrimSpace(line); len(line) >= shortestLine {
				ways[line] = true
			}
		}
	}
	m := &masker{}
	var plain []string
	seen := map[string]bool{}
	for way := range ways {
		plain = append(plain, way)
		if text, _ := bare(way); (text != way || strings.ContainsAny(way, "<>&")) && len(text) >= shortestSecret && !seen[text] {
			seen[text] = true
			m.secrets = append(m.secrets, text)
		}
	}
	m.plain, m.bare = replacer(plain), replacer(m.secrets)
	return m
}

// replacer hides texts, of two that begin alike the longer one. The texts are
// sorted then.
func replacer(texts []string) *strings.Replacer {
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, hiddenText)
	}
	return strings.NewReplacer(pairs...)
}

// replace hides all secrets in a text. Those of several lines come first: one of
// their lines may be a secret, too.
func (m *masker) replace(text string) string {
	short, at := bare(text)
	if m.bare.Replace(short) == short {
		return m.plain.Replace(text)
	}
	type part struct{ from, to int }
	var parts []part
	for _, secret := range m.secrets {
		for from := 0; ; from++ {
			found := strings.Index(short[from:], secret)
			if found < 0 {
				break
			}
			from += found
			parts = append(parts, part{at[from], at[from+len(secret)-1] + 1})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var out strings.Builder
	done := 0
	for _, p := range parts {
		if p.from >= done {
			out.WriteString(m.plain.Replace(text[done:p.from]) + hiddenText)
		}
		done = max(done, p.to)
	}
	return out.String() + m.plain.Replace(text[done:])
}

// bare returns a text without all that spellings of one text differ in: quotes,
// backslashes, white space, and their escapes. at[i] is where byte i of it stands
// in the text.
func bare(text string) (short string, at []int) {
	var b strings.Builder
	keep := func(c string, place int) {
		for range len(c) {
			at = append(at, place)
		}
		b.WriteString(c)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'', '"', '`', ' ', '\n', '\r', '\t':
		case '\\':
			switch next := text[i+1 : min(i+2, len(text))]; next {
			case "n", "r", "t":
				i++
			case "u": // as JSON writes < and >, which is one byte
				if code, err := strconv.ParseUint(text[i+2:min(i+6, len(text))], 16, 32); err == nil && i+6 <= len(text) {
					keep(string(rune(code)), i+5)
					i += 5
				}
			}
		default:
			keep(text[i:i+1], i)
		}
	}
	return b.String(), at
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
