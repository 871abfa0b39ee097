package preview

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// fleet adds a fleet to the report.
func (b *builder) fleet(c *change) {
	f := Fleet{Address: c.address, Name: c.says("name"), Action: c.what(), From: c.before.text("template"), To: c.after.text("template"), Total: membersOf(c)}
	if c.has("delete") {
		b.report.Losses = append(b.report.Losses, fleetLoss(c))
		f.Classes = append(f.Classes, goneWith(c)...)
	}
	for _, entry := range c.after.list("plans") {
		f.Classes = append(f.Classes, b.fleetClass(c, asObject(entry)))
	}
	if c.after != nil && c.after.isUnknown("plans") && (c.has("create") || c.has("update")) {
		b.unknown(c)
		f.Classes = append(f.Classes, Class{Action: actionUnplanned, Tenants: f.Total, From: f.From, To: f.To, Dangerous: true, Reason: "What happens is known after apply only.", ownReason: true})
		f.Classes = append(f.Classes, leaving(c)...)
	}
	f.Through, f.Waves = waves(c, f.Classes)
	behind := c.after.list("results")
	if c.after != nil && c.after.isUnknown("results") {
		behind = c.before.list("results") // as the refresh found them
	}
	for _, entry := range behind {
		o := asObject(entry)
		f.Behind = append(f.Behind, State{Slug: o.text("slug"), Status: o.text("status"), Reason: landlord.WithoutValues(b.said(o, "reason"), "")})
	}
	if drifted, ok := asObject(c.before["summary"]).number("drifted"); ok {
		b.report.Summary.Drifted += int(drifted)
	}
	if f.Action != actionNone || len(f.Classes) > 0 || len(f.Behind) > 0 {
		b.report.Fleets = append(b.report.Fleets, f)
	}
}

// fleetClass reads an entry of `plans`.
func (b *builder) fleetClass(c *change, o object) Class {
	one := Class{
		Action: o.text("action"), Wave: o.text("wave"), Server: o.text("server"), From: o.text("from"), To: o.text("to"), Verdict: o.text("verdict"), Digest: o.text("digest"),
		Statements: statements(o.texts("steps")), Conflicts: o.texts("conflicts"), Reason: landlord.WithoutValues(b.said(o, "reason"), ""),
	}
	n, _ := o.number("tenants")
	one.Tenants = int(n)
	for _, slug := range strings.Split(b.said(o, "slugs"), ", ") {
		if slug != "" {
			one.Slugs = add(one.Slugs, slug)
		}
	}
	one.Rows, one.Bytes = numberOf(o, "rows"), numberOf(o, "bytes")
	one.Findings, one.Unasked = b.findings(o.list("findings")), o.isUnknown("findings")
	for i := range one.Findings {
		one.Findings[i].Tenants = one.Tenants
	}
	if one.Verdict == verdictBlocked {
		one.Action = actionFail
	}
	drifted, _ := o.number("drifted")
	one.Drifted = int(drifted)
	one.Repairs = one.Drifted > 0 && one.Action == actionUpdate && len(one.Statements) > 0 && c.after.text("drift_policy") == "repair"
	one.Dangerous = isDangerous(&one)
	switch one.Action {
	case actionDelete:
		one.ownReason = true
		if one.Reason = landlord.Sentence(one.Reason); o.text("reason") == "" { // of an older version of the provider
			one.Reason = goesFrom(c)
		}
	case actionWait:
		b.wait(&one, one.Tenants, one.Slugs, true)
	}
	details := b.findings(o.list("conflict_details"))
	for i, key := range one.Conflicts {
		if i < len(details) {
			b.addConflict(&details[i], one.Tenants, one.Slugs)
			continue
		}
		b.fleetConflict(key, &one) // of an older version of the provider
	}
	return one
}

// fleetConflict adds a conflict of tenants of a fleet.
func (b *builder) fleetConflict(key string, one *Class) {
	at := slices.IndexFunc(b.conflicts, func(x *Conflict) bool { return x.Key == key && x.Reason == one.Reason })
	if at < 0 {
		c := &Conflict{Key: key, Verdict: "clashes", Reason: one.Reason, HCL: quoteHCL(key) + ` = { decision = "keep_tenant" }`}
		for _, slug := range one.Slugs {
			if !c.Known {
				b.define(c, slug)
			}
		}
		b.conflicts = append(b.conflicts, c)
		at = len(b.conflicts) - 1
	}
	b.conflicts[at].Tenants += one.Tenants
	for _, slug := range one.Slugs {
		b.conflicts[at].Slugs = add(b.conflicts[at].Slugs, slug)
	}
}

// goneClass is tenants of a fleet that go.
func goneClass(c *change, slugs []string, tenants int, reason string) Class {
	return Class{
		Action: actionDelete, Tenants: tenants, Slugs: slugs[:min(len(slugs), mostSlugs)], From: c.before.text("template"), Dangerous: true, Reason: reason, ownReason: true,
	}
}

