package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// Validate says everything that is wrong with a template, whatever modules are
// chosen: with each file on its own, with the cores together, with each module
// on top of them and what it requires, and with every two modules that may be
// combined. Warnings about files of parents are left out: they were said when
// the parent was published. The findings are in the order of files and lines.
func (l *Lineage) Validate(srv ddl.Server) []Finding {
	v := &validator{l: l, r: newReader(l, srv)}
	v.findings = slices.Concat(l.checkModules(), l.checkFrozen(v.r), l.checkExtensionPoints(v.r))
	v.core()
	for _, choice := range l.choices() {
		v.choice(choice)
	}
	v.rest()
	inherited := func(f Finding) bool {
		return f.Severity == SeverityWarning && slices.ContainsFunc(l.Parents(), func(p Template) bool {
			return strings.HasPrefix(f.File, p.ID().String()+"/")
		})
	}
	v.findings = slices.DeleteFunc(v.findings, inherited)
	sortFindings(v.findings)
	return counted(v.findings)
}

// validator gathers the findings of ever larger choices of modules.
type validator struct {
	l        *Lineage
	r        *reader
	findings []Finding
}

// core looks at the cores without any module.
func (v *validator) core() {
	statements, findings := v.r.compose(nil)
	v.findings = append(v.findings, findings...)
	hasCore := slices.ContainsFunc(statements, func(st Statement) bool { return !st.Seed })
	if !hasCore && !HasErrors(findings) {
		v.findings = append(v.findings, Finding{
			Severity: SeverityError, Summary: "Template without a core",
			Detail: "Neither the template nor what it extends has a statement in `core`, so a tenant without modules would be an empty database. Put what every tenant has into `core`, for example into `core/001_users.sql`.",
		})
	}
}

// choice looks at one module, or two, on top of the cores. What was found with
// less is not said again.
func (v *validator) choice(names []string) {
	order, _ := v.l.choose(names) // choices has only those that can be made
	_, findings := v.r.compose(order)
	var news []Finding
	for _, f := range findings {
		if !v.has(f) {
			news = append(news, v.explain(f, names, order))
		}
	}
	v.findings = append(v.findings, news...)
}

// has says whether something as grave was found at that place already.
func (v *validator) has(f Finding) bool {
	return slices.ContainsFunc(v.findings, func(have Finding) bool {
		return have.File == f.File && have.Line == f.Line && have.Column == f.Column && have.Severity == f.Severity
	})
}

// explain says what a finding has to do with the modules of a choice.
func (v *validator) explain(f Finding, names []string, order []member) Finding {
	f.Modules = names
	switch {
	case f.Severity != SeverityError:
	case len(names) == 1:
		if provider := v.provider(f, names[0], order); provider != "" {
			f.Detail += fmt.Sprintf(" It is there with module `%s`: if module `%s` cannot be without it, write `-- landlord:requires: %s` in its header.", provider, names[0], provider)
		}
	default:
		f.Summary = "Modules clash"
		f.Detail = fmt.Sprintf("Modules %s may be chosen together, but do not fit together. %s If they are not meant to be combined, write `-- landlord:conflicts: %s` in the header of module `%s`.",
			join(names), f.Detail, names[1], names[0])
	}
	return f
}

// provider returns a module without which a module has a finding, and with
// which it has not; empty when there is none.
func (v *validator) provider(f Finding, name string, order []member) string {
	for _, other := range v.l.moduleNames() {
		if slices.ContainsFunc(order, func(m member) bool { return m.Name == other }) {
			continue
		}
		first, findings := v.l.choose([]string{other})
		if HasErrors(findings) || slices.ContainsFunc(first, func(m member) bool { return m.Name == name }) {
			continue
		}
		for _, m := range order {
			if !slices.ContainsFunc(first, func(have member) bool { return have.Name == m.Name }) {
				first = append(first, m)
			}
		}
		_, findings = v.r.compose(first)
		gone := !slices.ContainsFunc(findings, func(have Finding) bool {
			return have.File == f.File && have.Line == f.Line && have.Column == f.Column && have.Severity == f.Severity
		})
		if gone {
			return other
		}
	}
	return ""
}

