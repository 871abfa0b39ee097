package fleet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// Class is tenants of a plan with which the same is to be done. Steps are those
// of the first tenant: those of the others differ in the name of the database.
type Class struct {
	Digest    string // of the migration, as an approval names it; empty without one
	Action    Action
	Tenants   int
	Slugs     []string // the first ten, in order
	From, To  string   // name@version; From is empty for tenants that are made
	Verdict   string   // auto, review or merge; empty without a migration
	Steps     []landlord.Step
	Conflicts []string           // keys of what is open, as `resolutions` takes them
	Open      []landlord.Finding // the same with their definitions, as the first tenant has them
	Reason    string             // why a class waits, stays or fails
	Wave      string             // of the rollout; empty for what comes before all waves
	Server    string             // key, of tenants that are made or move; empty for the main one

	Size    *Size // of the tables that Steps change; nil where that is not known, or there are none yet
	Unsized bool  // nobody can promise that planning once more finds the same size, so none is set

	clashes []string               // digests of what is open: tenants with other definitions are another class
	changes []landlord.Whereabouts // the databases that Steps change, of all tenants
}

// classOf returns the class of a tenant.
func classOf(one *planned) *Class {
	c := &Class{Action: one.action}
	switch {
	case one.action == Create && (one.prior == nil || one.unknown):
	case one.prior != nil:
		c.From = one.prior.Template
	case one.row != nil:
		c.From = one.row.AppliedTemplate()
	}
	if one.action == Fail {
		c.To, c.Reason = one.to, reasonOf(one)
		return c
	}
	if one.action == Later {
		c.To, c.Reason = one.to, "its wave has not begun"
		return c
	}
	if one.plan == nil { // it goes
		return c
	}
	c.Digest, c.Verdict, c.Steps, c.To = one.plan.Digest, one.plan.Verdict, one.plan.Steps, one.spec.Template
	if one.comesAlone() {
		c.To = one.plan.Template
	}
	if c.Verdict == landlord.VerdictBlocked {
		c.Verdict = one.plan.Migration.Verdict // data changes between a plan and its apply: a note tells of it
	}
	for i := range one.plan.Conflicts {
		if conflict := &one.plan.Conflicts[i]; conflict.Open() {
			c.Conflicts = append(c.Conflicts, conflict.Place())
			c.Open = append(c.Open, tenant.ConflictFinding(conflict))
			c.clashes = append(c.clashes, conflict.Clash)
		}
	}
	switch one.action {
	case Wait:
		c.Reason = "its migration waits for an approval"
	case Stay:
		c.Reason = reasonOf(one)
	}
	if one.plan.Create || one.plan.Move != nil {
		c.Server = one.spec.Server
	}
	if m := one.plan.Move; m != nil { // its statements name the tenant's own database
		c.Digest = landlord.Digest("move", m.From, m.To, strconv.FormatBool(m.Back))
	}
	return c
}

func (c *Class) key() string {
	return strings.Join(append([]string{string(c.Action), c.Digest, c.From, c.To, c.Verdict, c.Reason, c.Wave, c.Server}, append(slices.Clone(c.Conflicts), c.clashes...)...), "\x00")
}

func (c *Class) add(one *planned) {
	c.Tenants++
	if len(c.Slugs) < landlord.MostNamed {
		c.Slugs = append(c.Slugs, one.slug)
	}
	if one.plan != nil && !one.plan.Create && one.plan.Move == nil {
		c.changes = append(c.changes, landlord.Whereabouts{Server: one.spec.Server, Database: one.plan.DatabaseName})
	}
}