// goneWith returns what becomes of the tenants of a fleet that goes: those of its list
// go by the policy of the last apply, those that are ready whatever it says, and what
// nobody listed stays.
func goneWith(c *change) []Class {
	var out []Class
	if listed := namesOf(c.before, "tenants"); len(listed) > 0 {
		out = append(out, goneClass(c, listed, len(listed), goesFrom(c)))
	}
	if ready := namesOf(c.before, "ready_tenants"); len(ready) > 0 {
		out = append(out, goneClass(c, ready, len(ready), poolGoes))
	}
	if selected := namesOf(c.before, "selected"); len(selected) > 0 {
		out = append(out, Class{
			Action: actionRelease, Tenants: len(selected), Slugs: selected[:min(len(selected), mostSlugs)], From: c.before.text("template"),
			Reason: "`select` has taken them in: they leave the fleet, and stay as they are.", ownReason: true,
		})
	}
	return out
}

// leaving returns the tenants that an update of a fleet lets go, as far as its
// configuration says it: for a plan whose own classes are not known.
func leaving(c *change) []Class {
	var out []Class
	if !c.after.isUnknown("tenants") && !c.after.isUnknown("released") {
		stay := append(namesOf(c.after, "tenants"), c.after.texts("released")...)
		gone := slices.DeleteFunc(namesOf(c.before, "tenants"), func(slug string) bool { return slices.Contains(stay, slug) })
		if len(gone) > 0 {
			out = append(out, goneClass(c, gone, len(gone), goesFrom(c)))
		}
	}
	wanted, _ := c.after.number("pool")
	if fewer := len(namesOf(c.before, "ready_tenants")) - int(wanted); fewer > 0 && !c.after.isUnknown("pool") {
		out = append(out, goneClass(c, nil, fewer, poolGoes))
	}
	return out
}

// poolGoes says what becomes of tenants that are nobody's.
const poolGoes = "They are ready, and nobody's: the database of each is dropped with all rows, whatever `deletion_policy` says."

// goesFrom says what becomes of tenants that a fleet has no more. What the last apply
// has recorded counts, and not what the configuration says now.
func goesFrom(c *change) string {
	return goes(c.before.text("deletion_policy"), c.before.text("deletion_checkpoint"), "The database of each")
}

func fleetLoss(c *change) Loss {
	l := Loss{Address: c.address, Type: c.kind, Name: c.before.text("name"), Replaced: c.replaced(), Policy: c.before.text("deletion_policy")}
	parts := []string{fmt.Sprintf("The fleet goes with %s.", several(len(namesOf(c.before, "tenants")), "tenant"))}
	if len(namesOf(c.before, "tenants")) > 0 {
		parts = append(parts, goesFrom(c))
	}
	if n := len(namesOf(c.before, "ready_tenants")); n > 0 {
		parts = append(parts, fmt.Sprintf("Of its pool, %s: dropped with all rows, unless somebody has got them.", several(n, "tenant")))
	}
	if n := len(namesOf(c.before, "selected")); n > 0 {
		parts = append(parts, fmt.Sprintf("%s that `select` has taken in: left as they are.", several(n, "tenant")))
	}
	l.What = strings.Join(parts, " ")
	return l
}

// namesOf returns the slugs of a JSON text, which is an object with a tenant each or a
// list, sorted.
func namesOf(o object, name string) []string {
	var slugs []string
	if json.Unmarshal([]byte(o.text(name)), &slugs) != nil {
		var members map[string]any
		if json.Unmarshal([]byte(o.text(name)), &members) != nil {
			return nil
		}
		slugs = slices.Collect(maps.Keys(members))
	}
	slices.Sort(slugs)
	return slugs
}

// membersOf counts the tenants of a fleet.
func membersOf(c *change) int {
	if total, ok := asObject(c.after["summary"]).number("total"); ok {
		return int(total)
	}
	of := c.after
	if of == nil {
		of = c.before
	}
	return len(namesOf(of, "tenants")) + len(namesOf(of, "selected"))
}

// waves returns the waves of a rollout with how many tenants the plan has in each,
// and the last one that begins.
func waves(c *change, classes []Class) (string, []Wave) {
	rollout := asObject(c.after["rollout"])
	through := rollout.text("through")
	var out []Wave
	of := func(name string) *Wave {
		at := slices.IndexFunc(out, func(w Wave) bool { return w.Name == name })
		if at < 0 {
			out = append(out, Wave{Name: name, Begins: true})
			at = len(out) - 1
		}
		return &out[at]
	}
	if len(rollout.list("canary")) > 0 || len(asObject(rollout["canary_metadata"])) > 0 {
		of("canary")
	}
	for _, name := range rollout.texts("waves") {
		of(name)
	}
	for i := range classes {
		if classes[i].Wave == "" {
			continue
		}
		w := of(classes[i].Wave)
		w.Tenants += classes[i].Tenants
		if classes[i].Action == actionLater {
			w.Begins = false
		}
	}
	if at := slices.IndexFunc(out, func(w Wave) bool { return w.Name == through }); at >= 0 {
		for i := range out[at+1:] {
			out[at+1+i].Begins = false
		}
	}
	return through, out
}

func numberOf(o object, name string) *int64 {
	if n, ok := o.number(name); ok {
		return &n
	}
	return nil
}
