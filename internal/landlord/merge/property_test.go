package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// draw makes a random schema of few names, so that two of them have much in
// common: up to three tables of up to four columns with keys, checks and foreign
// keys, and views over them.
func draw(t *rapid.T, label string) ddl.Schema {
	var all []string
	tables := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID).Draw(t, label)
	slices.Sort(tables)
	for _, table := range tables {
		columns := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"w", "x", "y", "z"}), 1, 4, rapid.ID).Draw(t, label+" columns of "+table)
		slices.Sort(columns)
		var parts, keys, constraints []string
		for _, c := range columns {
			parts = append(parts, c+" "+rapid.SampledFrom([]string{"int", "int", "bigint", "varchar(9)"}).Draw(t, label+" type of "+table+"."+c))
			switch rapid.IntRange(0, 7).Draw(t, label+" more of "+table+"."+c) {
			case 0:
				keys = append(keys, fmt.Sprintf("KEY k_%s (%s)", c, c))
			case 1:
				constraints = append(constraints, fmt.Sprintf("CONSTRAINT c_%s_%s CHECK ((%s > 0))", table, c, c))
			case 2:
				keys, constraints = append(keys, fmt.Sprintf("KEY k_%s (%s)", c, c)), append(constraints, fmt.Sprintf("CONSTRAINT f_%s_%s FOREIGN KEY (%s) REFERENCES %s (%s)", table, c, c, table, c))
			case 3:
				all = append(all, fmt.Sprintf("CREATE VIEW `v_%s` AS select `%s`.`%s` AS `n` from `%s`", table, table, c, table))
			}
		}
		all = append(all, "CREATE TABLE "+table+" ("+strings.Join(slices.Concat(parts, keys, constraints), ", ")+")")
	}
	return schema(t, mysql97, strings.Join(distinctViews(all), "; "))
}

// distinctViews leaves one view of each name.
func distinctViews(all []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(text string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "CREATE VIEW "), " ")
		had := seen[name] && strings.HasPrefix(text, "CREATE VIEW")
		seen[name] = true
		return had
	})
}

// owning is a tenant whose customization made everything that it has beyond the
// template in force.
func owning(base, template, tenant ddl.Schema) merge.Input {
	in := merge.Input{Server: mysql97, Old: base, Next: template, Before: tenant, Live: tenant}
	c := merge.Customization{Name: "crm"}
	for _, d := range merge.Changes(base, tenant, mysql97) {
		c.Owned = append(c.Owned, merge.OwnedElement{Object: d.Object, Element: d.Element, Text: d.After})
	}
	in.Customizations = []merge.Customization{c}
	return in
}

func same(t *rapid.T, what string, want, got ddl.Schema) {
	t.Helper()
	var changes []diff.ElementChange
	for _, d := range diff.Compare(want, got, mysql97) {
		if d.Element != diff.ElementOrder {
			changes = append(changes, d)
		}
	}
	if len(changes) > 0 {
		t.Errorf("%s: %+v\nwanted:\n%s\ngot:\n%s", what, changes, script(want), script(got))
	}
}

// TestMerge_oneSide: a merge in which one side changed nothing gives the other
// side, and nobody has to decide.
func TestMerge_oneSide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, other := draw(t, "base"), draw(t, "other")
		for name, in := range map[string]merge.Input{
			"only the tenant changed":   owning(base, base, other),
			"only the template changed": owning(base, other, base),
			"both changed alike":        owning(base, other, other),
			"nobody changed":            owning(other, other, other),
		} {
			out := merge.Compare(in).Merge()
			wanted := other
			same(t, name, wanted, out.Goal)
			if verdict := merge.VerdictOf(out.Conflicts); verdict != merge.VerdictAuto {
				t.Errorf("%s: verdict %s: %v", name, verdict, describeAll(out.Conflicts))
			}
		}
	})
}

// TestMerge_again: the same update merged into its own outcome changes nothing,
// and neither does the next update to the same template.
func TestMerge_again(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, template, tenant := draw(t, "base"), draw(t, "template"), draw(t, "tenant")
		out := merge.Compare(owning(base, template, tenant)).Merge()
		if merge.VerdictOf(out.Conflicts) != merge.VerdictMerge {
			same(t, "the same update again", out.Goal, merge.Compare(owning(base, template, out.Goal)).Merge().Goal)
		}
		later := merge.Compare(owning(template, template, out.Goal)).Merge()
		same(t, "an update to the template in force", out.Goal, later.Goal)
		for i := range later.Conflicts {
			t.Errorf("an update to the template in force: %s", describe(&later.Conflicts[i]))
		}
	})
}

