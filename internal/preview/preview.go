package preview

import (
	_ "embed" // the schema
	"encoding/json"
	"fmt"
)

// The formats of a preview.
const (
	FormatMarkdown = "markdown"
	FormatHTML     = "html"
	FormatJSON     = "json"
)

// Formats returns the formats, the default first.
func Formats() []string { return []string{FormatMarkdown, FormatHTML, FormatJSON} }

// Write returns the report in a format, which is one of Formats.
func (r *Report) Write(format string) (string, error) {
	switch format {
	case FormatMarkdown:
		return r.Markdown(), nil
	case FormatHTML:
		return r.HTML(), nil
	case FormatJSON:
		raw, err := json.MarshalIndent(r, "", "  ")
		return string(raw) + "\n", err
	}
	return "", fmt.Errorf("the format `%s` is none of markdown, html and json", format)
}

// Schema is the JSON Schema of what FormatJSON writes.
//
//go:embed schema.json
var Schema string
