package preview

import (
	"fmt"
	"strings"
)

// Marker is the first line of the Markdown: a job finds its own comment by it.
const Marker = "<!-- terraform-provider-landlord preview -->"

// mostMarkdown is the length that a Markdown text stays below: GitHub takes no
// comment of more than 65,536 characters. Bytes are counted, which are not fewer.
const mostMarkdown = 65536

// tailRoom is kept for the list of what was left out.
const tailRoom = 1500

// Markdown writes the report as GitHub and GitLab show it, in fewer than 65,536
// bytes whatever the plan is: what does not fit is counted at the end.
func (r *Report) Markdown() string { return r.markdown(mostMarkdown) }

func (r *Report) markdown(most int) string {
	d := r.outline()
	var b strings.Builder
	sign := "✅"
	if d.alarming {
		sign = "⚠️"
	}
	fmt.Fprintf(&b, "%s\n## %s\n\n%s **%s**\n\n", Marker, d.title, sign, d.verdict)
	for _, l := range d.lines {
		b.WriteString(l + "\n")
	}
	var tail []string
	for i := range d.sections {
		s := &d.sections[i]
		missing, begun, listed := 0, false, false
		for j := range s.blocks {
			text := fit(&s.blocks[j], most-tailRoom-b.Len()-len(s.title)-len("\n### \n\n"))
			if text == "" {
				missing++
				continue
			}
			if !begun {
				fmt.Fprintf(&b, "\n### %s\n", s.title)
				begun = true
			}
			if item := strings.HasPrefix(text, "- "); item != listed {
				if item {
					b.WriteByte('\n')
				}
				listed = item
			}
			b.WriteString(text)
		}
		if missing > 0 {
			tail = append(tail, fmt.Sprintf("- %s: %d of %d", s.title, missing, len(s.blocks)))
		}
	}
	if len(tail) > 0 {
		b.WriteString("\n---\n\n**Left out here, what is most dangerous first** (`--format json` has all):\n\n" + strings.Join(tail, "\n") + "\n")
	}
	return b.String()
}

// fit writes a block in the room that there is: whole, without its SQL, as its
// heading alone, or not at all.
func fit(b *block, room int) string {
	if text := markdownBlock(b); len(text) <= room {
		return text
	}
	short := *b
	short.code, short.columns = "", nil
	if b.code != "" || b.columns != nil {
		short.lines = append(append([][]span{}, b.lines...), line(say("Its SQL is left out here.")))
	}
	if text := markdownBlock(&short); len(text) <= room {
		return text
	}
	short.lines = [][]span{line(say("The rest of it is left out here."))}
	if text := markdownBlock(&short); len(text) <= room {
		return text
	}
	return ""
}

// markdownBlock writes a block: an item of a list when it is only a heading.
func markdownBlock(b *block) string {
	if b.code == "" && len(b.columns) == 0 && len(b.lines) == 0 {
		return "- " + markdownSpans(b.heading, false) + "\n"
	}
	var out strings.Builder
	out.WriteString("\n#### " + markdownSpans(b.heading, false) + "\n")
	if len(b.lines) > 0 {
		out.WriteByte('\n')
	}
	for _, l := range b.lines {
		out.WriteString("- " + markdownSpans(l, false) + "\n")
	}
	if len(b.columns) > 0 {
		var titles, rules, cells string
		for _, c := range b.columns {
			titles += " " + c.title + " |"
			rules += "---|"
			cells += " " + cell(c.text) + " |"
		}
		out.WriteString("\n|" + titles + "\n|" + rules + "\n|" + cells + "\n")
	}
	if b.code != "" {
		mark := fence(b.code, 3)
		out.WriteString("\n" + mark + b.language + "\n" + b.code + "\n" + mark + "\n")
	}
	return out.String()
}

func cell(text string) string {
	if text == "" {
		return "(none)"
	}
	return markdownCode(shorten(text, mostDefinition), true)
}

func markdownSpans(spans []span, inTable bool) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.kind {
		case ours:
			b.WriteString(s.text)
		case name:
			b.WriteString(markdownCode(shorten(s.text, mostDefinition), inTable))
		case given:
			for _, piece := range pieces(s.text) {
				if piece.kind == name {
					b.WriteString(markdownCode(shorten(piece.text, mostDefinition), inTable))
					continue
				}
				b.WriteString(markdownText(piece.text))
			}
		}
	}
	return b.String()
}

// markdownCode writes a text between as many backquotes as keep it together:
// nothing in it is a mention, a link, HTML or emphasis.
func markdownCode(text string, inTable bool) string {
	text = visible(text, false)
	if strings.TrimSpace(text) == "" {
		return "(empty)"
	}
	if inTable {
		text = strings.ReplaceAll(text, "|", `\|`)
	}
	mark := fence(text, 1)
	if text[0] == '`' || text[len(text)-1] == '`' || text[0] == ' ' {
		text = " " + text + " "
	}
	return mark + text + mark
}

// fence returns more backquotes than stand side by side in a text.
func fence(text string, least int) string {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", max(least, longest+1))
}

// apart is a character without width: it parts what a forge would make a mention
// or a link of.
const apart = "\u200b"

// markdownText writes a text so that nothing in it is a mark, a mention or a link.
func markdownText(text string) string {
	text = visible(text, false)
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if strings.IndexByte("\\`*_{}[]<>()#!|~&@$^", c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		switch {
		case c == '@' || c == '#' || c == '!' || c == '~' || c == '&' || c == '%' || c == '$': // mentions and references of GitHub and GitLab
			b.WriteString(apart)
		case c == ':' && strings.HasPrefix(text[i:], "://"), c == 'w' && strings.HasPrefix(text[i:], "w."):
			b.WriteString(apart)
		}
	}
	return b.String()
}
