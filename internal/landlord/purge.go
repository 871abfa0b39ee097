package landlord

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// openRetirement makes the retirement database, and the event that purges what
// has expired.
func (e *Engine) openRetirement(ctx context.Context, x *mysql.Session) error {
	_, err := x.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+mysql.Quote(e.registry.retirement())+withTenantCharacters)
	if err != nil {
		return fmt.Errorf("creating the retirement database `%s`: %w", e.registry.retirement(), err)
	}
	for _, sql := range []string{e.registry.purgeProcedure(), e.registry.purgeEvent()} {
		// Without the privilege for routines and events a later apply purges.
		if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
			return fmt.Errorf("creating the event that purges retired data: %w", err)
		}
	}
	return nil
}

// purge removes copies whose retention is over, and does at an apply what the
// event would do, where the event scheduler is off. It never fails a run: the next one tries again.
func (e *Engine) purge(ctx context.Context, j *job) {
	e.expire(ctx, j)
	if j.info.EventScheduler {
		return
	}
	j.srv.purgeOnce.Do(func() {
		x := j.x
		names, err := e.registry.expiredRetired(ctx, x)
		for id, name := range names {
			if err == nil {
				_, err = x.Exec(ctx, "DROP TABLE IF EXISTS "+mysql.Qualified(e.registry.retirement(), name))
			}
			if err == nil {
				err = e.registry.setRetiredPurged(ctx, x, id)
			}
		}
		if err != nil {
			e.cfg.Log(ctx, "Retired data whose retention is over could not be purged", map[string]any{"error": mysql.Message(err)})
		}
	})
}

// schedulerNote warns that nothing purges on time.
func schedulerNote(info mysql.Info) []Note {
	if info.EventScheduler {
		return nil
	}
	return []Note{{Severity: Warning, Field: FieldAllowDestructive, Summary: "Retired data is purged at a later apply",
		Detail: "The event scheduler of the server is off, so retired data whose retention is over goes with the next apply. `SET GLOBAL event_scheduler = ON` purges it every hour."}}
}
