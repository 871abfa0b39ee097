package landlord

import (
	"context"
	"errors"
	"fmt"
)

// mostReconnects bounds how often one migration survives a lost connection.
const mostReconnects = 3

// reconnect takes a migration up on a new connection. The statement that was
// under way may have taken effect, or may still be running: the lock and the
// fence wait for its end, and the live schema says which statement is next.
func (u *update) reconnect(ctx context.Context, lost error) error {
	if u.reconnects++; u.reconnects > mostReconnects {
		return lost
	}
	old := running{connection: u.x.ID(), serverUUID: u.info.UUID}
	u.x.Discard()
	x, err := u.srv.Session(ctx)
	if err != nil {
		return lost
	}
	u.x = x
	if err := x.Lock(ctx, u.e.tenantLock(u.plan.DatabaseName), u.e.cfg.LockTimeout); err != nil {
		return lockProblem(FieldSlug, fmt.Sprintf("Going on with the migration of tenant `%s` after its connection was lost", u.spec.Slug), err)
	}
	if err := u.e.fence(ctx, x, u.info, &old); err != nil {
		return err
	}
	if u.live, err = u.e.liveFingerprint(ctx, u.srv, x, u.plan.DatabaseName); err != nil || u.live == nil {
		return errors.Join(lost, err)
	}
	steps, err := u.e.readSteps(ctx, x, u.migration)
	if err != nil {
		return err
	}
	next := position(steps, u.live.Whole)
	if next < 0 {
		u.x.Close() // what follows may need a connection of the pool
		return u.e.changedSince(ctx, u.spec.Slug, nil, u.live)
	}
	if u.steps, u.next = steps, next; next < len(steps) && steps[next].state == "intent" && !steps[next].data {
		u.steps[next].state = "planned" // the statements before it are marked as done with its own mark
	}
	_, err = x.Exec(ctx, "UPDATE "+u.e.table("tenant_migrations_history")+" SET connection_id=? WHERE id=?", x.ID(), u.migration)
	if err != nil {
		return fmt.Errorf("recording the connection: %w", err)
	}
	u.e.cfg.Log(ctx, "Went on after a lost connection", map[string]any{"tenant": u.spec.Slug, "statement": next + 1})
	return x.Use(ctx, u.plan.DatabaseName)
}
