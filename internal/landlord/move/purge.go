package move

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// Purge removes what moves have left on the server of a job: what a tenant was
// there, where the server did not answer when the tenant had moved; and what is set
// aside, where that was agreed to and the retention is over. It never fails a run:
// the next one tries again.
func (r *Moves) Purge(ctx context.Context, j *apply.Job) {
	left, err := r.Registry.LeftMoves(ctx, j.OnMain(), j.Srv.Key, 0)
	for _, m := range left {
		err = errors.Join(err, r.leaveLater(ctx, j, m.ID, m.Database))
	}
	expired, failure := r.Registry.ExpiredMoves(ctx, j.OnMain(), j.Srv.Key, 0)
	err = errors.Join(err, failure)
	for _, m := range expired {
		err = errors.Join(err, r.Jobs.IfFree(ctx, j, m.Retired, r.Servers.TenantLock(m.Retired), func() error { return r.purge(ctx, j, m.ID) }))
	}
	if err != nil {
		r.Config.Log(ctx, "What moves left could not be removed yet", map[string]any{"error": mysql.Message(err)})
	}
}

// leaveLater does what a move could not do on its former server, which answers now.
// Whoever works on a database of that name keeps it from that, and so does a tenant
// that has it by now.
func (r *Moves) leaveLater(ctx context.Context, j *apply.Job, id uint64, database string) error {
	return r.Jobs.IfFree(ctx, j, database, r.Servers.TenantLock(database), func() error {
		still, err := r.Registry.LeftMoves(ctx, j.OnMain(), j.Srv.Key, id)
		if err != nil || len(still) == 0 {
			return err
		}
		mv := &moving{room: r, m: still[0], from: j}
		if err := mv.readSchema(ctx); err != nil {
			return err
		}
		if err := mv.leave(ctx); err != nil {
			return err
		}
		mv.m.Status = registry.MoveDone
		return r.Registry.SetMove(ctx, j.OnMain(), mv.m)
	})
}

// purge drops what a move has set aside. What others have put beside it, or in
// its place, stays, with the move.
func (r *Moves) purge(ctx context.Context, j *apply.Job, id uint64) error {
	still, err := r.Registry.ExpiredMoves(ctx, j.OnMain(), j.Srv.Key, id)
	if err != nil || len(still) == 0 {
		return err
	}
	m := still[0]
	there, err := catalog.ListDatabases(ctx, j.X, catalog.Databases{Names: []string{m.Retired}})
	if err != nil {
		return err
	}
	if len(there) > 0 {
		if err := r.isAside(ctx, j, m); err != nil {
			return err
		}
		if _, err := j.X.Exec(mysql.Patient(ctx), landlord.DropDatabase(m.Retired)); err != nil {
			return err
		}
	}
	return r.Registry.ClearMove(ctx, j.OnMain(), m.ID)
}

// isAside refuses a database that holds what a move has not set aside.
func (r *Moves) isAside(ctx context.Context, j *apply.Job, m *registry.MoveRow) error {
	was, err := r.Estate.StoredSchemaOn(ctx, j.OnMain(), m.Schema)
	if err != nil {
		return err
	}
	if was == nil {
		return lostSchema(m)
	}
	is, err := estate.DumpSchema(ctx, j.X, j.Info, m.Retired)
	if err != nil {
		return err
	}
	kept := map[string]ddl.Kind{}
	for _, o := range was.Schema.Objects {
		if o.Kind == ddl.KindTable || o.Kind == ddl.KindSequence {
			kept[o.Name] = o.Kind
		}
	}
	for _, o := range is.Objects {
		if kept[o.Name] != o.Kind {
			return fmt.Errorf("database `%s` holds %s `%s`, which the move of tenant `%s` has not set aside", m.Retired, o.Kind, o.Name, m.Slug)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("the move of tenant `%s` has set nothing aside, and database `%s` is there", m.Slug, m.Retired)
	}
	return nil
}

// leftNote says that a former server does not answer.
func leftNote(m *registry.MoveRow) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldServer, Summary: "Former server of the tenant does not answer", Passing: true,
		Detail: fmt.Sprintf("Tenant `%s` lives on %s by now, where applications reach it when this apply is over. What is left of it on %s, a database `%s` without tables and accounts that are locked, is removed by a later run that changes tenants there.",
			m.Slug, landlord.ServerName(m.To), landlord.ServerName(m.From), m.Database)}
}
