package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// checkResolutions refuses decisions on what neither the tenant nor the template
// has or had: a typing error that would decide nothing.
func (c *change) checkResolutions(m *merge.Comparison, unused []merge.Resolution) error {
	for _, r := range unused {
		if !m.Known(r.Object) {
			return landlord.NewProblem(landlord.FieldResolutions, "Resolution names an unknown object",
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
	err := c.e.trial(ctx, c.srv, c.info, func(t *Twin) error {
		if err := t.copyTexts(ctx, goal); err != nil {
			return err
		}
		made, err := t.schema(ctx)
		if err != nil {
			return err
		}
		for _, r := range out.Rewrites {
			if err := c.runDecision(ctx, t, r); err != nil {
				return err
			}
		}
		after, err := t.schema(ctx)
		if err != nil {
			return err
		}
		goal = after
		return landlord.CheckRewrites(out.Rewrites, diff.Compare(made, after, registry.Dialect(c.info)))
	})
	return goal, err
}

func (c *change) runDecision(ctx context.Context, t *Twin, r merge.Rewrite) error {
	judging, err := c.e.Estate.Judging(ctx, c.srv, t.Session, c.info)
	if err != nil {
		return err
	}
	statements, err := r.Statements(judging)
	if err != nil {
		return landlord.NewProblem(landlord.FieldResolutions, "Resolution SQL cannot be used", fmt.Sprintf("The decision on `%s`.", r.Place), landlord.Sentence(err.Error()),
			"Write `CREATE`, `ALTER` or `DROP` statements that make the object what it is to become.")
	}
	for _, st := range statements {
		if err := t.exec(ctx, landlord.Step{SQL: st.SQL}); err != nil {
			if p := (*landlord.Problem)(nil); errors.As(err, &p) {
				return err
			}
			return &landlord.Problem{Field: landlord.FieldResolutions, Summary: "Resolution does not run", Detail: []string{
				fmt.Sprintf("Trying the decision on `%s` in a scratch database, on top of what the template makes of it.", r.Place), landlord.Shorten(st.SQL),
				"Cause: " + render.WithoutName(err, t.Name).Error(), "Correct `sql`: it starts from the template's version, or from nothing where the template has none."}, Err: err}
		}
	}
	return nil
}

// UnusedNote says which decisions decide nothing, apart from those that did
// their work before.
func (m *Migration) UnusedNote(slug string, earlier []merge.Remembered) []landlord.Note {
	var keys []string
	for _, r := range m.Unused {
		if !slices.ContainsFunc(earlier, func(d merge.Remembered) bool {
			return d.Object == r.Object && (d.Element == r.Element || r.Element == "")
		}) {
			keys = append(keys, r.Key())
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldResolutions, Summary: "Resolution is not needed",
		Detail: fmt.Sprintf("Tenant `%s`: the update meets no conflict at %s, so there is nothing to decide there.", slug, landlord.Quoted(keys))}}
}

// acceptOwn prepares the comparison for a tenant whose migration was
// interrupted and whose configuration wants something else by now. What the
// migration did counts as the template's, element by element, provided that the
// live schema is one that the migration went through.
func (p *Planner) acceptOwn(ctx context.Context, srv *registry.Server, info mysql.Info, row *registry.TenantRow, s *estate.Sides) error {
	old, err := p.Registry.ReadRunning(ctx, srv, row.ID)
	if err != nil || old == nil {
		return err
	}
	steps, err := p.Registry.ReadSteps(ctx, srv, old.ID)
	if err != nil {
		return err
	}
	went := func(r registry.RecordedStep) bool {
		return r.Before == s.Live.Fingerprint.Whole || r.After == s.Live.Fingerprint.Whole
	}
	if !slices.ContainsFunc(steps, went) {
		list, err := p.Drifts.Differences(ctx, row, &s.Live.Fingerprint)
		if err != nil {
			return err
		}
		return landlord.NewProblem(landlord.FieldDriftPolicy, "Interrupted migration met a changed schema",
			fmt.Sprintf("The last migration of tenant `%s` was interrupted, and its schema is none that the migration goes through:\n%s", row.Slug, landlord.ListDifferences(list)),
			"Nothing was run. Undo the foreign change and plan again.")
	}
	if s.Old == nil {
		return nil // an adoption: everything that the template has is taken from it
	}
	start := s.Base
	if stored, err := p.Estate.StoredSchema(ctx, old.FromSchema); err != nil {
		return err
	} else if stored != nil {
		start = &estate.Rendering{Fingerprint: stored.Fingerprint, Schema: stored.Schema}
	}
	if start == nil {
		return nil
	}
	// Only what differs from the beginning of the migration is its work.
	onto := func(r *estate.Rendering) *estate.Rendering {
		if r == nil {
			return nil
		}
		schema := merge.WithProgress(r.Schema, start.Schema, s.Live.Schema, registry.Dialect(info))
		f, _ := assemble(schema, r, s.Live, start)
		return &estate.Rendering{Fingerprint: f, Schema: schema}
	}
	s.Old, s.Base = onto(s.Old), onto(s.Base)
	return nil
}
