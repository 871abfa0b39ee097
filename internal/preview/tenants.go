package preview

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// class is a class of tenants while it grows.
type class struct {
	Class
	key string
}

// tenant adds a tenant to the report.
func (b *builder) tenant(c *change) {
	one := Class{
		Action: tenantAction(c), To: cmp.Or(c.after.text("template"), c.after.text("applied_template")), Verdict: c.after.text("migration_verdict"),
		Statements: statements(c.after.texts("migration")), Findings: b.findings(c.after.list("findings")),
	}
	if one.Action == actionWait {
		one.Digest = c.after.text("migration_digest")
		b.wait(&one, 1, []string{c.says("slug")}, false)
	}
	b.driftOf(c, one.Action)
	if c.has("delete") {
		b.report.Losses = append(b.report.Losses, tenantLoss(c))
		b.join(c, Class{Action: actionDelete, From: c.before.text("applied_template")})
		if !c.replaced() {
			return
		}
	}
	if c.has("forget") {
		b.join(c, Class{Action: actionRelease, From: c.before.text("applied_template"), Reason: "The tenant is forgotten by Terraform, and stays as it is.", ownReason: true})
		return
	}
	if !c.has("create") {
		one.From = c.before.text("applied_template")
	}
	if one.Action == actionNone {
		return
	}
	one.Unasked = len(one.Statements) > 0 && c.after.isUnknown("findings")
	if c.after.text("update_status") == "conflict" {
		one.Verdict = verdictMerge
	}
	if one.Access = access(c); one.Access != "" {
		one.Reason, one.ownReason = strings.TrimSpace(one.Reason+" "+accessReason(one.Access, c.after.text("status"))), true
	}
	if c.after.flag("migration_destructive") && !destructive(one.Statements) {
		one.Statements = append(one.Statements, Statement{SQL: "(a statement that the plan does not show)", Risk: "destructive", Destructive: true})
	}
	if c.has("create") && c.after.isUnknown("migration") || one.Action == actionUnplanned {
		b.unknown(c)
	}
	for i := range one.Findings {
		if f := &one.Findings[i]; f.Kind == "conflict" {
			one.Conflicts = append(one.Conflicts, f.Object)
			b.conflict(c.says("slug"), f)
		}
	}
	b.join(c, one)
}

// tenantAction says in the words of fleets what happens to a tenant.
func tenantAction(c *change) string {
	status := c.after.text("update_status")
	switch {
	case c.after.text("migration_verdict") == verdictBlocked:
		return actionFail
	case c.has("create"):
		return actionCreate
	case status == "pending_approval" || waits(c.after.list("findings")):
		return actionWait
	case status == "conflict" || status == "held":
		return actionStay
	case !c.has("update") && c.importing:
		return actionJoin
	case !c.has("update"):
		return actionNone
	case c.after.isUnknown("migration"):
		return actionUnplanned
	case len(c.after.list("migration")) > 0 || c.after.text("applied_template") != c.before.text("applied_template"):
		return actionUpdate
	}
	return actionRecord
}

// The words for what becomes of those who use a tenant's database.
const (
	lockedOut = "locked_out"
	letIn     = "let_in"
)

// access says whether a change of the status locks those out who use a tenant's
// database, or lets them in again; empty for neither.
func access(c *change) string {
	if !c.has("update") || c.after.isUnknown("status") {
		return ""
	}
	in := func(status string) bool { return status == "" || status == string(landlord.StatusActive) }
	switch before, after := in(c.before.text("status")), in(c.after.text("status")); {
	case before && !after:
		return lockedOut
	case !before && after:
		return letIn
	}
	return ""
}

func accessReason(access, status string) string {
	if access == letIn {
		return fmt.Sprintf("`status` becomes `%s`: its accounts are let in again.", status)
	}
	return fmt.Sprintf("`status` becomes `%s`: its accounts are locked out, and their connections end.", status)
}

// waits says whether findings have an approval that is missing. Whether it is
// still missing when the plan is applied, the plan does not know.
func waits(list []any) bool {
	return slices.ContainsFunc(list, func(f any) bool { return asObject(f).text("kind") == "approval" })
}

// tenantLoss says what becomes of a tenant that goes.
func tenantLoss(c *change) Loss {
	l := Loss{
		Address: c.address, Type: c.kind, Name: c.before.text("slug"), Database: c.before.text("database_name"), Replaced: c.replaced(),
		Policy: c.before.text("deletion_policy"),
	}
	l.What = goes(l.Policy, c.before.text("deletion_checkpoint"), "Its database "+quoted(l.Database))
	if l.Replaced {
		l.What += fmt.Sprintf(" A new and empty tenant takes its place, because of %s.", list(c.forced, "a change that the plan does not name"))
	}
	return l
}