// TestMerge_order: the order in which a server lists objects, and a configuration
// decisions, makes no difference.
func TestMerge_order(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := owning(draw(t, "base"), draw(t, "template"), draw(t, "tenant"))
		in.Resolutions = drawDecisions(t, merge.Compare(in).Merge().Conflicts)
		one := merge.Compare(in).Merge()
		for _, s := range []*ddl.Schema{&in.Old, &in.Next, &in.Before, &in.Live} {
			s.Objects = rapid.Permutation(s.Objects).Draw(t, "order")
		}
		in.Customizations[0].Owned = rapid.Permutation(in.Customizations[0].Owned).Draw(t, "order of what is owned")
		other := merge.Compare(in).Merge()
		same(t, "another order", one.Goal, other.Goal)
		if diff := cmp.Diff(describeAll(one.Conflicts), describeAll(other.Conflicts)); diff != "" {
			t.Errorf("another order:\n%s", diff)
		}
	})
}

// drawDecisions decides some conflicts.
func drawDecisions(t *rapid.T, conflicts []merge.Conflict) []merge.Resolution {
	var out []merge.Resolution
	for i := range conflicts {
		c := &conflicts[i]
		if d := rapid.SampledFrom([]merge.Decision{"", merge.KeepTenant, merge.TakeTemplate}).Draw(t, "decision"); d != "" && c.Open() {
			out = append(out, merge.Resolution{Object: c.Object, Element: c.Element, Decision: d})
		}
	}
	return out
}

// TestMerge_losesNothing: what the tenant made and does not have afterwards, and
// what the template changes and the tenant does not get, stands in a conflict.
func TestMerge_losesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, template, tenant := draw(t, "base"), draw(t, "template"), draw(t, "tenant")
		in := owning(base, template, tenant)
		in.Resolutions = drawDecisions(t, merge.Compare(in).Merge().Conflicts)
		out := merge.Compare(in).Merge()
		own, update := merge.ByPlace(merge.Changes(base, tenant, mysql97)), merge.ByPlace(merge.Changes(base, template, mysql97))
		for _, d := range merge.Changes(tenant, out.Goal, mysql97) {
			p := merge.PlaceOf(d)
			if _, made := own[p]; made && p.Element != diff.ElementOrder && !decided(out.Conflicts, p, merge.TakeTemplate) {
				t.Errorf("%s of the tenant is lost without a decision: %v", p, describeAll(out.Conflicts))
			}
		}
		for _, d := range merge.Changes(template, out.Goal, mysql97) {
			p := merge.PlaceOf(d)
			u, changed := update[p]
			gaveUp := u.Kind == diff.ChangeMissing // then what the tenant made of it just stays
			if changed && !gaveUp && p.Element != diff.ElementOrder && !open(out.Conflicts, p) && !decided(out.Conflicts, ddl.Place{}, merge.KeepTenant) {
				t.Errorf("%s of the template is waived without a decision: %v", p, describeAll(out.Conflicts))
			}
		}
	})
}

// decided says whether a conflict about a place, or its object, was decided in one
// way; without a place, whether any was.
func decided(all []merge.Conflict, p ddl.Place, d merge.Decision) bool {
	return slices.ContainsFunc(all, func(c merge.Conflict) bool {
		return c.Decision == d && (p.Object == "" || c.Object == p.Object && (c.Element == p.Element || c.Element == "" || p.Element == ""))
	})
}

func open(all []merge.Conflict, p ddl.Place) bool {
	return slices.ContainsFunc(all, func(c merge.Conflict) bool {
		return c.Open() && c.Object == p.Object && (c.Element == p.Element || c.Element == "" || p.Element == "")
	})
}

// TestMerge_ends: whoever decides everything that is asked is done at some time.
func TestMerge_ends(t *testing.T) {
	t.Parallel()
	for _, decision := range []merge.Decision{merge.KeepTenant, merge.TakeTemplate} {
		rapid.Check(t, func(t *rapid.T) {
			in := owning(draw(t, "base"), draw(t, "template"), draw(t, "tenant"))
			for range 20 {
				out := merge.Compare(in).Merge()
				asked := slices.DeleteFunc(out.Conflicts, func(c merge.Conflict) bool { return !c.Open() })
				if len(asked) == 0 {
					return
				}
				for _, c := range asked {
					in.Resolutions = append(in.Resolutions, merge.Resolution{Object: c.Object, Element: c.Element, Decision: decision})
				}
			}
			t.Errorf("still asked after 20 rounds of %s: %v", decision, describeAll(merge.Compare(in).Merge().Conflicts))
		})
	}
}
