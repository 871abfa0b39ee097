package fleet

import (
	"context"
	"fmt"
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
	Slugs     []string // the first ten, in order; all of those that cannot be changed as planned
	From, To  string   // name@version; From is empty for tenants that are made
	Verdict   string   // auto, review, merge or blocked; empty without a migration
	Steps     []landlord.Step
	Conflicts []string           // keys of what is open, as `resolutions` takes them
	Open      []landlord.Finding // the same with their definitions, as the first tenant has them
	Reason    string             // why a class waits, stays or fails; what becomes of one that goes
	Wave      string             // of the rollout; empty for what comes before all waves
	Server    string             // key, of tenants that are made or move; empty for the main one

	Size    *Size // of the tables that Steps change; nil where that is not known, or there are none yet
	Unsized bool  // nobody can promise that planning once more finds the same size, so none is set

	Drifted int // how many of them somebody has changed

	Findings []landlord.Finding // what the steps meet in the data, added up over the tenants
	Unasked  bool               // nobody can promise that planning once more finds the same in the data, so no Findings are set

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
		c.Reason = one.fate()
		return c
	}
	c.Digest, c.Verdict, c.Steps, c.To = one.plan.Digest, one.plan.Verdict, one.plan.Steps, one.spec.Template
	if one.comesAlone() {
		c.To = one.plan.Template
	}
	if c.Unasked = one.plan.Open; c.Unasked && c.Verdict == landlord.VerdictBlocked {
		c.Verdict = one.plan.Migration.Verdict // the plan of the apply may find other data: a note tells of it
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
	case Update, Record, Join:
		c.Reason = one.becomes()
	}
	if one.plan.Create || one.plan.Move != nil {
		c.Server = one.spec.Server
	}
	if m := one.plan.Move; m != nil { // its statements name the tenant's own database
		c.Digest = landlord.Digest("move", m.From, m.To, strconv.FormatBool(m.Back))
	}
	return c
}

// becomes says that a tenant which nobody can use is active again.
func (one *planned) becomes() string {
	if one.row == nil || one.row.Status != landlord.StatusSuspended && one.row.Status != landlord.StatusArchived || one.row.Status == statusOf(one.spec) || one.pool {
		return ""
	}
	return fmt.Sprintf("it is %s and becomes %s, as tenants of the list are", one.row.Status, statusOf(one.spec))
}

// fate says what becomes of a tenant that is destroyed.
func (one *planned) fate() string {
	switch {
	case one.action != Delete || one.row == nil:
		return ""
	case one.pool:
		return "it is ready and nobody's: its database is dropped with all rows, whatever `deletion_policy` says"
	case one.deletion.Policy == landlord.DeletionArchive:
		return "`deletion_policy` of the last apply is `archive`: its database stays, and its users are locked out"
	case one.deletion.Checkpoint != "":
		return fmt.Sprintf("`deletion_policy` of the last apply is `drop`: its database is dropped with all rows, once the checkpoint `%s` is there", one.deletion.Checkpoint)
	}
	return "`deletion_policy` of the last apply is `drop`: its database is dropped with all rows"
}

func (c *Class) key() string {
	return strings.Join(append([]string{string(c.Action), c.Digest, c.From, c.To, c.Verdict, c.Reason, c.Wave, c.Server}, append(slices.Clone(c.Conflicts), c.clashes...)...), "\x00")
}

func (c *Class) add(one *planned) {
	c.Tenants++
	if len(c.Slugs) < landlord.MostNamed || c.Action == Fail || c.Verdict == landlord.VerdictBlocked {
		c.Slugs = append(c.Slugs, one.slug)
	}
	if one.drifted {
		c.Drifted++
	}
	if c.Unasked = c.Unasked || one.plan != nil && one.plan.Open; c.Unasked {
		c.Findings = nil
	} else if one.plan != nil && one.err == nil {
		c.find(one.plan.Notes)
	}
	if one.plan != nil && !one.plan.Create && one.plan.Move == nil && !one.pool {
		c.changes = append(c.changes, landlord.Whereabouts{Server: one.spec.Server, Database: one.plan.DatabaseName})
	}
}

// find adds what the data of a tenant says: one finding for all tenants in which a
// statement meets the same, with their rows together, and the words of the first.
func (c *Class) find(notes []landlord.Note) {
	for _, n := range notes {
		for _, f := range n.Findings {
			if f.Kind == landlord.KindConflict || f.Kind == landlord.KindApproval {
				continue // the class has both
			}
			at := slices.IndexFunc(c.Findings, func(x landlord.Finding) bool {
				return x.Kind == f.Kind && x.Blocks == f.Blocks && x.Object == f.Object && x.Statement == f.Statement
			})
			if at < 0 {
				c.Findings = append(c.Findings, f)
				continue
			}
			if f.Rows != nil && c.Findings[at].Rows != nil {
				rows := *f.Rows + *c.Findings[at].Rows
				c.Findings[at].Rows = &rows
			}
		}
	}
}

// markDrift notes whether somebody has changed a tenant of which the plan has a class.
func (f *Fleets) markDrift(ctx context.Context, one *planned) error {
	if one.row == nil || one.joins { // of one that joins nobody can promise that planning once more finds the same
		return nil
	}
	live, err := f.Estate.Snapshot.Fingerprint(ctx, one.row.Server, one.row.Database)
	if isDown(err) {
		return nil
	}
	one.drifted = drifted(one.row, live)
	return err
}
