package move

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// keepSchema stores the schema that moves, with all its texts: what was set aside
// comes back by it, and it says which events a schedule starts.
func (mv *moving) keepSchema(ctx context.Context) error {
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.from.Srv, mv.from.X, mv.from.Database)
	if err != nil {
		return err
	}
	if live == nil {
		return fmt.Errorf("database `%s` is gone", mv.from.Database)
	}
	schema, err := estate.DumpSchema(ctx, mv.from.X, mv.from.Info, mv.from.Database)
	if err != nil {
		return err
	}
	mv.want = &registry.StoredSchema{Fingerprint: *live, Schema: schema}
	return mv.onMain(ctx, func(q mysql.Queryer) error { return mv.room.Registry.WriteSchema(ctx, q, *live, schema) })
}

// readSchema reads what keepSchema has stored, where a run before this one did.
func (mv *moving) readSchema(ctx context.Context) (err error) {
	if mv.want != nil && mv.want.Fingerprint.Whole == mv.m.Schema {
		return nil
	}
	at := mv.to
	if at == nil {
		at = mv.from
	}
	mv.want, err = mv.room.Estate.StoredSchemaOn(ctx, at.OnMain(), mv.m.Schema)
	if err == nil && mv.want == nil {
		err = lostSchema(mv.m)
	}
	return err
}

func lostSchema(m *registry.MoveRow) error {
	return fmt.Errorf("the landlord database has lost the schema `%s` that tenant `%s` had when it began to move", m.Schema, m.Slug)
}

// retire sets aside what the tenant was, while it is the tenant's still: its tables
// come into the database that is kept, under a lock that nobody passes. Who waits
// for them, has a transaction open or comes later is told that they are not there.
// What was written before that shows in prove. Ending those who are seen to
// wait only keeps them from making the move repeat itself.
func (mv *moving) retire(ctx context.Context) error {
	x, from := mv.from.X, mv.m.Database
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.from.Srv, x, from)
	if err != nil {
		return err
	}
	if live == nil || live.Whole != mv.want.Fingerprint.Whole { // by a session that the locks of tables do not hold off
		return fmt.Errorf("somebody changed the schema of database `%s` while it was copied", from)
	}
	if err := mv.makeRetired(ctx); err != nil {
		return err
	}
	mv.room.Servers.Fault("after making the database that is kept")
	mv.m.Status = registry.MoveRetiring // what is in that database by the names of the tenant's tables is the tenant's from now on
	if err := mv.room.Registry.SetMove(ctx, mv.from.OnMain(), mv.m); err != nil {
		return err
	}
	mv.room.Servers.Fault("after beginning to set aside")
	for _, name := range mv.names(ddl.KindEvent) {
		if _, err := x.Exec(ctx, "DROP EVENT IF EXISTS "+mysql.Qualified(from, name)); err != nil {
			return err
		}
	}
	mv.room.Servers.Fault("after dropping the events")
	if err := privilege.EndConnections(ctx, x, mv.from.Info, from); err != nil {
		return err
	}
	if err := mv.endWaiting(ctx); err != nil {
		return err
	}
	// What somebody has made since the look above stays, and nothingNew sees it.
	tables := mv.names(ddl.KindTable, ddl.KindSequence)
	slices.Sort(tables)
	if len(tables) > 0 {
		if err := mv.rename(ctx, tables); err != nil {
			return err
		}
	}
	mv.unlock()
	mv.room.Servers.Fault("after renaming the moved tables")
	if err := mv.nothingNew(ctx); err != nil {
		return err
	}
	return mv.nothingLess(ctx)
}

// makeRetired makes the database that is kept, where there are tables to keep. One of
// that name is taken only where nothing is in it, as an attempt before leaves it:
// another landlord database, or an older one, may have given the name too.
func (mv *moving) makeRetired(ctx context.Context) error {
	if len(mv.names(ddl.KindTable, ddl.KindSequence)) == 0 {
		return nil
	}
	there, err := catalog.ListDatabases(ctx, mv.from.X, catalog.Databases{Names: []string{mv.m.Retired}})
	if err != nil {
		return err
	}
	if len(there) == 0 {
		_, err := mv.from.X.Exec(ctx, "CREATE DATABASE "+mysql.Quote(mv.m.Retired))
		return err
	}
	empty, err := mv.retiredIsEmpty(ctx)
	if err == nil && !empty {
		err = fmt.Errorf("database `%s` is there already, and not empty", mv.m.Retired)
	}
	return err
}

