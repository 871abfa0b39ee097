package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Past is what the ledger says of the life of a tenant that its next migration
// has to know, because the schema does not tell.
type Past struct {
	// Done are the statements of migration scripts and seeds that updates have
	// run which were never completed, in their order. What they did to rows is
	// there.
	Done []DoneStatement
	// Doubtful are those of such updates that a completed one has followed which
	// led back to where they began: what they did to rows may be there.
	Doubtful []DoneStatement
	// Modules are those that the tenant has had since it was made, or brought
	// back, sorted.
	Modules []string
}

// DoneStatement is a statement of a script or a seed that a tenant has seen.
type DoneStatement struct {
	Migration uint64 // of the ledger
	Step      int
	To        string // name@version that its migration led to
	Origin    string
	Data      bool // it changed rows
	SQL       string
}

// OriginScript is the origin of the steps of migration scripts.
const OriginScript = "migration script"

// ReadPast reads the past of a tenant.
func (r *Store) ReadPast(ctx context.Context, q mysql.Queryer, row *TenantRow) (*Past, error) {
	p := &Past{}
	var unfinished, doubtful []uint64
	rows, err := q.Query(ctx, "SELECT id, status = 'done', migration_name, COALESCE(from_template, ''), COALESCE(to_template, ''), COALESCE(modules, '[]') FROM "+
		r.table("tenant_migrations_history")+" WHERE tenant_id = ? AND tenant_slug = ? AND level = 1 ORDER BY id DESC", row.ID, row.Slug)
	if nothing(err) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	here, back := true, false // since then the tenant has not gone elsewhere, and has come back
	for rows.Next() {
		var id uint64
		var done bool
		var name, from, to, modules string
		if err := rows.Scan(&id, &done, &name, &from, &to, &modules); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		begins := done && (name == "create" || strings.HasPrefix(name, "restore "))
		switch {
		case done:
			var had []string
			if err := landlord.FromJSON(modules, &had); err != nil {
				return nil, fmt.Errorf("reading the ledger: %w", err)
			}
			p.Modules = append(p.Modules, had...)
			here, back = here && from == to && !begins, true
		case here && from == row.AppliedTemplate() && back:
			doubtful = append(doubtful, id)
		case here && from == row.AppliedTemplate():
			unfinished = append(unfinished, id)
		}
		if begins {
			break
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	_ = rows.Close() // what follows may need its connection
	slices.Sort(p.Modules)
	p.Modules = slices.Compact(p.Modules)
	if p.Done, err = r.doneStatements(ctx, q, unfinished); err == nil {
		p.Doubtful, err = r.doneStatements(ctx, q, doubtful)
	}
	return p, err
}

// Had says whether a tenant has been at a version of a template, name@version, with
// these modules: it was made of it, or has left it. An update that was completed alone
// may have held back a part of it. With which modules a tenant came to a version without
// a statement is in no ledger.
func (r *Store) Had(ctx context.Context, q mysql.Queryer, row *TenantRow, version string, modules []string) (bool, error) {
	was, with := false, len(modules) == 0
	_, err := allRows(ctx, q, "the ledger", func(from scanner) (_ struct{}, err error) {
		var there, comes bool
		var text string
		var had []string
		if err = from.Scan(&there, &comes, &text); err == nil {
			err = landlord.FromJSON(text, &had)
		}
		was, with = was || there, with || comes && landlord.Within(modules, had)
		return struct{}{}, err
	}, "SELECT from_template <=> ? OR migration_name = 'create' AND status = 'done', to_template <=> ? AND status = 'done', COALESCE(modules, '[]') FROM "+r.table("tenant_migrations_history")+
		" WHERE tenant_id = ? AND tenant_slug = ? AND level = 1 AND (from_template = ? OR to_template = ?)", version, version, row.ID, row.Slug, version, version)
	return err == nil && was && with, err
}

// doneStatements reads the statements of scripts and seeds that migrations have
// run.
func (r *Store) doneStatements(ctx context.Context, q mysql.Queryer, migrations []uint64) ([]DoneStatement, error) {
	if len(migrations) == 0 {
		return nil, nil
	}
	args := make([]any, len(migrations))
	for i, id := range migrations {
		args[i] = id
	}
	rows, err := q.Query(ctx, "SELECT h.id, s.step, COALESCE(h.to_template, ''), s.origin, s.kind = 'dml', t.sql_text FROM "+r.table("tenant_migration_steps")+" s JOIN "+
		r.table("tenant_migrations_history")+" h ON h.id = s.migration_id JOIN "+r.table("migration_statements")+" t ON t.sha256 = s.sql_sha256"+
		" WHERE s.migration_id IN ("+landlord.Placeholders(len(args), "?")+") AND s.state = 'done'"+
		" AND (s.origin = '"+OriginScript+"' OR s.kind = 'dml' AND s.operation IN ('insert', 'replace', 'update', 'delete', 'select', 'with', 'set'))"+
		" ORDER BY s.migration_id, s.step", args...)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var out []DoneStatement
	for rows.Next() {
		var d DoneStatement
		if err := rows.Scan(&d.Migration, &d.Step, &d.To, &d.Origin, &d.Data, &d.SQL); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}
