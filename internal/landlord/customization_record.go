package landlord

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// record records the whole migration before its first statement, together with
// what is to become of the customization; or takes an interrupted one over.
func (c *customizing) record(ctx context.Context) error {
	if c.plan.rest != nil {
		return c.takeOver(ctx, c.plan.rest)
	}
	return c.intend(ctx, intention{
		doing: fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.slug),
		intent: intent{
			name: migrationName(c.plan.want.Name), level: 3, digest: c.plan.Digest, to: c.row.appliedTemplate(), modules: c.row.modules,
			fromSchema: c.live.Whole, toSchema: c.fit.final.fingerprint.Whole, recorded: c.fit.base.fingerprint.Whole, author: c.author(),
		},
		retention: c.plan.want.Retention, schemas: []*rendering{c.fit.start, c.fit.final, c.fit.base}, tellRegistry: c.writePending,
	})
}

// author returns who is recorded.
func (c *customizing) author() string {
	if c.plan.want.Author != "" {
		return c.plan.want.Author
	}
	return c.e.author(c.info)
}

// writePending writes what the run is about to make of the customization. What
// is in force stays until the end.
func (c *customizing) writePending(ctx context.Context, q mysql.Queryer) error {
	w := c.plan.want
	row := &customization{
		tenant: c.row.id, name: w.Name, reason: w.Reason, author: c.author(), status: CustomizationRemoving,
		pending: &pendingChange{Objects: c.plan.owned, Reason: w.Reason, Author: c.author(), Digest: c.plan.Digest},
	}
	if !w.remove {
		row.status, row.pending.Patch = CustomizationApplying, &w.Patch
	}
	if c.plan.old != nil {
		row.patch = c.plan.old.patch
	}
	return c.e.registry.writePendingCustomization(ctx, q, row)
}

// finish writes the result: the ledger of the tenant's server, then the
// registry.
func (c *customizing) finish(ctx context.Context) error {
	event, reason := "customized", c.plan.want.Reason
	if c.plan.want.remove {
		event = customizationRemoved
		if c.plan.old != nil {
			reason = c.plan.old.reason // why it was there
		}
	}
	local := func(q mysql.Queryer) error {
		if c.plan.finished {
			return nil
		}
		switch {
		case c.migration != 0:
			if err := c.closeMigration(ctx, q); err != nil {
				return err
			}
		case c.old != nil && c.plan.old != nil && c.plan.old.pending != nil: // nothing was left to do
			if err := c.e.registry.abandon(ctx, q, c.row); err != nil {
				return err
			}
		}
		return c.e.registry.writeEvent(ctx, q, c.row, event, c.author(), map[string]any{"name": c.plan.want.Name, "reason": reason, "digest": c.plan.Digest})
	}
	return c.afterwards(ctx, fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.slug), local,
		func(q mysql.Queryer) error { return c.writeRows(ctx, q) })
}

// writeRows writes what is true of the customization and its tenant now.
func (c *customizing) writeRows(ctx context.Context, q mysql.Queryer) error {
	base := c.fit.recorded
	if c.fit.base != nil {
		base = c.fit.base.fingerprint.Whole
		if err := c.e.storeSchemaOnce(ctx, q, c.fit.base); err != nil {
			return err
		}
	}
	if base != "" && base != c.row.currentSchema {
		if err := c.e.registry.setTenantSchema(ctx, q, c.row.id, base); err != nil {
			return fmt.Errorf("recording tenant `%s`: %w", c.slug, err)
		}
	}
	w := c.plan.want
	if w.remove {
		return c.e.registry.deleteCustomization(ctx, q, c.row.id, w.Name)
	}
	sum, err := w.Patch.checksum()
	if err != nil {
		return err
	}
	return c.e.registry.writeCustomization(ctx, q, &customization{
		tenant: c.row.id, name: w.Name, reason: w.Reason, patch: w.Patch, objects: c.plan.owned, checksum: sum, author: c.author(),
	})
}

// learn makes the estate know what this process has made true.
func (c *customizing) learn(ctx context.Context) error {
	registry := c.onMain()
	row, err := c.e.registry.readTenant(ctx, registry, c.slug)
	if err != nil {
		return err
	}
	all, err := c.e.registry.readCustomizations(ctx, registry, c.row.id)
	if err != nil {
		return err
	}
	if c.migration != 0 {
		c.e.purge(ctx, c.job)
	}
	c.release() // what follows may wait for somebody who waits for a connection
	if slices.ContainsFunc(c.steps, func(s recordedStep) bool { return s.retires != nil || s.returns != nil }) {
		c.srv.forgetRetired()
	}
	c.e.estate.learn(c.slug, row, c.srv.key, c.database, c.live)
	c.e.estate.learnCustomizations(c.row.id, all[c.row.id])
	return nil
}
