package apply

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
	"pgregory.net/rapid"
)

// chains draws migrations over few schemas, so that steps undo each other and
// leave no trace often.
func chains(t *rapid.T) []registry.RecordedStep {
	chain := rapid.StringMatching(`[abc]([>*][abc]){1,8}`).Draw(t, "chain")
	steps := stepsOf(chain)
	for i := range steps { // rows change no schema
		if steps[i].Data {
			steps[i].After = steps[i].Before
		}
		if i+1 < len(steps) {
			steps[i+1].Before = steps[i].After
		}
	}
	return steps
}

// interrupted is a migration on a database that is cut off again and again.
type interrupted struct {
	steps  []registry.RecordedStep // the ledger
	live   string                  // the schema
	effect int                     // how many steps have taken effect
	ran    []int                   // how often each step did
}

// mark writes what MarkSteps does.
func (m *interrupted) mark(done, intent int) {
	for i := range m.steps {
		switch {
		case i < done:
			m.steps[i].State = "done"
		case i < intent:
			m.steps[i].State = "intent"
		}
	}
}

// run goes on at a step as Job.step does, and is cut off after a number of
// events.
func (m *interrupted) run(next, events int) {
	for ; next < len(m.steps); next++ {
		s := &m.steps[next]
		if events--; events < 0 {
			return
		}
		if s.Data { // one transaction
			m.ran[next]++
			m.effect = next + 1
			m.mark(next+1, max(together(m.steps, next+1), next+1))
			continue
		}
		if s.State != "intent" {
			m.mark(next, together(m.steps, next))
		}
		if events--; events < 0 {
			return
		}
		m.ran[next]++
		m.live, m.effect = s.After, next+1
	}
}

// TestPosition_interrupted cuts migrations off at random points until they are
// through. No step that changes rows is skipped or repeated, and of the others
// only those that leave no trace are repeated.
func TestPosition_interrupted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &interrupted{steps: chains(t)}
		m.live, m.ran = m.steps[0].Before, make([]int, len(m.steps))
		m.mark(0, together(m.steps, 0))
		next := 0
		for range 40 {
			m.run(next, rapid.IntRange(0, 6).Draw(t, "events"))
			next = migrate.Position(m.steps, m.live)
			if next < 0 || next > m.effect {
				t.Fatalf("goes on at %d after %d steps, the schema being %q", next, m.effect, m.live)
			}
			for i := next; i < m.effect; i++ {
				if s := m.steps[i]; s.Data || s.Before != s.After {
					t.Fatalf("repeats step %d of %+v, the schema being %q", i+1, m.steps, m.live)
				}
			}
			if next == len(m.steps) {
				break
			}
			if s := &m.steps[next]; s.State == "intent" && !s.Data {
				s.State = "planned" // as a job that goes on does
			}
		}
		for i, s := range m.steps {
			if m.ran[i] > 1 && (s.Data || s.Before != s.After) || i < m.effect && m.ran[i] == 0 {
				t.Fatalf("step %d ran %d times", i+1, m.ran[i])
			}
		}
	})
}

// TestPosition_any asks of ledgers that no run may have written: what is passed
// over was intended, changes the structure and left its trace.
func TestPosition_any(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := chains(t)
		done := 0
		for i := range steps {
			steps[i].State = rapid.SampledFrom([]string{"done", "intent", "planned"}).Draw(t, "state")
			if done == i && steps[i].State == "done" {
				done++
			}
		}
		for _, live := range []string{"a", "b", "c", "x"} {
			next := migrate.Position(steps, live)
			if next < 0 {
				continue
			}
			if next < done {
				t.Fatalf("%d steps are done, and it goes on at %d", done, next)
			}
			for i := done; i < next; i++ {
				if s := steps[i]; s.Data || s.State != "intent" || s.Before == s.After {
					t.Fatalf("passes over step %d of %+v", i+1, steps)
				}
			}
			at := steps[len(steps)-1].After
			if next < len(steps) {
				at = steps[next].Before
			}
			if live != at {
				t.Fatalf("goes on at %d, where the schema is %q, not %q", next, at, live)
			}
		}
	})
}

