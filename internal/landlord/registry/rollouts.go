package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// RolloutStatus is where a rollout, or a tenant in it, stands.
type RolloutStatus string

// The statuses of rollouts and of their tenants.
const (
	RolloutRunning RolloutStatus = "running"
	RolloutWaiting RolloutStatus = "waiting" // the last wave that may begin is done, others are left
	RolloutHalted  RolloutStatus = "halted"  // more tenants failed than may
	// RolloutRollingBack: its tenants are being taken back; when it is finished too, some could not be. The next apply completes it.
	RolloutRollingBack RolloutStatus = "rolling_back"
	RolloutRolledBack  RolloutStatus = "rolled_back"
	RolloutReplaced    RolloutStatus = "replaced" // another one came before its end
	RolloutDone        RolloutStatus = "done"
	RolloutPending     RolloutStatus = "pending" // a tenant that has not begun
	RolloutFailed      RolloutStatus = "failed"  // a tenant
)

// Rollout is a row of `rollouts`.
type Rollout struct {
	ID          uint64
	Fleet       string
	Template    string // name@version that it leads to
	Waves       []string
	Through     string
	MaxFailures int
	Status      RolloutStatus
	Author      string
	StartedAt   time.Time
	FinishedAt  time.Time // zero until it is finished
}

// RolloutTenant is a row of `rollout_tenants`.
type RolloutTenant struct {
	Slug         string
	Wave         int
	Status       RolloutStatus
	FromTemplate string // name@version that it had before
	FromModules  []string
	ToTemplate   string // name@version that it is to get; empty when recorded before that was
	ToModules    []string
	Error        string
	UpdatedAt    time.Time
}

// ReadRollout returns the newest rollout of a fleet, nil when it had none.
func (r *Store) ReadRollout(ctx context.Context, q mysql.Queryer, fleet string) (*Rollout, error) {
	var out Rollout
	var waves string
	var finished sql.NullTime
	err := q.Row(ctx, "SELECT id, fleet, template, waves, through, max_failures, status, author, started_at, finished_at FROM "+r.table("rollouts")+
		" WHERE fleet = ? ORDER BY id DESC LIMIT 1", fleet).
		Scan(&out.ID, &out.Fleet, &out.Template, &waves, &out.Through, &out.MaxFailures, &out.Status, &out.Author, &out.StartedAt, &finished)
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the rollout of fleet `%s`: %w", fleet, err)
	}
	if err := landlord.FromJSON(waves, &out.Waves); err != nil {
		return nil, fmt.Errorf("reading the rollout of fleet `%s`: %w", fleet, err)
	}
	out.StartedAt, out.FinishedAt = out.StartedAt.UTC(), finished.Time.UTC()
	if !finished.Valid {
		out.FinishedAt = time.Time{}
	}
	return &out, nil
}

// StartRollout records a rollout as running and returns its id.
func (r *Store) StartRollout(ctx context.Context, q mysql.Queryer, o Rollout) (uint64, error) {
	waves, err := landlord.ToJSON(o.Waves)
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("rollouts")+" (fleet, template, waves, through, max_failures, status, author) VALUES (?,?,?,?,?,?,?)",
		o.Fleet, o.Template, waves, o.Through, o.MaxFailures, RolloutRunning, landlord.Cut(o.Author, 190))
	if err != nil {
		return 0, fmt.Errorf("recording the rollout of fleet `%s`: %w", o.Fleet, err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// ContinueRollout records that a rollout goes on, with the waves that it has now.
func (r *Store) ContinueRollout(ctx context.Context, q mysql.Queryer, id uint64, o Rollout) error {
	waves, err := landlord.ToJSON(o.Waves)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("rollouts")+" SET status=?, waves=?, through=?, max_failures=?, author=?, finished_at=NULL WHERE id=?",
		RolloutRunning, waves, o.Through, o.MaxFailures, landlord.Cut(o.Author, 190), id)
	return err
}

// EndRollout records how a rollout ended, or that it waits or goes back.
func (r *Store) EndRollout(ctx context.Context, q mysql.Queryer, id uint64, status RolloutStatus) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("rollouts")+" SET status=?, finished_at=IF(? IN ('waiting', 'rolling_back'), NULL, CURRENT_TIMESTAMP(6)) WHERE id=?", status, status, id)
	return err
}

// StopRollback records that a rollback could not take all tenants back by now.
func (r *Store) StopRollback(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("rollouts")+" SET finished_at=CURRENT_TIMESTAMP(6) WHERE id=?", id)
	return err
}

