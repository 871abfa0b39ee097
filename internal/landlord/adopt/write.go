package adopt

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/hcl"
)

// Reason is what a customization that was found gives as its reason: the one thing
// that no database knows.
const Reason = "TODO: say why this tenant has it"

// customizationName is the name of what a tenant has of its own.
const customizationName = "adopted"

// Provider is what the configuration says of the provider.
type Provider struct {
	Database, Prefix string
	Servers          map[string]string // endpoints of further servers
}

// Files writes the configuration: the text of each file by its path, which has `/`
// between its parts.
func (p *Plan) Files(provider Provider) map[string]string {
	files := map[string]string{}
	for _, r := range p.Releases {
		for name, text := range r.Files {
			files[p.directory(r)+"/"+name] = text
		}
	}
	groups := p.groups()
	files["main.tf"] = hcl.Format(p.main(provider))
	files["tenants.tf"] = hcl.Format(p.tenants(groups))
	for _, g := range groups {
		if g.fleet != "" {
			files[g.fleet+".json"] = g.list(p)
		}
	}
	if text := p.customizations(groups); text != "" {
		files["customizations.tf"] = hcl.Format(text)
	}
	files["REPORT.md"] = p.Markdown()
	return files
}

func (p *Plan) directory(r *Release) string { return "templates/" + p.Template + "-" + r.Version }

// templateLabel names the resource of a version.
func (p *Plan) templateLabel(version string) string {
	return hcl.Label(p.Template + "_" + strings.ReplaceAll(version, ".", "_"))
}

func (p *Plan) templateAddress(version string) string {
	return "landlord_tenant_template." + p.templateLabel(version)
}

// main writes the provider and the versions of the template.
func (p *Plan) main(provider Provider) string {
	var b strings.Builder
	b.WriteString("terraform {\n  required_version = \">= 1.8\"\n\n  required_providers {\n    landlord = {\n      source = \"landlord-db/landlord\"\n    }\n  }\n}\n\n")
	b.WriteString("# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and\n# LANDLORD_PASSWORD.\n")
	fmt.Fprintf(&b, "provider \"landlord\" {\n  landlord_database = %s\n  database_prefix = %s\n", hcl.Quote(provider.Database), hcl.Quote(provider.Prefix))
	if len(provider.Servers) > 0 {
		b.WriteString("\n  servers = {\n")
		for _, key := range slices.Sorted(maps.Keys(provider.Servers)) {
			fmt.Fprintf(&b, "    %s = { endpoint = %s }\n", key, hcl.Quote(provider.Servers[key]))
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	before := ""
	for _, r := range p.Releases {
		fmt.Fprintf(&b, "\nresource \"landlord_tenant_template\" %s {\n  name = %s\n  version = %s\n  source = \"${path.module}/%s\"\n  materialize = false\n",
			hcl.Quote(p.templateLabel(r.Version)), hcl.Quote(p.Template), hcl.Quote(r.Version), p.directory(r))
		if r.SQLMode != "" {
			fmt.Fprintf(&b, "\n  # Dates without a month or a day are kept.\n  sql_mode = %s\n", hcl.Quote(r.SQLMode))
		}
		if len(r.Open) > 0 {
			fmt.Fprintf(&b, "\n  # Programs of single tenants change rows of these tables.\n  extension_points = [%s]\n", list(r.Open))
		}
		if before != "" {
			fmt.Fprintf(&b, "\n  depends_on = [%s]\n", before)
		}
		b.WriteString("}\n")
		before = p.templateAddress(r.Version)
	}
	return b.String()
}

// list writes texts in quotes.
func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = hcl.Quote(text)
	}
	return strings.Join(quoted, ", ")
}

// group is tenants with the same decisions: one fleet, or a resource each.
type group struct {
	fleet   string // its name; empty for single resources
	tenants []*Tenant
	keeps   []ddl.Place
}

// groups puts tenants together that are written together, the largest group first.
func (p *Plan) groups() []*group {
	byKeeps := map[string]*group{}
	var all []*group
	for _, t := range p.Tenants {
		key := fmt.Sprint(t.Keeps)
		g := byKeeps[key]
		if g == nil {
			g = &group{keeps: t.Keeps}
			byKeeps[key], all = g, append(all, g)
		}
		g.tenants = append(g.tenants, t)
	}
	slices.SortStableFunc(all, func(a, b *group) int { return len(b.tenants) - len(a.tenants) })
	fleets := 0
	for _, g := range all {
		if p.Fleet > 0 && len(g.tenants) >= p.Fleet {
			if g.fleet = p.Template; fleets > 0 {
				g.fleet = fmt.Sprintf("%s-%d", p.Template, fleets+1)
			}
			fleets++
		}
	}
	return all
}

// address names the resource of a fleet.
func (g *group) address() string { return "landlord_tenant_fleet." + hcl.Label(g.fleet) }