// TestDestroys asks which remaining steps lose what nothing sets aside.
func TestDestroys(t *testing.T) {
	t.Parallel()
	table := func(n int, destructive bool, retires *landlord.Retired) registry.RecordedStep {
		return registry.RecordedStep{Number: n, Step: landlord.Step{Table: "t", Destructive: destructive, Retires: retires}}
	}
	whole, columns := &landlord.Retired{Table: "t"}, &landlord.Retired{Table: "t", Columns: []string{"a"}}
	cases := map[string]struct {
		steps []registry.RecordedStep
		next  int
		want  bool
	}{
		"nothing":                     {nil, 0, false},
		"keeps all":                   {[]registry.RecordedStep{table(1, false, nil)}, 0, false},
		"loses":                       {[]registry.RecordedStep{table(1, true, nil)}, 0, true},
		"is behind":                   {[]registry.RecordedStep{table(1, true, nil), table(2, false, nil)}, 1, false},
		"moves the table itself":      {[]registry.RecordedStep{table(1, true, whole)}, 0, false},
		"another step moves":          {[]registry.RecordedStep{table(1, false, whole), table(2, true, nil)}, 0, true},
		"values were set aside":       {[]registry.RecordedStep{table(1, false, columns), table(2, true, nil)}, 1, false},
		"values of another table":     {[]registry.RecordedStep{table(1, false, &landlord.Retired{Table: "u", Columns: []string{"a"}}), table(2, true, nil)}, 1, true},
		"all have run":                {[]registry.RecordedStep{table(1, true, nil)}, 1, false},
		"second of two loses its own": {[]registry.RecordedStep{table(1, true, whole), {Number: 2, Step: landlord.Step{Table: "u", Destructive: true}}}, 0, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Destroys(c.steps, c.next); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// TestTenantPlan asks plans what they start from, touch and leave in force.
func TestTenantPlan(t *testing.T) {
	t.Parallel()
	steps := stepsOf("a>b>c")
	running := &registry.Running{ToSchema: "c"}
	one := []landlord.Step{{SQL: "ALTER TABLE t"}}
	final, base := &estate.Rendering{Fingerprint: ddl.Fingerprint{Whole: "f"}}, &estate.Rendering{}
	m := &migrate.Migration{States: []string{"m", "f"}, Final: final, Base: base}
	id := template.ID{Name: "shop", Version: "1.0.0"}
	want := &estate.Target{ID: id, Composition: &template.Composition{Digest: "c"}}
	force := func(after *estate.PlannedSchema) *estate.PlannedTenant {
		return &estate.PlannedTenant{Server: "eu", Database: "tenant_a", Template: id, Composition: want.Composition, After: after}
	}
	type answers struct {
		From          string
		Work, Touches bool
		InForce       *estate.PlannedTenant
	}
	cases := map[string]struct {
		plan TenantPlan
		want answers
	}{
		"nothing to do": {TenantPlan{UpdateStatus: "current", Migration: m}, answers{From: "m", InForce: force(nil)}},
		"migration": {TenantPlan{UpdateStatus: "current", Migration: m, Steps: one},
			answers{From: "m", Work: true, Touches: true, InForce: force(&estate.PlannedSchema{Start: "m", Final: final, Base: base})}},
		"creation":        {TenantPlan{UpdateStatus: "current", Create: true, Steps: one}, answers{Work: true, Touches: true, InForce: force(nil)}},
		"conflict":        {TenantPlan{UpdateStatus: "conflict", Migration: m}, answers{From: "m"}},
		"waits":           {TenantPlan{Waits: true, Migration: m, Steps: one}, answers{From: "m", Work: true, Touches: true}},
		"rest":            {TenantPlan{UpdateStatus: "current", Rest: &Rest{Running: running, Steps: steps, Next: 1}, Steps: one}, answers{From: "b", Work: true, Touches: true, InForce: force(nil)}},
		"rest, none left": {TenantPlan{UpdateStatus: "current", Rest: &Rest{Running: running, Steps: steps, Next: 2}}, answers{From: "c", Touches: true, InForce: force(nil)}},
		"restore":         {TenantPlan{UpdateStatus: "interrupted", Restore: &registry.RestoreRow{}}, answers{Touches: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &c.plan
			p.DatabaseName = "tenant_a"
			got := answers{p.From(), p.HasWork(), p.Touches(), p.InForce(landlord.TenantSpec{Server: "eu"}, want)}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
