package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// MoveStatus is how far a move of a tenant has come.
type MoveStatus string

// The statuses of a move.
const (
	MoveBeginning MoveStatus = "beginning" // nothing is made yet
	MoveCopying   MoveStatus = "copying"   // the database on the new server is the move's
	MoveRetiring  MoveStatus = "retiring"  // and what the tenant was is being set aside
	MoveSwitched  MoveStatus = "switched"  // the tenant lives on the new server
	MoveLeft      MoveStatus = "left"      // done, but for what is left on the former server, which did not answer
	MoveDone      MoveStatus = "done"
	MoveAbandoned MoveStatus = "abandoned" // the tenant stayed where it was
	MoveCleared   MoveStatus = "cleared"   // done, and what was set aside is dropped
)

// MoveRow is a row of `tenant_moves`.
type MoveRow struct {
	ID, Tenant     uint64
	Slug, Database string
	From, To       string // keys of servers
	Status         MoveStatus
	Schema         string // fingerprint of what moves
	Retired        string // database on the former server
	Checkpoint     string // name
	MayDrop        bool   // Retired, when its retention is over
	Rows           int64
	Paused         time.Duration
	Author         string
}

// MoveMark begins what the row of a tenant says while it moves.
const MoveMark = "move:"

// Mark is what the row of a tenant says while the move is under way.
func (m *MoveRow) Mark() string { return fmt.Sprint(MoveMark, m.ID) }

// WayOn says how a move that was cut off can go on.
func (m *MoveRow) WayOn() string {
	if m.Status == MoveSwitched {
		return fmt.Sprintf("The tenant lives on %s already. Set `server` to that one and apply; it can move again then.", landlord.ServerName(m.To))
	}
	return fmt.Sprintf("Set `server` to %s to complete the move, or to %s to take it back, and apply.", landlord.ServerName(m.To), landlord.ServerName(m.From))
}

const moveColumns = "id, tenant_id, tenant_slug, database_name, from_server, to_server, status, start_schema, retired_database, checkpoint, may_drop, table_rows, paused_ms, author"

func scanMove(from scanner) (*MoveRow, error) {
	var m MoveRow
	var paused int64
	err := from.Scan(&m.ID, &m.Tenant, &m.Slug, &m.Database, &m.From, &m.To, &m.Status, &m.Schema, &m.Retired, &m.Checkpoint, &m.MayDrop, &m.Rows, &paused, &m.Author)
	m.Paused = time.Duration(paused) * time.Millisecond
	return &m, err
}

func (r *Store) movesWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*MoveRow, error) {
	return allRows(ctx, q, "the moves of tenants", scanMove, "SELECT "+moveColumns+" FROM "+r.table("tenant_moves")+" WHERE "+where+" ORDER BY id", args...)
}

