package preview

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The types of resources.
const (
	typeTenant        = "landlord_tenant"
	typeFleet         = "landlord_tenant_fleet"
	typeTemplate      = "landlord_tenant_template"
	typeCustomization = "landlord_tenant_customization"
	typeDataCopy      = "landlord_tenant_data_copy"
	typeRestore       = "landlord_tenant_restore"
	typeCheckpoint    = "landlord_tenant_checkpoint"
	typeAccount       = "landlord_tenant_account"
	typeApproval      = "landlord_migration_approval"
)

// The actions of classes and of other resources. Those of fleets are the words of
// the provider.
const (
	actionCreate    = "create"
	actionUpdate    = "update"
	actionRecord    = "record"
	actionDelete    = "delete"
	actionRelease   = "release"
	actionWait      = "wait"
	actionStay      = "stay"
	actionLater     = "later"
	actionFail      = "fail"
	actionUnplanned = "unplanned"
	actionReplace   = "replace"
	actionForget    = "forget"
	actionNone      = "none"
	actionJoin      = "join"
)

// The verdicts that somebody has to know of.
const (
	verdictBlocked = "blocked"
	verdictMerge   = "merge"
)

// mostSlugs is how many tenants a list names.
const mostSlugs = 10

// builder makes a report of a plan.
type builder struct {
	plan      *plan
	report    *Report
	classes   []*class
	conflicts []*Conflict
	approvals []*Approval

	classAt    map[string]int      // in classes, by key
	conflictAt map[conflictKey]int // in conflicts
}

// conflictKey is the same for conflicts that one decision settles in the same way.
type conflictKey struct{ object, reason, base, template, own string }

// build makes the report.
func build(p *plan) *Report {
	b := &builder{plan: p, report: &Report{FormatVersion: FormatVersion, TerraformVersion: p.terraform}, classAt: map[string]int{}, conflictAt: map[conflictKey]int{}}
	for i := range p.changes {
		switch c := &p.changes[i]; c.kind {
		case typeTenant:
			b.tenant(c)
		case typeFleet:
			b.fleet(c)
		default:
			b.other(c)
		}
	}
	for i := range p.drifts {
		b.outside(&p.drifts[i])
	}
	for i := range p.deferred {
		b.later(&p.deferred[i])
	}
	for i := range p.invocations {
		b.action(&p.invocations[i])
	}
	b.finish()
	return b.report
}

// finish puts the parts together, the gravest first.
func (b *builder) finish() {
	r := b.report
	for _, c := range b.classes {
		r.Classes = append(r.Classes, c.Class)
	}
	slices.SortStableFunc(r.Classes, compareClasses)
	for _, c := range b.conflicts {
		r.Conflicts = append(r.Conflicts, *c)
	}
	for _, a := range b.approvals {
		r.Approvals = append(r.Approvals, *a)
	}
	if b.plan.hidesSQL {
		r.hideSQL() // before dangers are told, which say some of it again
	}
	for i := range r.Classes {
		b.count(&r.Classes[i])
		b.classDanger(&r.Classes[i], first(r.Classes[i].Addresses))
	}
	for i := range r.Fleets {
		f := &r.Fleets[i]
		slices.SortStableFunc(f.Classes, compareClasses)
		for j := range f.Classes {
			b.count(&f.Classes[j])
			b.classDanger(&f.Classes[j], f.Address)
		}
	}
	for i := range r.Others {
		b.otherDanger(&r.Others[i])
	}
	b.lossDangers()
	b.conflictDangers()
	b.actionDangers()
	if b.plan.errored {
		b.danger(DangerFailing, "", 0, "Planning ended with an error: the plan is not complete, and cannot be applied.")
	}
	slices.SortStableFunc(r.Dangers, func(x, y Danger) int {
		kinds := dangerKinds()
		return cmp.Or(slices.Index(kinds, x.Kind)-slices.Index(kinds, y.Kind), y.Tenants-x.Tenants)
	})
	r.Dangerous = len(r.Dangers) > 0
	mask(b.plan.masker, r)
	r.neverNull()
}

func compareClasses(x, y Class) int {
	rank := func(c Class) int {
		order := []string{actionDelete, actionFail, actionUnplanned}
		switch at := slices.Index(order, c.Action); {
		case at == 0:
			return 0
		case destructive(c.Statements):
			return 1
		case at > 0:
			return 1 + at
		case c.Dangerous:
			return len(order) + 1
		case c.Action == actionLater:
			return len(order) + 3
		}
		return len(order) + 2
	}
	return cmp.Or(rank(x)-rank(y), y.Tenants-x.Tenants)
}

