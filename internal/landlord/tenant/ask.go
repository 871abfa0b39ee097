package tenant

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Ask asks the data of a tenant whether it forbids a step of its plan now, without a
// lock. The error is a *landlord.Problem when it does.
func (t *Tenants) Ask(ctx context.Context, spec landlord.TenantSpec, plan *apply.TenantPlan) error {
	srv, err := t.Servers.Server(spec.Server)
	if err != nil {
		return err
	}
	doing := fmt.Sprintf("asking the data of tenant `%s`", spec.Slug)
	x, err := srv.Session(ctx)
	if err != nil {
		return registry.Unreachable(srv, doing, err)
	}
	defer x.Close()
	if err := t.ask(ctx, srv, x, spec, plan); err != nil {
		return registry.Unreachable(srv, doing, err)
	}
	return nil
}

func (t *Tenants) ask(ctx context.Context, srv *registry.Server, x *mysql.Session, spec landlord.TenantSpec, plan *apply.TenantPlan) error {
	if spec.SkipProbes || plan.Rest != nil {
		return nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return err
	}
	steps := t.Planner.WithoutUnworn(srv, plan.DatabaseName, plan.Steps)
	findings, err := t.Planner.Probe(ctx, x, info, plan.DatabaseName, steps)
	if err != nil {
		return err
	}
	cure, err := t.cure(ctx, spec.Template)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Blocks {
			return landlord.NewProblem(landlord.FieldTemplate, "Data forbids a step of the migration",
				fmt.Sprintf("Tenant `%s` cannot move to template `%s`: %s.", spec.Slug, spec.Template, f.Detail), landlord.Shorten(plan.Steps[f.Statement-1].SQL),
				"Nothing was run. "+cure)
		}
	}
	return nil
}
