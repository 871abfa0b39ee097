package preview

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// outline lays a report out, what is most dangerous first.
func (r *Report) outline() document {
	d := document{title: "Preview of tenant databases", alarming: r.Dangerous}
	d.verdict = "Nothing dangerous: no data is lost, nothing fails, and nobody has to decide."
	if r.Dangerous {
		d.verdict = "Look closely: " + dangersText(r.Dangers) + "."
	}
	d.lines = r.counts()
	for _, s := range []section{
		{"Destroyed or replaced", r.lossBlocks()},
		{"Dangers", r.dangerBlocks()},
		{"Conflicts", r.conflictBlocks()},
		{"Tenants", classBlocks(r.Classes)},
		{"Fleets", r.fleetBlocks()},
		{"Approvals needed", r.approvalBlocks()},
		{"Customizations, copies and accounts", r.otherBlocks()},
		{"Actions", r.actionBlocks()},
		{"Drift", r.driftBlocks()},
		{"Changed outside of Terraform", r.outsideBlocks()},
		{"Known after apply only", r.unknownBlocks()},
	} {
		if len(s.blocks) > 0 {
			d.sections = append(d.sections, s)
		}
	}
	return d
}

// dangersText counts the dangers by kind.
func dangersText(list []Danger) string {
	words := map[DangerKind][2]string{
		DangerDestroyed: {"1 thing is destroyed", "%d things are destroyed"}, DangerDestructive: {"1 change loses data", "%d changes lose data"},
		DangerLockedOut: {"1 change locks accounts out", "%d changes lock accounts out"}, DangerFailing: {"1 failure", "%d failures"}, DangerConflict: {"1 conflict", "%d conflicts"}, DangerUnknown: {"1 change cannot be seen", "%d changes cannot be seen"},
	}
	var parts []string
	for _, kind := range dangerKinds() {
		n := 0
		for i := range list {
			if list[i].Kind == kind {
				n++
			}
		}
		switch {
		case n == 1:
			parts = append(parts, words[kind][0])
		case n > 1:
			parts = append(parts, fmt.Sprintf(words[kind][1], n))
		}
	}
	return strings.Join(parts, ", ")
}

// counts says how many tenants there are of what.
func (r *Report) counts() []string {
	s := &r.Summary
	var parts []string
	for _, count := range []struct {
		n         int
		one, more string
	}{
		{s.Delete, "goes", "go"}, {s.Fail, "fails", "fail"}, {s.Unplanned, "not known yet", ""}, {s.Create, "to make", ""}, {s.Update, "to update", ""},
		{s.Wait, "waits for an approval", "wait for an approval"}, {s.Stay, "stays behind", "stay behind"},
		{s.Later, "in a later wave", "in later waves"}, {s.Record, "with changes of the record alone", ""}, {s.Drifted, "drifted", ""},
	} {
		switch {
		case count.n == 1 || count.n > 1 && count.more == "":
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.one))
		case count.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.more))
		}
	}
	var lines []string
	if len(parts) > 0 {
		lines = append(lines, "Tenants: "+strings.Join(parts, ", ")+".")
	}
	if s.Others > 0 {
		lines = append(lines, fmt.Sprintf("Other resources that change: %d.", s.Others))
	}
	if len(lines) == 0 {
		lines = append(lines, "No tenant changes.")
	}
	return lines
}

func (r *Report) lossBlocks() []block {
	var out []block
	for i := range r.Losses {
		l := &r.Losses[i]
		verb := "is destroyed"
		if l.Replaced {
			verb = "is replaced"
		}
		b := block{heading: line(nameOf(l.Address), sayf(" %s: ", verb), sentence(l.What))}
		out = append(out, b)
	}
	return out
}

// dangerBlocks are the dangers that no other section tells first.
func (r *Report) dangerBlocks() []block {
	var out []block
	for i := range r.Dangers {
		d := &r.Dangers[i]
		if d.Kind == DangerConflict || slices.ContainsFunc(r.Losses, func(l Loss) bool { return l.Address == d.Address && l.What == d.Detail }) {
			continue
		}
		b := block{heading: line(sayf("%s: ", d.Kind))}
		if d.Address != "" {
			b.heading = append(b.heading, nameOf(d.Address), say(" "))
		}
		b.heading = append(b.heading, sentence(d.Detail))
		out = append(out, b)
	}
	return out
}

