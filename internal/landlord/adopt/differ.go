package adopt

import (
	"errors"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// stays is what becomes of a thing that no customization can hold.
const stays = "It stays in the database as it is, and belongs to nobody: a later version of the template that wants the same name would meet it."

// settle takes apart in what a class differs from its release: what it has in
// addition becomes a customization, what it has otherwise or lacks is kept by
// decisions, and what can be neither is told.
func (c *Class) settle(r *Release, changes []diff.ElementChange, opt Options) {
	live := drift.ObjectTexts(*c.schema)
	tables := map[string]*ddl.TableInfo{}
	for _, change := range changes {
		if o, ok := live[change.Object]; ok && o.Kind == ddl.KindTable && tables[change.Object] == nil {
			if info, err := ddl.DescribeTable(o, opt.Server); err == nil {
				tables[change.Object] = info
			}
		}
	}
	for _, change := range changes {
		if change.Element == diff.ElementOrder {
			continue // of no table is it asked for
		}
		d := landlord.DescribeChange(change)
		c.Differs = append(c.Differs, d)
		if d.Kind != landlord.DifferenceExtra {
			c.keep(d)
			continue
		}
		patch, obstacle := c.takeIn(d, live[d.Key], tables[d.Key], opt)
		if obstacle != "" {
			c.Left = append(c.Left, Finding{Object: d.Name(), Reason: "no customization can hold it: " + obstacle, Next: stays})
			continue
		}
		c.patch = c.patch.With(patch)
		for _, reach := range merge.Reaches(ddl.Place{Object: d.Key, Element: d.Element}, *c.schema, r.Schema, opt.Server) {
			if !slices.Contains(c.open, reach.Table) {
				c.open = append(c.open, reach.Table)
			}
		}
	}
}

// keepPrograms decides that programs stay in the hands that they are in: to give them
// to the owner account of the database is to make them anew.
func (c *Class) keepPrograms() {
	for _, o := range c.schema.Objects {
		p := ddl.Place{Object: o.Key()}
		if o.Kind != ddl.KindTable && o.Kind != ddl.KindSequence && !slices.Contains(c.keeps, p) {
			c.keeps = append(c.keeps, p)
		}
	}
}

// keep decides that something stays as the database has it.
func (c *Class) keep(d landlord.Difference) {
	p := ddl.Place{Object: d.Key, Element: d.Element}
	if read, err := ddl.ParsePlace(p.String()); err != nil || read != p {
		p.Element = "" // a part that has no name in a configuration: all of the table stays
	}
	if !slices.Contains(c.keeps, p) {
		c.keeps = append(c.keeps, p)
	}
}

// takeIn returns the customization that declares something, or why there is none.
func (c *Class) takeIn(d landlord.Difference, live ddl.Object, table *ddl.TableInfo, opt Options) (*landlord.CustomizationPatch, string) {
	if (ddl.Object{Kind: ddl.KindTable, SQL: d.Actual}).Settings().TakesZeroDates() {
		return nil, "a date without a month or a day is its default, and customizations are made under the strict mode. Change the default."
	}
	patch, obstacle := drift.TakeIn(&d, live, table)
	if obstacle != "" || opt.Judge == nil {
		return patch, obstacle
	}
	return patch, said(opt.Judge(*patch, c.Databases[0].Name))
}

// said returns in words what an error says.
func said(err error) string {
	if err == nil {
		return ""
	}
	var p *landlord.Problem
	if errors.As(err, &p) {
		return strings.Join(p.Detail, " ")
	}
	return landlord.Sentence(err.Error())
}
