package customization

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// changedSince refuses to go on from a customization that is not what the plan was
// made from.
func changedSince(want wanted, what string) error {
	return landlord.NewProblem(landlord.FieldNone, "Customization changed since the plan",
		fmt.Sprintf("Customization `%s` of tenant `%s` is not what the state has. %s", want.Name, want.Tenant, what), "Nothing was run. Plan again.")
}

// listMade lists what an earlier run has done to make the customization. That run
// may be one that came between this plan and its apply, for which Terraform plans
// once more and takes another list for a fault of the provider.
func (c *Customizations) listMade(ctx context.Context, p *customPlan) error {
	t := p.tenant
	id, digest, err := c.Registry.NewestDone(ctx, t.srv, t.row, 3, migrationName(p.want.Name))
	if err != nil || id == 0 {
		return err
	}
	steps, err := c.Registry.ReadSteps(ctx, t.srv, id)
	if err != nil {
		return err
	}
	p.Digest = digest
	p.Steps = append(p.Steps, registry.StepsOf(steps)...)
	return nil
}

// checkKnown refuses to create a customization that another configuration has,
// unless a run that was cut off before Terraform wrote its state has just made
// exactly this one, and to change one that another run has changed.
func (c *Customizations) checkKnown(p *customPlan) error {
	if p.want.remove || p.old.Pending != nil {
		return nil
	}
	if prior := p.want.prior; prior != nil {
		if prior.Checksum != "" && prior.Checksum != p.old.Checksum {
			return changedSince(p.want, "Another run has changed what it makes.")
		}
		return nil
	}
	sum, err := p.want.Patch.Checksum()
	if err != nil {
		return err
	}
	if sum == p.old.Checksum && p.want.Reason == p.old.Reason && c.Config.Now().Sub(p.old.UpdatedAt) < landlord.CutOff {
		p.earlier = true
		p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldName, Summary: "Customization was made by an earlier run", Passing: true,
			Detail: fmt.Sprintf("Customization `%s` of tenant `%s` exists exactly as configured, made at %s. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over. If another configuration manages it, remove it from one of the two.",
				p.want.Name, p.want.Tenant, p.old.UpdatedAt.UTC().Format(time.RFC3339))})
		return nil
	}
	return landlord.NewProblem(landlord.FieldName, "Customization exists already",
		fmt.Sprintf("Tenant `%s` has a customization `%s` already.", p.want.Tenant, p.want.Name),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s`. Otherwise choose another name.", ID(p.want.Tenant, p.want.Name)))
}