func (r *Report) conflictBlocks() []block {
	var out []block
	for i := range r.Conflicts {
		c := &r.Conflicts[i]
		b := block{heading: append(line(nameOf(c.Key), say(": "), sentence(c.Reason), sayf(" (%s: ", several(c.Tenants, "tenant"))), append(names(c.Slugs), say(more(c.Tenants, len(c.Slugs))+")"))...)}
		if c.Known {
			b.columns = []column{{"base", c.Base}, {"template", c.Template}, {"tenant", c.Tenant}}
		} else {
			b.lines = append(b.lines, line(say("The plan does not have the definitions; the data source landlord_migration_preview has.")))
		}
		if c.HCL != "" {
			b.code, b.language = visible("resolutions = {\n  "+c.HCL+" # or \"take_template\", or \"sql\"\n}", true), "hcl"
		}
		out = append(out, b)
	}
	return out
}

// more says how many of a list are not named.
func more(all, shown int) string {
	if all > shown && shown > 0 {
		return fmt.Sprintf(" and %d more", all-shown)
	}
	return ""
}

// actionWord says what happens to one tenant, or to several.
func actionWord(action, access string, tenants int) string {
	words := map[string][2]string{
		actionCreate: {"is made", "are made"}, actionUpdate: {"is updated", "are updated"}, actionDelete: {"goes", "go"}, actionFail: {"fails", "fail"},
		actionRecord:  {"changes in the landlord database alone", "change in the landlord database alone"},
		actionRelease: {"is let go as it is", "are let go as they are"}, actionWait: {"waits for an approval", "wait for an approval"},
		actionStay: {"stays behind", "stay behind"}, actionLater: {"comes in a later wave", "come in a later wave"},
		lockedOut: {"is locked out", "are locked out"}, letIn: {"is let in again", "are let in again"},
		actionJoin:      {"comes in as it is", "come in as they are"},
		actionUnplanned: {"is not known before the apply", "are not known before the apply"},
	}
	word, ok := words[cmp.Or(access, action)]
	switch {
	case !ok:
		return "with another action"
	case tenants == 1:
		return word[0]
	}
	return word[1]
}

// accessAlone returns what a class changes for those who use the databases, where it
// changes nothing else but the record.
func accessAlone(c *Class) string {
	if c.Action == actionRecord {
		return c.Access
	}
	return ""
}

func classBlocks(classes []Class) []block {
	out := make([]block, 0, len(classes))
	for i := range classes {
		out = append(out, classBlock(&classes[i]))
	}
	return out
}

func classBlock(c *Class) block {
	b := block{heading: whichOf(c)}
	switch {
	case c.From != "" && c.To != "" && c.From != c.To:
		b.heading = append(b.heading, say(": "), nameOf(c.From), say(" → "), nameOf(c.To))
	case c.From+c.To != "":
		b.heading = append(b.heading, say(": "), nameOf(c.From+map[bool]string{true: c.To}[c.From == ""]))
	}
	if len(c.Slugs) > 0 {
		b.lines = append(b.lines, append(line(say("Tenants: ")), append(names(c.Slugs), say(more(c.Tenants, len(c.Slugs))))...))
	}
	if c.ApprovedBy != "" {
		b.lines = append(b.lines, line(say("Runs, approved by "), nameOf(c.ApprovedBy)))
	}
	if c.Reason != "" {
		b.lines = append(b.lines, line(say("Why: "), sentence(c.Reason)))
	}
	if c.Verdict != "" && c.Verdict != "auto" {
		b.lines = append(b.lines, line(say("Verdict: "), nameOf(c.Verdict)))
	}
	if c.Drifted > 0 {
		fate := map[bool]string{true: "This plan repairs it.", false: "This plan leaves it."}[c.Repairs]
		if c.Action == actionDelete {
			fate = "It goes with them."
		}
		b.lines = append(b.lines, line(say(fmt.Sprintf("Drift: somebody changed %s. %s", several(c.Drifted, "tenant"), fate))))
	}
	if c.Rows != nil || c.Bytes != nil {
		b.lines = append(b.lines, line(say(touched(c))))
	}
	if len(c.Conflicts) > 0 {
		b.lines = append(b.lines, append(line(say("Conflicts: ")), names(c.Conflicts[:min(len(c.Conflicts), mostSlugs)])...))
	}
	b.lines = append(b.lines, findingLines(c.Findings, len(c.Statements) > 0)...)
	if len(c.Statements) > 0 {
		b.code, b.language = sqlText(c.Statements), "sql"
	}
	return b
}

