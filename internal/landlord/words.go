package landlord

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Shorten cuts a statement for a message.
func Shorten(sql string) string {
	const most = 500
	sql = strings.TrimSpace(sql)
	if len(sql) <= most {
		return sql
	}
	return strings.ToValidUTF8(sql[:most], "") + " …"
}

// Quoted writes names for a sentence: "`a`, `b`".
func Quoted(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

// MostNamed is how many of many are named.
const MostNamed = 10

// FirstOf names the first of many for a sentence: "`a`, `b` and 3 more".
func FirstOf(names []string) string {
	if len(names) <= MostNamed {
		return Quoted(names)
	}
	return fmt.Sprintf("%s and %d more", Quoted(names[:MostNamed]), len(names)-MostNamed)
}

// UpperFirst begins a sentence.
func UpperFirst(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Sentence makes a sentence of an error's text.
func Sentence(text string) string {
	text = UpperFirst(text)
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// Bulleted returns the lines as items of a list.
func Bulleted(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, "- "+l)
	}
	return out
}

// Key is the object's key in a fingerprint.
func Key(o ddl.Object) string { return string(o.Kind) + " " + o.Name }

// IsASCII reports whether a text has ASCII characters only.
func IsASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// DropDatabase returns the statement that drops a database if it is there.
func DropDatabase(name string) string { return "DROP DATABASE IF EXISTS " + mysql.Quote(name) }

// ToJSON writes a value for a JSON column; nil for an empty one.
func ToJSON(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	if string(raw) == "null" {
		return nil, nil
	}
	return string(raw), nil
}

// FromJSON reads a JSON column, which may be empty.
func FromJSON(raw string, to any) error {
	if raw == "" {
		return nil
	}
	return json.Unmarshal([]byte(raw), to)
}

// Nullable returns nil for an empty text, for columns that may be NULL.
func Nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// NullableTime returns nil for the zero time, for columns that may be NULL.
func NullableTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// Placeholders repeats the placeholder of one value, or of one row, n times.
func Placeholders(n int, one string) string {
	return strings.TrimSuffix(strings.Repeat(one+",", n), ",")
}
