package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// zeroDateMode is the sql_mode of a template whose tables, or rows, have dates
// without a month or a day: strict in everything else.
const zeroDateMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// The least number of databases that make a release, of so many.
const (
	leastRelease = 2
	releaseShare = 20
)

// least is how many databases make a structure a release.
func (o Options) least(databases int) int {
	if o.Least > 0 {
		return o.Least
	}
	return max(leastRelease, (databases+releaseShare-1)/releaseShare)
}

// releases chooses the structures that become versions of the template, of classes
// with the largest first, and brings them into an order: what has more is newer.
func releases(all []*Class, opt Options, databases int) []*Release {
	var chosen []*Class
	for i, c := range all {
		if i == 0 || len(c.Databases) >= opt.least(databases) {
			chosen = append(chosen, c)
		}
	}
	slices.SortStableFunc(chosen, func(a, b *Class) int {
		return cmp.Or(extent(*a.schema, opt.Server)-extent(*b.schema, opt.Server), strings.Compare(a.Name, b.Name))
	})
	out := make([]*Release, len(chosen))
	for i, c := range chosen {
		c.Version = fmt.Sprintf("1.%d.0", i)
		out[i] = &Release{Version: c.Version, Schema: *c.schema}
	}
	return out
}

// fit leaves out what no template may hold, and returns why.
func (r *Release) fit(srv ddl.Server) []Finding {
	var left []Finding
	var kept []ddl.Object
	for _, o := range r.Schema.Objects {
		plain, mode := o.Plain()
		reason := refusal(plain, mode, srv)
		if reason != "" {
			left = append(left, Finding{Object: landlord.ObjectName(o.Key()), Reason: "a template may not hold it: " + reason,
				Next: "It stays in the databases and belongs to nobody. Rewrite it if it is to be part of the template."})
			continue
		}
		kept = append(kept, plain)
	}
	r.Schema.Objects = kept
	return left
}

// refusal says why an object may not be part of a template; empty when it may. mode is
// the one that its text cannot do without.
func refusal(o ddl.Object, mode string, srv ddl.Server) string {
	if mode != "" {
		return drift.OtherMode(mode)
	}
	statements, faults := source.Parse(render.ScriptText([]string{ddl.WithoutDefiner(o.SQL)}), srv)
	for _, st := range statements {
		faults = append(faults, source.Guard(st, source.Rules{Layer: source.LayerSchema})...)
	}
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			return f.Detail
		}
	}
	return ""
}

// write makes the files of a release: its schema, and the way to it from the one
// before.
func (r *Release) write(before *Release, srv ddl.Server) ([]Finding, error) {
	statements, err := render.ObjectsScript(r.Schema, srv)
	if err != nil {
		return nil, fmt.Errorf("writing version `%s` of the template: %w", r.Version, err)
	}
	for i := range statements {
		statements[i] = laidOut(statements[i])
	}
	r.Files = map[string]string{"core/001_schema.sql": render.ScriptText(statements)}
	if before == nil {
		return nil, nil
	}
	script := fmt.Sprintf("migrations/%s--%s.sql", before.Version, r.Version)
	way, err := diff.Diff(before.Schema, r.Schema, srv, diff.Options{IgnoreDefiner: true, ZeroDates: r.SQLMode != ""})
	if err != nil {
		return []Finding{{Object: script, Reason: "it is not written: " + err.Error(), Next: "Write the steps from the one version to the other by hand before a tenant follows."}}, nil //nolint:nilerr // it is told
	}
	if text := migration(way); text != "" {
		r.Files[script] = text
	}
	return nil, nil
}

// migration writes the explicit steps between two releases. What loses values is
// left to the comparison, which asks for leave and sets them aside.
func migration(way *diff.Migration) string {
	var lines, rest []string
	for _, c := range way.Changes {
		if plain := c.Settings == (ddl.Settings{}); c.Destructive || !plain || c.Operation == diff.OpBackfill || c.Kind != ddl.KindTable {
			rest = append(rest, "-- "+strings.Join(strings.Fields(c.SQL), " "))
			continue
		}
		lines = append(lines, laidOut(c.SQL))
	}
	if len(lines) == 0 {
		return ""
	}
	text := "-- What was found between the two versions. Without this file the comparison of the\n-- two does the same; with it, statements of your own can come between.\n\n" + render.ScriptText(lines)
	if len(rest) > 0 {
		text += "\n-- Left to the comparison, which knows programs and asks before values are lost:\n" + strings.Join(rest, "\n") + "\n"
	}
	return text
}

// nearest returns the release that a schema differs from in the fewest things, of
// several the newest.
func nearest(s ddl.Schema, all []*Release, srv ddl.Server) (*Release, []diff.ElementChange) {
	var found *Release
	var changes []diff.ElementChange
	best := 0
	for _, r := range all {
		between, cost := merge.Changes(r.Schema, s, srv), 0
		for _, c := range between {
			if c.Element != diff.ElementOrder {
				cost++
			}
		}
		if found == nil || cost <= best {
			found, changes, best = r, between, cost
		}
	}
	return found, changes
}

// laidOut writes what makes a table with a line for each of its parts.
func laidOut(statement string) string {
	if !strings.HasPrefix(statement, "CREATE TABLE ") {
		return statement
	}
	var b strings.Builder
	depth, last := 0, 0
	for _, t := range sqltext.Tokens(statement, sqltext.Mode{}) {
		switch {
		case t.IsPunct('('):
			if depth++; depth == 1 {
				b.WriteString(statement[last:t.End] + "\n  ")
				last = t.End
			}
		case t.IsPunct(',') && depth == 1:
			b.WriteString(strings.TrimSpace(statement[last:t.End]) + "\n  ")
			last = t.End
		case t.IsPunct(')'):
			if depth--; depth == 0 {
				return b.String() + strings.TrimSpace(statement[last:t.Start]) + "\n" + statement[t.Start:]
			}
		}
	}
	return statement
}
