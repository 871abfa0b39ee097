package merge_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// TestConflict_Rank: in the order of the list each is graver than the one before,
// whatever a verdict other than `depends` says of breaking.
func TestConflict_Rank(t *testing.T) {
	t.Parallel()
	last := -1
	for _, c := range []merge.Conflict{
		{Verdict: merge.Commutes},
		{Verdict: merge.Identical},
		{Verdict: merge.Depends},
		{Verdict: merge.Depends, Breaks: true},
		{Verdict: merge.Clashes},
	} {
		rank := c.Rank()
		if rank <= last {
			t.Errorf("%s, breaks %t: %d, not above %d", c.Verdict, c.Breaks, rank, last)
		}
		if c.Breaks = true; c.Verdict != merge.Depends && c.Rank() != rank {
			t.Errorf("%s: %d when it breaks, else %d", c.Verdict, c.Rank(), rank)
		}
		last = rank
	}
}

// TestVerdictOf: the gravest conflict that is open speaks for the update, wherever
// it stands in the list, and what is decided says nothing.
func TestVerdictOf(t *testing.T) {
	t.Parallel()
	var (
		commutes  = merge.Conflict{Verdict: merge.Commutes}
		identical = merge.Conflict{Verdict: merge.Identical}
		depends   = merge.Conflict{Verdict: merge.Depends}
		breaks    = merge.Conflict{Verdict: merge.Depends, Breaks: true}
		clashes   = merge.Conflict{Verdict: merge.Clashes}
		agreed    = merge.Conflict{Verdict: merge.Depends, Decision: merge.TakeTemplate}
		settled   = merge.Conflict{Verdict: merge.Clashes, Decision: merge.KeepTenant}
		repaired  = merge.Conflict{Verdict: merge.Depends, Breaks: true, Decision: merge.DecideSQL}
	)
	for want, lists := range map[string][][]merge.Conflict{
		merge.VerdictAuto:   {nil, {commutes}, {identical}, {settled}, {agreed, repaired, settled}, {commutes, identical, settled}},
		merge.VerdictReview: {{depends}, {commutes, depends, identical}, {settled, depends}, {depends, repaired}},
		merge.VerdictMerge:  {{clashes}, {breaks}, {depends, breaks}, {breaks, depends}, {settled, clashes}, {identical, depends, agreed, clashes}},
	} {
		for _, list := range lists {
			if got := merge.VerdictOf(list); got != want {
				t.Errorf("%s for %v, wanted %s", got, describeAll(list), want)
			}
		}
	}
}

// TestWithin: a change is about a place when it is of it, of what it is in, or of
// a part of it. That columns stand in another order says nothing of any of them.
func TestWithin(t *testing.T) {
	t.Parallel()
	table, column, key := ddl.Place{Object: "table p"}, ddl.Place{Object: "table p", Element: "column `a`"}, ddl.Place{Object: "table p", Element: "key `a`"}
	order := ddl.Place{Object: "table p", Element: diff.ElementOrder}
	other, view := ddl.Place{Object: "table q", Element: "column `a`"}, ddl.Place{Object: "view p"}
	all := []ddl.Place{table, column, key, order, other, view}
	for changed, about := range map[ddl.Place][]ddl.Place{
		table:  {table, column, key, order},
		column: {table, column},
		key:    {table, key},
		order:  nil,
		other:  {other},
		view:   {view},
	} {
		want := map[ddl.Place]bool{}
		for _, p := range about {
			want[p] = true
		}
		for _, p := range all {
			if got := merge.Within(map[ddl.Place]diff.ElementChange{changed: {}}, p); got != want[p] {
				t.Errorf("a change of %s is about %s: %t", changed, p, got)
			}
		}
	}
}

// TestCovers: what a customization has made belongs to it with its parts; what it
// gave to the template, and what stands beside or above, does not.
func TestCovers(t *testing.T) {
	t.Parallel()
	owned := []merge.OwnedElement{{Object: "table crm"}, {Object: "table p", Element: "column `vip`"}, {Object: "table q", Transferred: true}, {Object: "table p", Element: "key `k`", Transferred: true}}
	for p, want := range map[ddl.Place]bool{
		{Object: "table crm"}:                         true,
		{Object: "table crm", Element: "column `x`"}:  true,
		{Object: "table p", Element: "column `vip`"}:  true,
		{Object: "table p"}:                           false,
		{Object: "table p", Element: "key `vip`"}:     false,
		{Object: "table p", Element: "key `k`"}:       false,
		{Object: "table q"}:                           false,
		{Object: "table q", Element: "column `x`"}:    false,
		{Object: "view crm"}:                          false,
		{Object: "table cr", Element: "column `vip`"}: false,
	} {
		if got := merge.Covers(owned, p); got != want {
			t.Errorf("%s is covered: %t", p, got)
		}
	}
}
