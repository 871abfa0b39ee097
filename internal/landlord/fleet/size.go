package fleet

import (
	"context"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// AllTenants stands for the slug of a tenant in what plans have recorded of the
// tenants of a fleet together.
const AllTenants = ""

// Size is how large the tables are that the statements of a class change, in all its
// tenants together.
type Size struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// measure sets how large the tables are that classes touch. It is an estimate, which
// differs between a plan and its apply: the plan records it, and the apply takes the
// record. One without a prior state shows none, as nothing tells its apply from another
// plan.
func (f *Fleets) measure(ctx context.Context, p *Plan, spec Spec, prior *Prior) error {
	var touched []*Class
	keys := []string{"sizes"}
	for i := range p.Classes {
		if c := &p.Classes[i]; len(c.changes) > 0 && len(tablesOf(c.Steps)) > 0 {
			touched = append(touched, c)
			keys = append(keys, c.key())
		}
	}
	if prior == nil || len(touched) == 0 {
		return nil
	}
	record := estate.Record{Slug: AllTenants, Subject: spec.Name, Digest: landlord.Digest(keys...), Seen: prior.Seen}
	sizes, known, err := estate.Promised(ctx, f.Estate, record, func() ([]*Size, error) { return f.sizes(ctx, touched) })
	if err != nil {
		return err
	}
	for i, c := range touched {
		if c.Unsized = !known; known {
			c.Size = sizes[i]
		}
	}
	return nil
}

// sizes asks each server once for the tables of all classes, and adds them up by
// class; nil for a class of which nothing is known on one of its servers.
func (f *Fleets) sizes(ctx context.Context, classes []*Class) ([]*Size, error) {
	databases, tables := map[string]map[string]bool{}, map[string]bool{}
	for _, c := range classes {
		for _, table := range tablesOf(c.Steps) {
			tables[table] = true
		}
		for _, at := range c.changes {
			if databases[at.Server] == nil {
				databases[at.Server] = map[string]bool{}
			}
			databases[at.Server][at.Database] = true
		}
	}
	known := map[landlord.Whereabouts]map[string]Size{}
	for _, server := range slices.Sorted(maps.Keys(databases)) {
		found, err := f.Estate.TableSizes(ctx, server, slices.Sorted(maps.Keys(databases[server])), slices.Sorted(maps.Keys(tables)))
		if err != nil { // an account without rights on the statistics, for one: a plan can do without
			f.Config.Log(ctx, "the sizes of tables are not known", map[string]any{"server": landlord.ServerName(server), "cause": mysql.Message(err)})
		}
		for _, t := range found {
			at := landlord.Whereabouts{Server: server, Database: t.Database}
			if known[at] == nil {
				known[at] = map[string]Size{}
			}
			known[at][t.Table] = Size{Rows: t.Rows, Bytes: t.Bytes}
		}
	}
	out := make([]*Size, len(classes))
	for i, c := range classes {
		out[i] = c.sum(known)
	}
	return out, context.Cause(ctx)
}

// sum adds up the tables that the class changes; nil when nothing is known of a tenant.
// A table of which nothing is known is yet to be made.
func (c *Class) sum(known map[landlord.Whereabouts]map[string]Size) *Size {
	all := &Size{}
	for _, at := range c.changes {
		some := false
		for _, table := range tablesOf(c.Steps) {
			if one, ok := known[at][table]; ok {
				all.Rows, all.Bytes, some = all.Rows+one.Rows, all.Bytes+one.Bytes, true
			}
		}
		if !some {
			return nil
		}
	}
	return all
}

// tablesOf returns the tables that steps change, each once.
func tablesOf(steps []landlord.Step) []string {
	tables := map[string]bool{}
	for i := range steps {
		if steps[i].Table != "" {
			tables[steps[i].Table] = true
		}
	}
	return slices.Sorted(maps.Keys(tables))
}
