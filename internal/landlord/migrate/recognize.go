package migrate

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Recognize returns what is to be recorded as true of a database of which
// somebody knows that it follows a composition, and nothing more: its schema as
// it is, with what the composition has as the composition has it. What the
// database lacks of that, or has otherwise, is drift.
func (p *Planner) Recognize(ctx context.Context, srv *registry.Server, info mysql.Info, c *template.Composition, database string, live *ddl.Fingerprint) (*estate.Rendering, error) {
	now, err := p.Estate.LiveRendering(ctx, srv, info, database, live)
	if err != nil || p.Config.Rendering == landlord.RenderingParser {
		return now, err
	}
	wanted, err := p.Renderer.Render(ctx, srv, c)
	if err != nil {
		return nil, render.StatementProblem(landlord.FieldTemplate, "Trying the template in force in a scratch database", err)
	}
	dialect := registry.Dialect(info)
	out := merge.Compare(merge.Input{Server: dialect, Adoption: true, Next: wanted.Schema, Before: now.Schema, Live: now.Schema}).Merge()
	if len(diff.Compare(now.Schema, out.Goal, dialect)) == 0 {
		return now, nil
	}
	recognized := now
	err = p.trial(ctx, srv, info, func(t *Twin) error {
		made, err := t.make(ctx, out.Goal)
		if err == nil { // else what differs does not go together with the rest: it is recorded as it is
			recognized = made
		}
		return nil //nolint:nilerr // see above
	})
	return recognized, err
}
