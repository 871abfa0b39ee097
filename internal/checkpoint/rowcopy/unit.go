package rowcopy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// copyAttempts is how often a transaction is tried that met the locks of
	// others, with a longer pause each time.
	copyAttempts = 6
	copyPause    = 100 * time.Millisecond
)

// group copies a group, one transaction after another.
func (c *copier) group(ctx context.Context, g copyGroup) error {
	if g.next(c.progress) == nil {
		return nil
	}
	x := c.target.Session
	if err := x.CheckForeignKeys(ctx, !g.unchecked); err != nil {
		return err
	}
	defer func() {
		if !x.Poisoned() {
			tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.TidyTimeout)
			defer cancel()
			_ = x.CheckForeignKeys(tidy, true) // else the session is of no use, and says so itself
		}
	}()
	for {
		t := g.next(c.progress)
		if t == nil {
			return nil
		}
		if err := c.patiently(ctx, g); err != nil {
			return fmt.Errorf("copy table `%s` from `%s` into `%s`: %w", t.name, c.source.Database, c.target.Database, err)
		}
	}
}

// next returns the first table that is not done, nil when all are.
func (g *copyGroup) next(progress map[string]Progress) *copyTable {
	for _, t := range g.tables {
		if !progress[t.name].Done {
			return t
		}
	}
	return nil
}

// patiently runs one transaction, again when it met the locks of others.
func (c *copier) patiently(ctx context.Context, g copyGroup) error {
	for attempt := 1; ; attempt++ {
		u := &copyUnit{copier: c, group: g, state: maps.Clone(c.progress)}
		err := u.run(ctx)
		again := mysql.IsTransient(err) && attempt < copyAttempts || attempt == 1 && u.raced(err)
		if err == nil || !again {
			return err
		}
		timer := time.NewTimer(copyPause * time.Duration(attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// raced says whether a row may have been inserted by somebody else between the
// look for it and our own attempt, so that a second look finds it.
func (u *copyUnit) raced(err error) bool {
	var conflict *ConflictError
	return errors.As(err, &conflict) && u.plan.request.OnConflict == ConflictReplace
}

// A copyUnit is one transaction of the target: from one point at which
// everything fits together to the next.
type copyUnit struct {
	*copier
	group   copyGroup
	tx      *mysql.Tx
	state   map[string]Progress // as it will be once committed
	orphans []*orphanList
}

// run copies until the transaction can be committed.
func (u *copyUnit) run(ctx context.Context) error {
	t := u.group.next(u.state)
	if t.key == nil {
		return u.whole(ctx, t)
	}
	rows, err := u.nextChunk(ctx, t)
	if err != nil {
		return err
	}
	// Rows that are only looked for are not locked with the gaps around them, so
	// that the applications of the target can go on inserting. In a circle the
	// parents that were found must stay.
	level := "READ COMMITTED"
	if u.group.unchecked {
		level = "REPEATABLE READ"
	}
	if err := u.begin(ctx, level); err != nil {
		return err
	}
	defer u.tx.Rollback()
	for {
		if err := u.write(ctx, t, rows); err != nil {
			return err
		}
		settled, err := u.settle(ctx)
		if err != nil {
			return err
		}
		if err := u.journal.Save(ctx, u.tx, u.state[t.name]); err != nil {
			return fmt.Errorf("keep the progress: %w", err)
		}
		if settled {
			return u.commit(ctx)
		}
		if t = u.group.next(u.state); t == nil {
			return u.orphaned()
		}
		if rows, err = u.nextChunk(ctx, t); err != nil {
			return err
		}
	}
}

func (u *copyUnit) begin(ctx context.Context, level string) error {
	x := u.target.Session
	if _, err := x.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL "+level); err != nil {
		return fmt.Errorf("set the isolation level: %w", err)
	}
	tx, err := x.Begin(ctx)
	u.tx = tx
	return err
}

// commit makes the state that of the copy.
func (u *copyUnit) commit(ctx context.Context) error {
	if err := u.tx.Commit(ctx); err != nil {
		return err
	}
	maps.Copy(u.progress, u.state)
	return nil
}

// nextChunk reads the rows that come next, and says in the state how far that
// is.
func (u *copyUnit) nextChunk(ctx context.Context, t *copyTable) ([][][]byte, error) {
	p := u.state[t.name]
	after, err := decodeKey(p.LastKey)
	if err != nil {
		return nil, err
	}
	limit := u.limits[t.name]
	if limit == 0 {
		limit = min(firstCopyChunk, u.plan.request.ChunkRows)
	}
	found, err := u.chunk(ctx, u.tx, t, after, limit)
	if err != nil {
		return nil, err
	}
	switch n := len(found.rows); {
	case found.cut:
		u.limits[t.name] = n
	case n < limit:
		p.Done, p.LastKey = true, nil
	default:
		u.limits[t.name] = min(2*limit, u.plan.request.ChunkRows)
	}
	if !p.Done {
		p.LastKey = encodeKey(found.rows[len(found.rows)-1][len(t.columns):])
	}
	p.Read += int64(len(found.rows))
	u.state[t.name] = p
	if p.Done && u.counted[t.name] {
		err = u.recount(ctx, t, p.Read)
	}
	return found.rows, err
}

// recount asks for the number of rows of a table that was read in one snapshot:
// a key by which rows are not found in the order in which they are sorted would
// go unnoticed otherwise.
func (u *copyUnit) recount(ctx context.Context, t *copyTable, read int64) error {
	var n int64
	query := "SELECT COUNT(*) FROM " + mysql.Qualified(u.source.Database, t.name) + " WHERE " + t.condition()
	if err := u.source.Session.Row(ctx, query).Scan(&n); err != nil {
		return fmt.Errorf("count the rows of the source: %w", err)
	}
	if n != read {
		return fmt.Errorf("%d rows were read, and the source has %d", read, n)
	}
	return nil
}
