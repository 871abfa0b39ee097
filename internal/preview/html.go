package preview

import (
	"fmt"
	"html"
	"strings"

	_ "embed" // the style
)

//go:embed style.css
var style string

// HTML writes the report as one page that needs nothing from any network: no
// script, no font, no image.
func (r *Report) HTML() string {
	d := r.outline()
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n" +
		"<title>" + html.EscapeString(d.title) + "</title>\n<style>\n" + style + "</style>\n</head>\n<body>\n<main>\n")
	state := "calm"
	if d.alarming {
		state = "alarm"
	}
	fmt.Fprintf(&b, "<h1>%s</h1>\n<p class=\"verdict %s\">%s</p>\n", html.EscapeString(d.title), state, html.EscapeString(d.verdict))
	for _, l := range d.lines {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(l))
	}
	for i := range d.sections {
		s := &d.sections[i]
		fmt.Fprintf(&b, "<section>\n<h2>%s</h2>\n", html.EscapeString(s.title))
		for j := range s.blocks {
			b.WriteString(htmlBlock(&s.blocks[j]))
		}
		b.WriteString("</section>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.String()
}

func htmlBlock(b *block) string {
	if b.code == "" && len(b.columns) == 0 && len(b.lines) == 0 {
		return "<p class=\"item\">" + htmlSpans(b.heading) + "</p>\n"
	}
	var out strings.Builder
	out.WriteString("<article>\n<h3>" + htmlSpans(b.heading) + "</h3>\n")
	if len(b.lines) > 0 {
		out.WriteString("<ul>\n")
		for _, l := range b.lines {
			out.WriteString("<li>" + htmlSpans(l) + "</li>\n")
		}
		out.WriteString("</ul>\n")
	}
	if len(b.columns) > 0 {
		out.WriteString("<div class=\"sides\">\n")
		for _, c := range b.columns {
			text := "(none)"
			if c.text != "" {
				text = visible(shorten(c.text, mostSQL), true)
			}
			fmt.Fprintf(&out, "<div><h4>%s</h4><pre tabindex=\"0\">%s</pre></div>\n", html.EscapeString(c.title), html.EscapeString(text))
		}
		out.WriteString("</div>\n")
	}
	if b.code != "" {
		out.WriteString("<pre tabindex=\"0\"><code>" + html.EscapeString(b.code) + "</code></pre>\n")
	}
	out.WriteString("</article>\n")
	return out.String()
}

func htmlSpans(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.kind {
		case ours:
			b.WriteString(html.EscapeString(s.text))
		case name:
			b.WriteString(htmlCode(s.text))
		case given:
			for _, piece := range pieces(s.text) {
				if piece.kind == name {
					b.WriteString(htmlCode(piece.text))
					continue
				}
				b.WriteString(html.EscapeString(visible(piece.text, false)))
			}
		}
	}
	return b.String()
}

func htmlCode(text string) string {
	return "<code>" + html.EscapeString(visible(shorten(text, mostDefinition), false)) + "</code>"
}
