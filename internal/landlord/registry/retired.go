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

// Retirements is what is recorded of retired data on a server.
type Retirements struct {
	kept  map[string][]landlord.Retired // by slug and id of the tenant
	Count map[string]int                // by slug: how often something was set aside
}

// readRetired reads what is set aside on a server, the newest first: what its
// retirement database still has and whose retention is not over.
func (r *Store) readRetired(ctx context.Context, q mysql.Queryer) (*Retirements, error) {
	out := &Retirements{kept: map[string][]landlord.Retired{}, Count: map[string]int{}}
	rows, err := q.Query(ctx, "SELECT r.id, r.tenant_id, r.tenant_slug, r.object_table, r.object_columns, r.key_columns, r.definition, r.retired_as,"+
		" r.state IN ('kept','planned','returning') AND r.expires_at > UTC_TIMESTAMP(6) AND t.TABLE_NAME IS NOT NULL,"+
		" r.expires_at < UTC_TIMESTAMP(6) + INTERVAL 1 DAY FROM "+r.table("retired_objects")+
		" r LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = ? AND CAST(t.TABLE_NAME AS CHAR) = CAST(r.retired_as AS CHAR) ORDER BY r.id DESC", r.Retirement())
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		var x landlord.Retired
		var tenant uint64
		var slug string
		var there bool
		var columns, keys sql.NullString
		if err := rows.Scan(&x.ID, &tenant, &slug, &x.Table, &columns, &keys, &x.Definition, &x.As, &there, &x.Ending); err != nil {
			return nil, err
		}
		out.Count[slug]++
		if err := errors.Join(landlord.FromJSON(columns.String, &x.Columns), landlord.FromJSON(keys.String, &x.Keys)); err != nil {
			return nil, err
		}
		owner := slug + fmt.Sprint("\x00", tenant)
		if id := fmt.Sprintf("%q %q %q", owner, x.Table, x.Columns); there && !seen[id] { // an older one under the same name stays where it is
			seen[id] = true
			out.kept[owner] = append(out.kept[owner], x)
		}
	}
	return out, rows.Err()
}

// PlanRetired writes, together with the intent of a migration, what its steps
// will set aside and bring back, so that nothing is forgotten when it is never
// completed. Whether something was really set aside the retirement database
// tells: it has the table then.
func (r *Store) PlanRetired(ctx context.Context, q mysql.Queryer, row *TenantRow, migration uint64, steps []RecordedStep, retention time.Duration) error {
	if retention <= 0 {
		retention = landlord.DefaultRetention
	}
	for _, s := range steps {
		if s.Returns != nil {
			if err := r.setRetired(ctx, q, "state='returning'", s.Returns.ID); err != nil {
				return err
			}
		}
		aside := s.Retires
		if aside == nil || s.Operation == "retire_values" {
			continue
		}
		columns, err := landlord.ToJSON(aside.Columns)
		if err != nil {
			return err
		}
		keys, err := landlord.ToJSON(aside.Keys)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, "INSERT INTO "+r.table("retired_objects")+
			" (tenant_id, tenant_slug, migration_id, object_table, object_columns, key_columns, definition, retired_as, state, expires_at)"+
			" VALUES (?,?,?,?,?,?,?,?,'planned',UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
			row.ID, row.Slug, migration, aside.Table, columns, keys, aside.Definition, aside.As, int64(retention.Seconds()))
		if err != nil {
			return fmt.Errorf("recording what is retired: %w", err)
		}
	}
	return nil
}

// RecordRetired writes that a migration has set aside, and brought back, what
// was planned.
func (r *Store) RecordRetired(ctx context.Context, q mysql.Queryer, steps []RecordedStep) error {
	for _, s := range steps {
		if s.Retires != nil {
			if _, err := q.Exec(ctx, "UPDATE "+r.table("retired_objects")+" SET state='kept' WHERE retired_as=? AND state='planned'", s.Retires.As); err != nil {
				return fmt.Errorf("recording what was retired: %w", err)
			}
		}
		back := s.Returns
		switch {
		case back == nil:
		case back.Left == nil:
			if err := r.setRetired(ctx, q, "state='returned'", back.ID); err != nil {
				return err
			}
		default:
			columns, err := landlord.ToJSON(back.Left.Columns)
			if err != nil {
				return err
			}
			if err := r.setRetired(ctx, q, "state='kept', object_columns=?, definition=?", back.ID, columns, back.Left.Definition); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Store) setRetired(ctx context.Context, q mysql.Queryer, set string, id uint64, args ...any) error {
	if _, err := q.Exec(ctx, "UPDATE "+r.table("retired_objects")+" SET "+set+" WHERE id=?", append(args, id)...); err != nil {
		return fmt.Errorf("recording what came back: %w", err)
	}
	return nil
}

// keepRetired writes that what an unfinished migration of a tenant was about to
// set aside or bring back counts as set aside.
func (r *Store) keepRetired(ctx context.Context, q mysql.Queryer, row *TenantRow) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("retired_objects")+
		" SET state='kept' WHERE tenant_id=? AND tenant_slug=? AND state IN ('planned','returning')", row.ID, row.Slug)
	return err
}