// sameGoal compares what a tenant of a rollout is to get with what was recorded.
// The texts are compared, because JSON is a type of its own on MySQL alone.
const sameGoal = "(to_template IS NULL OR to_template = VALUES(to_template) AND CONCAT(COALESCE(to_modules, '')) = CONCAT(COALESCE(VALUES(to_modules), '')))"

// AddRolloutTenants records tenants that a rollout is to change. What a tenant had
// before is what is recorded first, as long as it is to get the same.
func (r *Store) AddRolloutTenants(ctx context.Context, q mysql.Queryer, id uint64, tenants []RolloutTenant) error {
	for chunk := range slices.Chunk(tenants, fleetChunk) {
		args := make([]any, 0, 8*len(chunk))
		for _, t := range chunk {
			from, err := landlord.ToJSON(t.FromModules)
			if err != nil {
				return err
			}
			to, err := landlord.ToJSON(t.ToModules)
			if err != nil {
				return err
			}
			args = append(args, id, t.Slug, t.Wave, RolloutPending, t.FromTemplate, from, landlord.Nullable(t.ToTemplate), to)
		}
		_, err := q.Exec(ctx, "INSERT INTO "+r.table("rollout_tenants")+" (rollout_id, tenant_slug, wave, status, from_template, from_modules, to_template, to_modules) VALUES "+
			landlord.Placeholders(len(chunk), "(?,?,?,?,?,?,?,?)")+" ON DUPLICATE KEY UPDATE wave=VALUES(wave), status=VALUES(status), error=NULL,"+
			" from_template=IF("+sameGoal+", from_template, VALUES(from_template)), from_modules=IF("+sameGoal+", from_modules, VALUES(from_modules)),"+
			" to_template=VALUES(to_template), to_modules=VALUES(to_modules)", args...)
		if err != nil {
			return fmt.Errorf("recording the tenants of a rollout: %w", err)
		}
	}
	return nil
}

// MarkRolloutTenants records where tenants of a rollout stand; why is the error of
// those that failed.
func (r *Store) MarkRolloutTenants(ctx context.Context, q mysql.Queryer, id uint64, slugs []string, status RolloutStatus, why string) error {
	if len(slugs) == 0 {
		return nil
	}
	args := append([]any{status, landlord.Nullable(landlord.Cut(why, 8000)), id}, anyOf(slugs)...)
	_, err := q.Exec(ctx, "UPDATE "+r.table("rollout_tenants")+" SET status=?, error=? WHERE rollout_id=? AND tenant_slug IN ("+landlord.Placeholders(len(slugs), "?")+")", args...)
	return err
}

// ReadRolloutTenants returns the tenants of a rollout, by wave and slug.
func (r *Store) ReadRolloutTenants(ctx context.Context, q mysql.Queryer, id uint64) ([]RolloutTenant, error) {
	return allRows(ctx, q, "the tenants of a rollout", func(from scanner) (t RolloutTenant, err error) {
		var before, to, after, why sql.NullString
		if err := from.Scan(&t.Slug, &t.Wave, &t.Status, &t.FromTemplate, &before, &to, &after, &why, &t.UpdatedAt); err != nil {
			return t, err
		}
		t.ToTemplate, t.Error, t.UpdatedAt = to.String, why.String, t.UpdatedAt.UTC()
		return t, errors.Join(landlord.FromJSON(before.String, &t.FromModules), landlord.FromJSON(after.String, &t.ToModules))
	}, "SELECT tenant_slug, wave, status, from_template, from_modules, to_template, to_modules, error, updated_at FROM "+r.table("rollout_tenants")+" WHERE rollout_id=? ORDER BY wave, tenant_slug", id)
}

// Open says whether a rollout has not ended: it runs, was cut off, waits or was
// halted.
func (o *Rollout) Open() bool {
	return o != nil && (o.Status == RolloutRunning || o.Status == RolloutWaiting || o.Status == RolloutHalted)
}

// Continues says whether what a fleet wants now goes on with an open rollout, whose
// tenants are given: the template is the same, and so is what one of them at least
// is to get. wanted are the tenants of the fleet, by slug.
func (o *Rollout) Continues(template string, tenants []RolloutTenant, wanted map[string]RolloutTenant) bool {
	if !o.Open() || o.Template != template {
		return false
	}
	return len(tenants) == 0 || slices.ContainsFunc(tenants, func(t RolloutTenant) bool {
		now, ok := wanted[t.Slug]
		return ok && (t.ToTemplate == "" || t.ToTemplate == now.ToTemplate && sameTexts(t.ToModules, now.ToModules))
	})
}

// sameTexts compares texts in any order.
func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
