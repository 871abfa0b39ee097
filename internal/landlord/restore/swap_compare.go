package restore

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// compare finds out, under the lock, what there is and what is left to do.
func (s *swap) compare(ctx context.Context, id uint64) (err error) {
	if s.r, err = s.room.Registry.ReadRestore(ctx, s.OnMain(), id); err != nil {
		return err
	}
	if err := checkGivenUp(s.r); err != nil {
		return err
	}
	if s.r.Status == landlord.RestoreDone {
		return nil
	}
	if err := s.Complete(); err != nil {
		return err
	}
	if s.Old != nil && s.Row.Running == s.r.Mark() {
		s.Migration = s.Old.ID
	}
	return s.see(ctx)
}

// checkGivenUp refuses a restore that another run has given up meanwhile.
func checkGivenUp(r *registry.RestoreRow) error {
	if r == nil || r.Status == landlord.RestoreRemoved {
		return landlord.NewProblem(landlord.FieldTenant, "Restore was given up", "Another run has given up the restore.", "Apply again: it begins anew.")
	}
	return nil
}

// see looks at the databases and computes what is left to do.
func (s *swap) see(ctx context.Context) error {
	var err error
	if s.view, err = s.room.viewSwap(ctx, s.Srv, s.X, s.Info, s.r); err != nil {
		return err
	}
	if err := s.findGoal(ctx); err != nil {
		return err
	}
	if !s.view.moved {
		if err := s.room.checkMovable(ctx, s.X, s.r, s.view); err != nil {
			return err
		}
		if err := s.checkComing(ctx); err != nil {
			return err
		}
		if s.r.Retired == "" {
			if s.r.Retired, err = s.room.freeDatabase(ctx, s.X, s.room.asideName(s.r), nil); err != nil {
				return err
			}
		}
	}
	s.todo, err = s.view.steps(s.r, s.goal.Schema, registry.Dialect(s.Info))
	return err
}

// findGoal says what the tenant is to be afterwards. Where only some tables
// come back that is what it is now.
func (s *swap) findGoal(ctx context.Context) error {
	if len(s.r.Tables) > 0 && s.r.Status != landlord.RestoreSwapping {
		s.goal = &registry.StoredSchema{Fingerprint: s.view.live.Fingerprint, Schema: s.view.live.Schema}
		return nil
	}
	goal, err := s.room.Estate.StoredSchemaOn(ctx, s.OnMain(), s.r.Goal)
	if err != nil {
		return err
	}
	if goal == nil {
		return fmt.Errorf("the schema `%s` that tenant `%s` is to be restored to is not stored", s.r.Goal, s.r.Slug)
	}
	s.goal = goal
	return nil
}

// checkComing refuses a database beside the tenant that is not complete.
func (s *swap) checkComing(ctx context.Context) error {
	var want []string
	for _, o := range s.goal.Schema.Objects {
		if moves(o.Kind) && (len(s.r.Tables) == 0 || slices.Contains(s.r.Tables, o.Name)) {
			want = append(want, o.Name)
		}
	}
	have := slices.Clone(s.view.coming)
	slices.Sort(want)
	slices.Sort(have)
	if slices.Equal(want, have) {
		return s.checkSame(ctx)
	}
	return landlord.NewProblem(landlord.FieldCheckpoint, "Restored database is not complete",
		fmt.Sprintf("Database `%s`, from which tenant `%s` is to be restored, does not hold the tables that it should. Somebody changed it.", s.r.Side, s.r.Slug),
		"The tenant was not touched. Apply again: the checkpoint is loaded anew.")
}

// checkSame refuses to bring back some tables that are not what they were: the
// rest of the tenant would not fit them.
func (s *swap) checkSame(ctx context.Context) error {
	if len(s.r.Tables) == 0 || s.r.Status == landlord.RestoreSwapping { // then it was found the same before
		return nil
	}
	side, err := s.room.Estate.LiveFingerprint(ctx, s.Srv, s.X, s.r.Side)
	if err != nil || side == nil {
		return err
	}
	return sameTables(s.r, *side, s.view.live.Fingerprint)
}

// sameTables refuses tables whose structure is not what it was.
func sameTables(r *registry.RestoreRow, was, is ddl.Fingerprint) error {
	var changed []string
	for _, name := range r.Tables {
		if object := "table " + name; was.Objects[object] != is.Objects[object] {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldTables, "Tables have changed since the checkpoint",
		fmt.Sprintf("Tenant `%s` is to get back some of its tables in place, but the structure of %s is not what it was when checkpoint `%s` was taken.", r.Slug, landlord.Quoted(changed), r.Checkpoint),
		"The tenant was not touched. Restore all tables, or restore side by side and copy the rows.")
}

// asideName names the database that keeps what gives way. It has the id of the
// tenant's row: two slugs would not always fit into one name.
func (rs *Restores) asideName(r *registry.RestoreRow) string {
	return fmt.Sprint(rs.Registry.Retirement(), "_", r.Tenant, "_", passing(r))
}

// freeDatabase returns a name that no database of the server has, but for those
// that are about to go.
func (rs *Restores) freeDatabase(ctx context.Context, q mysql.Queryer, name string, going []string) (string, error) {
	for i := 1; ; i++ {
		candidate := name
		if i > 1 {
			candidate += fmt.Sprint("_", i)
		}
		there, err := catalog.ListDatabases(ctx, q, catalog.Databases{Names: []string{candidate}})
		if err != nil {
			return "", fmt.Errorf("looking for database `%s`: %w", candidate, err)
		}
		if len(there) == 0 || slices.Contains(going, candidate) {
			return candidate, nil
		}
	}
}
