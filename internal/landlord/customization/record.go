package customization

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// record records the whole migration before its first statement, together with
// what is to become of the customization; or takes an interrupted one over.
func (c *customizing) record(ctx context.Context) error {
	if c.plan.rest != nil {
		return c.TakeOver(ctx, c.plan.rest)
	}
	return c.Intend(ctx, apply.Intention{
		Doing: fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.Slug),
		Intent: registry.Intent{
			Name: migrationName(c.plan.want.Name), Level: 3, Digest: c.plan.Digest, To: c.Row.AppliedTemplate(), Modules: c.Row.Modules,
			FromSchema: c.Live.Whole, ToSchema: c.proven.final.Fingerprint.Whole, Recorded: c.proven.base.Fingerprint.Whole, Author: c.author(),
		},
		Retention: c.plan.want.Retention, Schemas: []*estate.Rendering{c.proven.start, c.proven.final, c.proven.base}, TellRegistry: c.writePending,
	})
}

// author returns who is recorded.
func (c *customizing) author() string {
	if c.plan.want.Author != "" {
		return c.plan.want.Author
	}
	return c.room.Servers.Author(c.Info)
}

// writePending writes what the run is about to make of the customization. What
// is in force stays until the end.
func (c *customizing) writePending(ctx context.Context, q mysql.Queryer) error {
	w := c.plan.want
	row := &registry.Customization{
		Tenant: c.Row.ID, Name: w.Name, Reason: w.Reason, Author: c.author(), Status: landlord.CustomizationRemoving,
		Pending: &registry.PendingChange{Objects: c.plan.owned, Reason: w.Reason, Author: c.author(), Digest: c.plan.Digest},
	}
	if !w.remove {
		row.Status, row.Pending.Patch = landlord.CustomizationApplying, &w.Patch
	}
	if c.plan.old != nil {
		row.Patch = c.plan.old.Patch
	}
	return c.room.Registry.WritePendingCustomization(ctx, q, row)
}

// finish writes the result: the ledger of the tenant's server, then the
// registry.
func (c *customizing) finish(ctx context.Context) error {
	event, reason := "customized", c.plan.want.Reason
	if c.plan.want.remove {
		event = landlord.CustomizationRemoved
		if c.plan.old != nil {
			reason = c.plan.old.Reason // why it was there
		}
	}
	local := func(q mysql.Queryer) error {
		if c.plan.finished {
			return nil
		}
		switch {
		case c.Migration != 0:
			if err := c.CloseMigration(ctx, q); err != nil {
				return err
			}
		case c.Old != nil && c.plan.old != nil && c.plan.old.Pending != nil: // nothing was left to do
			if err := c.room.Registry.Abandon(ctx, q, c.Row); err != nil {
				return err
			}
		}
		return c.room.Registry.WriteEvent(ctx, q, c.Row, event, c.author(), map[string]any{"name": c.plan.want.Name, "reason": reason, "digest": c.plan.Digest})
	}
	return c.Afterwards(ctx, fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.Slug), local,
		func(q mysql.Queryer) error { return c.writeRows(ctx, q) })
}

// writeRows writes what is true of the customization and its tenant now.
func (c *customizing) writeRows(ctx context.Context, q mysql.Queryer) error {
	base := c.proven.recorded
	if c.proven.base != nil {
		base = c.proven.base.Fingerprint.Whole
		if err := c.room.Estate.StoreSchemaOnce(ctx, q, c.proven.base); err != nil {
			return err
		}
	}
	if base != "" && base != c.Row.CurrentSchema {
		if err := c.room.Registry.SetTenantSchema(ctx, q, c.Row.ID, base); err != nil {
			return fmt.Errorf("recording tenant `%s`: %w", c.Slug, err)
		}
	}
	w := c.plan.want
	if w.remove {
		return c.room.Registry.DeleteCustomization(ctx, q, c.Row.ID, w.Name)
	}
	sum, err := w.Patch.Checksum()
	if err != nil {
		return err
	}
	return c.room.Registry.WriteCustomization(ctx, q, &registry.Customization{
		Tenant: c.Row.ID, Name: w.Name, Reason: w.Reason, Patch: w.Patch, Objects: c.plan.owned, Checksum: sum, Author: c.author(),
	})
}

// learn makes the estate know what this process has made true.
func (c *customizing) learn(ctx context.Context) error {
	records := c.OnMain()
	row, err := c.room.Registry.ReadTenant(ctx, records, c.Slug)
	if err != nil {
		return err
	}
	all, err := c.room.Registry.ReadCustomizations(ctx, records, c.Row.ID)
	if err != nil {
		return err
	}
	if c.plan.behind && c.Migration != 0 {
		c.plan.told = c.room.Checkpoints.TakeBehind(ctx, c.Job, row, checkpointing.AutomaticCheckpoint{Origin: landlord.OriginMigration})
	}
	if c.Migration != 0 {
		c.room.Jobs.Purge(ctx, c.Job)
	}
	c.Release() // what follows may wait for somebody who waits for a connection
	if slices.ContainsFunc(c.Steps, func(s registry.RecordedStep) bool { return s.Retires != nil || s.Returns != nil }) {
		c.Srv.ForgetRetired()
	}
	c.room.Estate.Snapshot.Learn(c.Slug, row, c.Srv.Key, c.Database, c.Live)
	c.room.Estate.Snapshot.LearnCustomizations(c.Row.ID, all[c.Row.ID])
	return nil
}

// checkpointFirst does the same before the statements of a customization.
func (c *customizing) checkpointFirst(ctx context.Context) error {
	if c.plan.rest != nil || c.Live == nil {
		return nil
	}
	loses, err := migrate.LosesRows(ctx, c.X, c.Database, registry.StepsOf(c.Steps))
	if err != nil || !loses {
		return err
	}
	_, err = c.room.Checkpoints.TakeAutomatic(ctx, c.Job, checkpointing.AutomaticCheckpoint{Origin: landlord.OriginMigration})
	return checkpointing.NoCheckpoint(err, fmt.Sprintf("Before statements that lose rows a checkpoint of tenant `%s` is taken. It could not be, so nothing was run.", c.Slug))
}