// OpenMove reads the move of a tenant that is under way, or was cut off; nil when
// there is none.
func (r *Store) OpenMove(ctx context.Context, q mysql.Queryer, tenant uint64) (*MoveRow, error) {
	rows, err := r.movesWhere(ctx, q, "tenant_id = ? AND open = 1", tenant)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// PastMoves returns how many moves of a tenant have ended.
func (r *Store) PastMoves(ctx context.Context, q mysql.Queryer, tenant uint64) (int, error) {
	rows, err := r.movesWhere(ctx, q, "tenant_id = ? AND open IS NULL", tenant)
	return len(rows), err
}

// ExpiredMoves reads the moves whose former databases on a server may be dropped
// by now; with an id, that one alone. One that a tenant has by that name may not.
func (r *Store) ExpiredMoves(ctx context.Context, q mysql.Queryer, server string, id uint64) ([]*MoveRow, error) {
	return r.movesWhere(ctx, q, "from_server = ? AND ? IN (0, id) AND status = 'done' AND may_drop = 1 AND retired_database <> '' AND expires_at <= UTC_TIMESTAMP(6)"+
		" AND NOT EXISTS (SELECT 1 FROM "+r.table("tenants")+" t WHERE t.server = from_server AND LOWER(t.database_name) = LOWER(retired_database))", server, id)
}

// LeftMoves reads the moves that have left something on a server; with an id, that
// one alone. A database that a tenant has there by that name is none of it.
func (r *Store) LeftMoves(ctx context.Context, q mysql.Queryer, server string, id uint64) ([]*MoveRow, error) {
	return r.movesWhere(ctx, q, "from_server = ? AND ? IN (0, id) AND status = 'left'"+
		" AND NOT EXISTS (SELECT 1 FROM "+r.table("tenants")+" t WHERE t.server = from_server AND LOWER(t.database_name) = LOWER("+r.table("tenant_moves")+".database_name))", server, id)
}

// movesTo returns the databases on a server that unfinished moves are filling.
func (r *Store) movesTo(ctx context.Context, q mysql.Queryer, server string) ([]*MoveRow, error) {
	return r.movesWhere(ctx, q, "to_server = ? AND open = 1 AND status <> 'switched'", server)
}

// movesFrom returns the moves whose former databases are kept on a server, or are
// about to be.
func (r *Store) movesFrom(ctx context.Context, q mysql.Queryer, server string) ([]*MoveRow, error) {
	return r.movesWhere(ctx, q, "from_server = ? AND status NOT IN ('abandoned', 'cleared')", server)
}

// BeginMove records that a tenant is about to move.
func (r *Store) BeginMove(ctx context.Context, q mysql.Queryer, m *MoveRow) error {
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_moves")+" (tenant_id, tenant_slug, open, from_server, to_server, database_name, status, retired_database, may_drop, author)"+
		" VALUES (?,?,1,?,?,?,?,?,?,?)", m.Tenant, m.Slug, m.From, m.To, m.Database, m.Status, m.Retired, m.MayDrop, landlord.Cut(m.Author, 190))
	if err != nil {
		return fmt.Errorf("recording the move of tenant `%s`: %w", m.Slug, err)
	}
	m.ID = uint64(res.LastInsertID) //nolint:gosec // ids are positive
	return r.SetTenantRunning(ctx, q, m.Tenant, m.Mark())
}

// SetMove writes how far a move has come, from its status, schema, checkpoint, rows
// and pause.
func (r *Store) SetMove(ctx context.Context, q mysql.Queryer, m *MoveRow) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_moves")+" SET status=?, start_schema=?, checkpoint=?, table_rows=?, paused_ms=? WHERE id=?", m.Status, m.Schema, m.Checkpoint, m.Rows, m.Paused.Milliseconds(), m.ID)
	if err != nil {
		return fmt.Errorf("recording the move of tenant `%s`: %w", m.Slug, err)
	}
	return nil
}

// SwitchTenant makes the new server the tenant's, with its accounts. What was
// taken from accounts that somebody else has made stays on the former server.
func (r *Store) SwitchTenant(ctx context.Context, q mysql.Queryer, m *MoveRow, fingerprint string) error {
	if _, err := q.Exec(ctx, "UPDATE "+r.table("tenants")+" SET server=?, current_schema=?, locked_out=NULL WHERE id=?", m.To, landlord.Nullable(fingerprint), m.Tenant); err != nil {
		return err
	}
	if _, err := q.Exec(ctx, "UPDATE "+r.table("tenant_accounts")+" SET server=? WHERE tenant_id=?", m.To, m.Tenant); err != nil {
		return err
	}
	m.Status = MoveSwitched
	return r.SetMove(ctx, q, m)
}

// EndMove closes a move, from its status and pause, and whether the former database
// may be dropped when the retention is over.
func (r *Store) EndMove(ctx context.Context, q mysql.Queryer, m *MoveRow, retention time.Duration) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_moves")+" SET open=NULL, status=?, paused_ms=?, may_drop=?, finished_at=UTC_TIMESTAMP(6), expires_at=UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id=?",
		m.Status, m.Paused.Milliseconds(), m.MayDrop, int64(retention.Seconds()), m.ID)
	if err != nil {
		return fmt.Errorf("recording the move of tenant `%s`: %w", m.Slug, err)
	}
	return r.SetTenantRunning(ctx, q, m.Tenant, "")
}

// ClearMove records that what a move has set aside is dropped.
func (r *Store) ClearMove(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_moves")+" SET status='cleared' WHERE id=?", id)
	return err
}
