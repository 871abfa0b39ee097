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

// AccountRow is a row of `tenant_accounts`: an account of a tenant as it was
// asked for. Its password is nowhere but on the server.
type AccountRow struct {
	ID                 uint64
	Tenant             uint64
	Slug               string
	Server             string // key, empty for the main one
	Name               string
	Hosts              []string
	Role               landlord.AccountRole
	RequireTLS         bool
	MaxUserConnections int64 // 0: no limit
	Ready              bool  // false: the run that makes it was cut off
	Author             string
	CreatedAt          time.Time
	ExpiresAt          time.Time // zero for an account that stays
	Recent             bool      // made a short time ago, by the clock of the landlord database
}

// Temporary says whether the account is for one run.
func (r *AccountRow) Temporary() bool { return !r.ExpiresAt.IsZero() }

const accountColumns = "id, tenant_id, tenant_slug, server, account, hosts, role, require_tls, max_user_connections, status, author, created_at, expires_at"

// recentAccount says of a row whether it was made a short time ago.
const recentAccount = "created_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR"

const (
	accountMaking = "making"
	accountReady  = "ready"
)

func scanAccount(from scanner) (*AccountRow, error) {
	var r AccountRow
	var hosts, status string
	var expires sql.NullTime
	err := from.Scan(&r.ID, &r.Tenant, &r.Slug, &r.Server, &r.Name, &hosts, &r.Role, &r.RequireTLS, &r.MaxUserConnections, &status, &r.Author, &r.CreatedAt, &expires, &r.Recent)
	if err != nil {
		return nil, err
	}
	if err := landlord.FromJSON(hosts, &r.Hosts); err != nil {
		return nil, fmt.Errorf("reading the hosts of account `%s`: %w", r.Name, err)
	}
	r.Ready, r.CreatedAt = status == accountReady, r.CreatedAt.UTC()
	if expires.Valid {
		r.ExpiresAt = expires.Time.UTC()
	}
	return &r, nil
}

func (r *Store) accountsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*AccountRow, error) {
	return allRows(ctx, q, "the accounts of tenants", scanAccount,
		"SELECT "+accountColumns+", "+recentAccount+" FROM "+r.table("tenant_accounts")+where+" ORDER BY account, id", args...)
}

// ReadAccounts reads the accounts of all tenants, by name.
func (r *Store) ReadAccounts(ctx context.Context, q mysql.Queryer) ([]*AccountRow, error) {
	return r.accountsWhere(ctx, q, "")
}

// ReadTenantAccounts reads the accounts of one tenant, by name.
func (r *Store) ReadTenantAccounts(ctx context.Context, q mysql.Queryer, tenant uint64) ([]*AccountRow, error) {
	return r.accountsWhere(ctx, q, " WHERE tenant_id = ?", tenant)
}

// ReadExpiredAccounts reads the accounts whose time is over by the clock of the
// landlord database.
func (r *Store) ReadExpiredAccounts(ctx context.Context, q mysql.Queryer) ([]*AccountRow, error) {
	return r.accountsWhere(ctx, q, " WHERE expires_at <= UTC_TIMESTAMP(6)")
}

// ReadAccount reads the account of a name on a server; nil when no tenant has it.
func (r *Store) ReadAccount(ctx context.Context, q mysql.Queryer, server, name string) (*AccountRow, error) {
	a, err := scanAccount(q.Row(ctx, "SELECT "+accountColumns+", "+recentAccount+" FROM "+r.table("tenant_accounts")+" WHERE server = ? AND account = ?", server, name))
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading account `%s`: %w", name, err)
	}
	return a, nil
}

// InsertAccount records an account that is about to be made, or taken over, and
// returns its id. It is for one run when it lives for a time, which begins now by
// the clock of the landlord database. The error is mysql.IsDuplicateKey when a
// tenant has the account already.
func (r *Store) InsertAccount(ctx context.Context, q mysql.Queryer, a *AccountRow, life time.Duration) (uint64, error) {
	hosts, err := landlord.ToJSON(a.Hosts)
	if err != nil {
		return 0, err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_accounts")+
		" (tenant_id, tenant_slug, server, account, hosts, role, require_tls, max_user_connections, status, author, expires_at) VALUES (?,?,?,?,?,?,?,?,?,?,"+
		"UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
		a.Tenant, a.Slug, a.Server, a.Name, hosts, a.Role, a.RequireTLS, a.MaxUserConnections, accountMaking, landlord.Cut(a.Author, 190), seconds(life))
	if err != nil {
		return 0, fmt.Errorf("recording account `%s`: %w", a.Name, err)
	}
	return uint64(res.LastInsertID), nil //nolint:gosec // ids are positive
}

// seconds returns the length of a life for an INTERVAL, NULL for one without end.
func seconds(life time.Duration) any {
	if life <= 0 {
		return nil
	}
	return int64(life.Seconds())
}

// WriteAccount records what is true of an account, or about to be: its hosts,
// role, TLS and limit, and whether it is ready.
func (r *Store) WriteAccount(ctx context.Context, q mysql.Queryer, a *AccountRow) error {
	hosts, err := landlord.ToJSON(a.Hosts)
	if err != nil {
		return err
	}
	status := accountMaking
	if a.Ready {
		status = accountReady
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_accounts")+" SET hosts=?, role=?, require_tls=?, max_user_connections=?, status=? WHERE id=?",
		hosts, a.Role, a.RequireTLS, a.MaxUserConnections, status, a.ID)
	if err != nil {
		return fmt.Errorf("recording account `%s`: %w", a.Name, err)
	}
	return nil
}

// ExtendAccount lets an account for one run live for a time from now on. It
// returns false when it is not recorded any more.
func (r *Store) ExtendAccount(ctx context.Context, q mysql.Queryer, server, name string, life time.Duration) (bool, error) {
	res, err := q.Exec(ctx, "UPDATE "+r.table("tenant_accounts")+" SET expires_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND"+
		" WHERE server=? AND account=? AND expires_at IS NOT NULL", seconds(life), server, name)
	if err != nil {
		return false, fmt.Errorf("extending account `%s`: %w", name, err)
	}
	return res.RowsAffected > 0, nil
}

// DeleteAccount forgets an account.
func (r *Store) DeleteAccount(ctx context.Context, q mysql.Queryer, id uint64) error {
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_accounts")+" WHERE id=?", id); err != nil {
		return fmt.Errorf("forgetting an account: %w", err)
	}
	return nil
}

// DeleteTenantAccounts forgets the accounts of a tenant.
func (r *Store) DeleteTenantAccounts(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_accounts")+" WHERE tenant_id=?", tenant); err != nil {
		return fmt.Errorf("forgetting the accounts of a tenant: %w", err)
	}
	return nil
}
