package landlord

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// intend records the whole migration before its first statement, together with
// what is to become of the customization; or takes an interrupted one over.
func (c *customizing) intend(ctx context.Context) error {
	if r := c.plan.rest; r != nil {
		c.migration = r.running.id
		return c.e.registry.takeOver(ctx, c.x, c.migration, intent{author: c.e.author(c.info), serverUUID: c.info.UUID, connection: c.x.ID()})
	}
	steps := make([]Step, 0, len(c.steps))
	for _, s := range c.steps {
		steps = append(steps, s.Step)
	}
	if needsRetirement(steps) {
		if err := c.e.openRetirement(ctx, c.x); err != nil {
			return err
		}
	}
	if err := c.e.share(ctx, c.srv, c.x, &target{}, c.info, steps, c.fit.start, c.fit.final, c.fit.base); err != nil {
		return err
	}
	return c.e.both(ctx, c.srv, c.x, fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.slug), func(registry, local mysql.Queryer) error {
		if err := c.writePending(ctx, registry); err != nil {
			return err
		}
		if c.old != nil {
			if err := c.e.registry.abandon(ctx, local, c.row); err != nil {
				return err
			}
		}
		var err error
		c.migration, err = c.e.registry.writeIntent(ctx, local, intent{
			tenant: c.row, name: migrationName(c.plan.want.Name), level: 3, digest: c.plan.Digest, from: c.row.appliedTemplate(), to: c.row.appliedTemplate(),
			modules: c.row.modules, fromSchema: c.live.Whole, toSchema: c.fit.final.fingerprint.Whole, recorded: c.fit.base.fingerprint.Whole,
			author: c.author(), serverUUID: c.info.UUID, connection: c.x.ID(),
		})
		if err != nil {
			return err
		}
		if err := c.e.registry.writePlannedSteps(ctx, local, c.migration, c.steps); err != nil {
			return err
		}
		return c.e.registry.planRetired(ctx, local, c.row, c.migration, c.steps, c.plan.want.Retention)
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

// record writes the result: the ledger of the tenant's server, then the
// registry.
func (c *customizing) record(ctx context.Context) error {
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
			if err := c.e.registry.closeMigration(ctx, q, c.migration, c.live.Whole, c.steps, c.started); err != nil {
				return err
			}
			if err := c.e.registry.recordRetired(ctx, q, c.steps); err != nil {
				return err
			}
		case c.old != nil && c.plan.old != nil && c.plan.old.pending != nil: // nothing was left to do
			if err := c.e.registry.abandon(ctx, q, c.row); err != nil {
				return err
			}
		}
		return c.e.registry.writeEvent(ctx, q, c.row, event, c.author(), map[string]any{"name": c.plan.want.Name, "reason": reason, "digest": c.plan.Digest})
	}
	return c.e.retry(ctx, func() error {
		return c.e.afterwards(ctx, c.srv, c.x, fmt.Sprintf("recording customization `%s` of tenant `%s`", c.plan.want.Name, c.slug), local,
			func(q mysql.Queryer) error { return c.writeRows(ctx, q) })
	})
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
	registry := c.e.registryOf(c.srv, c.x)
	row, err := c.e.registry.readTenant(ctx, registry, c.slug)
	if err != nil {
		return err
	}
	all, err := c.e.registry.readCustomizations(ctx, registry, c.row.id)
	if err != nil {
		return err
	}
	if c.migration != 0 {
		c.e.purge(ctx, c.srv, c.x, c.info)
	}
	c.x.Close() // what follows may wait for somebody who waits for a connection
	if slices.ContainsFunc(c.steps, func(s recordedStep) bool { return s.retires != nil || s.returns != nil }) {
		c.srv.forgetRetired()
	}
	c.e.estate.learn(c.slug, row, c.srv.key, c.database, c.live)
	c.e.estate.learnCustomizations(c.row.id, all[c.row.id])
	return nil
}
