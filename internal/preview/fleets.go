package preview

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// fleet adds a fleet to the report.
func (b *builder) fleet(c *change) {
	f := Fleet{Address: c.address, Name: c.says("name"), Action: c.what(), From: c.before.text("template"), To: c.after.text("template"), Total: membersOf(c)}
	if c.has("delete") {
		b.report.Losses = append(b.report.Losses, fleetLoss(c))
		gone := Class{
			Action: actionDelete, Tenants: len(slugsOf(c.before)), From: f.From, Dangerous: true,
			Reason: goes(c.before.text("deletion_policy"), c.before.text("deletion_checkpoint"), "The database of each"), ownReason: true,
		}
		for _, slug := range slugsOf(c.before) {
			gone.Slugs = add(gone.Slugs, slug)
		}
		f.Classes = append(f.Classes, gone)
	}
	for _, entry := range c.after.list("plans") {
		f.Classes = append(f.Classes, b.fleetClass(c, asObject(entry)))
	}
	if c.after != nil && c.after.isUnknown("plans") && (c.has("create") || c.has("update")) {
		b.unknown(c)
		f.Classes = append(f.Classes, Class{Action: actionUnplanned, Tenants: f.Total, From: f.From, To: f.To, Dangerous: true, Reason: "What happens is known after apply only.", ownReason: true})
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
	one.Dangerous = one.Action == actionDelete || one.Action == actionFail || len(one.Conflicts) > 0 || destructive(one.Statements)
	switch one.Action {
	case actionDelete:
		one.ownReason = true
		one.Reason = goes(c.after.text("deletion_policy"), c.after.text("deletion_checkpoint"), "The database of each")
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

func fleetLoss(c *change) Loss {
	l := Loss{Address: c.address, Type: c.kind, Name: c.before.text("name"), Replaced: c.replaced(), Policy: c.before.text("deletion_policy")}
	l.What = fmt.Sprintf("The fleet goes with %s. %s", several(len(slugsOf(c.before)), "tenant"), goes(l.Policy, c.before.text("deletion_checkpoint"), "The database of each"))
	return l
}

// slugsOf returns the slugs of a fleet's list, sorted.
func slugsOf(o object) []string {
	var members map[string]any
	if json.Unmarshal([]byte(o.text("tenants")), &members) != nil {
		return nil
	}
	slugs := make([]string, 0, len(members))
	for slug := range members {
		slugs = append(slugs, slug)
	}
	slices.Sort(slugs)
	return slugs
}

// membersOf counts the tenants of a fleet.
func membersOf(c *change) int {
	if total, ok := asObject(c.after["summary"]).number("total"); ok {
		return int(total)
	}
	if c.after != nil {
		return len(slugsOf(c.after))
	}
	return len(slugsOf(c.before))
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
