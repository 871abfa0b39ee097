package merge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// mergeCase is an update of a template, and a tenant with things of its own. All
// schemas are CREATE statements as SHOW CREATE prints them.
type mergeCase struct {
	base     string   // what the template in force gives
	template string   // what the wanted one gives
	tenant   string   // what the tenant has
	recorded string   // what was recorded of the tenant, when somebody has changed it since
	crm      []string // what the customization `crm` made, as keys of `resolutions`; in parentheses what belongs to the template by now
	decide   []string // resolutions: "view v: keep_tenant", or with the statements of one
	earlier  []string // earlier decisions of the tenant: the same, on other conflicts
	before   string   // what the tenant had before explicit steps, which made of it what it has
	stepped  []string // objects that the explicit steps touch
	broken   string   // a view that the server cannot open afterwards
	adoption bool
	mariadb  bool

	merged    string   // what the tenant has afterwards; empty: what it had
	verdict   string   // auto when it is empty
	conflicts []string // as describe writes them
	rewrites  []string
	kept      []string
	unused    []string
}

func (c *mergeCase) server() ddl.Server {
	if c.mariadb {
		return mariadb11
	}
	return mysql97
}

func (c *mergeCase) input(t *testing.T) merge.Input {
	t.Helper()
	srv := c.server()
	in := merge.Input{Server: srv, Adoption: c.adoption, Old: schema(t, srv, c.base), Next: schema(t, srv, c.template), Live: schema(t, srv, c.tenant),
		Resolutions: resolutions(t, c.decide), Stepped: map[string]bool{}, Broken: map[string]string{}}
	in.Before = in.Live
	if c.before != "" {
		in.Before = schema(t, srv, c.before)
	}
	if c.recorded != "" {
		in.Drift = diff.Compare(schema(t, srv, c.recorded), in.Live, srv)
	}
	for _, o := range c.stepped {
		in.Stepped[o] = true
	}
	if c.broken != "" {
		in.Broken[c.broken] = "References invalid table(s)"
	}
	if len(c.crm) > 0 {
		in.Customizations = []merge.Customization{{Name: "crm", Owned: owned(t, in.Before, srv, c.crm...)}}
	}
	for i, r := range resolutions(t, c.earlier) {
		in.Decisions = append(in.Decisions, merge.Remembered{Resolution: r, Clash: fmt.Sprint("another conflict ", i)})
	}
	return in
}

// owned makes owned elements of keys, with their texts in a schema; those in
// parentheses belong to the template by now.
func owned(t failer, s ddl.Schema, srv ddl.Server, keys ...string) []merge.OwnedElement {
	t.Helper()
	texts := merge.Texts(s, srv)
	var out []merge.OwnedElement
	for _, key := range keys {
		inner := strings.TrimSuffix(strings.TrimPrefix(key, "("), ")")
		p, err := ddl.ParsePlace(inner)
		if err != nil {
			t.Fatalf("%v", err)
		}
		out = append(out, merge.OwnedElement{Object: p.Object, Element: p.Element, Text: texts[p], Transferred: inner != key})
	}
	return out
}

func resolutions(t failer, texts []string) []merge.Resolution {
	t.Helper()
	var out []merge.Resolution
	for _, text := range texts {
		key, what, _ := strings.Cut(text, ": ")
		decision, sql := merge.Decision(what), ""
		if decision != merge.KeepTenant && decision != merge.TakeTemplate {
			decision, sql = merge.DecideSQL, what
		}
		r, err := merge.ResolutionFor(key, decision, sql)
		if err != nil {
			t.Fatalf("%v", err)
		}
		out = append(out, r)
	}
	return out
}

// describe writes a conflict: the verdict, what is said about it, its decision,
// and the texts of base, template and tenant where there are any.
func describe(c *merge.Conflict) string {
	verdict := string(c.Verdict)
	if c.Breaks {
		verdict += ", breaks"
	}
	text := verdict + ": " + c.Sentence()
	if c.Decision != "" {
		text += " -> " + string(c.Decision)
	}
	if c.Base+c.Template+c.Tenant == "" {
		return text
	}
	return text + " [" + c.Base + " | " + c.Template + " | " + c.Tenant + "]"
}

