package landlord

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// checkResolutions refuses decisions on what neither the tenant nor the template
// has or had: a typing error that would decide nothing.
func (c *change) checkResolutions(m *merge.Comparison, unused []merge.Resolution) error {
	for _, r := range unused {
		if !m.Known(r.Object) {
			return problem(FieldResolutions, "Resolution names an unknown object",
				fmt.Sprintf("Tenant `%s` has a decision on `%s`, but neither its database nor its template has that object.", c.spec.Slug, r.Key()),
				"Correct the key of `resolutions`: kind and name as in the warning about the conflict, for example `table users column phone` or `view report`.")
		}
	}
	return nil
}

// rewrite carries out the decisions that are statements: on a scratch database
// with what the update would otherwise make of the tenant. What they make of
// their object becomes the goal; nothing else may change.
func (c *change) rewrite(ctx context.Context, out merge.Outcome) (ddl.Schema, error) {
	if len(out.Rewrites) == 0 {
		return out.Goal, nil
	}
	goal := out.Goal
	err := c.e.trial(ctx, c.srv, c.info, func(t *twin) error {
		made, err := t.make(ctx, goal)
		if err != nil {
			return err
		}
		for _, r := range out.Rewrites {
			if err := c.runDecision(ctx, t, r); err != nil {
				return err
			}
		}
		after, err := dumpSchema(ctx, t.session, t.info, t.name)
		if err != nil {
			return err
		}
		goal = after
		return checkRewrites(out.Rewrites, diff.Compare(made.schema, after, dialect(c.info)))
	})
	return goal, err
}

func (c *change) runDecision(ctx context.Context, t *twin, r merge.Rewrite) error {
	statements, err := r.Statements(c.e.guarding(c.info))
	if err != nil {
		return problem(FieldResolutions, "Resolution SQL cannot be used", fmt.Sprintf("The decision on `%s`.", r.Place), sentence(err.Error()),
			"Write `CREATE`, `ALTER` or `DROP` statements that make the object what it is to become.")
	}
	for _, st := range statements {
		if err := t.exec(ctx, Step{SQL: st.SQL}); err != nil {
			return &Problem{Field: FieldResolutions, Summary: "Resolution does not run", Detail: []string{
				fmt.Sprintf("Trying the decision on `%s` in a scratch database, on top of what the template makes of it.", r.Place), shorten(st.SQL),
				"Cause: " + withoutName(err, t.name).Error(), "Correct `sql`: it starts from the template's version, or from nothing where the template has none."}, Err: err}
		}
	}
	return nil
}

// checkRewrites refuses decisions whose statements change what they are not about.
func checkRewrites(rewrites []merge.Rewrite, changes []diff.ElementChange) error {
	others := merge.OtherObjects(rewrites, changes)
	if len(others) == 0 {
		return nil
	}
	keys := make([]string, 0, len(rewrites))
	for _, r := range rewrites {
		keys = append(keys, r.Place.String())
	}
	return problem(FieldResolutions, "Resolution changes another object",
		fmt.Sprintf("The decisions on %s also change %s.", quoted(keys), quoted(others)),
		"What a tenant has in addition is a `landlord_tenant_customization`. Let `sql` change nothing but the object of its key.")
}
