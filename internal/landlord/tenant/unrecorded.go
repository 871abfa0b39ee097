package tenant

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// ReadTenant is Tenant for a state that knows the tenant. A landlord database
// that was lost, or brought back from a dump that is older than the tenant,
// knows less than that state: then what the state knows stays, with the status
// unrecorded, and nothing is called drift, since what it would differ from is
// out of date.
func (t *Tenants) ReadTenant(ctx context.Context, slug string, prior landlord.PriorTenant) (*landlord.Tenant, error) {
	out, err := t.readTenant(ctx, slug, prior)
	if err != nil {
		return nil, err
	}
	return t.withFleet(ctx, out)
}

func (t *Tenants) readTenant(ctx context.Context, slug string, prior landlord.PriorTenant) (*landlord.Tenant, error) {
	row, err := t.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	at := landlord.Whereabouts{Server: prior.Server, Database: prior.Database}
	switch {
	case row == nil && !ahead(row, &prior):
		return t.unregistered(ctx, slug, at)
	case !ahead(row, &prior):
		return t.Tenant(ctx, slug)
	}
	var out *landlord.Tenant
	if row == nil {
		out, err = t.unregistered(ctx, slug, at)
	} else {
		out, _, err = t.standing(ctx, row)
	}
	if err != nil || out.DatabaseMissing {
		return out, err
	}
	out.Template, out.LastMigration, out.UpdateStatus, out.Behind = prior.Template, prior.Last, landlord.UpdateUnrecorded, true
	if waits(prior.UpdateStatus) { // that it waits was found out by a plan, and is so until the next one
		out.UpdateStatus = landlord.UpdateCurrent
	}
	return out, nil
}

// ahead says whether Terraform's state knows of a later migration of a tenant
// than the landlord database. Whoever changes a tenant, be it back to what it
// was, writes a later migration there.
func ahead(row *registry.TenantRow, prior *landlord.PriorTenant) bool {
	switch {
	case prior == nil || prior.Template == "":
		return false
	case row == nil:
		return true
	case prior.Last == nil:
		return false
	case row.Last == nil:
		return true
	}
	recorded, known := row.Last.AppliedAt.Truncate(time.Second), prior.Last.AppliedAt.Truncate(time.Second) // as exact as the state
	if !recorded.Equal(known) {
		return recorded.Before(known)
	}
	// A migration of the same second that begins at what the state knows is the later one.
	return row.Last.Digest != prior.Last.Digest && row.AppliedTemplate() != prior.Template && row.Last.From != prior.Template
}

// waits says whether a status is one of a tenant that a plan has left where it
// was, so that its state may have the modules that it is to get.
func waits(s landlord.UpdateStatus) bool {
	return s == landlord.UpdateHeld || s == landlord.UpdatePendingApproval || s == landlord.UpdateConflict
}

// recall plans to record what Terraform's state knows of a tenant that the
// landlord database has lost, and returns the row of the tenant as it will be
// then. What is planned beyond that begins there. A tenant of which the landlord
// database knows as much is returned as it is.
func (t *Tenants) recall(ctx context.Context, p *planning, prior *landlord.PriorTenant) (*registry.TenantRow, error) {
	if !ahead(p.row, prior) {
		return p.row, nil
	}
	if prior.Recorded {
		return nil, landlord.LostSince(p.spec.Slug, prior.Template)
	}
	id, err := template.ParseID(prior.Template)
	if err != nil {
		return p.row, nil //nolint:nilerr // a state that was written by hand
	}
	row := registry.TenantRow{Slug: p.spec.Slug, Name: p.spec.Name, Database: p.plan.DatabaseName, Server: p.spec.Server, Status: landlord.StatusActive, Metadata: p.spec.Metadata}
	if p.row != nil {
		row = *p.row
	}
	if row.Status == landlord.StatusCreating {
		row.Status = landlord.StatusActive
	}
	row.Template, row.Desired, row.Applied, row.Last, row.Running = id.Name, id.Version, id.Version, prior.Last, ""
	if p.row == nil || !waits(prior.UpdateStatus) {
		row.Modules = prior.Modules
	}
	info, err := p.srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(p.srv, "planning a tenant", err)
	}
	c, err := t.Renderer.ComposedFor(ctx, &row, info)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, lostTemplate(&row, p.want.ID)
	}
	row.Composition, row.CurrentSchema = c.Digest, p.live.Whole
	p.plan.Recorded = &row
	p.plan.Base, err = t.Planner.Recognize(ctx, p.srv, info, c, row.Database, p.live)
	if err == nil {
		row.CurrentSchema = p.plan.Base.Fingerprint.Whole
		t.Estate.Schemas.Store(row.CurrentSchema, &registry.StoredSchema{Fingerprint: p.plan.Base.Fingerprint, Schema: p.plan.Base.Schema})
	}
	switch {
	case prior.UpdateStatus == landlord.UpdateUnrecorded: // the refresh has said so
	case p.row == nil:
		p.plan.Notes = append(p.plan.Notes, landlord.NotRegistered(row.Slug, prior.Template, row.Database))
	default:
		p.plan.Notes = append(p.plan.Notes, landlord.Behind(row.Slug, prior.Template))
	}
	return &row, err
}

// lostTemplate refuses to go on from a version that nobody has any more: what it
// was decides what an update is, and which of its statements have run.
func lostTemplate(row *registry.TenantRow, want template.ID) error {
	return landlord.NewProblem(landlord.FieldTemplate, "Template in force is not published any more",
		fmt.Sprintf("Tenant `%s` follows `%s` by Terraform's state. The landlord database has lost that, and the version too, so nobody can tell what is left to do for `%s`.", row.Slug, row.AppliedTemplate(), want),
		fmt.Sprintf("Nothing was run. Restore a newer dump of the landlord database; or apply the configuration of the time when the tenant moved to `%s`, which publishes it again, and then this one.", row.AppliedTemplate()))
}

// recordKnown writes what Terraform's state knows of the tenant and the landlord
// database has lost.
func (u *update) recordKnown(ctx context.Context) error {
	known := u.plan.Recorded
	if known == nil {
		return nil
	}
	if err := u.room.Estate.StoreSchemaOnce(ctx, u.OnMain(), u.plan.Base); err != nil {
		return err
	}
	change := registry.TenantChange{
		Name: u.spec.Name, Metadata: u.spec.Metadata, Current: known.CurrentSchema, Last: known.Last,
		Applied: &registry.AppliedVersion{Template: known.Template, Version: known.Applied, Modules: known.Modules, Composition: known.Composition},
	}
	err := u.Both(ctx, fmt.Sprintf("recording tenant `%s`", u.spec.Slug), func(records, local mysql.Queryer) error {
		if u.Row.Running != "" {
			if err := u.room.Registry.Abandon(ctx, local, u.Row); err != nil {
				return err
			}
		}
		if err := u.room.Registry.UpdateTenant(ctx, records, u.Row.ID, change); err != nil {
			return err
		}
		if u.Row.Status != known.Status {
			if err := u.room.Registry.SetTenantStatus(ctx, records, u.Row.ID, known.Status); err != nil {
				return err
			}
		}
		return u.room.Registry.WriteEvent(ctx, local, u.Row, "recorded", u.room.Servers.Author(u.Info), map[string]any{"template": known.AppliedTemplate(), "from": u.Row.AppliedTemplate()})
	})
	if err != nil {
		return err
	}
	u.Old = nil
	u.Row, err = u.room.Registry.ReadTenant(ctx, u.OnMain(), u.spec.Slug)
	return err
}
