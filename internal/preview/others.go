package preview

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// other adds a change of a resource that is no tenant.
func (b *builder) other(c *change) {
	action := c.what()
	if action == actionNone {
		return
	}
	o := Other{
		Address: c.address, Type: c.kind, Action: action, Tenant: c.says("tenant"), Name: c.says("name"),
		Statements: append(statements(c.after.texts("migration")), statements(c.after.texts("statements"))...), Findings: b.findings(c.after.list("findings")),
	}
	if o.Name == "" {
		o.Name = c.says("id")
	}
	if c.kind == typeDataCopy {
		o.Tenant = c.says("target")
	}
	if loss := otherLoss(c); loss != "" && c.has("delete") {
		b.report.Losses = append(b.report.Losses, Loss{Address: c.address, Type: c.kind, Name: c.before.text("name"), Database: lossDatabase(c), Replaced: c.replaced(), What: loss})
		o.Dangerous = true
	}
	for _, f := range o.Findings {
		o.Dangerous = o.Dangerous || f.Severity == "error"
	}
	if destructive(o.Statements) || overwrites(c) {
		o.Dangerous = true
	}
	if c.after != nil && (c.after.isUnknown("migration") || c.after.isUnknown("statements")) {
		b.unknown(c)
		o.Dangerous = o.Dangerous || !c.has("create") || c.kind == typeRestore && c.after.text("mode") != "side_by_side"
	}
	b.report.Others = append(b.report.Others, o)
	b.report.Summary.Others++
	if overwrites(c) {
		b.danger(DangerDestructive, c.address, 1, overwritten(c))
	}
}

func lossDatabase(c *change) string {
	if c.kind == typeRestore || c.kind == typeTemplate {
		return c.before.text("database_name")
	}
	return ""
}

// otherLoss says what is lost with a resource that is destroyed; empty for one
// that holds nothing.
func otherLoss(c *change) string {
	switch c.kind {
	case typeTemplate:
		return "Every version of the template goes; the apply refuses while a tenant uses one."
	case typeCustomization:
		return fmt.Sprintf("What it made in tenant %s goes; what holds rows is set aside unless its `destructive_mode` is `drop`.", quoted(c.before.text("tenant")))
	case typeRestore:
		if c.before.text("mode") == "in_place" {
			return "" // nothing is taken back, it is only forgotten
		}
		return fmt.Sprintf("The database %s beside tenant %s is dropped with all rows.", quoted(c.before.text("database_name")), quoted(c.before.text("tenant")))
	case typeCheckpoint:
		return fmt.Sprintf("The checkpoint of tenant %s goes with its files, unless the tenant is protected or its deletion needs it.", quoted(c.before.text("tenant")))
	case typeAccount:
		return fmt.Sprintf("Applications cannot log in any more as %s in tenant %s.", cmp.Or(strings.Join(c.before.texts("accounts"), ", "), quoted(c.before.text("name"))), quoted(c.before.text("tenant")))
	case typeDataCopy, typeApproval:
		return ""
	}
	return "It is destroyed."
}

// overwrites says whether a resource that is made takes the place of rows, or
// a checkpoint that of the former one.
func overwrites(c *change) bool {
	if c.kind == typeCheckpoint {
		return c.what() == actionUpdate && c.after.isUnknown("created_at") // it is taken anew
	}
	if !c.has("create") {
		return false
	}
	return c.kind == typeRestore && c.after.text("mode") == "in_place" || c.kind == typeDataCopy && c.after.text("on_conflict") == "replace"
}

func overwritten(c *change) string {
	if c.kind == typeCheckpoint {
		return fmt.Sprintf("Checkpoint %s of tenant %s is taken anew. The former one gives way when the new one is complete, and what it holds is gone.", quoted(c.before.text("name")), quoted(c.before.text("tenant")))
	}
	if c.kind == typeRestore {
		return fmt.Sprintf("A restore in place: what tenant %s has written since is set aside.", quoted(c.after.text("tenant")))
	}
	return fmt.Sprintf("Rows of tenant %s take the values of tenant %s.", quoted(c.after.text("target")), quoted(c.after.text("source")))
}

// otherDanger says what is dangerous about the statements of a resource.
func (b *builder) otherDanger(o *Other) {
	if n := countDestructive(o.Statements); n > 0 {
		b.danger(DangerDestructive, o.Address, 0, fmt.Sprintf("%s: data or objects are lost.", several(n, "statement")))
	}
	for _, f := range o.Findings {
		if f.Severity == "error" {
			b.danger(DangerFailing, o.Address, 0, f.Detail)
		}
	}
	if o.Dangerous && slices.ContainsFunc(b.report.Unknown, func(u Unknown) bool { return u.Address == o.Address }) {
		b.danger(DangerUnknown, o.Address, 0, "Its statements are known after apply only: nobody can see them here.")
	}
}

// outside adds what a refresh found changed, beside what a refresh always changes.
func (b *builder) outside(c *change) {
	o := Outside{Address: c.address, Gone: c.after == nil}
	passing := []string{"migration", "findings", "statements", "plans", "plan_digest", "summary", "migration_digest", "migration_verdict", "migration_algorithm", "migration_locks",
		"migration_destructive", "migration_reversible", "fingerprint", "schema_fingerprint", "last_migration", "drift", "results"}
	for _, name := range slices.Sorted(maps.Keys(c.after)) {
		if !slices.Contains(passing, name) && fmt.Sprint(c.before[name]) != fmt.Sprint(c.after[name]) {
			o.Attributes = append(o.Attributes, name)
		}
	}
	if o.Gone || len(o.Attributes) > 0 {
		b.report.Outside = append(b.report.Outside, o)
	}
}

// neverNull makes lists of what is null.
func (r *Report) neverNull() {
	r.Dangers, r.Losses, r.Classes, r.Fleets, r.Conflicts, r.Approvals = some(r.Dangers), some(r.Losses), some(r.Classes), some(r.Fleets), some(r.Conflicts), some(r.Approvals)
	r.Drift, r.Outside, r.Others, r.Unknown = some(r.Drift), some(r.Outside), some(r.Others), some(r.Unknown)
	r.Actions = some(r.Actions)
	classes := func(list []Class) {
		for i := range list {
			c := &list[i]
			c.Slugs, c.Addresses, c.Statements, c.Findings, c.Conflicts = some(c.Slugs), some(c.Addresses), some(c.Statements), some(c.Findings), some(c.Conflicts)
		}
	}
	classes(r.Classes)
	for i := range r.Fleets {
		f := &r.Fleets[i]
		f.Waves, f.Classes, f.Behind = some(f.Waves), some(f.Classes), some(f.Behind)
		classes(f.Classes)
	}
	for i := range r.Others {
		r.Others[i].Statements, r.Others[i].Findings = some(r.Others[i].Statements), some(r.Others[i].Findings)
	}
	for i := range r.Conflicts {
		r.Conflicts[i].Slugs = some(r.Conflicts[i].Slugs)
	}
	for i := range r.Approvals {
		r.Approvals[i].Slugs = some(r.Approvals[i].Slugs)
	}
	for i := range r.Outside {
		r.Outside[i].Attributes = some(r.Outside[i].Attributes)
	}
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
