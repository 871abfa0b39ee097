package landlord

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// compare finds out, under the lock, what there is and what is left to do.
func (s *swap) compare(ctx context.Context, id uint64) (err error) {
	if s.r, err = s.e.registry.readRestore(ctx, s.onMain(), id); err != nil {
		return err
	}
	if s.r == nil || s.r.status == restoreRemoved {
		return problem(FieldTenant, "Restore was given up", "Another run has given up the restore.", "Apply again: it begins anew.")
	}
	if s.r.status == restoreDone {
		return nil
	}
	if err := s.complete(); err != nil {
		return err
	}
	if s.old != nil && s.row.running == s.r.mark() {
		s.migration = s.old.id
	}
	return s.see(ctx)
}

// see looks at the databases and computes what is left to do.
func (s *swap) see(ctx context.Context) error {
	var err error
	if s.view, err = s.e.viewSwap(ctx, s.srv, s.x, s.info, s.r); err != nil {
		return err
	}
	if err := s.findGoal(ctx); err != nil {
		return err
	}
	if !s.view.moved {
		if err := s.e.checkMovable(ctx, s.x, s.r, s.view); err != nil {
			return err
		}
		if err := s.checkComing(ctx); err != nil {
			return err
		}
		if s.r.retired == "" {
			if s.r.retired, err = s.e.freeDatabase(ctx, s.x, s.e.asideName(s.r)); err != nil {
				return err
			}
		}
	}
	s.todo, err = s.view.steps(s.r, s.goal.Schema, dialect(s.info))
	return err
}

// findGoal says what the tenant is to be afterwards. Where only some tables
// come back that is what it is now.
func (s *swap) findGoal(ctx context.Context) error {
	if len(s.r.tables) > 0 && s.r.status != restoreSwapping {
		s.goal = &storedSchema{Fingerprint: s.view.live.fingerprint, Schema: s.view.live.schema}
		return nil
	}
	goal, err := s.e.storedSchemaOn(ctx, s.onMain(), s.r.goal)
	if err != nil {
		return err
	}
	if goal == nil {
		return fmt.Errorf("the schema `%s` that tenant `%s` is to be restored to is not stored", s.r.goal, s.r.slug)
	}
	s.goal = goal
	return nil
}

// checkComing refuses a database beside the tenant that is not complete.
func (s *swap) checkComing(ctx context.Context) error {
	var want []string
	for _, o := range s.goal.Schema.Objects {
		if moves(o.Kind) && (len(s.r.tables) == 0 || slices.Contains(s.r.tables, o.Name)) {
			want = append(want, o.Name)
		}
	}
	have := slices.Clone(s.view.coming)
	slices.Sort(want)
	slices.Sort(have)
	if slices.Equal(want, have) {
		return s.checkSame(ctx)
	}
	return problem(FieldCheckpoint, "Restored database is not complete",
		fmt.Sprintf("Database `%s`, from which tenant `%s` is to be restored, does not hold the tables that it should. Somebody changed it.", s.r.side, s.r.slug),
		"The tenant was not touched. Apply again: the checkpoint is loaded anew.")
}

// checkSame refuses to bring back some tables that are not what they were: the
// rest of the tenant would not fit them.
func (s *swap) checkSame(ctx context.Context) error {
	if len(s.r.tables) == 0 || s.r.status == restoreSwapping { // then it was found the same before
		return nil
	}
	side, err := s.e.liveFingerprint(ctx, s.srv, s.x, s.r.side)
	if err != nil || side == nil {
		return err
	}
	return sameTables(s.r, *side, s.view.live.fingerprint)
}

// sameTables refuses tables whose structure is not what it was.
func sameTables(r *restoreRow, was, is ddl.Fingerprint) error {
	var changed []string
	for _, name := range r.tables {
		if object := "table " + name; was.Objects[object] != is.Objects[object] {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return problem(FieldTables, "Tables have changed since the checkpoint",
		fmt.Sprintf("Tenant `%s` is to get back some of its tables in place, but the structure of %s is not what it was when checkpoint `%s` was taken.", r.slug, quoted(changed), r.checkpoint),
		"The tenant was not touched. Restore all tables, or restore side by side and copy the rows.")
}

// asideName names the database that keeps what gives way. It has the id of the
// tenant's row: two slugs would not always fit into one name.
func (e *Engine) asideName(r *restoreRow) string {
	suffix := fmt.Sprint("_", r.tenant, "_", passing(r))
	return cut(e.registry.retirement(), MaxDatabaseName-len(suffix)-3) + suffix
}

// freeDatabase returns a name that no database of the server has.
func (e *Engine) freeDatabase(ctx context.Context, q mysql.Queryer, name string) (string, error) {
	for i := 1; ; i++ {
		candidate := name
		if i > 1 {
			candidate += fmt.Sprint("_", i)
		}
		there, err := mysql.ListDatabases(ctx, q, mysql.Databases{Names: []string{candidate}})
		if err != nil {
			return "", fmt.Errorf("looking for database `%s`: %w", candidate, err)
		}
		if len(there) == 0 {
			return candidate, nil
		}
	}
}
