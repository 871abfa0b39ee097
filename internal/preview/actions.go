package preview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The types of actions.
const (
	takeCheckpoint   = "landlord_take_checkpoint"
	approveMigration = "landlord_approve_migration"
	restoreTenant    = "landlord_restore_tenant"
	rollBackTenant   = "landlord_roll_back_tenant"
	repairDrift      = "landlord_repair_drift"
	controlRollout   = "landlord_control_rollout"
	claimTenant      = "landlord_claim_tenant"
)

// invocation is an action that the apply runs.
type invocation struct {
	address, kind  string
	trigger, event string
	config         object
	unknown        object // what of it nobody knows yet, also where it is not shown
	deferred       bool
}

// addInvocation takes an entry that is about an action of the landlord.
func (p *plan) addInvocation(entry object, deferred bool) {
	kind := entry.text("type")
	if !strings.HasPrefix(kind, "landlord_") {
		return
	}
	trigger := asObject(entry["lifecycle_action_trigger"])
	p.invocations = append(p.invocations, invocation{
		address: entry.text("address"), kind: kind, deferred: deferred,
		trigger: trigger.text("triggering_resource_address"), event: strings.ToLower(trigger.text("action_trigger_event")),
		config:  asObject(marked(entry["config_values"], entry["config_unknown"], entry["config_sensitive"])),
		unknown: asObject(entry["config_unknown"]),
	})
}

// action adds an action that the apply runs.
func (b *builder) action(x *invocation) {
	a := Action{Address: x.address, Type: x.kind, Tenant: cmp.Or(x.config.text("tenant"), x.config.text("slug"), x.config.text("fleet")), Trigger: x.trigger, Event: x.event, Deferred: x.deferred}
	a.What, a.Dangerous = does(x)
	b.report.Actions = append(b.report.Actions, a)
}

// does says what an action does, and whether that is dangerous.
func does(x *invocation) (what string, dangerous bool) {
	tenant := quoted(cmp.Or(x.config.text("tenant"), unknownText))
	switch x.kind {
	case takeCheckpoint:
		warning, missing := "the plan warns of it", !x.warned()
		if missing {
			warning = "nobody can see here whether there is one"
		}
		return fmt.Sprintf("Checkpoint %s of tenant %s is taken. One of that name gives way when the new one is complete: %s.", quoted(cmp.Or(x.config.text("name"), unknownText)), tenant, warning), missing
	case approveMigration:
		of := "all tenants with this digest"
		if slug := x.config.text("tenant"); slug != "" {
			of = "tenant " + quoted(slug)
		}
		return fmt.Sprintf("The migration %s is approved, for %s.", quoted(x.config.text("digest")), of), false
	case restoreTenant:
		if x.config.text("mode") == "" || x.config.text("mode") == "side_by_side" {
			return fmt.Sprintf("A copy of tenant %s as it was is made beside it.", tenant), false
		}
		return fmt.Sprintf("A restore in place: what tenant %s has written since is set aside.", tenant), true
	case rollBackTenant:
		return fmt.Sprintf("The schema of tenant %s goes back to that of a checkpoint; what was added since is set aside.", tenant), true
	case repairDrift:
		return fmt.Sprintf("What somebody changed in the schema of tenant %s is undone; the statements are not in the plan.", tenant), true
	case controlRollout:
		wish, of := x.config.text("wish"), quoted(x.config.text("fleet"))
		if wish == "pause" || wish == "resume" {
			return fmt.Sprintf("The rollout of fleet %s is asked to %s.", of, wish), false
		}
		return fmt.Sprintf("The rollout of fleet %s is asked for this: %s.", of, quoted(wish)), wish != "abort"
	case claimTenant:
		return fmt.Sprintf("A ready tenant of a pool gets the slug %s.", quoted(x.config.text("slug"))), false
	}
	return "This version of the preview does not know what it does.", true
}

// warned says whether the plan could look for the checkpoint that the new one replaces,
// and warn of it.
func (x *invocation) warned() bool {
	known := func(name string) bool { return x.config.text(name) != "" && !x.unknown.flag(name) }
	return known("tenant") && known("name") && !x.deferred
}

// actionDangers tells of actions that take something away, or of which nobody can
// see what they do.
func (b *builder) actionDangers() {
	for i := range b.report.Actions {
		if a := &b.report.Actions[i]; a.Dangerous {
			kind, n := DangerUnknown, 0
			switch a.Type {
			case restoreTenant, rollBackTenant, controlRollout:
				kind = DangerDestructive
			}
			if a.Tenant != "" && a.Type != controlRollout {
				n = 1
			}
			b.danger(kind, a.Address, n, a.What)
		}
	}
}

// later adds a change that the core leaves to a later plan.
func (b *builder) later(c *change) {
	b.report.Unknown = append(b.report.Unknown, Unknown{Address: c.address, Attributes: []string{"all: it is left to a later plan"}})
	b.danger(DangerUnknown, c.address, 0, "It is left to a later plan: nobody can see here what happens.")
}

// grant is an approval that the plan has.
type grant struct {
	tenant string // empty for all
	by     string
	now    bool // this apply gives it
}

// approvals finds those that a plan has, or that its actions give. What was
// approved elsewhere, as on the page, no plan says.
func (p *plan) approvals() map[string][]grant {
	out := map[string][]grant{}
	add := func(o object, now bool) {
		digest := o.text("digest")
		if until, err := time.Parse(time.RFC3339, o.text("expires_at")); err == nil && !p.made.IsZero() && until.Before(p.made) {
			return
		}
		if strings.HasPrefix(digest, "sha256:") {
			by := o.text("approved_by")
			if by == unknownText {
				by = ""
			}
			out[digest] = append(out[digest], grant{tenant: o.text("tenant"), by: cmp.Or(by, "who applies"), now: now})
		}
	}
	for i := range p.changes {
		if c := &p.changes[i]; c.kind == typeApproval && c.after != nil {
			add(c.after, c.has("create") || c.has("update"))
		}
	}
	for i := range p.invocations {
		if x := &p.invocations[i]; x.kind == approveMigration && !x.deferred {
			add(x.config, true)
		}
	}
	for _, of := range out {
		slices.SortStableFunc(of, func(x, y grant) int { // one that is there already counts before one that comes
			return map[bool]int{true: 1}[x.now] - map[bool]int{true: 1}[y.now]
		})
	}
	return out
}

// approval returns one that lets all tenants of a class run, nil without one.
// slugs are the first of the tenants.
func (p *plan) approval(digest string, tenants int, slugs []string) *grant {
	all := p.grants[digest]
	of := func(slug string) *grant {
		at := slices.IndexFunc(all, func(g grant) bool { return g.tenant == "" || g.tenant == slug })
		if at < 0 {
			return nil
		}
		return &all[at]
	}
	if whole := of(""); whole != nil {
		return whole
	}
	if tenants != len(slugs) {
		return nil
	}
	var last *grant
	for _, slug := range slugs {
		one := of(slug)
		if one == nil {
			return nil
		}
		if last == nil || one.now {
			last = one
		}
	}
	return last
}