// retiredIsEmpty says whether neither tables nor programs are in the database that is
// kept.
func (mv *moving) retiredIsEmpty(ctx context.Context) (bool, error) {
	schema, err := estate.DumpSchema(ctx, mv.from.X, mv.from.Info, mv.m.Retired)
	return err == nil && len(schema.Objects) == 0, err
}

// dropRetired drops the database that is kept, where it is there and nothing is in
// it. What others have in it stays.
func (mv *moving) dropRetired(ctx context.Context) error {
	there, err := catalog.ListDatabases(ctx, mv.from.X, catalog.Databases{Names: []string{mv.m.Retired}})
	if err != nil || len(there) == 0 {
		return err
	}
	if empty, err := mv.retiredIsEmpty(ctx); err != nil || !empty {
		return err
	}
	_, err = mv.from.X.Exec(ctx, landlord.DropDatabase(mv.m.Retired))
	return err
}

// names returns the objects of some kinds that move.
func (mv *moving) names(kinds ...ddl.Kind) []string {
	var names []string
	for _, o := range mv.want.Schema.Objects {
		if slices.Contains(kinds, o.Kind) {
			names = append(names, o.Name)
		}
	}
	return names
}

// rename moves the tables into the database that is kept. The lock on them lets
// nobody write between a trigger that goes and its table. From the lock on it is
// quicker to reach the end than to find the way back.
func (mv *moving) rename(ctx context.Context, tables []string) (err error) {
	if mv.lock == nil {
		if mv.lock, err = mv.from.Srv.Beside(ctx); err != nil {
			return err
		}
	}
	err = mv.room.Servers.Retry(ctx, func() error {
		_, err := mv.lock.Exec(ctx, lockStatement(mv.m.Database, tables, "WRITE"))
		return err
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	for _, name := range mv.names(ddl.KindTrigger) {
		if _, err := mv.lock.Exec(ctx, "DROP TRIGGER IF EXISTS "+mysql.Qualified(mv.m.Database, name)); err != nil {
			return err
		}
	}
	mv.room.Servers.Fault("after dropping the triggers")
	for _, sql := range retirement(mv.from.Info, mv.m.Database, mv.m.Retired, tables) {
		if _, err := mv.lock.Exec(ctx, sql); err != nil {
			return err
		}
		mv.room.Servers.Fault("after setting a table aside")
	}
	return nil
}

// nothingNew refuses what somebody has made in the former database, or changed,
// since its tables are set aside.
func (mv *moving) nothingNew(ctx context.Context) error {
	tables, err := tablesIn(ctx, mv.from.X, mv.m.Database)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		return fmt.Errorf("somebody makes tables in database `%s`", mv.m.Database)
	}
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.from.Srv, mv.from.X, mv.m.Database)
	if err != nil || live == nil {
		return err
	}
	var strange []string
	for object, hash := range live.Objects {
		was, known := mv.want.Fingerprint.Objects[object]
		// What a server says of a view depends on tables that it does not have any more.
		if isProgram(object) && (!known || was != hash && kindOf(object) != ddl.KindView) {
			strange = append(strange, object)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		return fmt.Errorf("somebody makes or changes programs in database `%s`: %s", mv.m.Database, landlord.Quoted(strange))
	}
	return nil
}

// nothingLess refuses that somebody has dropped a program of the former database
// since it was copied.
func (mv *moving) nothingLess(ctx context.Context) error {
	live, err := mv.room.Estate.LiveFingerprint(ctx, mv.from.Srv, mv.from.X, mv.m.Database)
	if err != nil {
		return err
	}
	if live == nil {
		return fmt.Errorf("database `%s` is gone", mv.m.Database)
	}
	var gone []string
	for object := range mv.want.Fingerprint.Objects {
		kind := kindOf(object)
		if _, there := live.Objects[object]; !there && isProgram(object) && kind != ddl.KindTrigger && kind != ddl.KindEvent {
			gone = append(gone, object)
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		return fmt.Errorf("somebody drops programs of database `%s`: %s", mv.m.Database, landlord.Quoted(gone))
	}
	return nil
}

// kindOf returns the kind of an object of a fingerprint.
func kindOf(object string) ddl.Kind {
	kind, _, _ := strings.Cut(object, " ")
	return ddl.Kind(kind)
}

// isProgram says whether an object of a fingerprint is a view, routine, trigger or
// event.
func isProgram(object string) bool {
	switch kindOf(object) {
	case ddl.KindTable, ddl.KindSequence, "database":
		return false
	}
	return true
}

// prove compares what is set aside with what was copied. A row that was written
// between the two by somebody whom no lock of an account holds off is one that the
// copy does not have: then the tenant stays where it is.
func (mv *moving) prove(ctx context.Context, copied *checkpoint.Manifest) error {
	tables, err := tablesIn(ctx, mv.from.X, mv.m.Retired)
	if err != nil || len(tables) == 0 && len(copied.Tables) == 0 {
		return err
	}
	report, err := checkpoint.Compare(ctx, mv.from.Srv.Server, checkpoint.CompareRequest{
		Manifest: copied, Database: mv.m.Retired, TablesOnly: true, Session: mv.from.X,
		Progress: mv.room.Checkpoints.Copying(ctx, landlord.Event{Tenant: mv.m.Slug, What: "Comparing what a tenant was", Of: mv.m.Checkpoint}),
	})
	if err != nil {
		return err
	}
	report.Differences = slices.DeleteFunc(report.Differences, func(d checkpoint.Difference) bool { return !strings.Contains(d.Object, " ") }) // the database itself
	if report.OK() {
		return nil
	}
	return landlord.NewProblem(landlord.FieldServer, "Tenant was written to while it moved",
		fmt.Sprintf("Tenant `%s` was copied to %s, and what it was on %s is not what was copied any more:\n%s", mv.m.Slug, landlord.ServerName(mv.m.To), landlord.ServerName(mv.m.From), checkpointing.ListReport(report)),
		"The tenant stays where it is, with what was written. Its own accounts are locked during a move: end what administrators and programs of other databases write, and apply again.")
}

// comeBack brings back what was set aside, where the move does not come to its
// end: the tables, then triggers and events.
func (mv *moving) comeBack(ctx context.Context) error {
	if mv.m == nil || mv.m.Status != registry.MoveRetiring {
		return nil
	}
	if err := mv.readSchema(ctx); err != nil {
		return err
	}
	x := mv.from.X
	tables, err := asideIn(ctx, x, mv.m.Retired, mv.want)
	if err != nil {
		return err
	}
	if len(tables) > 0 {
		err := mv.room.Servers.Retry(ctx, func() error {
			_, err := x.Exec(ctx, renameStatement(mv.m.Retired, mv.m.Database, tables))
			return err
		})
		if err != nil {
			return fmt.Errorf("bringing back the tables of tenant `%s`: %w", mv.m.Slug, err)
		}
	}
	mv.room.Servers.Fault("after bringing tables back")
	live, err := estate.DumpSchema(ctx, x, mv.from.Info, mv.m.Database)
	if err != nil {
		return err
	}
	steps, err := migrate.BringBack(live, mv.want.Schema, registry.Dialect(mv.from.Info), ddl.KindTrigger, ddl.KindEvent)
	if err != nil {
		return err
	}
	if err := x.Use(ctx, mv.m.Database); err != nil {
		return err
	}
	for _, step := range steps {
		if err := migrate.RunStep(ctx, x, step); err != nil {
			return fmt.Errorf("bringing back %s of tenant `%s`: %w", step.Object, mv.m.Slug, err)
		}
	}
	if tables, err = asideIn(ctx, x, mv.m.Retired, mv.want); err != nil || len(tables) > 0 {
		return cmp.Or(err, fmt.Errorf("database `%s` holds %s", mv.m.Retired, landlord.Several(len(tables), "table")))
	}
	if err := mv.dropRetired(ctx); err != nil {
		return err
	}
	mv.m.Status = registry.MoveCopying
	return mv.room.Registry.SetMove(ctx, mv.from.OnMain(), mv.m)
}

// asideIn returns the tables and sequences of the schema that moves which a database
// has: those of others are not the move's.
func asideIn(ctx context.Context, q mysql.Queryer, retired string, want *registry.StoredSchema) ([]string, error) {
	tables, err := tablesIn(ctx, q, retired)
	return slices.DeleteFunc(tables, func(name string) bool {
		return !slices.ContainsFunc(want.Schema.Objects, func(o ddl.Object) bool {
			return (o.Kind == ddl.KindTable || o.Kind == ddl.KindSequence) && o.Name == name
		})
	}), err
}

// endWaiting ends the sessions that wait for the tables with another default
// database, and returns when no statement of theirs is left that could go on.
func (mv *moving) endWaiting(ctx context.Context) error {
	until := time.Now().Add(10 * time.Second)
	for {
		n, err := privilege.EndWaiting(ctx, mv.from.X, mv.from.Info, mv.m.Database)
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
