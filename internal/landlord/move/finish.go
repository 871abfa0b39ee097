package move

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// recorded returns what is recorded of the schema from now on: that of the other
// server, in its words, where the tenant had not drifted. A server of another
// version prints other texts.
func (mv *moving) recorded(ctx context.Context) (string, error) {
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.to.Srv, mv.to.X, mv.m.Database)
	if err != nil {
		return "", err
	}
	if live == nil {
		return "", fmt.Errorf("database `%s` is gone", mv.m.Database)
	}
	was := mv.want.Fingerprint.Whole
	if mv.row.CurrentSchema != was || live.Whole == was || len(mv.enabledEvents()) > 0 { // events are disabled until the tenant lives there
		return mv.row.CurrentSchema, nil
	}
	schema, err := estate.DumpSchema(ctx, mv.to.X, mv.to.Info, mv.m.Database)
	if err != nil {
		return "", err
	}
	return live.Whole, mv.room.Registry.WriteSchema(ctx, mv.to.OnMain(), *live, schema)
}

// enabledEvents returns the events that a schedule starts.
func (mv *moving) enabledEvents() []string {
	var names []string
	for _, o := range mv.want.Schema.Objects {
		if o.Kind == ddl.KindEvent && program.WithEventState(o.SQL, "DISABLE") != o.SQL {
			names = append(names, o.Name)
		}
	}
	return names
}

// finish lets applications in on the new server and sets aside what the tenant
// was. Every part finds out what is left of it, so it can be cut off anywhere. Until
// applications are in, nobody who asks the run to end is heard. A former server that
// does not answer keeps the tenant from nothing: what is left of it there waits for
// a run that works on that server.
func (mv *moving) finish(ctx context.Context) error {
	fault := mv.room.Servers.Fault
	fault("after the switch")
	usable := context.WithoutCancel(ctx)
	if err := mv.readSchema(usable); err != nil {
		return mv.stopped(err)
	}
	if err := mv.open(usable); err != nil {
		return mv.stopped(err)
	}
	fault("after letting applications in")
	mv.m.Status, mv.m.MayDrop = registry.MoveDone, mv.spec.AllowDestructive // as the plan of this run says, which need not be the one that began
	if mv.from == nil {
		mv.m.Status = registry.MoveLeft
	} else if err := mv.leave(ctx); mysql.IsUnanswered(err) && ctx.Err() == nil {
		mv.m.Status = registry.MoveLeft
		mv.room.Config.Log(ctx, "The former server of a tenant does not answer", map[string]any{"tenant": mv.m.Slug, "server": mv.m.From, "error": mysql.Message(err)})
	} else if err != nil {
		return mv.stopped(err)
	}
	retention := mv.spec.Retention
	if retention <= 0 {
		retention = landlord.DefaultRetention
	}
	mv.to.Row = mv.row
	return mv.to.Both(ctx, fmt.Sprintf("recording the move of tenant `%s`", mv.m.Slug), func(records, local mysql.Queryer) error {
		if err := mv.room.Registry.EndMove(ctx, records, mv.m, retention); err != nil {
			return err
		}
		return mv.room.Registry.WriteEvent(ctx, local, mv.row, "moved", mv.room.Servers.Author(mv.to.Info), map[string]any{
			"from": mv.m.From, "to": mv.m.To, "retired": mv.m.Retired, "checkpoint": mv.m.Checkpoint, "rows": mv.m.Rows, "paused_ms": mv.m.Paused.Milliseconds(),
		})
	})
}

// leave removes what is left of the tenant on its former server, but for what is set
// aside.
func (mv *moving) leave(ctx context.Context) error {
	if err := mv.clear(ctx); err != nil {
		return err
	}
	mv.room.Servers.Fault("after dropping the former database")
	if err := mv.room.Accesses.DropCopies(ctx, mv.from, mv.m.Tenant); err != nil {
		return err
	}
	return mv.room.Accounts.DropOwner(ctx, mv.from.X, mv.m.Database)
}

// stopped says that a move goes on with the next apply.
func (mv *moving) stopped(err error) error {
	if mysql.IsUnanswered(err) {
		return err
	}
	return &landlord.Problem{Field: landlord.FieldServer, Summary: "Move of the tenant is not complete", Detail: []string{
		fmt.Sprintf("Tenant `%s` lives on %s by now; what is left of it on %s could not be removed.", mv.m.Slug, landlord.ServerName(mv.m.To), landlord.ServerName(mv.m.From)),
		"Cause: " + mysql.Message(err) + ".", "Correct the cause and apply again: the move goes on where it stopped.",
	}, Err: err}
}

// open starts the events of the tenant on the new server and unlocks its accounts
// there.
func (mv *moving) open(ctx context.Context) error {
	for _, name := range mv.enabledEvents() {
		if _, err := mv.to.X.Exec(ctx, "ALTER EVENT "+mysql.Qualified(mv.m.Database, name)+" ENABLE"); err != nil && !mysql.IsNoSuchObject(err) {
			return fmt.Errorf("starting event `%s`: %w", name, err)
		}
	}
	row, err := mv.room.Registry.ReadTenant(ctx, mv.to.OnMain(), mv.m.Slug)
	if err != nil {
		return err
	}
	mv.row, mv.to.Row = row, row
	if row.Status == landlord.StatusActive {
		if err := mv.room.Accesses.LetIn(ctx, mv.to); err != nil {
			return err
		}
	}
	if !mv.paused.IsZero() {
		mv.m.Paused = time.Since(mv.paused)
		mv.room.Config.Log(ctx, "A tenant moved to another server", map[string]any{"tenant": mv.m.Slug, "from": mv.m.From, "to": mv.m.To, "rows": mv.m.Rows, "paused": mv.m.Paused.String()})
	}
	return nil
}

// clear drops the former database, which holds programs alone by now. Their texts
// are in the checkpoint.
func (mv *moving) clear(ctx context.Context) error {
	there, err := catalog.ListDatabases(ctx, mv.from.X, catalog.Databases{Names: []string{mv.m.Database}})
	if err != nil || len(there) == 0 {
		return err
	}
	if err := mv.nothingNew(ctx); err != nil {
		return err
	}
	_, err = mv.from.X.Exec(ctx, landlord.DropDatabase(mv.m.Database))
	return err
}
