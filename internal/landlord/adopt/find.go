package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
)

// Find takes an estate apart. The same databases give the same plan, in whatever
// order they come. The error says which version of the template cannot be written.
func Find(databases []*Database, opt Options) (*Plan, error) {
	p := &Plan{Options: opt, Found: len(databases)}
	databases = slices.SortedFunc(slices.Values(databases), (*Database).compare)
	var usable []*Database
	for _, d := range databases {
		switch {
		case d.Problem != "":
			p.refuse(d, d.Problem, d.Next)
		case len(d.Schema.Objects) == 0:
			p.refuse(d, "it is empty", "Drop it, or let the provider make a tenant of its name.")
		default:
			usable = append(usable, d)
		}
		if d.Problem == "" && d.Unread != "" {
			p.unread(d)
		}
	}
	p.Classes = classes(usable, opt.Server)
	if len(p.Classes) == 0 {
		return p, nil
	}
	near := slices.DeleteFunc(slices.Clone(p.Classes), func(c *Class) bool { return !alike(*p.Classes[0].schema, *c.schema) })
	p.Releases = releases(near, opt, len(usable))
	for _, r := range p.Releases {
		p.Findings = append(p.Findings, r.fit(opt.Server)...)
	}
	for _, c := range p.Classes {
		if !slices.Contains(near, c) {
			p.unlike(c)
			continue
		}
		r, changes := nearest(*c.schema, p.Releases, opt.Server)
		c.Version, r.Tenants = r.Version, r.Tenants+len(c.Databases)
		c.settle(r, changes, opt)
		c.keepPrograms()
		r.take(c)
	}
	if err := p.write(); err != nil {
		return nil, err
	}
	p.name()
	slices.SortStableFunc(p.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Database, b.Database), strings.Compare(a.Object, b.Object))
	})
	return p, nil
}

// take lets a release have what a class needs of it.
func (r *Release) take(c *Class) {
	r.open(c.open)
	there := drift.ObjectTexts(r.Schema)
	zero := slices.ContainsFunc(c.Databases, func(d *Database) bool {
		return slices.ContainsFunc(d.ZeroDates, func(table string) bool { _, ok := there[string(ddl.KindTable)+" "+table]; return ok })
	}) || slices.ContainsFunc(r.Schema.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && o.Settings().TakesZeroDates() })
	if zero {
		r.SQLMode = zeroDateMode
	}
}

// open lets customizations have triggers on tables of a release.
func (r *Release) open(tables []string) {
	there := drift.ObjectTexts(r.Schema)
	for _, table := range tables {
		if _, ok := there[string(ddl.KindTable)+" "+table]; ok && !slices.Contains(r.Open, table) {
			r.Open = append(r.Open, table)
		}
	}
	slices.Sort(r.Open)
}

// refuse tells of a database that is not adopted.
func (p *Plan) refuse(d *Database, reason, next string) {
	p.Findings = append(p.Findings, Finding{Server: d.Server, Database: d.Name, Reason: reason, Next: next, Blocks: true})
}

// unlike tells of databases with another structure than most.
func (p *Plan) unlike(c *Class) {
	for _, d := range c.Databases {
		p.refuse(d, fmt.Sprintf("its structure is another one: fewer than half of its tables and of those of most databases are the same (class %s)", c.Name),
			"Adopt the databases of its kind by themselves, with `--databases-from` and another `--template`.")
	}
}

// write makes the files of all releases. A release stands on the one before, so what
// one of them needs its successors keep.
func (p *Plan) write() error {
	var before *Release
	for _, r := range p.Releases {
		if before != nil {
			r.SQLMode = cmp.Or(r.SQLMode, before.SQLMode)
			r.open(before.Open)
		}
		left, err := r.write(before, p.Server)
		if err != nil {
			return err
		}
		p.Findings, before = append(p.Findings, left...), r
	}
	return nil
}

// name makes tenants of the databases. Those whose name the provider would give them
// get their slugs first.
func (p *Plan) name() {
	n := newNamer(p.Options)
	for _, own := range []bool{true, false} {
		for _, c := range p.Classes {
			for _, d := range c.Databases {
				if c.Version == "" || (n.own(d.Name) != "") != own {
					continue
				}
				t := &Tenant{Database: d.Name, Server: d.Server, Version: c.Version, Class: c, Patch: c.patch, Keeps: c.keeps}
				p.Tenants = append(p.Tenants, t)
			}
		}
		slices.SortFunc(p.Tenants, func(a, b *Tenant) int {
			return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Database, b.Database))
		})
		for _, t := range p.Tenants {
			if t.Slug == "" {
				t.Slug, t.Named = n.slug(t.Database)
			}
		}
	}
	slices.SortFunc(p.Tenants, func(a, b *Tenant) int { return strings.Compare(a.Slug, b.Slug) })
	for _, t := range p.Tenants {
		for _, f := range t.Class.Left {
			f.Server, f.Database = t.Server, t.Database
			p.Findings = append(p.Findings, f)
		}
	}
}

// unread tells whose rows were not searched for dates without a month or a day.
func (p *Plan) unread(d *Database) {
	p.Findings = append(p.Findings, Finding{Server: d.Server, Database: d.Name, Object: "rows", Reason: "not all were searched for dates without a month or a day: " + d.Unread,
		Next: "If it may have some, write `sql_mode = \"" + zeroDateMode + "\"` into the versions of the template before they are published."})
}