// touched says how large the tables are that a class touches.
func touched(c *Class) string {
	switch {
	case c.Bytes == nil:
		return fmt.Sprintf("Tables touched: %d rows.", *c.Rows)
	case c.Rows == nil:
		return fmt.Sprintf("Tables touched: %s.", landlord.ByteSize(*c.Bytes))
	}
	return fmt.Sprintf("Tables touched: %d rows, %s.", *c.Rows, landlord.ByteSize(*c.Bytes))
}

func findingLines(list []Finding, numbered bool) [][]span {
	var out [][]span
	for i := range list {
		f := &list[i]
		if f.Kind == "conflict" || f.Kind == "approval" {
			continue // they have sections of their own
		}
		if len(out) == mostLines {
			out = append(out, line(sayf("… and %d more findings", len(list)-i)))
			break
		}
		l := line(say(map[bool]string{true: "Error", false: "Warning"}[f.Severity == "error"]), say(" "), nameOf(f.Kind))
		if f.Statement > 0 && numbered {
			l = append(l, sayf(", statement %d", f.Statement))
		}
		if f.Tenants > 1 {
			l = append(l, sayf(", %s", several(f.Tenants, "tenant")))
		}
		if f.Rows != nil {
			l = append(l, say(", "+several(int(*f.Rows), "row")))
		}
		l = append(l, say(": "), sentence(shorten(f.Detail, mostText)))
		if f.Action != "" {
			l = append(l, say(map[bool]string{true: " ", false: ". "}[strings.HasSuffix(f.Detail, ".")]), sentence(shorten(f.Action, mostText)))
		}
		out = append(out, l)
	}
	return out
}

func (r *Report) fleetBlocks() []block {
	var out []block
	for i := range r.Fleets {
		f := &r.Fleets[i]
		b := block{heading: line(nameOf(f.Address), sayf(": %s", several(f.Total, "tenant")))}
		if f.To != "" {
			b.heading = append(b.heading, say(" on "), nameOf(f.To))
		}
		if waves := waveLine(f.Waves); waves != nil {
			b.lines = append(b.lines, waves)
		}
		for j, s := range f.Behind {
			if j == mostSlugs {
				b.lines = append(b.lines, line(sayf("… and %d more that are not where they should be", len(f.Behind)-j)))
				break
			}
			b.lines = append(b.lines, line(nameOf(s.Slug), say(" "), nameOf(s.Status), say(": "), sentence(shorten(s.Reason, mostText))))
		}
		out = append(out, b)
		for j := range f.Classes {
			of := classBlock(&f.Classes[j])
			of.heading = append(line(nameOf(f.Name), say(": ")), of.heading...)
			if at := slices.IndexFunc(f.Classes[:j], f.Classes[j].doesAs); at >= 0 {
				of.code, of.language = "", ""
				of.lines = append(of.lines, append(append(line(say("The same statements as above: ")), whichOf(&f.Classes[at])...), say(".")))
			}
			out = append(out, of)
		}
	}
	return out
}

// waveLine says how many tenants each wave has; nil when none has any.
func waveLine(waves []Wave) []span {
	var out []span
	for _, w := range waves {
		if w.Tenants == 0 {
			continue
		}
		word := map[bool]string{true: "begins", false: "comes later"}[w.Begins]
		if w.Tenants > 1 {
			word = map[bool]string{true: "begin", false: "come later"}[w.Begins]
		}
		out = append(out, say(map[bool]string{true: "Waves: ", false: ", "}[out == nil]), nameOf(w.Name), sayf(" %s %s", several(w.Tenants, "tenant"), word))
	}
	return out
}

// madeDatabase is the name of a database that a statement makes.
var madeDatabase = regexp.MustCompile("^CREATE DATABASE `(?:[^`]|``)*`")

// doesAs says whether another class of a fleet has the same statements, but for the names
// of databases and of tables that keep what goes.
func (c *Class) doesAs(other Class) bool {
	same := func(a, b Statement) bool {
		text := func(s Statement) string {
			return madeDatabase.ReplaceAllString(retiredTable.ReplaceAllString(s.SQL, "`r_`"), "CREATE DATABASE")
		}
		return text(a) == text(b) && a.Risk == b.Risk
	}
	return len(c.Statements) > 0 && slices.EqualFunc(c.Statements, other.Statements, same)
}

