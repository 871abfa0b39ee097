package customization

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// migrationName names the migration of a customization in the ledger.
func migrationName(customization string) string { return "customization `" + customization + "`" }

// planCustomRest plans what is left of an interrupted run, when the same is
// still wanted. false: it is planned anew, from what the tenant has.
func (c *Customizations) planCustomRest(ctx context.Context, p *customPlan) (bool, error) {
	t, pending := p.tenant, p.old.Pending
	if t.row == nil || t.live == nil || pending.Digest == "" || p.want.remove != (pending.Patch == nil) {
		return false, nil
	}
	var patch *landlord.ParsedPatch
	if !p.want.remove {
		had, err := pending.Patch.Checksum()
		if err != nil {
			return false, err
		}
		if patch, err = readPatch(p.want.Patch, c.Servers.Guarding(t.info), t.database); err != nil || patch.Checksum != had {
			return false, err
		}
	}
	running, err := c.Registry.ReadRunning(ctx, t.srv, t.row.ID)
	if err != nil {
		return false, err
	}
	if running == nil || running.Digest != pending.Digest {
		return false, nil
	}
	if taken, err := c.takeRest(ctx, p, running); err != nil || !taken {
		return false, err
	}
	p.owned, p.Objects = pending.Objects, objectsFor(pending.Objects)
	if err := c.claim(p, patch); err != nil {
		return false, err
	}
	return true, c.weigh(ctx, p, &estate.Rendering{})
}

// takeRest takes the steps of the ledger that are left.
func (c *Customizations) takeRest(ctx context.Context, p *customPlan, running *registry.Running) (bool, error) {
	steps, err := c.Registry.ReadSteps(ctx, p.tenant.srv, running.ID)
	if err != nil {
		return false, err
	}
	next := migrate.Position(steps, p.tenant.live.Whole)
	if next < 0 || p.want.DestructiveMode != landlord.Drop && apply.Destroys(steps, next) {
		return false, nil
	}
	p.rest = &apply.Rest{Running: running, Steps: steps, Next: next}
	if next < len(steps) {
		p.Notes = append(p.Notes, c.Servers.StillRunning(ctx, p.tenant.srv, p.tenant.info, running, p.want.Tenant, steps[next].SQL)...)
	}
	p.Steps = append(p.Steps, registry.StepsOf(steps[next:])...)
	p.Digest = landlord.Digest("rest", running.Digest, fmt.Sprint(next))
	return true, nil
}

// addLeftovers adds what an interrupted run had still to bring back into columns
// that are there already, so that nobody sees any more that they wait for it.
func (c *Customizations) addLeftovers(ctx context.Context, p *customPlan) error {
	if p.old == nil || p.old.Pending == nil || p.tenant.live == nil {
		return nil
	}
	t := p.tenant
	id, err := c.Registry.UnfinishedMigration(ctx, t.srv, t.row, migrationName(p.want.Name), p.old.Pending.Digest)
	if err != nil || id == 0 {
		return err
	}
	steps, err := c.Registry.ReadSteps(ctx, t.srv, id)
	if err != nil {
		return err
	}
	aside, err := c.Servers.RetiredOf(ctx, t.srv, t.row)
	if err != nil {
		return err
	}
	for _, s := range steps {
		kept := s.Returns != nil && slices.ContainsFunc(aside, func(r landlord.Retired) bool { return r.ID == s.Returns.ID })
		planned := slices.ContainsFunc(p.Steps, func(o landlord.Step) bool {
			return o.Returns != nil && s.Returns != nil && o.Returns.ID == s.Returns.ID
		})
		if !kept || planned || !s.Data || s.State == "done" || !p.hasColumns(s.Returns) {
			continue
		}
		step := s.Step
		step.Trial = migrate.NoTrial
		p.Steps = append(p.Steps, step)
		p.Digest = landlord.Digest(p.Digest, step.SQL)
	}
	return nil
}

// hasColumns says whether the customization makes the columns whose values are
// set aside.
func (p *customPlan) hasColumns(r *landlord.Retired) bool {
	mine := merge.Parts(p.owned, registry.Dialect(p.tenant.info))
	for at := range mine {
		for _, c := range r.Columns {
			if at.Object == "table "+r.Table && at.Element == strings.ToLower("column `"+c+"`") {
				return true
			}
		}
	}
	return false
}
