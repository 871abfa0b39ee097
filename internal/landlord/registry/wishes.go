package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// SetRolloutWish records what somebody asks of a rollout, instead of what was
// asked before.
func (r *Store) SetRolloutWish(ctx context.Context, q mysql.Queryer, rollout uint64, wish landlord.RolloutWish, author string) error {
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("rollout_wishes")+" (rollout_id, wish, author) VALUES (?,?,?)"+
		" ON DUPLICATE KEY UPDATE wish=VALUES(wish), author=VALUES(author), asked_at=CURRENT_TIMESTAMP(6)", rollout, wish, landlord.Cut(author, 190))
	if err != nil {
		return fmt.Errorf("recording what is asked of a rollout: %w", err)
	}
	return nil
}

// ForgetRolloutWish records that nothing is asked of a rollout any more.
func (r *Store) ForgetRolloutWish(ctx context.Context, q mysql.Queryer, rollout uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("rollout_wishes")+" WHERE rollout_id=?", rollout)
	return err
}

// ReadRolloutWish returns what is asked of a rollout, and by whom; empty for nothing.
func (r *Store) ReadRolloutWish(ctx context.Context, q mysql.Queryer, rollout uint64) (wish landlord.RolloutWish, author string, err error) {
	err = q.Row(ctx, "SELECT wish, author FROM "+r.table("rollout_wishes")+" WHERE rollout_id=?", rollout).Scan(&wish, &author)
	if errors.Is(err, sql.ErrNoRows) || nothing(err) {
		return "", "", nil
	}
	return wish, author, err
}

// NewestRollout returns the fleet whose rollout began last, empty when there was
// none.
func (r *Store) NewestRollout(ctx context.Context, q mysql.Queryer) (string, error) {
	var fleet string
	err := q.Row(ctx, "SELECT fleet FROM "+r.table("rollouts")+" ORDER BY id DESC LIMIT 1").Scan(&fleet)
	if errors.Is(err, sql.ErrNoRows) || nothing(err) {
		return "", nil
	}
	return fleet, err
}

// EndedRollouts returns rollouts that ended no longer ago than a time, the oldest
// first.
func (r *Store) EndedRollouts(ctx context.Context, q mysql.Queryer, ago time.Duration) ([]Rollout, error) {
	return allRows(ctx, q, "the rollouts that ended", func(from scanner) (o Rollout, err error) {
		err = from.Scan(&o.ID, &o.Fleet, &o.Template, &o.Status, &o.FinishedAt)
		o.FinishedAt = o.FinishedAt.UTC()
		return o, err
	}, "SELECT id, fleet, template, status, finished_at FROM "+r.table("rollouts")+" WHERE finished_at > CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY id", int64(ago.Seconds()))
}
