package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A VerifyRequest says how to prove a checkpoint.
type VerifyRequest struct {
	Directory string
	Checksum  string // see LoadRequest.Checksum
	// Scratch is the name of a database that is created and dropped again. One
	// that exists is refused, unless it is empty or what an earlier proof of this
	// checkpoint left.
	Scratch     string
	Connections int            // 0 means 4
	Session     *mysql.Session // see Request.Session
	Progress    func(Progress)
}

// Verify loads a checkpoint into a scratch database and compares what the server
// has then with what the checkpoint says. Events are created disabled. The
// scratch database is dropped in any case once it is taken. Differences are in
// the report and are no error. The error is a *DamagedError or a *NotEmptyError
// when it is for the caller to decide.
func Verify(ctx context.Context, srv *mysql.Server, req VerifyRequest) (*Report, error) {
	ctx = mysql.Patient(ctx)
	m, err := Read(req.Directory)
	if err != nil {
		return nil, err
	}
	load := LoadRequest{
		Directory: req.Directory, Checksum: req.Checksum, Database: req.Scratch, EventsDisabled: true, Progress: req.Progress,
	}
	l := &loading{req: load, manifest: m, start: time.Now()}
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	c, err := session.Acquire(ctx, srv, req.Session, connections(req.Connections))
	if err != nil {
		return nil, err
	}
	defer c.Release()
	l.group = c
	if err := l.makeScratch(ctx); err != nil {
		return nil, err
	}
	report, err := l.verify(ctx)
	return report, errors.Join(err, l.dropScratch(ctx, srv))
}

func (l *loading) verify(ctx context.Context) (*Report, error) {
	// The mark stays until the database goes, so that one that is left behind is
	// known for what it is.
	if err := l.run(ctx, false); err != nil {
		return nil, err
	}
	report, err := compareOn(ctx, l.group, CompareRequest{
		Manifest: l.manifest, Database: l.req.Database, EventsDisabled: true, Without: l.without, Progress: l.req.Progress,
	})
	if err != nil {
		return nil, err
	}
	report.Notes = append(l.notes, report.Notes...)
	return report, nil
}

// makeScratch creates the database, after dropping what an earlier proof left.
func (l *loading) makeScratch(ctx context.Context) error {
	x, name := l.group.First(), l.req.Database
	var err error
	if l.info, err = l.group.Info(ctx); err != nil {
		return err
	}
	found, err := readFingerprint(ctx, x, l.info, name)
	if err != nil {
		return err
	}
	if len(found.Objects) > 0 {
		left, err := l.marked(ctx, x)
		if err != nil {
			return err
		}
		if objects := keys(found.Objects); !left && len(objects) > 0 {
			return &NotEmptyError{Database: name, Objects: objects}
		}
	}
	if err := recreate(ctx, x, name, l.schema); err != nil {
		return fmt.Errorf("make a scratch database: %w", err)
	}
	return nil
}

// dropScratch drops the database, also when the context is over. A session that
// was in the middle of a statement cannot be used for it.
func (l *loading) dropScratch(ctx context.Context, srv *mysql.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.TidyTimeout)
	defer cancel()
	for _, x := range l.group.Sessions {
		if !x.Poisoned() {
			return dropDatabase(ctx, x, l.req.Database)
		}
	}
	if l.group.Own != nil { // whoever holds a session must not wait for the pool
		return nil
	}
	for _, x := range l.group.Sessions {
		x.Discard()
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return fmt.Errorf("drop the scratch database `%s`: %w", l.req.Database, err)
	}
	defer x.Close()
	return dropDatabase(ctx, x, l.req.Database)
}