// rest looks at the files that are in no choice that can be made: migrations,
// modules that can never be chosen, and what says nothing.
func (v *validator) rest() {
	own := len(v.l.templates) - 1
	t := v.l.templates[own]
	files := v.l.order(nil)
	for _, m := range t.Modules {
		for _, f := range m.Files {
			files = append(files, sourceFile{f, own, kindSchema, m.Name})
		}
		for _, f := range m.Seeds {
			files = append(files, sourceFile{f, own, kindSeed, m.Name})
		}
	}
	for _, m := range t.Migrations {
		files = append(files, sourceFile{m.File, own, kindMigration, ""})
	}
	for _, f := range files {
		p := v.r.read(f)
		if f.generation == own {
			v.findings = append(v.findings, endingEvents(p.statements)...)
		}
		found := p.findings
		if f.kind == kindMigration {
			_, handedOver := Joined(p.statements)
			found = append(slices.Clone(found), handedOver...)
		}
		for _, finding := range found {
			if !v.has(finding) {
				v.findings = append(v.findings, finding)
			}
		}
		if f.generation == own && len(p.statements)+len(p.rows) == 0 && len(p.findings) == 0 {
			v.findings = append(v.findings, Finding{
				Severity: SeverityWarning, File: f.Name, Summary: "File without statements",
				Detail: "Nothing in this file is sent to a server. Remove it, or write what it is for.",
			})
		}
	}
}

// tables returns the tables that the cores and some modules define, in order.
func (r *reader) tables(modules []member) []string {
	var tables []string
	for _, f := range r.l.order(modules) {
		for _, st := range r.read(f).statements {
			if st.Verb == "CREATE" && st.Kind == ddl.KindTable && st.Table == "" {
				tables = append(tables, st.Object)
			}
		}
	}
	slices.Sort(tables)
	return tables
}

// checkExtensionPoints finds extension points that neither the cores nor a module
// define, and those that are frozen.
func (l *Lineage) checkExtensionPoints(r *reader) []Finding {
	var findings []Finding
	tables, frozen := r.tables(l.members()), l.FrozenTables()
	for _, table := range l.Template().ExtensionPoints {
		f := Finding{Severity: SeverityError, Summary: "Extension point cannot be used"}
		switch {
		case !slices.Contains(tables, table):
			f.Detail = fmt.Sprintf("`extension_points` names table `%s`, which neither the core nor a module defines.", table) + didYouMean(table, tables)
		case slices.Contains(frozen, table):
			f.Detail = fmt.Sprintf("`extension_points` names table `%s`, which is frozen: nothing may extend it. Remove it from one of the two.", table)
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

// checkFrozen finds frozen tables that no core defines.
func (l *Lineage) checkFrozen(r *reader) []Finding {
	var findings []Finding
	tables := r.tables(nil)
	for _, table := range l.Template().FrozenTables {
		if slices.Contains(tables, table) {
			continue
		}
		findings = append(findings, Finding{
			Severity: SeverityError, Summary: "Frozen table does not exist",
			Detail: fmt.Sprintf("`frozen_tables` names table `%s`, which no core defines.", table) + didYouMean(table, tables),
		})
	}
	return findings
}

// endingEvents finds events that the server ends by itself: then it drops or
// disables them, and a tenant has another schema than its template without
// anybody having changed it.
func endingEvents(statements []Statement) []Finding {
	var findings []Finding
	for _, st := range statements {
		if st.Kind != ddl.KindEvent || !source.EventEnds(st.Text) {
			continue
		}
		findings = append(findings, Finding{
			Severity: SeverityError, File: st.File, Line: st.Line, Column: st.Column, Summary: "Event ends by itself",
			Detail: fmt.Sprintf("Event `%s` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema. "+
				"Give it a schedule with `EVERY` and without `ENDS`, or put what is to run once into `migrations/`.", st.Object),
		})
	}
	return findings
}
