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

// eventRolloutAsked is the event of the tenants of a rollout of which something is asked.
const eventRolloutAsked = "rollout asked for something"

// RolloutAsk is what somebody asked of a rollout.
type RolloutAsk struct {
	Rollout  uint64               `json:"rollout"`
	Fleet    string               `json:"fleet"`
	Template string               `json:"template"` // name@version that it leads to
	Wish     landlord.RolloutWish `json:"wish"`     // `resume` for none
	Note     string               `json:"note,omitempty"`
	Author   string               `json:"-"`
	At       time.Time            `json:"-"`
}

// WriteRolloutAsk records with each tenant of a rollout what was asked of it.
func (r *Store) WriteRolloutAsk(ctx context.Context, q mysql.Queryer, ask RolloutAsk, author string) error {
	tenants, err := r.ReadRolloutTenants(ctx, q, ask.Rollout)
	if err != nil {
		return err
	}
	slugs := make([]string, len(tenants))
	for i := range tenants {
		slugs[i] = tenants[i].Slug
	}
	return r.WriteEvents(ctx, q, slugs, eventRolloutAsked, author, ask)
}

// RolloutAsks returns what was asked no longer ago than a time of rollouts that are open
// or ended since, the oldest first. It reads the events of one tenant of each.
func (r *Store) RolloutAsks(ctx context.Context, q mysql.Queryer, ago time.Duration) ([]RolloutAsk, error) {
	seconds := int64(ago.Seconds())
	return allRows(ctx, q, "what was asked of rollouts", func(from scanner) (ask RolloutAsk, err error) {
		var detail string
		if err := from.Scan(&detail, &ask.Author, &ask.At); err != nil {
			return ask, err
		}
		ask.At = ask.At.UTC()
		return ask, landlord.FromJSON(detail, &ask)
	}, "SELECT e.detail, e.author, e.created_at FROM (SELECT o.id, MIN(t.id) AS tenant FROM "+r.table("rollouts")+" AS o JOIN "+r.table("rollout_tenants")+" AS m ON m.rollout_id = o.id JOIN "+r.table("tenants")+
		" AS t ON t.slug = m.tenant_slug WHERE o.finished_at IS NULL OR o.finished_at > CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND GROUP BY o.id) AS one JOIN "+r.table("tenant_events")+
		" AS e ON e.tenant_id = one.tenant WHERE e.event = ? AND JSON_EXTRACT(e.detail, '$.rollout') = one.id AND e.created_at > CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY e.id", seconds, eventRolloutAsked, seconds)
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
