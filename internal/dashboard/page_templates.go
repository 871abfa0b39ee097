package dashboard

import (
	"maps"
	"net/http"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// templateLine is a version in the list of templates.
type templateLine struct {
	landlord.TemplateVersion

	Tenants int   // that follow exactly this version
	Has     []int // how many of them have each module of the list
}

// templatesPage is what the list of templates shows.
type templatesPage struct {
	Versions []templateLine
	Modules  []string // that a tenant has: the columns of the matrix
}

func (s *Server) templatesPage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "templates", "Templates", moduleMatrix(estate))
}

func templateLines(estate *overview.Estate) []templateLine {
	counts := map[string]int{}
	for i := range estate.Tenants {
		counts[estate.Tenants[i].Template]++
	}
	var out []templateLine
	for _, v := range estate.Templates {
		out = append(out, templateLine{TemplateVersion: v, Tenants: counts[v.ID]})
	}
	return out
}

// moduleMatrix says how many tenants of each version have which modules.
func moduleMatrix(estate *overview.Estate) templatesPage {
	all, has := map[string]bool{}, map[[2]string]int{}
	for i := range estate.Tenants {
		t := &estate.Tenants[i]
		for _, m := range t.Modules {
			all[m] = true
			has[[2]string{t.Template, m}]++
		}
	}
	p := templatesPage{Versions: templateLines(estate), Modules: names(all)}
	for i := range p.Versions {
		for _, m := range p.Modules {
			p.Versions[i].Has = append(p.Versions[i].Has, has[[2]string{p.Versions[i].ID, m}])
		}
	}
	return p
}

// layer is one layer of a version with its files.
type layer struct {
	Name  string
	Files []layerFile
}

type layerFile struct{ Name, SQL string }

// layersOf returns what a version is made of, in the order in which it applies.
func layersOf(spec *landlord.TemplateSpec) (out []layer) {
	for _, l := range []struct {
		name  string
		files map[string]string
	}{{"Core", spec.Core}, {"Modules", spec.Optional}, {"Seeds", spec.Seeds}, {"Migrations", spec.Migrations}} {
		if len(l.files) == 0 {
			continue
		}
		made := layer{Name: l.name}
		for _, name := range slices.Sorted(maps.Keys(l.files)) {
			made.Files = append(made.Files, layerFile{name, l.files[name]})
		}
		out = append(out, made)
	}
	return out
}

// moduleRow is one module and which tenants have it.
type moduleRow struct {
	Name    string
	Tenants int
	Some    []string // slugs of the first that have it
}

// templatePage is what the page of one version shows.
type templatePage struct {
	Version templateLine
	Others  []string     // versions to compare with
	Against string       // that it is compared with; empty for none
	Changes []comparison // of objects that differ
	Modules []moduleRow
	Tenants []string // the first that follow the version
	Diagram *diagram
	Layers  []layer
}

// someSlugs is how many tenants are named where there may be thousands.
const someSlugs = 10

func (s *Server) templatePage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	lines := templateLines(estate)
	i := slices.IndexFunc(lines, func(l templateLine) bool { return l.ID == r.PathValue("id") })
	if i < 0 {
		s.refuse(w, r, http.StatusNotFound, "No such version is published.")
		return
	}
	run := s.run()
	whole, err := run.Template(r.Context(), lines[i].ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	whole.PublishedAt = lines[i].PublishedAt
	p := templatePage{Version: templateLine{TemplateVersion: *whole, Tenants: lines[i].Tenants}, Against: r.URL.Query().Get("against")}
	for _, l := range lines {
		if l.Name == whole.Name && l.ID != whole.ID {
			p.Others = append(p.Others, l.ID)
		}
	}
	p.Modules, p.Tenants = whoRuns(estate, whole)
	snapshot, err := run.Snapshot(r.Context(), drift.SnapshotSource{Template: whole.ID, Modules: whole.Modules})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Diagram = drawDiagram(snapshot.Tables)
	spec, err := run.PublishedSpec(r.Context(), whole.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Layers = layersOf(&spec)
	if slices.Contains(p.Others, p.Against) {
		other, err := s.snapshotOf(r, run, p.Against)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		p.Changes = changesBetween(p.Against, whole.ID, other, snapshot)
	} else {
		p.Against = ""
	}
	s.render(w, r, http.StatusOK, "template", whole.ID, p)
}

func (s *Server) snapshotOf(r *http.Request, run Engine, id string) (*drift.Snapshot, error) {
	v, err := run.Template(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return run.Snapshot(r.Context(), drift.SnapshotSource{Template: id, Modules: v.Modules})
}

func whoRuns(estate *overview.Estate, v *landlord.TemplateVersion) (modules []moduleRow, tenants []string) {
	rows := map[string]*moduleRow{}
	for _, name := range v.Modules {
		modules = append(modules, moduleRow{Name: name})
	}
	for i := range modules {
		rows[modules[i].Name] = &modules[i]
	}
	for i := range estate.Tenants {
		t := &estate.Tenants[i]
		if t.Template != v.ID {
			continue
		}
		if len(tenants) < someSlugs {
			tenants = append(tenants, t.Slug)
		}
		for _, name := range t.Modules {
			if row := rows[name]; row != nil {
				row.Tenants++
				if len(row.Some) < someSlugs {
					row.Some = append(row.Some, t.Slug)
				}
			}
		}
	}
	return modules, tenants
}

// changesBetween returns the objects that differ in two schemas, by name.
func changesBetween(fromID, toID string, from, to *drift.Snapshot) []comparison {
	before, after := textsOf(from), textsOf(to)
	all := map[string]bool{}
	for name := range before {
		all[name] = true
	}
	for name := range after {
		all[name] = true
	}
	var out []comparison
	for _, name := range names(all) {
		if before[name] != after[name] {
			out = append(out, compare(name, fromID, toID, before[name], after[name]))
		}
	}
	return out
}

func textsOf(s *drift.Snapshot) map[string]string {
	out := map[string]string{}
	for _, t := range s.Tables {
		out["table "+t.Name] = t.SQL
	}
	for _, o := range s.Objects {
		out[o.Kind+" "+o.Name] = o.SQL
	}
	return out
}