// goes says what a deletion policy does.
func goes(policy, checkpoint, what string) string {
	switch policy {
	case "drop":
		kept := ""
		if checkpoint != "" {
			kept = " The checkpoint " + quoted(checkpoint) + " has to be there first."
		}
		return what + " is dropped with all rows." + kept
	case "archive":
		return what + " stays, and its users are locked out."
	case "protect":
		return what + " is protected: the apply refuses."
	}
	return what + " goes."
}

// join adds a tenant to its class: the one in which the same is done.
func (b *builder) join(c *change, one Class) {
	slug, database := c.says("slug"), c.says("database_name")
	if one.Action == actionDelete {
		slug, database = c.before.text("slug"), c.before.text("database_name")
	}
	key := classKey(&one, slug, database)
	at, known := b.classAt[key]
	if !known {
		one.Dangerous = isDangerous(&one)
		b.classes = append(b.classes, &class{Class: one, key: key})
		at = len(b.classes) - 1
		b.classAt[key] = at
		b.classes[at].Findings = nil
	}
	into := b.classes[at]
	into.Tenants++
	into.Slugs, into.Addresses = add(into.Slugs, slug), add(into.Addresses, c.address)
	into.Findings = joinFindings(into.Findings, one.Findings)
}

// isDangerous says whether somebody has to know of a class.
func isDangerous(c *Class) bool {
	switch c.Action {
	case actionDelete, actionFail, actionUnplanned:
		return true
	}
	return len(c.Conflicts) > 0 || c.Access == lockedOut || c.Verdict == verdictMerge || c.Unasked || destructive(c.Statements)
}

// retiredTable is the name of a table that keeps what a migration takes away.
var retiredTable = regexp.MustCompile("`r_[0-9a-f]{24}`")

// classKey is the same for tenants with which the same is done: the statements
// differ in the names of the database, of its owner account and of the tables that
// keep what goes.
func classKey(one *Class, slug, database string) string {
	parts := []string{one.Action, one.From, one.To, one.Verdict, one.Digest, one.Reason, one.ApprovedBy, one.Access, strconv.FormatBool(one.Unasked), strings.Join(one.Conflicts, "\x01")}
	account := "landlord_owner_" + strings.ReplaceAll(slug, "-", "_")
	for _, s := range one.Statements {
		line := retiredTable.ReplaceAllString(strings.ReplaceAll(s.SQL, quoted(account), "`\x02`"), "`r_`")
		if database != "" && database != unknownText {
			line = strings.ReplaceAll(line, quoted(database), "`\x03`")
		}
		parts = append(parts, line, s.Risk)
	}
	return strings.Join(parts, "\x00")
}

// findings reads the attribute `findings`. The examples in them are values of
// rows, which are nobody's business in a review: they are left out.
func (b *builder) findings(list []any) []Finding {
	out := make([]Finding, 0, len(list))
	for _, entry := range list {
		o := asObject(entry)
		f := Finding{
			Severity: o.text("severity"), Kind: o.text("kind"), Object: b.said(o, "object"), Tenants: 1, Detail: b.said(o, "detail"), Action: b.said(o, "action"),
		}
		f.Statement, _ = o.number("statement")
		f.Detail = landlord.WithoutValues(f.Detail, b.said(o, "example"))
		f.base, f.template, f.own = b.said(o, "base"), b.said(o, "template"), b.said(o, "own")
		if rows, ok := o.number("rows"); ok {
			f.Rows = &rows
		}
		out = append(out, f)
	}
	return out
}

// said returns a text without secrets, before it is taken apart: a part of a secret
// would not be found any more.
func (b *builder) said(o object, name string) string { return b.plan.masker.replace(o.text(name)) }

// joinFindings adds those of one tenant to those of a class.
func joinFindings(into, of []Finding) []Finding {
	for _, f := range of {
		at := slices.IndexFunc(into, func(x Finding) bool {
			return x.Severity == f.Severity && x.Kind == f.Kind && x.Object == f.Object && x.Statement == f.Statement
		})
		if at < 0 {
			into = append(into, f)
			continue
		}
		into[at].Tenants++
		if f.Rows != nil {
			rows := *f.Rows
			if into[at].Rows != nil {
				rows += *into[at].Rows
			}
			into[at].Rows = &rows
		}
	}
	return into
}

// conflict adds a conflict of a tenant, with the definitions if a data source of
// the plan has them.
func (b *builder) conflict(slug string, f *Finding) { b.addConflict(f, 1, []string{slug}) }

