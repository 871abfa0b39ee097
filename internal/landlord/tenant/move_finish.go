package tenant

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// recorded returns what is recorded of the schema from now on: that of the other
// server, in its words, where the tenant had not drifted. A server of another
// version prints other texts.
func (mv *moving) recorded(ctx context.Context) (string, error) {
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.to.Srv, mv.to.X, mv.m.Database)
	if err != nil {
		return "", err
	}
	here, err := mv.room.Estate.LiveFingerprint(ctx, mv.from.Srv, mv.from.X, mv.m.Database)
	if err != nil {
		return "", err
	}
	if live == nil || here == nil {
		return "", fmt.Errorf("database `%s` is gone", mv.m.Database)
	}
	if here.Whole != mv.live { // by a session that the locks of tables do not hold off
		return "", fmt.Errorf("somebody changed the schema of database `%s` while it was copied", mv.m.Database)
	}
	if mv.row.CurrentSchema != here.Whole {
		return mv.row.CurrentSchema, nil
	}
	events, err := mv.enabledEvents(ctx)
	if err != nil || len(events) > 0 || live.Whole == here.Whole {
		return mv.row.CurrentSchema, err // events are disabled until the tenant lives there
	}
	schema, err := estate.DumpSchema(ctx, mv.to.X, mv.to.Info, mv.m.Database)
	if err != nil {
		return "", err
	}
	return live.Whole, mv.room.Registry.WriteSchema(ctx, mv.to.OnMain(), *live, schema)
}

// enabledEvents returns the events that a schedule starts on the former server.
func (mv *moving) enabledEvents(ctx context.Context) ([]string, error) {
	return namesIn(ctx, mv.from.X, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND STATUS = 'ENABLED' ORDER BY EVENT_NAME", mv.m.Database)
}

// finish lets applications in on the new server and sets aside what the tenant
// was. Every part finds out what is left of it, so it can be cut off anywhere.
func (mv *moving) finish(ctx context.Context) error {
	fault := mv.room.Servers.Fault
	fault("after the switch")
	if err := mv.open(ctx); err != nil {
		return mv.stopped(err)
	}
	fault("after letting applications in")
	if err := mv.setAside(ctx); err != nil {
		return mv.stopped(err)
	}
	fault("after setting the former database aside")
	if err := mv.room.Accesses.DropCopies(ctx, mv.from, mv.row.ID); err != nil {
		return mv.stopped(err)
	}
	if err := mv.room.Accounts.DropOwner(ctx, mv.from.X, mv.m.Database); err != nil {
		return mv.stopped(err)
	}
	retention := mv.spec.Retention
	if retention <= 0 {
		retention = landlord.DefaultRetention
	}
	mv.m.Status = registry.MoveDone
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

// stopped says that a move goes on with the next apply.
func (mv *moving) stopped(err error) error {
	if mysql.IsUnanswered(err) {
		return err
	}
	return &landlord.Problem{Field: landlord.FieldServer, Summary: "Move of the tenant is not complete", Detail: []string{
		fmt.Sprintf("Tenant `%s` lives on %s by now; what it was on %s could not be set aside.", mv.m.Slug, landlord.ServerName(mv.m.To), landlord.ServerName(mv.m.From)),
		"Cause: " + mysql.Message(err) + ".", "Correct the cause and apply again: the move goes on where it stopped.",
	}, Err: err}
}

// open starts the events of the tenant on the new server and unlocks its accounts
// there.
func (mv *moving) open(ctx context.Context) error {
	events, err := mv.enabledEvents(ctx)
	if err != nil {
		return err
	}
	for _, name := range events {
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
		if err := mv.room.letIn(ctx, mv.to); err != nil {
			return err
		}
	}
	if !mv.paused.IsZero() {
		mv.m.Paused = time.Since(mv.paused)
		mv.room.Config.Log(ctx, "A tenant moved to another server", map[string]any{"tenant": mv.m.Slug, "from": mv.m.From, "to": mv.m.To, "rows": mv.m.Rows, "paused": mv.m.Paused.String()})
	}
	return nil
}

// setAside moves the tables of the former database into the one that is kept, and
// drops what is left of it: programs, whose texts are in the checkpoint. Events go
// first, and with them whoever waits for the tables: nothing may be written once
// they are let go.
func (mv *moving) setAside(ctx context.Context) error {
	x, from := mv.from.X, mv.m.Database
	there, err := mysql.ListDatabases(ctx, x, mysql.Databases{Names: []string{from}})
	if err != nil || len(there) == 0 {
		return err
	}
	if err := mv.dropAll(ctx, "EVENT", "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1"); err != nil {
		return err
	}
	if err := mysql.EndConnections(ctx, x, mv.from.Info, from); err != nil {
		return err
	}
	if err := mv.endWaiting(ctx); err != nil {
		return err
	}
	mv.unlock()
	if err := mv.dropAll(ctx, "TRIGGER", "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY 1"); err != nil {
		return err
	}
	tables, err := tablesIn(ctx, x, from)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		if _, err := x.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+mysql.Quote(mv.m.Retired)); err != nil {
			return err
		}
		if err := mv.endWaiting(ctx); err != nil {
			return err
		}
		err := mv.room.Servers.Retry(ctx, func() error {
			_, err := x.Exec(ctx, renameStatement(from, mv.m.Retired, tables))
			return err
		})
		if err != nil {
			return err
		}
	}
	mv.room.Servers.Fault("after renaming the moved tables")
	if tables, err = tablesIn(ctx, x, from); err != nil {
		return err
	}
	if len(tables) > 0 {
		return fmt.Errorf("somebody makes tables in database `%s`", from)
	}
	_, err = x.Exec(ctx, landlord.DropDatabase(from))
	return err
}

// endWaiting ends the sessions that wait for the tables with another default
// database, and returns when no statement of theirs is left that could go on.
func (mv *moving) endWaiting(ctx context.Context) error {
	until := time.Now().Add(10 * time.Second)
	for {
		n, err := mysql.EndWaiting(ctx, mv.from.X, mv.from.Info, mv.m.Database)
		if err != nil || n == 0 {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("%s still wait for the tables of database `%s`, though their connections were ended", landlord.Several(n, "statement"), mv.m.Database)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// dropAll drops the programs of one kind.
func (mv *moving) dropAll(ctx context.Context, kind, query string) error {
	names, err := namesIn(ctx, mv.from.X, query, mv.m.Database)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := mv.from.X.Exec(ctx, "DROP "+kind+" IF EXISTS "+mysql.Qualified(mv.m.Database, name)); err != nil {
			return err
		}
	}
	return nil
}

// PurgeMoves drops what moves have set aside on the server of a job, where that
// was agreed to and the retention is over. It never fails a run: the next one
// tries again.
func (t *Tenants) PurgeMoves(ctx context.Context, j *apply.Job) {
	rows, err := t.Registry.ExpiredMoves(ctx, j.OnMain(), j.Srv.Key)
	for _, m := range rows {
		if err != nil {
			break
		}
		if _, err = j.X.Exec(mysql.Patient(ctx), landlord.DropDatabase(m.Retired)); err == nil {
			err = t.Registry.ClearMove(ctx, j.OnMain(), m.ID)
		}
	}
	if err != nil {
		t.Config.Log(ctx, "What moves left could not be removed yet", map[string]any{"error": mysql.Message(err)})
	}
}