// whichOf names a class of a fleet by what tells it from the others.
func whichOf(c *Class) []span {
	out := line(sayf("%s %s", several(c.Tenants, "tenant"), actionWord(c.Action, accessAlone(c), c.Tenants)))
	if c.Wave != "" {
		out = append(out, say(", wave "), nameOf(c.Wave))
	}
	if c.Server != "" {
		out = append(out, say(", server "), nameOf(c.Server))
	}
	return out
}

func (r *Report) approvalBlocks() []block {
	var out []block
	for i := range r.Approvals {
		a := &r.Approvals[i]
		out = append(out, block{
			heading: append(line(sayf("%s: ", several(a.Tenants, "tenant"))), append(names(a.Slugs), say(more(a.Tenants, len(a.Slugs))))...),
			code:    visible(a.HCL, true), language: "hcl",
		})
	}
	if len(out) > 0 {
		out[0].lines = append(out[0].lines, line(say("One that was given elsewhere, on the page or by another configuration, is in no plan: then it runs with this apply. The warnings of the plan say so.")))
	}
	return out
}

func (r *Report) otherBlocks() []block {
	var out []block
	words := map[string]string{actionCreate: "is made", actionUpdate: "changes", actionReplace: "is replaced", actionDelete: "is destroyed", actionForget: "is forgotten, and stays as it is"}
	for i := range r.Others {
		o := &r.Others[i]
		if len(o.Statements)+len(o.Findings) == 0 && slices.ContainsFunc(r.Losses, func(l Loss) bool { return l.Address == o.Address }) {
			continue // it is told of what it loses
		}
		b := block{heading: line(nameOf(o.Address), say(" "+words[o.Action]))}
		if o.Tenant != "" {
			b.heading = append(b.heading, say(", tenant "), nameOf(o.Tenant))
		}
		b.lines = findingLines(o.Findings, len(o.Statements) > 0)
		if len(o.Statements) > 0 {
			b.code, b.language = sqlText(o.Statements), "sql"
		}
		out = append(out, b)
	}
	return out
}

func (r *Report) actionBlocks() []block {
	var out []block
	for i := range r.Actions {
		a := &r.Actions[i]
		b := block{heading: line(nameOf(a.Address))}
		if a.Trigger != "" {
			b.heading = append(b.heading, say(" ("), nameOf(a.Event), say(" of "), nameOf(a.Trigger), say(")"))
		}
		if a.Deferred {
			b.heading = append(b.heading, say(", with a later apply"))
		}
		b.heading = append(b.heading, say(": "), sentence(a.What))
		out = append(out, b)
	}
	return out
}

func (r *Report) driftBlocks() []block {
	var out []block
	for i := range r.Drift {
		d := &r.Drift[i]
		what := line(nameOf(d.Tenant), say(": "), sentence(d.Object))
		if d.Element != "" {
			what = append(what, say(", "), sentence(d.Element))
		}
		what = append(what, say(" "), nameOf(d.Kind))
		if d.Harm != "" {
			what = append(what, say(", "), nameOf(d.Harm))
		}
		what = append(what, say(": "), sentence(shorten(d.Detail, mostText)), say(". "+r.fateOf(d)))
		out = append(out, block{heading: what})
	}
	return out
}

// fateOf says what becomes of drift.
func (r *Report) fateOf(d *Drift) string {
	switch {
	case d.Repairs:
		return "This plan repairs it."
	case d.fate != "":
		return d.fate
	case slices.ContainsFunc(r.Losses, func(l Loss) bool { return l.Address == d.Address }):
		return "It goes with the tenant."
	}
	return "This plan leaves it."
}

func (r *Report) outsideBlocks() []block {
	var out []block
	for i := range r.Outside {
		o := &r.Outside[i]
		if o.Gone {
			out = append(out, block{heading: line(nameOf(o.Address), say(" is gone"))})
			continue
		}
		out = append(out, block{heading: append(line(nameOf(o.Address), say(": ")), names(o.Attributes)...)})
	}
	return out
}

func (r *Report) unknownBlocks() []block {
	var out []block
	for i := range r.Unknown {
		out = append(out, block{heading: append(line(nameOf(r.Unknown[i].Address), say(": ")), names(r.Unknown[i].Attributes)...)})
	}
	return out
}
