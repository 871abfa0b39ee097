package landlord

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// rest is what is left of a migration that was interrupted.
type rest struct {
	running *running
	steps   []recordedStep // all of them
	next    int            // index of the first one to run
}

// together returns the number of the last step that can be recorded as intended
// at the same time as the one at an index: steps that change the structure and
// give schemas that differ from each other, so that the live schema alone says
// which of them have taken effect. It is the index itself for a step that
// changes rows, which shares a transaction with its own mark.
func together(steps []recordedStep, from int) int {
	if from >= len(steps) || steps[from].data {
		return from
	}
	seen := map[string]bool{steps[from].before: true}
	last := from
	for last < len(steps) && !steps[last].data && !seen[steps[last].after] {
		seen[steps[last].after] = true
		last++
	}
	return max(last, from+1) // a step that leaves no trace goes alone
}

// setIntent notes what the ledger has as intended.
func setIntent(steps []recordedStep) {
	for i := range steps {
		steps[i].state = "intent"
	}
}

// position finds the first step that has not taken effect: what the ledger has
// as done is done; which of the intended statements took effect is decided by
// the live schema alone. It is -1 when the live schema fits no point.
func position(steps []recordedStep, live string) int {
	next := 0
	for next < len(steps) && steps[next].state == "done" {
		next++
	}
	for ; next < len(steps) && live != steps[next].before; next++ {
		// Rows and their ledger row are one transaction, a step that leaves no
		// trace in the schema can be repeated, and what was not intended was
		// not sent: for none of them the live schema can be another one.
		if s := steps[next]; s.data || s.before == s.after || s.state != "intent" {
			return -1
		}
	}
	if next == len(steps) && next > 0 && live != steps[next-1].after {
		return -1
	}
	return next
}

// planRest plans what is left of an interrupted migration, when the
// configuration still wants what that migration was for.
func (e *Engine) planRest(ctx context.Context, srv *server, spec TenantSpec, plan *TenantPlan, want *target, row *tenantRow, live *ddl.Fingerprint) (bool, error) {
	old, err := e.registry.readRunning(ctx, srv, row.id)
	if err != nil || old == nil || old.composition != want.composition.Digest {
		return false, err
	}
	steps, err := e.registry.readSteps(ctx, srv, old.id)
	if err != nil {
		return false, err
	}
	next := position(steps, live.Whole)
	if next < 0 || (spec.DestructiveMode != Drop && destroys(steps, next)) {
		return false, nil // it is planned anew
	}
	plan.rest = &rest{running: old, steps: steps, next: next}
	plan.Verdict, plan.UpdateStatus, plan.Fingerprint = "auto", UpdateCurrent, old.toSchema
	for _, s := range steps[next:] {
		plan.Steps = append(plan.Steps, s.Step)
	}
	plan.Digest = digest("rest", old.digest, fmt.Sprint(next))
	return true, e.gate(ctx, srv, spec, plan)
}

// destroys says whether one of the steps from next on loses what no step of the
// migration sets aside.
func destroys(steps []recordedStep, next int) bool {
	for _, s := range steps[next:] {
		aside := slices.ContainsFunc(steps, func(r recordedStep) bool {
			return r.retires != nil && r.retires.Table == s.table && (len(r.retires.Columns) > 0 || r.number == s.number)
		})
		if s.Destructive && !aside {
			return true
		}
	}
	return false
}

// acceptOwn prepares the comparison for a tenant whose migration was
// interrupted and whose configuration wants something else by now. What the
// migration did counts as the template's, element by element, provided that the
// live schema is one that the migration went through.
func (e *Engine) acceptOwn(ctx context.Context, srv *server, info mysql.Info, row *tenantRow, s *sides) error {
	old, err := e.registry.readRunning(ctx, srv, row.id)
	if err != nil || old == nil {
		return err
	}
	steps, err := e.registry.readSteps(ctx, srv, old.id)
	if err != nil {
		return err
	}
	went := func(r recordedStep) bool {
		return r.before == s.live.fingerprint.Whole || r.after == s.live.fingerprint.Whole
	}
	if !slices.ContainsFunc(steps, went) {
		list, err := e.drift(ctx, row, &s.live.fingerprint)
		if err != nil {
			return err
		}
		return problem(FieldDriftPolicy, "Interrupted migration met a changed schema",
			fmt.Sprintf("The last migration of tenant `%s` was interrupted, and its schema is none that the migration goes through:\n%s", row.slug, listDifferences(list)),
			"Nothing was run. Undo the foreign change and plan again.")
	}
	if s.old == nil {
		return nil // an adoption: everything that the template has is taken from it
	}
	start := s.base
	if stored, err := e.storedSchema(ctx, old.fromSchema); err != nil {
		return err
	} else if stored != nil {
		start = &rendering{fingerprint: stored.Fingerprint, schema: stored.Schema}
	}
	if start == nil {
		return nil
	}
	// Only what differs from the beginning of the migration is its work.
	onto := func(r *rendering) *rendering {
		if r == nil {
			return nil
		}
		schema := merge.WithProgress(r.schema, start.schema, s.live.schema, dialect(info))
		f, _ := assemble(schema, r, s.live, start)
		return &rendering{fingerprint: f, schema: schema}
	}
	s.old, s.base = onto(s.old), onto(s.base)
	return nil
}