// addConflict adds a conflict of several tenants, of which the first are named.
func (b *builder) addConflict(f *Finding, tenants int, slugs []string) {
	reason := cutBefore(f.Detail, "): ")
	key := conflictKey{f.Object, reason, f.base, f.template, f.own}
	at, known := b.conflictAt[key]
	if !known {
		one := &Conflict{Key: f.Object, Verdict: "clashes", Reason: reason, HCL: cutBefore(f.Action, "`resolutions`: ")}
		if one.HCL == "" && !strings.HasPrefix(f.Action, "Decide") {
			one.Reason = strings.TrimSuffix(one.Reason, ".") + ". " + f.Action
		}
		if one.Base, one.Template, one.Tenant = f.base, f.template, f.own; f.base+f.template+f.own != "" {
			one.Known = true
		}
		b.define(one, first(slugs))
		b.conflicts = append(b.conflicts, one)
		at = len(b.conflicts) - 1
		b.conflictAt[key] = at
	}
	b.conflicts[at].Tenants += tenants
	for _, slug := range slugs {
		b.conflicts[at].Slugs = add(b.conflicts[at].Slugs, slug)
	}
}

// define takes both sides of a conflict from a landlord_migration_preview.
func (b *builder) define(c *Conflict, slug string) {
	for _, p := range b.plan.previews {
		if p.text("tenant") != slug {
			continue
		}
		for _, entry := range p.list("conflicts") {
			o := asObject(entry)
			if o.text("key") != c.Key {
				continue
			}
			c.Known = true
			c.Verdict, c.Base, c.Template, c.Tenant = o.text("verdict"), o.text("base"), o.text("template"), o.text("own")
			if proposal := o.text("proposal"); proposal != "" {
				c.HCL = proposal
			}
		}
	}
}

// wait adds a class whose migration needs an approval: it waits, unless the plan
// has one.
func (b *builder) wait(one *Class, tenants int, slugs []string, fleet bool) {
	if given := b.plan.approval(one.Digest, tenants, slugs); given != nil {
		one.Action, one.ApprovedBy, one.Reason, one.ownReason = actionUpdate, given.by, "", true
		if given.now {
			one.Reason = "It is approved by this plan: it runs now where it comes after the approval, else with the next apply."
		}
		return
	}
	b.approve(one.Digest, tenants, slugs, fleet)
}

// approve adds tenants that wait for an approval.
func (b *builder) approve(digest string, tenants int, slugs []string, fleet bool) {
	at := slices.IndexFunc(b.approvals, func(x *Approval) bool { return x.Digest == digest })
	if at < 0 {
		b.approvals = append(b.approvals, &Approval{Digest: digest})
		at = len(b.approvals) - 1
	}
	a := b.approvals[at]
	a.Tenants += tenants
	for _, slug := range slugs {
		a.Slugs = add(a.Slugs, slug)
	}
	if digest == "" || digest == unknownText || digest == hiddenText {
		return
	}
	tenant := ""
	if a.Tenants == 1 && !fleet {
		tenant = "\n  tenant = " + quoteHCL(first(a.Slugs))
	}
	a.HCL = "resource \"landlord_migration_approval\" \"reviewed\" {\n  digest = " + quoteHCL(digest) + tenant + "\n}"
}

// driftOf adds the drift of a tenant, and whether the plan undoes it: only what runs
// does.
func (b *builder) driftOf(c *change, action string) {
	found := c.before.list("drift")
	if len(found) == 0 {
		found = c.after.list("drift")
	}
	if len(found) > 0 {
		b.report.Summary.Drifted++
	}
	wanted := c.after.text("drift_policy") == "repair" && c.has("update")
	repairs, fate := wanted && action == actionUpdate, ""
	switch {
	case wanted && action == actionWait:
		fate = "Its repair waits for the approval."
	case wanted && action == actionUnplanned:
		fate = "What becomes of it is known after apply only."
	}
	for _, entry := range found {
		o := asObject(entry)
		b.report.Drift = append(b.report.Drift, Drift{
			Tenant: c.says("slug"), Address: c.address, Object: o.text("object"), Element: o.text("element"), Kind: o.text("kind"), Detail: o.text("detail"),
			Harm: o.text("harm"), Repairs: repairs, fate: fate,
		})
	}
}

// unknown tells what of a change nobody knows yet, of what a reviewer looks at.
func (b *builder) unknown(c *change) {
	var names []string
	for _, name := range []string{"template", "migration", "statements", "plans", "findings", "tenants", "modules"} {
		if c.after.isUnknown(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		b.report.Unknown = append(b.report.Unknown, Unknown{Address: c.address, Attributes: names})
	}
}

// quoted writes a name as SQL and our texts do.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// list writes names for a sentence.
func list(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// quoteHCL writes a text as a literal of HCL.
func quoteHCL(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\n", `\n`, "\r", `\r`).Replace(text) + `"`
}