// tenants writes the fleets and the single tenants, with their imports.
func (p *Plan) tenants(groups []*group) string {
	var b strings.Builder
	for _, g := range groups {
		if g.fleet != "" {
			p.fleet(&b, g)
		}
	}
	var single []*Tenant
	for _, g := range groups {
		if g.fleet == "" {
			single = append(single, g.tenants...)
		}
	}
	slices.SortFunc(single, func(a, b *Tenant) int { return strings.Compare(a.Slug, b.Slug) })
	for _, t := range single {
		p.single(&b, t)
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// fleet writes a fleet. Its tenants name their databases, which takes them over.
func (p *Plan) fleet(b *strings.Builder, g *group) {
	newest := p.Releases[len(p.Releases)-1].Version
	fmt.Fprintf(b, "\nresource \"landlord_tenant_fleet\" %s {\n  name = %s\n  template = %s.id\n  tenants = file(\"${path.module}/%s.json\")\n",
		hcl.Quote(hcl.Label(g.fleet)), hcl.Quote(g.fleet), p.templateAddress(newest), g.fleet)
	resolutions(b, g.keeps)
	var older []string
	for _, r := range p.Releases[:len(p.Releases)-1] {
		if slices.ContainsFunc(g.tenants, func(t *Tenant) bool { return t.Version == r.Version }) {
			older = append(older, p.templateAddress(r.Version))
		}
	}
	if len(older) > 0 {
		fmt.Fprintf(b, "\n  # The older versions that its tenants are pinned to come first.\n  depends_on = [%s]\n", strings.Join(older, ", "))
	}
	b.WriteString("}\n")
}

// list writes the tenants of a fleet as JSON.
func (g *group) list(p *Plan) string {
	type entry struct {
		Database string `json:"database_name"`
		Version  string `json:"version,omitempty"`
		Server   string `json:"server,omitempty"`
	}
	entries := map[string]entry{}
	for _, t := range g.tenants {
		e := entry{t.Database, t.Version, t.Server}
		if t.Version == p.Releases[len(p.Releases)-1].Version {
			e.Version = ""
		}
		entries[t.Slug] = e
	}
	text, _ := json.MarshalIndent(entries, "", "  ") // texts alone: it cannot fail
	return string(text) + "\n"
}

// single writes a tenant with its import.
func (p *Plan) single(b *strings.Builder, t *Tenant) {
	id := t.Slug
	if t.Named || t.Server != "" {
		if id = t.Slug; t.Server != "" {
			id += "@" + t.Server
		}
		id += "=" + t.Database
	}
	fmt.Fprintf(b, "\nimport {\n  to = landlord_tenant.%s\n  id = %s\n}\n", t.Slug, hcl.Quote(id))
	fmt.Fprintf(b, "\nresource \"landlord_tenant\" %s {\n  slug = %s\n  name = %s\n  template = %s.id\n", hcl.Quote(t.Slug), hcl.Quote(t.Slug), hcl.Quote(t.Database), p.templateAddress(t.Version))
	if t.Named {
		fmt.Fprintf(b, "  database_name = %s\n", hcl.Quote(t.Database))
	}
	if t.Server != "" {
		fmt.Fprintf(b, "  server = %s\n", hcl.Quote(t.Server))
	}
	resolutions(b, t.Keeps)
	b.WriteString("}\n")
}

// resolutions writes what stays as the databases have it.
func resolutions(b *strings.Builder, keeps []ddl.Place) {
	if len(keeps) == 0 {
		return
	}
	b.WriteString("\n  # What differs from the template stays as it is, and programs in the hands they are in.\n  resolutions = {\n")
	for _, place := range slices.SortedFunc(slices.Values(keeps), ddl.Place.Compare) {
		fmt.Fprintf(b, "    %s = { decision = \"keep_tenant\" }\n", hcl.Quote(place.String()))
	}
	b.WriteString("  }\n")
}

// customizations writes what tenants have of their own.
func (p *Plan) customizations(groups []*group) string {
	type of struct {
		tenant *Tenant
		group  *group
	}
	var all []of
	for _, g := range groups {
		for _, t := range g.tenants {
			if t.Patch != nil {
				all = append(all, of{t, g})
			}
		}
	}
	slices.SortFunc(all, func(a, b of) int { return cmp.Compare(a.tenant.Slug, b.tenant.Slug) })
	var b strings.Builder
	for i, c := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		block := hcl.Customized{Label: c.tenant.Slug, Name: customizationName, Reason: Reason, Patch: c.tenant.Patch}
		if c.group.fleet == "" {
			block.Tenant = "landlord_tenant." + c.tenant.Slug + ".slug"
		} else {
			block.Tenant, block.DependsOn = hcl.Quote(c.tenant.Slug), c.group.address()
		}
		b.WriteString(block.Resource())
	}
	return b.String()
}
