package landlord

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// openRetirement makes the retirement database, and the event that purges what
// has expired.
func (e *Engine) openRetirement(ctx context.Context, x *mysql.Session) error {
	_, err := x.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+mysql.Quote(e.registry.retirement())+withTenantCharacters)
	if err != nil {
		return fmt.Errorf("creating the retirement database `%s`: %w", e.registry.retirement(), err)
	}
	for _, sql := range []string{e.purgeProcedure(), e.purgeEvent()} {
		// Without the privilege for routines and events a later apply purges.
		if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
			return fmt.Errorf("creating the event that purges retired data: %w", err)
		}
	}
	return nil
}

// purgeProcedure drops what has expired. Names of retired tables are made by
// this provider: `r_` and hexadecimal digits.
func (e *Engine) purgeProcedure() string {
	return "CREATE PROCEDURE IF NOT EXISTS " + e.table("purge_retired") + "() MODIFIES SQL DATA COMMENT 'drops retired data whose retention is over'\n" +
		"BEGIN\n" +
		"  DECLARE done INT DEFAULT 0;\n" +
		"  DECLARE object_id BIGINT UNSIGNED;\n" +
		"  DECLARE object_name VARCHAR(64);\n" +
		"  DECLARE expired CURSOR FOR SELECT id, retired_as FROM " + e.table("retired_objects") + " WHERE state IN ('kept', 'returned') AND expires_at <= UTC_TIMESTAMP(6) AND retired_as REGEXP '^r_[0-9a-f]+$';\n" +
		"  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;\n" +
		"  OPEN expired;\n" +
		"  sweep: LOOP\n" +
		"    FETCH expired INTO object_id, object_name;\n" +
		"    IF done = 1 THEN LEAVE sweep; END IF;\n" +
		"    SET @landlord_purge = CONCAT('DROP TABLE IF EXISTS " + mysql.Quote(e.registry.retirement()) + ".`', object_name, '`');\n" +
		"    PREPARE statement FROM @landlord_purge;\n" +
		"    EXECUTE statement;\n" +
		"    DEALLOCATE PREPARE statement;\n" +
		"    UPDATE " + e.table("retired_objects") + " SET state = 'purged' WHERE id = object_id;\n" +
		"  END LOOP;\n" +
		"  CLOSE expired;\n" +
		"END"
}

func (e *Engine) purgeEvent() string {
	return "CREATE EVENT IF NOT EXISTS " + e.table("purge_retired") + " ON SCHEDULE EVERY 1 HOUR ON COMPLETION PRESERVE" +
		" COMMENT 'drops retired data whose retention is over' DO CALL " + e.table("purge_retired") + "()"
}

// purge removes copies whose retention is over, and does at an apply what the
// event would do, where the event scheduler is off. It never fails a run: the next one tries again.
func (e *Engine) purge(ctx context.Context, srv *server, x *mysql.Session, info mysql.Info) {
	e.purgeCopies(ctx, srv, x)
	if info.EventScheduler {
		return
	}
	srv.purgeOnce.Do(func() {
		names, err := e.expired(ctx, x)
		for id, name := range names {
			if err == nil {
				_, err = x.Exec(ctx, "DROP TABLE IF EXISTS "+mysql.Qualified(e.registry.retirement(), name))
			}
			if err == nil {
				_, err = x.Exec(ctx, "UPDATE "+e.table("retired_objects")+" SET state='purged' WHERE id=?", id)
			}
		}
		if err != nil {
			e.cfg.Log(ctx, "Retired data whose retention is over could not be purged", map[string]any{"error": mysql.Message(err)})
		}
	})
}

func (e *Engine) expired(ctx context.Context, x *mysql.Session) (map[uint64]string, error) {
	rows, err := x.Query(ctx, "SELECT id, retired_as FROM "+e.table("retired_objects")+" WHERE state IN ('kept','returned') AND expires_at <= UTC_TIMESTAMP(6)")
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

// schedulerNote warns that nothing purges on time.
func schedulerNote(info mysql.Info) []Note {
	if info.EventScheduler {
		return nil
	}
	return []Note{{Severity: Warning, Field: FieldAllowDestructive, Summary: "Retired data is purged at a later apply",
		Detail: "The event scheduler of the server is off, so retired data whose retention is over goes with the next apply. `SET GLOBAL event_scheduler = ON` purges it every hour."}}
}
