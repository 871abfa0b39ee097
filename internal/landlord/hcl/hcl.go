// Package hcl writes parts of a Terraform configuration for people to copy: a
// customization that takes in what was found, and the texts in it.
package hcl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// adoptionReason is what a generated customization gives as its reason: the one
// thing that no database knows.
const adoptionReason = "Found on the server and taken over as it is. Say here why it is there."

// Customization writes a customization as a resource for a configuration, empty
// when there is none.
func Customization(tenant, name string, p *landlord.CustomizationPatch) string {
	return Customized{Label: Label(tenant + "_" + name), Tenant: Quote(tenant) + " # better: slug of its landlord_tenant", Name: name, Reason: adoptionReason, Patch: p}.Resource()
}

// Customized is a customization as it stands in a configuration.
type Customized struct {
	Label, Name, Reason string
	Tenant              string // expression
	DependsOn           string // address of a resource, empty for none
	Patch               *landlord.CustomizationPatch
}

// Resource writes the customization, empty when there is none.
func (c Customized) Resource() string {
	p := c.Patch
	if p == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"landlord_tenant_customization\" %s {\n", Quote(c.Label))
	fmt.Fprintf(&b, "  tenant = %s\n  name   = %s\n  reason = %s\n", c.Tenant, Quote(c.Name), Quote(c.Reason))
	if c.DependsOn != "" {
		fmt.Fprintf(&b, "  depends_on = [%s]\n", c.DependsOn)
	}
	writeTexts(&b, "tables", p.Tables)
	if len(p.Columns) > 0 {
		b.WriteString("\n  columns = [\n")
		for _, c := range p.Columns {
			fmt.Fprintf(&b, "    { table = %s, name = %s, definition = %s },\n", Quote(c.Table), Quote(c.Name), Quote(c.Definition))
		}
		b.WriteString("  ]\n")
	}
	if len(p.Indexes) > 0 {
		b.WriteString("\n  indexes = [\n")
		for _, x := range p.Indexes {
			columns := make([]string, len(x.Columns))
			for i, column := range x.Columns {
				columns[i] = Quote(column)
			}
			unique := ""
			if x.Unique {
				unique = ", unique = true"
			}
			fmt.Fprintf(&b, "    { table = %s, name = %s, columns = [%s]%s },\n", Quote(x.Table), Quote(x.Name), strings.Join(columns, ", "), unique)
		}
		b.WriteString("  ]\n")
	}
	writeTexts(&b, "views", p.Views)
	if p.SQL != "" {
		b.WriteString("\n  sql = " + Text(p.SQL) + "\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// writeTexts writes a map of names to SQL.
func writeTexts(b *strings.Builder, attribute string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	b.WriteString("\n  " + attribute + " = {\n")
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.WriteString("    " + Quote(name) + " = " + Text(texts[name]) + "\n")
	}
	b.WriteString("  }\n")
}

// escapeTemplate keeps Terraform from taking a text for a template.
func escapeTemplate(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
}

// Quote writes a text between quotes.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range escapeTemplate(text) {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Text writes SQL so that a person can read it: as a heredoc when it has
// several lines, which ends with a line break that SQL does not mind.
func Text(text string) string {
	plain := !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
	if !plain || !strings.Contains(text, "\n") {
		return Quote(text)
	}
	mark := "SQL"
	for slices.Contains(strings.Fields(text), mark) {
		mark += "_"
	}
	return "<<" + mark + "\n" + strings.TrimSuffix(escapeTemplate(text), "\n") + "\n" + mark
}

// AdoptionName makes the name of a customization for one difference:
// `adopted_orders_note`.
func AdoptionName(d landlord.Difference) string {
	words := []string{"adopted"}
	for _, part := range []string{d.Object, d.Element} {
		if _, name, ok := strings.Cut(part, "`"); ok {
			words = append(words, strings.TrimSuffix(name, "`"))
		}
	}
	const most = 64
	name := Label(strings.ToLower(strings.Join(words, "_")))
	return name[:min(len(name), most)]
}

// Label replaces what no name in a configuration may hold.
func Label(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, text)
}