func describeAll(list []merge.Conflict) []string {
	var out []string
	for i := range list {
		out = append(out, describe(&list[i]))
	}
	return out
}

func TestMerge(t *testing.T) {
	t.Parallel()
	tables := []map[string]mergeCase{tableCases, columnCases, constraintCases, optionCases, programCases, driftCases, decisionCases, stepCases}
	count := 0
	for _, cases := range tables {
		for name, c := range cases {
			count++
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.run(t)
			})
		}
	}
	if count < 60 {
		t.Errorf("%d cases, want at least 60", count)
	}
}

func (c *mergeCase) run(t *testing.T) {
	t.Helper()
	in := c.input(t)
	out := merge.Compare(in).Merge()
	wanted := c.merged
	if wanted == "" {
		wanted = c.tenant
	}
	if diff := diff.Compare(schema(t, in.Server, wanted), out.Goal, in.Server); len(diff) > 0 {
		t.Errorf("merged otherwise: %+v\ngot:\n%s", diff, script(out.Goal))
	}
	if diff := cmp.Diff(c.conflicts, describeAll(out.Conflicts)); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
	if verdict := merge.VerdictOf(out.Conflicts); verdict != c.verdict && (c.verdict != "" || verdict != merge.VerdictAuto) {
		t.Errorf("verdict %s, wanted %s", verdict, c.verdict)
	}
	var rewrites, kept, unused []string
	for _, r := range out.Rewrites {
		rewrites = append(rewrites, r.Place.String()+": "+r.SQL)
	}
	for _, p := range out.Kept {
		kept = append(kept, p.String())
	}
	for _, r := range out.Unused {
		unused = append(unused, r.Key())
	}
	for _, x := range []struct {
		what      string
		want, got []string
	}{{"rewrites", c.rewrites, rewrites}, {"kept", c.kept, kept}, {"unused", c.unused, unused}} {
		if diff := cmp.Diff(x.want, x.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.what, diff)
		}
	}
	c.again(t, in, out)
}

// again asks the same in other ways: with the objects in another order, and with
// the decisions remembered instead of configured.
func (c *mergeCase) again(t *testing.T, in merge.Input, out merge.Outcome) {
	t.Helper()
	shuffled := in
	for _, s := range []*ddl.Schema{&shuffled.Old, &shuffled.Next, &shuffled.Before, &shuffled.Live} {
		s.Objects = slices.Clone(s.Objects)
		rand.Shuffle(len(s.Objects), func(i, j int) { s.Objects[i], s.Objects[j] = s.Objects[j], s.Objects[i] })
	}
	other := merge.Compare(shuffled).Merge()
	if changes := cmp.Diff(describeAll(out.Conflicts), describeAll(other.Conflicts)); changes != "" || len(diff.Compare(out.Goal, other.Goal, in.Server)) > 0 {
		t.Errorf("the order of the objects matters:\n%s", changes)
	}
	if slices.ContainsFunc(out.Conflicts, func(c merge.Conflict) bool { return !c.Decidable() }) {
		return // what had no effect is not remembered
	}
	remembered := in
	remembered.Resolutions, remembered.Decisions = nil, out.Decisions
	remembered.Decisions = append(remembered.Decisions, in.Decisions...)
	later := merge.Compare(remembered).Merge()
	if changes := cmp.Diff(describeAll(out.Conflicts), describeAll(later.Conflicts)); changes != "" || len(diff.Compare(out.Goal, later.Goal, in.Server)) > 0 {
		t.Errorf("the decisions are not remembered:\n%s", changes)
	}
	if diff := cmp.Diff(out.Decisions, later.Decisions); diff != "" {
		t.Errorf("the decisions change when they are remembered:\n%s", diff)
	}
}

func script(s ddl.Schema) string {
	var b strings.Builder
	for _, o := range s.Objects {
		b.WriteString(o.SQL + ";\n")
	}
	return b.String()
}
