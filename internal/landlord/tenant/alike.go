package tenant

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// mostAlike is how many tenants a text names.
const mostAlike = 10

// PlanAlone plans a tenant that is told of by itself, as PlanTenant does: what is
// decided for many tenants at once says which those are.
func (t *Tenants) PlanAlone(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error) {
	plan, err := t.PlanTenant(ctx, spec, prior)
	if err != nil || plan.Approval != nil || !plan.Waits && plan.UpdateStatus != landlord.UpdateConflict {
		return plan, err
	}
	row, err := t.Estate.Snapshot.Row(ctx, spec.Slug)
	if err != nil {
		return nil, err
	}
	others, err := t.alike(ctx, row)
	for i := range plan.Notes {
		n := &plan.Notes[i]
		if len(n.Findings) > 0 && (n.Findings[0].Kind == landlord.KindConflict || n.Findings[0].Kind == landlord.KindApproval) {
			n.Detail += others
		}
	}
	return plan, err
}

// alike says which other tenants have the template and the schema of a tenant, so
// that an update finds the same in them. Terraform shows one warning of a kind and
// counts the others: this one names them. It is empty when there are none.
func (t *Tenants) alike(ctx context.Context, row *registry.TenantRow) (string, error) {
	if row == nil || row.Applied == "" {
		return "", nil
	}
	all, err := t.Estate.Snapshot.All(ctx)
	if err != nil {
		return "", err
	}
	var slugs []string
	for _, other := range all {
		if other.Slug != row.Slug && other.Composition == row.Composition && other.CurrentSchema == row.CurrentSchema && other.AppliedTemplate() == row.AppliedTemplate() {
			slugs = append(slugs, other.Slug)
		}
	}
	if len(slugs) == 0 {
		return "", nil
	}
	slices.Sort(slugs)
	text := fmt.Sprintf("\n\n%s more with the same template and schema: %s", landlord.Several(len(slugs), "tenant"), landlord.Quoted(slugs[:min(len(slugs), mostAlike)]))
	if more := len(slugs) - mostAlike; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ".", nil
}
