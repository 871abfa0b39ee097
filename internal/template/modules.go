package template

import (
	"fmt"
	"slices"
	"strings"
)

// choose completes chosen modules by what they require and puts them into the
// order in which they are built: what is required first, else by generation and
// name. With an error among the findings the order is not complete.
func (l *Lineage) choose(names []string) ([]member, []Finding) {
	c := chooser{l: l, members: map[string]member{}, state: map[string]visit{}}
	for _, m := range l.members() {
		c.members[m.Name] = m
	}
	chosen := sortedSet(names)
	slices.SortStableFunc(chosen, func(a, b string) int { return c.members[a].generation - c.members[b].generation })
	for _, name := range chosen {
		if _, ok := c.members[name]; !ok {
			c.fail(l.unknownModule(name))
			continue
		}
		c.visit(name, nil)
	}
	c.conflicts()
	return c.order, c.findings
}

// chooser is the state of one choice.
type chooser struct {
	l        *Lineage
	members  map[string]member
	state    map[string]visit
	order    []member
	findings []Finding
}

// visit says how far a module has come.
type visit int

const (
	visitOpen visit = iota + 1
	visitDone
)

func (c *chooser) fail(f Finding) { c.findings = append(c.findings, f) }

// visit adds a module behind everything that it requires. The path holds the
// modules that led to it.
func (c *chooser) visit(name string, path []string) {
	path = append(path, name)
	switch c.state[name] {
	case visitDone:
		return
	case visitOpen:
		from := slices.Index(path, name)
		c.fail(c.l.requiresCycle(c.members, path[from:]))
		return
	}
	c.state[name] = visitOpen
	m := c.members[name]
	for _, required := range m.Requires {
		if _, ok := c.members[required]; !ok {
			c.fail(c.l.unknownInHeader(m, keyRequires, required))
			continue
		}
		c.visit(required, path)
	}
	c.state[name] = visitDone
	c.order = append(c.order, m)
}

// conflicts reports every two of the modules that exclude each other.
func (c *chooser) conflicts() {
	for i, a := range c.order {
		for _, b := range c.order[i+1:] {
			if excludes(a, b) {
				c.fail(Finding{
					Severity: SeverityError, Summary: "Modules exclude each other",
					Detail: fmt.Sprintf("%s Choose one of the two.", c.because(a, b)),
				})
			}
		}
	}
}

// because says which module excludes which, and why they are there.
func (c *chooser) because(a, b member) string {
	if !slices.Contains(a.Conflicts, b.Name) {
		a, b = b, a
	}
	text := fmt.Sprintf("Module `%s` cannot be combined with module `%s`.", a.Name, b.Name)
	for _, m := range []member{a, b} {
		var because []string
		for _, other := range c.order {
			if slices.Contains(other.Requires, m.Name) {
				because = append(because, other.Name)
			}
		}
		if len(because) > 0 {
			text += fmt.Sprintf(" `%s` is required by %s.", m.Name, quoteList("module", because))
		}
	}
	return text
}

// excludes says whether one of two modules names the other as a conflict.
func excludes(a, b member) bool {
	return slices.Contains(a.Conflicts, b.Name) || slices.Contains(b.Conflicts, a.Name)
}

// unknownModule is the finding for a choice that the template does not have.
func (l *Lineage) unknownModule(name string) Finding {
	names := l.moduleNames()
	id := l.Template().ID()
	f := Finding{Severity: SeverityError, Summary: "Unknown module"}
	if len(names) == 0 {
		f.Detail = fmt.Sprintf("Template `%s` has no modules, so `%s` cannot be chosen.", id, name)
		return f
	}
	f.Detail = fmt.Sprintf("Template `%s` has no module `%s`; there %s %s.", id, name, isAre(len(names)), join(names)) + didYouMean(name, names)
	return f
}

func (l *Lineage) moduleNames() []string {
	var names []string
	for _, m := range l.members() {
		names = append(names, m.Name)
	}
	return names
}

// didYouMean proposes the nearest of some names; nothing when none is near.
func didYouMean(word string, names []string) string {
	if near := nearest(word, names); near != "" {
		return " Did you mean `" + near + "`?"
	}
	return ""
}

// atHeader returns a finding at the place of a name in the header of a module.
func (l *Lineage) atHeader(m member, key, name, summary, detail string) Finding {
	f := Finding{Severity: SeverityError, Summary: summary, Detail: detail}
	for _, file := range m.Files {
		for _, d := range directives(file.SQL) {
			if d.key != key || !slices.Contains(splitNames(d.value), name) {
				continue
			}
			f.File, f.Line, f.Column = l.fileName(m.generation, file.Name), d.line, d.column
			return f
		}
	}
	if len(m.Files) > 0 {
		f.File = l.fileName(m.generation, m.Files[0].Name)
	}
	return f
}

func (l *Lineage) unknownInHeader(m member, key, name string) Finding {
	names := slices.DeleteFunc(l.moduleNames(), func(n string) bool { return n == m.Name })
	detail := fmt.Sprintf("Module `%s` names module `%s` in `%s`, which does not exist", m.Name, name, key)
	if len(names) == 0 {
		detail += "; there is no other module."
	} else {
		detail += fmt.Sprintf("; there %s %s.", isAre(len(names)), join(names))
	}
	return l.atHeader(m, key, name, "Module header names an unknown module", detail+didYouMean(name, names))
}