// count adds a class to the summary.
func (b *builder) count(c *Class) {
	s := &b.report.Summary
	for action, n := range map[string]*int{
		actionCreate: &s.Create, actionUpdate: &s.Update, actionRecord: &s.Record, actionDelete: &s.Delete, actionWait: &s.Wait, actionStay: &s.Stay,
		actionLater: &s.Later, actionFail: &s.Fail, actionUnplanned: &s.Unplanned,
	} {
		if c.Action == action {
			*n += c.Tenants
		}
	}
}

func (b *builder) danger(kind DangerKind, address string, tenants int, detail string) {
	b.report.Dangers = append(b.report.Dangers, Danger{Kind: kind, Address: address, Tenants: tenants, Detail: detail})
}

// classDanger says what is dangerous about a class.
func (b *builder) classDanger(c *Class, address string) {
	if n := countDestructive(c.Statements); n > 0 && c.Action != actionDelete {
		way := " at " + orNothing(c.To)
		if c.From != c.To {
			way = fmt.Sprintf(" from %s to %s", orNothing(c.From), orNothing(c.To))
		}
		b.danger(DangerDestructive, address, c.Tenants, fmt.Sprintf("%s%s: data or objects are lost in %s.", several(n, "statement"), way, several(c.Tenants, "tenant")))
	}
	if c.Unasked {
		b.danger(DangerUnknown, address, c.Tenants, fmt.Sprintf("What the statements meet in the data of %s is known after apply only.", several(c.Tenants, "tenant")))
	}
	if c.Access == lockedOut {
		b.danger(DangerLockedOut, address, c.Tenants, are(c.Tenants, "tenant")+" locked out, and the connections end.")
	}
	if c.Verdict == verdictMerge && len(c.Conflicts) == 0 && c.Action != actionFail {
		b.danger(DangerConflict, address, c.Tenants, fmt.Sprintf("Conflicts in %s, which the plan does not name: somebody has to decide.", several(c.Tenants, "tenant")))
	}
	switch c.Action {
	case actionFail:
		b.danger(DangerFailing, address, c.Tenants, fmt.Sprintf("%s cannot be changed as planned.", several(c.Tenants, "tenant")))
	case actionUnplanned:
		b.danger(DangerUnknown, address, c.Tenants, fmt.Sprintf("What happens to %s is known after apply only: nobody can see it here.", several(c.Tenants, "tenant")))
	case actionDelete:
		fleet := func(l Loss) bool { return l.Address == address }
		if address != "" && c.Reason != "" && !slices.ContainsFunc(b.report.Losses, fleet) { // of a fleet that stays: single tenants are losses
			b.danger(DangerDestroyed, address, c.Tenants, c.Reason)
		}
	}
}

// conflictDangers tells of what waits for decisions.
func (b *builder) conflictDangers() {
	for i := range b.report.Conflicts {
		c := &b.report.Conflicts[i]
		b.danger(DangerConflict, "", c.Tenants, fmt.Sprintf("%s in %s: somebody has to decide.", c.Key, several(c.Tenants, "tenant")))
	}
}

// lossDangers tells of what goes.
func (b *builder) lossDangers() {
	for i := range b.report.Losses {
		l := &b.report.Losses[i]
		n := 0
		if l.Type == typeTenant {
			n = 1
		}
		b.danger(DangerDestroyed, l.Address, n, l.What)
	}
	rank := func(l Loss) int {
		switch {
		case l.Type == typeTenant && l.Policy == "drop":
			return 0
		case l.Type == typeTenant || l.Type == typeFleet:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(b.report.Losses, func(x, y Loss) int { return rank(x) - rank(y) })
}

// orNothing names a version.
func orNothing(version string) string {
	if version == "" {
		return "nothing"
	}
	return quoted(version)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func are(n int, noun string) string {
	return several(n, noun) + map[bool]string{true: " is", false: " are"}[n == 1]
}

func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// add appends a name to the first ten.
func add(list []string, name string) []string {
	if len(list) < mostSlugs {
		return append(list, name)
	}
	return list
}

// has says whether an action is one of a change.
func (c *change) has(action string) bool { return slices.Contains(c.actions, action) }

// replaced says whether another one takes the place of what is there.
func (c *change) replaced() bool { return c.has("delete") && c.has("create") }

// says returns a text of what is planned, or of what is there when it goes.
func (c *change) says(name string) string {
	if text := c.after.text(name); text != "" {
		return text
	}
	return c.before.text(name)
}

// what names what a change does to a resource.
func (c *change) what() string {
	switch {
	case c.replaced():
		return actionReplace
	case c.has("delete"):
		return actionDelete
	case c.has("create"):
		return actionCreate
	case c.has("update"):
		return actionUpdate
	case c.has("forget"):
		return actionForget
	}
	return actionNone
}

// cutBefore returns what stands behind the first place of a mark; empty without it.
func cutBefore(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}
