package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const head = `# What the provider says

<!-- Made by ` + "`make generate`" + ` from the source (tools/diagnostics). Do not edit: change the text, or the comment of the
function that makes it. -->

Every error and warning, by its summary. *Points at* is the attribute that can mend it. *When* is the comment of the
function that makes the text, *what to do* its last paragraph; ` + hole + ` is what only a run knows. A test
(` + "`go test ./tools/diagnostics`" + `) fails when no test compares a text as a whole.
`

// row is one line of a table: the texts that a function makes for a summary.
type row struct {
	diagnostic
	todo []string
}

// write makes the page: a table of what is said of tenants, templates and
// servers, and one of what is found in SQL texts and files.
func write(all []diagnostic) []byte {
	var out bytes.Buffer
	out.WriteString(head)
	table(&out, all, false)
	out.WriteString("\n## Findings in SQL texts and files\n\nThe first of them becomes the error of a template, a customization, a decision or a script; warnings are listed with it.\n")
	table(&out, all, true)
	return out.Bytes()
}

func table(out *bytes.Buffer, all []diagnostic, findings bool) {
	fmt.Fprint(out, "\n| summary | | points at | when | what to do | made by |\n|---|---|---|---|---|---|\n")
	for _, r := range rows(all, findings) {
		kind := "error"
		if r.warning {
			kind = "warning"
		}
		fields := make([]string, 0, len(r.fields))
		for _, field := range r.fields {
			fields = append(fields, "`"+field+"`")
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | `%s` |\n", cell(r.summary), kind, strings.Join(fields, ", "), cell(r.when), cell(strings.Join(r.todo, "<br>")), r.function)
	}
}

// rows puts what one function says under one summary together.
func rows(all []diagnostic, findings bool) []row {
	var out []row
	for _, d := range all {
		if d.finding != findings {
			continue
		}
		last := len(out) - 1
		if last < 0 || out[last].summary != d.summary || out[last].function != d.function || out[last].warning != d.warning {
			out = append(out, row{diagnostic: d, todo: d.advice()})
			continue
		}
		out[last].todo = distinct(append(out[last].todo, d.advice()...))
		out[last].fields = distinct(slices.Concat(out[last].fields, d.fields))
		slices.Sort(out[last].fields)
	}
	return out
}

// advice returns what to do, without what only repeats a cause.
func (d diagnostic) advice() []string {
	return slices.DeleteFunc(distinct(d.next()), func(text string) bool {
		return strings.HasPrefix(text, "Cause: ") || len(strings.ReplaceAll(text, hole, "")) < 8
	})
}

// cell makes text fit for a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(strings.TrimSpace(text))
}