// SetRetiredPurged writes that retired data is gone.
func (r *Store) SetRetiredPurged(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("retired_objects")+" SET state='purged' WHERE id=?", id)
	return err
}

// PurgeProcedure makes the procedure that drops what has expired. Names of retired tables are made by
// this provider: `r_` and hexadecimal digits.
func (r *Store) PurgeProcedure() string {
	return "CREATE PROCEDURE IF NOT EXISTS " + r.table("purge_retired") +
		"() MODIFIES SQL DATA COMMENT 'drops retired data whose retention is over'\n" +
		"BEGIN\n" +
		"  DECLARE done INT DEFAULT 0;\n" +
		"  DECLARE object_id BIGINT UNSIGNED;\n" +
		"  DECLARE object_name VARCHAR(64);\n" +
		"  DECLARE expired CURSOR FOR SELECT id, retired_as FROM " + r.table("retired_objects") +
		" WHERE state IN ('kept', 'returned') AND expires_at <= UTC_TIMESTAMP(6) AND retired_as REGEXP '^r_[0-9a-f]+$';\n" +
		"  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;\n" +
		"  OPEN expired;\n" +
		"  sweep: LOOP\n" +
		"    FETCH expired INTO object_id, object_name;\n" +
		"    IF done = 1 THEN LEAVE sweep; END IF;\n" +
		"    SET @landlord_purge = CONCAT('DROP TABLE IF EXISTS " + mysql.Quote(r.Retirement()) + ".`', object_name, '`');\n" +
		"    PREPARE statement FROM @landlord_purge;\n" +
		"    EXECUTE statement;\n" +
		"    DEALLOCATE PREPARE statement;\n" +
		"    UPDATE " + r.table("retired_objects") + " SET state = 'purged' WHERE id = object_id;\n" +
		"  END LOOP;\n" +
		"  CLOSE expired;\n" +
		"END"
}

// PurgeEvent runs purgeProcedure every hour.
func (r *Store) PurgeEvent() string {
	return "CREATE EVENT IF NOT EXISTS " + r.table("purge_retired") + " ON SCHEDULE EVERY 1 HOUR ON COMPLETION PRESERVE" +
		" COMMENT 'drops retired data whose retention is over' DO CALL " + r.table("purge_retired") + "()"
}

// HoldRetired makes the retention of a retired object end in a day, if it would end
// sooner.
func (r *Store) HoldRetired(ctx context.Context, q mysql.Queryer, id uint64) error {
	return r.setRetired(ctx, q, "expires_at=GREATEST(expires_at, UTC_TIMESTAMP(6) + INTERVAL 1 DAY)", id)
}

// ExpiredRetired returns the tables of the retirement database whose retention is
// over, by id of their row.
func (r *Store) ExpiredRetired(ctx context.Context, q mysql.Queryer) (map[uint64]string, error) {
	rows, err := q.Query(ctx, "SELECT id, retired_as FROM "+r.table("retired_objects")+" WHERE state IN ('kept','returned') AND expires_at <= UTC_TIMESTAMP(6)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[uint64]string{}
	for rows.Next() {
		var id uint64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		out[id] = name
	}
	return out, rows.Err()
}

// RetiredOf returns what former migrations of a tenant set aside and nobody has
// brought back or purged, the newest first. One statement answers for all
// tenants of a server.
func (s *Servers) RetiredOf(ctx context.Context, srv *Server, row *TenantRow) ([]landlord.Retired, error) {
	if row == nil {
		return nil, nil
	}
	all, err := s.Retirements(ctx, srv)
	if err != nil {
		return nil, err
	}
	return all.kept[row.Slug+fmt.Sprint("\x00", row.ID)], nil
}

// Retirements returns what was set aside on a server and is still there. It is
// read once a process; what this process changes makes it read again.
func (s *Servers) Retirements(ctx context.Context, srv *Server) (*Retirements, error) {
	srv.retiredMu.Lock()
	defer srv.retiredMu.Unlock()
	if srv.retired == nil {
		all, err := s.Registry.readRetired(ctx, srv)
		if err != nil {
			return nil, Unreachable(srv, "reading what was retired", err)
		}
		srv.retired = all
	}
	return srv.retired, nil
}

// ForgetRetired makes the next look ask the server again.
func (s *Server) ForgetRetired() {
	s.retiredMu.Lock()
	defer s.retiredMu.Unlock()
	s.retired = nil
}
