package adopt

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// How many names a line lists, and how many differences.
const (
	namesShown   = 10
	differsShown = 3
)

// Text tells the plan for a terminal.
func (p *Plan) Text() string {
	var b strings.Builder
	b.WriteString(p.summary() + "\n")
	if len(p.Classes) > 0 {
		b.WriteString("\n")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "CLASS\tVERSION\tDATABASES\tSIZE\tDIFFERS\tFIRST")
		for _, c := range p.Classes {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", c.Name, c.version(), len(c.Databases), landlord.ByteSize(c.Bytes), c.differs(), strings.Join(c.first(), " "))
		}
		_ = w.Flush() // into memory
	}
	if len(p.Findings) > 0 {
		b.WriteString("\nNot taken over:\n")
		for _, f := range joinedFindings(p.Findings) {
			b.WriteString("- " + f.line(func(name string) string { return printable(name) }) + "\n")
		}
	}
	return b.String()
}

// Markdown tells the plan as a file.
func (p *Plan) Markdown() string {
	var b strings.Builder
	b.WriteString("# Adoption\n\n" + p.summary() + "\n")
	if len(p.Classes) > 0 {
		b.WriteString("\n## What there is\n\nA class is all databases with the same structure.\n\n| class | version | databases | size | first | differs from the version in |\n|---|---|---|---|---|---|\n")
		for _, c := range p.Classes {
			fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s |\n", c.Name, c.version(), len(c.Databases), landlord.ByteSize(c.Bytes), quoted(c.first()), strings.Join(c.differences(), "<br>"))
		}
	}
	b.WriteString("\n## What is not taken over\n\n")
	if len(p.Findings) == 0 {
		b.WriteString("Nothing.\n")
	}
	for _, f := range p.Findings {
		b.WriteString("- " + f.line(code) + "\n")
	}
	return b.String()
}

// summary tells how much there is.
func (p *Plan) summary() string {
	text := fmt.Sprintf("%s in %s: %s to adopt", landlord.Several(p.Found, "database"), several(len(p.Classes), "class", "classes"), landlord.Several(len(p.Tenants), "tenant"))
	if n := len(p.Releases); n > 0 {
		text += fmt.Sprintf(" with %s of template `%s`", landlord.Several(n, "version"), p.Template)
	}
	own, kept := 0, 0
	for _, t := range p.Tenants {
		if t.Patch != nil {
			own++
		}
		if slices.ContainsFunc(t.Class.Differs, func(d landlord.Difference) bool { return d.Kind != landlord.DifferenceExtra }) {
			kept++
		}
	}
	text += fmt.Sprintf(", %d of them with a customization, %d with what the version has otherwise", own, kept)
	left := map[string]bool{}
	for _, f := range p.Findings {
		if f.Blocks {
			left[f.Server+"\x00"+f.Database] = true
		}
	}
	return text + fmt.Sprintf("; %s not adopted.", landlord.Several(len(left), "database"))
}

func several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (c *Class) version() string {
	if c.Version == "" {
		return "-"
	}
	return c.Version
}

// first returns the names of the first databases.
func (c *Class) first() []string {
	var names []string
	for i, d := range c.Databases {
		if i == namesShown {
			return append(names, fmt.Sprintf("and %d more", len(c.Databases)-i))
		}
		name := printable(d.Name)
		if d.Server != "" {
			name = d.Server + "/" + name
		}
		names = append(names, name)
	}
	return names
}

// differs tells shortly in what the class differs from its release.
func (c *Class) differs() string {
	if c.Version == "" {
		return "another structure"
	}
	var parts []string
	for i, d := range c.Differs {
		if i == differsShown {
			parts = append(parts, fmt.Sprintf("and %d more", len(c.Differs)-i))
			break
		}
		parts = append(parts, printable(d.Name())+" "+string(d.Kind))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "; ")
}

// differences tells all of them for a table of Markdown.
func (c *Class) differences() []string {
	var lines []string
	for _, d := range c.Differs {
		lines = append(lines, code(d.Name())+" "+string(d.Kind))
	}
	if c.Version == "" {
		lines = append(lines, "another structure")
	}
	return lines
}

// line writes a finding; name writes a name that others have given.
func (f Finding) line(name func(string) string) string {
	var what []string
	if f.Database != "" {
		what = append(what, name(f.Database))
	}
	if f.Server != "" {
		what = append(what, "on "+landlord.ServerName(f.Server))
	}
	at := strings.Join(what, " ")
	if f.Object != "" {
		at = strings.TrimPrefix(at+": "+name(f.Object), ": ")
	}
	kind := "not declared"
	if f.Blocks {
		kind = "not adopted"
	}
	return strings.TrimSpace(fmt.Sprintf("%s, %s: %s %s", at, kind, printable(landlord.Sentence(f.Reason)), printable(f.Next)))
}

// joinedFindings tells what several databases have in common once.
func joinedFindings(all []Finding) []Finding {
	var out []Finding
	counts := map[int]int{}
	for _, f := range all {
		at := slices.IndexFunc(out, func(o Finding) bool {
			return o.Server == f.Server && o.Object == f.Object && o.Reason == f.Reason && o.Blocks == f.Blocks && o.Next == f.Next && f.Database != ""
		})
		if at < 0 {
			out = append(out, f)
			continue
		}
		counts[at]++
	}
	for at, n := range counts {
		out[at].Database += fmt.Sprintf(" and %d more", n)
	}
	return out
}

// printable leaves nothing in a text that moves a terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// code writes a name as code of Markdown in a table.
func code(name string) string {
	fence := "`"
	for strings.Contains(name, fence) {
		fence += "`"
	}
	pad := ""
	if strings.HasPrefix(name, "`") || strings.HasSuffix(name, "`") {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(printable(name), "|", "\\|") + pad + fence
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		if out[i] = code(name); strings.HasPrefix(name, "and ") && i == namesShown {
			out[i] = name
		}
	}
	return strings.Join(out, " ")
}
