package registry

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// OutboxRow is a row of `notification_outbox`: a notification that is to be sent,
// or was.
type OutboxRow struct {
	ID           uint64
	Notification string // name in the configuration
	Key          string // the same for the same thing, 64 characters
	Event        string
	Message      string // JSON
	Attempts     int    // that were begun
}

// outboxRetention is how long what was sent, or given up, is remembered: for so
// long the same is not told again.
const outboxRetention = 90 * 24 * time.Hour

// PutOutbox records notifications that are to be sent. What is recorded already,
// sent or not, stays as it is. It returns how many are new.
func (r *Store) PutOutbox(ctx context.Context, q mysql.Queryer, rows []OutboxRow) (int, error) {
	added := 0
	for _, row := range rows {
		res, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("notification_outbox")+" (notification, idempotency_key, event, message) VALUES (?,?,?,?)",
			row.Notification, row.Key, row.Event, row.Message)
		if err != nil {
			return added, fmt.Errorf("recording a notification: %w", err)
		}
		added += int(res.RowsAffected)
	}
	return added, nil
}

// DueOutbox returns notifications to these names that are to be sent now, the oldest
// first.
func (r *Store) DueOutbox(ctx context.Context, q mysql.Queryer, names []string, most int) ([]OutboxRow, error) {
	args := make([]any, 0, len(names)+1)
	for _, name := range names {
		args = append(args, name)
	}
	return allRows(ctx, q, "the notifications that are to be sent", func(from scanner) (o OutboxRow, err error) {
		return o, from.Scan(&o.ID, &o.Notification, &o.Key, &o.Event, &o.Message, &o.Attempts)
	}, "SELECT id, notification, idempotency_key, event, message, attempts FROM "+r.table("notification_outbox")+
		" WHERE sent_at IS NULL AND next_at <= CURRENT_TIMESTAMP(6) AND notification IN ("+landlord.Placeholders(len(names), "?")+") ORDER BY id LIMIT ?", append(args, most)...)
}

// ClaimOutbox takes a notification for this run, before it is sent: no other run
// sends it for the lease. False when another one has it, or has sent it. A run
// that is killed leaves it, and the next one sends it after the lease with the
// same key.
func (r *Store) ClaimOutbox(ctx context.Context, q mysql.Queryer, row OutboxRow, lease time.Duration) (bool, error) {
	res, err := q.Exec(ctx, "UPDATE "+r.table("notification_outbox")+" SET attempts=attempts+1, next_at=CURRENT_TIMESTAMP(6) + INTERVAL ? MICROSECOND"+
		" WHERE id=? AND sent_at IS NULL AND next_at <= CURRENT_TIMESTAMP(6) AND attempts=?", lease.Microseconds(), row.ID, row.Attempts)
	if err != nil {
		return false, fmt.Errorf("claiming a notification: %w", err)
	}
	return res.RowsAffected == 1, nil
}

// MarkOutbox records that a notification was sent.
func (r *Store) MarkOutbox(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("notification_outbox")+" SET sent_at=CURRENT_TIMESTAMP(6), failure=NULL WHERE id=?", id)
	return err
}

// DelayOutbox records why a notification could not be sent, and when to try again.
func (r *Store) DelayOutbox(ctx context.Context, q mysql.Queryer, id uint64, why string, pause time.Duration) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("notification_outbox")+" SET failure=?, next_at=CURRENT_TIMESTAMP(6) + INTERVAL ? MICROSECOND WHERE id=?",
		landlord.Cut(why, 500), pause.Microseconds(), id)
	return err
}

// PendingOutbox counts what is not sent to these names, and returns the failure of the
// oldest one that has one.
func (r *Store) PendingOutbox(ctx context.Context, q mysql.Queryer, names []string) (n int, failure string, err error) {
	var why sql.NullString
	args := make([]any, 0, 2*len(names))
	for range 2 {
		for _, name := range names {
			args = append(args, name)
		}
	}
	from := r.table("notification_outbox") + " WHERE sent_at IS NULL AND notification IN (" + landlord.Placeholders(len(names), "?") + ")"
	err = q.Row(ctx, "SELECT COUNT(*), (SELECT failure FROM "+from+" AND failure IS NOT NULL ORDER BY id LIMIT 1) FROM "+from, args...).Scan(&n, &why)
	if nothing(err) {
		return 0, "", nil
	}
	return n, why.String, err
}

// RecentOutbox returns the notifications of an event that were recorded in the last
// two days, sent or not: their names and messages.
func (r *Store) RecentOutbox(ctx context.Context, q mysql.Queryer, event string) ([]OutboxRow, error) {
	return allRows(ctx, q, "the notifications of an event", func(from scanner) (o OutboxRow, err error) {
		return o, from.Scan(&o.Notification, &o.Message)
	}, "SELECT notification, message FROM "+r.table("notification_outbox")+" WHERE event=? AND created_at > CURRENT_TIMESTAMP(6) - INTERVAL 2 DAY ORDER BY id", event)
}

// PurgeOutbox forgets what was sent a long time ago.
func (r *Store) PurgeOutbox(ctx context.Context, q mysql.Queryer) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("notification_outbox")+" WHERE sent_at < CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND LIMIT 10000", int64(outboxRetention.Seconds()))
	return err
}