// requiresCycle is the finding for modules that require each other; the path
// ends with the module that it begins with.
func (l *Lineage) requiresCycle(members map[string]member, path []string) Finding {
	least := slices.Index(path, slices.Min(path)) // one cycle, one text
	ring := append(slices.Clone(path[least:len(path)-1]), path[:least]...)
	ring = append(ring, ring[0])
	quoted := make([]string, len(ring))
	for i, name := range ring {
		quoted[i] = "`" + name + "`"
	}
	return l.atHeader(members[ring[0]], keyRequires, ring[1], "Modules require each other in a circle",
		strings.Join(quoted, " requires ")+". Move what they share into a module that both require, or make one module of them.")
}

// checkModules looks at the headers of all modules, whatever is chosen.
func (l *Lineage) checkModules() []Finding {
	findings := l.twins()
	names := l.moduleNames()
	for _, m := range l.members() {
		for _, name := range m.Conflicts {
			if !slices.Contains(names, name) {
				findings = append(findings, l.unknownInHeader(m, keyConflicts, name))
			}
		}
		order, faults := l.choose([]string{m.Name})
		for _, f := range faults {
			if f.File != "" { // what choose says about a header; conflicts come below
				findings = appendNew(findings, f)
			}
		}
		findings = append(findings, l.contradictions(m, order)...)
	}
	return findings
}

// twins finds modules that carry the name of an inherited one.
func (l *Lineage) twins() []Finding {
	var findings []Finding
	first := map[string]int{}
	for generation, t := range l.templates {
		for _, m := range t.Modules {
			elder, taken := first[m.Name]
			if !taken {
				first[m.Name] = generation
				continue
			}
			findings = append(findings, l.atHeader(member{m, generation}, "", "", "Module name is taken by the parent",
				fmt.Sprintf("Template `%s` has a module `%s` already, and both could be chosen. Give this one another name.", l.templates[elder].ID(), m.Name)))
		}
	}
	return findings
}

// contradictions finds modules that nobody can choose, because two of what they
// need exclude each other.
func (l *Lineage) contradictions(m member, order []member) []Finding {
	var findings []Finding
	for i, a := range order {
		for _, b := range order[i+1:] {
			if !excludes(a, b) {
				continue
			}
			detail := fmt.Sprintf("Module `%s` requires module `%s`, and the two exclude each other.", m.Name, a.Name)
			if b.Name != m.Name {
				detail = fmt.Sprintf("Module `%s` requires modules `%s` and `%s`, which exclude each other.", m.Name, a.Name, b.Name)
			}
			findings = append(findings, l.atHeader(m, keyRequires, a.Name, "Module can never be chosen", detail+" Remove the requirement or the conflict."))
		}
	}
	return findings
}

// Combinations returns the choices of modules that show whether the modules of
// a template fit together: none, each alone, and every two that may be
// combined. What a module requires comes along and what excludes each other is
// left out, so every choice can be composed. Each is sorted.
func (l *Lineage) Combinations() [][]string {
	combinations := [][]string{{}}
	for _, names := range l.choices() {
		combinations = append(combinations, l.closure(names))
	}
	slices.SortStableFunc(combinations, func(a, b []string) int { return len(a) - len(b) })
	var out [][]string
	for _, c := range combinations {
		if !slices.ContainsFunc(out, func(have []string) bool { return slices.Equal(have, c) }) {
			out = append(out, c)
		}
	}
	return out
}

// Coverings returns few choices of modules that hold, together, every two that
// may be combined: as many modules at a time as possible. They show the same
// clashes as Combinations with a handful of compositions, but not which two
// modules clash.
func (l *Lineage) Coverings() [][]string {
	out := [][]string{{}}
	covered := func(pair []string) bool {
		return slices.ContainsFunc(out, func(set []string) bool {
			return !slices.ContainsFunc(pair, func(name string) bool { return !slices.Contains(set, name) })
		})
	}
	for _, names := range l.choices() {
		if covered(names) {
			continue
		}
		set := l.closure(names)
		for _, m := range l.members() {
			grown := append(slices.Clone(set), m.Name)
			if _, findings := l.choose(grown); !HasErrors(findings) {
				set = l.closure(grown)
			}
		}
		out = append(out, set)
	}
	return out
}

// choices returns each module that can be chosen and every two of them that can
// be combined, without what they require.
func (l *Lineage) choices() [][]string {
	names := l.moduleNames()
	var choices [][]string
	add := func(choice ...string) {
		if _, findings := l.choose(choice); !HasErrors(findings) {
			choices = append(choices, choice)
		}
	}
	for _, name := range names {
		add(name)
	}
	for i, a := range names {
		for _, b := range names[i+1:] {
			add(a, b)
		}
	}
	return choices
}

// closure returns the names of chosen modules with what they require, sorted.
func (l *Lineage) closure(names []string) []string {
	order, _ := l.choose(names)
	closure := []string{}
	for _, m := range order {
		closure = append(closure, m.Name)
	}
	slices.Sort(closure)
	return closure
}

// appendNew adds a finding unless it is there already.
func appendNew(findings []Finding, f Finding) []Finding {
	for _, have := range findings {
		if have.File == f.File && have.Line == f.Line && have.Column == f.Column && have.Summary == f.Summary && have.Detail == f.Detail {
			return findings
		}
	}
	return append(findings, f)
}
