package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Purge removes copies whose retention is over, and does at an apply what the
// event would do, where the event scheduler is off. It never fails a run: the next one tries again.
func (j *Jobs) Purge(ctx context.Context, job *Job) {
	j.Expire(ctx, job)
	if job.Info.EventScheduler || !j.Estate.Run.Purges("retired", job.Srv.Key) {
		return
	}
	x := job.X
	names, err := j.Registry.ExpiredRetired(ctx, x)
	for id, name := range names {
		if err == nil {
			_, err = x.Exec(mysql.Patient(ctx), "DROP TABLE IF EXISTS "+mysql.Qualified(j.Registry.Retirement(), name))
		}
		if err == nil {
			err = j.Registry.SetRetiredPurged(ctx, x, id)
		}
	}
	if err != nil {
		j.Config.Log(ctx, "Retired data whose retention is over could not be purged", map[string]any{"error": mysql.Message(err)})
	}
}

// CheckEmpty refuses to make a half-made database anew when it holds rows. It is told
// what else speaks against going on with it.
func (j *Jobs) CheckEmpty(ctx context.Context, x *mysql.Session, database, since string) error {
	rows, err := x.Query(ctx, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME", database)
	if err != nil {
		return fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		tables = append(tables, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	for _, name := range tables {
		some, err := registry.HasRows(ctx, x, database, name)
		if err != nil {
			return fmt.Errorf("looking into table `%s`: %w", name, err)
		}
		if some {
			return landlord.NewProblem(landlord.FieldSlug, "Interrupted creation cannot go on",
				fmt.Sprintf("The creation of database `%s` was interrupted%s, and table `%s` holds rows.", database, since, name),
				"Nothing was touched.",
				fmt.Sprintf("Either take it over as it is (delete the row of database `%s` from `tenants` of the landlord database and import the tenant), or drop the database yourself and apply again.", database))
		}
	}
	return nil
}

// IfFree does what can wait for another run under a lock of a database on the server
// of a job, if nobody has that, nor the turn at the database.
func (j *Jobs) IfFree(ctx context.Context, job *Job, database, lock string, run func() error) error {
	at := registry.Place{Server: job.Srv.Key, Database: database}
	if at != job.place() { // whose turn the job has
		done := j.Servers.Queue.Try(at)
		if done == nil {
			return nil
		}
		defer done()
	}
	if job.X.Lock(ctx, lock, 0) != nil {
		return nil
	}
	err := run()
	if unlockErr := job.X.Unlock(context.WithoutCancel(ctx), lock); err == nil {
		err = unlockErr
	}
	return err
}
