package template

import (
	"fmt"
	"slices"
	"strings"
)

// sources sorts the files into their layers. The error is a *LoadError.
func (c *collector) sources() (Sources, error) {
	var s Sources
	modules := map[string]*Module{}
	slices.SortFunc(c.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range c.files {
		p, _ := placeOf(f.Name) // checked by add
		if p.folder == folderOptional {
			c.addToModule(modules, p, f)
			continue
		}
		c.findings = append(c.findings, misplacedHeaders(f)...)
		switch {
		case p.folder == folderCore:
			s.Core = append(s.Core, f)
		case p.folder == folderMigrations:
			c.addMigration(&s, f)
		case p.module == "":
			s.Seeds = append(s.Seeds, f)
		}
	}
	c.addModuleSeeds(modules)
	for _, m := range modules {
		m.Requires, m.Conflicts = sortedSet(m.Requires), sortedSet(m.Conflicts)
		s.Modules = append(s.Modules, *m)
	}
	slices.SortFunc(s.Modules, func(a, b Module) int { return strings.Compare(a.Name, b.Name) })
	if len(c.files) == 0 && len(c.findings) == 0 {
		c.fail("", "Template without files", "A template has at least one file in `core`, for example `core/001_users.sql`.")
	}
	if len(c.findings) > 0 {
		sortFindings(c.findings)
		return Sources{}, &LoadError{Source: c.source, Findings: c.findings}
	}
	return s, nil
}

// addToModule adds a schema file and its header to a module.
func (c *collector) addToModule(modules map[string]*Module, p place, f File) {
	m := modules[p.module]
	if m == nil {
		m = &Module{Name: p.module}
		modules[p.module] = m
	}
	single := folderOptional + "/" + p.module + extension
	if len(m.Files) > 0 && (f.Name == single || m.Files[len(m.Files)-1].Name == single) {
		c.fail(single, "Module is both file and folder", fmt.Sprintf("Module `%s` stands in `%s` and in `%s/%s/`: move the file into the folder.", p.module, single, folderOptional, p.module))
	}
	m.Files = append(m.Files, f)
	c.findings = append(c.findings, applyHeader(m, f)...)
}

// addModuleSeeds gives the seeds of modules to their modules.
func (c *collector) addModuleSeeds(modules map[string]*Module) {
	for _, f := range c.files {
		p, _ := placeOf(f.Name)
		if p.folder != folderSeeds || p.module == "" {
			continue
		}
		if m := modules[p.module]; m != nil {
			m.Seeds = append(m.Seeds, f)
			continue
		}
		detail := fmt.Sprintf("There is no module `%s` in `%s`, so nothing would ever run this file.", p.module, folderOptional)
		if near := nearest(p.module, keys(modules)); near != "" {
			detail += " Did you mean `" + folderSeeds + "/" + near + "/`?"
		} else {
			detail += " Name the folder like the module, or move the file up for seeds of the core."
		}
		c.fail(f.Name, "Seeds of an unknown module", detail)
	}
}

// addMigration adds a migration script, whose name says between which versions
// it leads.
func (c *collector) addMigration(s *Sources, f File) {
	base := strings.TrimSuffix(strings.TrimPrefix(f.Name, folderMigrations+"/"), extension)
	from, to, reason := parseHop(base)
	if reason != "" {
		c.fail(f.Name, "Migration name cannot be read", reason+" Name the file like `migrations/1.0.0--1.1.0.sql`, by the version it starts from and the one it leads to.")
		return
	}
	s.Migrations = append(s.Migrations, MigrationScript{From: from, To: to, File: f})
}

// parseHop reads `1.0.0--1.1.0`. The reason is empty when it could.
func parseHop(base string) (from, to, reason string) {
	// A version may hold `--` itself, in its pre-release: take the cut that
	// leaves a version on both sides.
	for at := range base {
		if !strings.HasPrefix(base[at:], "--") {
			continue
		}
		left, right := base[:at], base[at+2:]
		if CheckVersion(left) != nil || CheckVersion(right) != nil {
			continue
		}
		if from != "" {
			return "", "", fmt.Sprintf("`%s` can be read in two ways.", base)
		}
		from, to = left, right
	}
	switch {
	case from == "":
		return "", "", fmt.Sprintf("`%s` is no pair of versions.", base)
	case CompareVersions(from, to) == 0:
		return "", "", fmt.Sprintf("`%s` leads nowhere.", base)
	}
	return from, to, ""
}

// keys returns the keys of a map in order.
func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
