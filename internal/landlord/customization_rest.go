package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// migrationName names the migration of a customization in the ledger.
func migrationName(customization string) string { return "customization `" + customization + "`" }

// planCustomRest plans what is left of an interrupted run, when the same is
// still wanted. false: it is planned anew, from what the tenant has.
func (e *Engine) planCustomRest(ctx context.Context, p *customPlan) (bool, error) {
	t, pending := p.tenant, p.old.pending
	if t.row == nil || t.live == nil || pending.Digest == "" || p.want.remove != (pending.Patch == nil) {
		return false, nil
	}
	var patch *parsedPatch
	if !p.want.remove {
		had, err := pending.Patch.checksum()
		if err != nil {
			return false, err
		}
		if patch, err = readPatch(p.want.Patch, e.guarding(t.info)); err != nil || patch.checksum != had {
			return false, err
		}
	}
	running, err := e.registry.readRunning(ctx, t.srv, t.row.id)
	if err != nil {
		return false, err
	}
	if running == nil || running.digest != pending.Digest {
		return false, nil
	}
	if taken, err := e.takeRest(ctx, p, running); err != nil || !taken {
		return false, err
	}
	p.owned, p.Objects = pending.Objects, objectsFor(pending.Objects)
	if err := e.claim(p, patch); err != nil {
		return false, err
	}
	return true, e.weigh(ctx, p, &rendering{})
}

// takeRest takes the steps of the ledger that are left.
func (e *Engine) takeRest(ctx context.Context, p *customPlan, running *running) (bool, error) {
	steps, err := e.registry.readSteps(ctx, p.tenant.srv, running.id)
	if err != nil {
		return false, err
	}
	next := position(steps, p.tenant.live.Whole)
	if next < 0 || p.want.DestructiveMode != Drop && destroys(steps, next) {
		return false, nil
	}
	p.rest = &rest{running: running, steps: steps, next: next}
	for _, s := range steps[next:] {
		p.Steps = append(p.Steps, s.Step)
	}
	p.Digest = digest("rest", running.digest, fmt.Sprint(next))
	return true, nil
}

// addLeftovers adds what an interrupted run had still to bring back into columns
// that are there already, so that nobody sees any more that they wait for it.
func (e *Engine) addLeftovers(ctx context.Context, p *customPlan) error {
	if p.old == nil || p.old.pending == nil || p.tenant.live == nil {
		return nil
	}
	t := p.tenant
	id, err := e.registry.unfinishedMigration(ctx, t.srv, t.row, migrationName(p.want.Name), p.old.pending.Digest)
	if err != nil || id == 0 {
		return err
	}
	steps, err := e.registry.readSteps(ctx, t.srv, id)
	if err != nil {
		return err
	}
	aside, err := e.retiredOf(ctx, t.srv, t.row)
	if err != nil {
		return err
	}
	for _, s := range steps {
		kept := s.returns != nil && slices.ContainsFunc(aside, func(r retired) bool { return r.ID == s.returns.ID })
		planned := slices.ContainsFunc(p.Steps, func(o Step) bool { return o.returns != nil && s.returns != nil && o.returns.ID == s.returns.ID })
		if !kept || planned || !s.data || s.state == "done" || !p.hasColumns(s.returns) {
			continue
		}
		step := s.Step
		step.trial = noTrial
		p.Steps = append(p.Steps, step)
		p.Digest = digest(p.Digest, step.SQL)
	}
	return nil
}

// hasColumns says whether the customization makes the columns whose values are
// set aside.
func (p *customPlan) hasColumns(r *retired) bool {
	mine := merge.Parts(p.owned, dialect(p.tenant.info))
	for at := range mine {
		for _, c := range r.Columns {
			if at.Object == "table "+r.Table && at.Element == strings.ToLower("column `"+c+"`") {
				return true
			}
		}
	}
	return false
}
