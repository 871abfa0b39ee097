package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// ErrTenantMoves says that a customization goes in the run that moves its
// tenant to another composition. A Problem wraps it.
var ErrTenantMoves = errors.New("the tenant of the customization is updated in the same run")

// apart refuses to take customizations of a tenant away in the run that updates
// it. Terraform destroys a resource before it updates what that one depends on,
// and plans both without an order: the update would meet another tenant than
// the one that it was planned for, in the middle of the apply. A customization
// that the template has taken over already leaves everything as it is.
func (e *Engine) apart(ctx context.Context, slug string, field Field) error {
	row, err := e.estate.row(ctx, slug)
	if err != nil || row == nil || !e.moves(row) {
		return err
	}
	all, err := e.customizationsOf(ctx, row.id)
	if err != nil {
		return err
	}
	changes := e.world.changes(slug)
	var going []string
	for _, c := range all {
		change := changes[c.name]
		if change != nil && change.patch == nil && slices.ContainsFunc(c.objects, func(o merge.OwnedElement) bool { return !o.Transferred }) {
			going = append(going, c.name)
		}
	}
	if len(going) == 0 {
		return nil
	}
	slices.Sort(going)
	p := problem(field, "Customization goes while its tenant is updated",
		fmt.Sprintf("Tenant `%s` is updated, and customization %s is taken away from it. Terraform takes away before it updates, so the update would meet another schema than the planned one.", slug, quoted(going)),
		"Take two applies: leave the customization in the configuration until the tenant is updated, then remove it. What the template has by then stays in the tenant.")
	p.Err = ErrTenantMoves
	return p
}

// moves says whether this run gives a tenant another composition, or sends it
// statements.
func (e *Engine) moves(row *tenantRow) bool {
	if e.world.waits(row.slug) {
		return true
	}
	planned, ok := e.world.tenant(row.slug)
	return ok && (planned.after != nil || planned.template.String() != row.appliedTemplate() || planned.composition.Digest != row.composition)
}
