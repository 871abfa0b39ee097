package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A LoadRequest says what to load and where.
type LoadRequest struct {
	Directory string
	// Checksum is the checksum that the manifest must have; empty takes any. A
	// caller that remembers it is safe from a checkpoint that was replaced.
	Checksum string
	// Database exists and is empty.
	Database string
	// Tables restricts the load to some tables and their triggers.
	Tables []string
	// TablesOnly leaves out routines, views, triggers and events: they can be
	// created later with [script.Schema.Programs].
	TablesOnly bool
	// EventsDisabled creates events disabled, so that none of them runs.
	EventsDisabled bool
	// Restart begins again when the database holds a load of this checkpoint that
	// was cut off: the database is dropped and created again. What a load did not
	// make is never dropped.
	Restart bool
	// Connections is how many write at the same time, 0 means 4; when the pool
	// has fewer, fewer are used.
	Connections int
	// Session is one that the caller holds, see Request.Session.
	Session *mysql.Session
	// Progress is called about once a second, nil means never.
	Progress func(Progress)
}

// A Loaded is the result of a load.
type Loaded struct {
	Manifest *Manifest
	Rows     int64
	Bytes    int64
	Duration time.Duration
	// Notes name what could not be created, as it did not work before either, or
	// does not work here.
	Notes []string
	// Without are the views that were not created.
	Without []string
}

// markerTable is in a database while a load is under way; its comment is the
// checksum of the checkpoint.
const markerTable = "_landlord_checkpoint_load"

// Load loads a checkpoint into a database that exists and is empty. First every
// file is compared with its hash. Definers, modes, character sets and counters
// become those of the checkpoint, and so does the character set of the database.
//
// When it fails or the context ends, the database holds a part of the checkpoint
// and a mark that says so: see LoadRequest.Restart. The error is a
// *DamagedError, a *NotEmptyError, a *TooLargeError or a *NoTableError when it is for the caller
// to decide, and a *RefusedError when the server refuses what is in the checkpoint: see [Advice].
func Load(ctx context.Context, srv *mysql.Server, req LoadRequest) (*Loaded, error) {
	ctx = mysql.Patient(ctx)
	m, err := Read(req.Directory)
	if err != nil {
		return nil, err
	}
	l := &loading{req: req, manifest: m, start: time.Now()}
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	c, err := session.Acquire(ctx, srv, req.Session, connections(req.Connections))
	if err != nil {
		return nil, err
	}
	defer c.Release()
	l.group = c
	if err := l.run(ctx, true); err != nil {
		return nil, err
	}
	return l.result(), nil
}

// A loading is one run of Load.
type loading struct {
	req      LoadRequest
	manifest *Manifest
	schema   script.Schema
	files    []File // with rows
	group    *session.Group
	info     mysql.Info
	packet   int64 // max_allowed_packet of the server
	start    time.Time
	rows     int64
	bytes    int64
	notes    []string
	without  []string // see Loaded.Without
}

// prepare reads and checks the files, before anything is written.
func (l *loading) prepare(ctx context.Context) error {
	m := l.manifest
	if l.req.Checksum != "" && l.req.Checksum != m.Checksum {
		return &DamagedError{Directory: m.directory, File: manifestFile, Reason: "was replaced: its checksum is not the one that was written down"}
	}
	schema, err := m.Schema()
	if err != nil {
		return err
	}
	l.schema = *schema
	if len(l.req.Tables) > 0 {
		for _, name := range l.req.Tables {
			if !hasTable(schema, name) {
				return &NoTableError{Table: name}
			}
		}
		l.schema = schema.Only(l.req.Tables)
	}
	for _, f := range m.Files {
		if f.Table == "" || len(l.req.Tables) > 0 && !slices.Contains(l.req.Tables, f.Table) {
			continue
		}
		if err := f.check(ctx, m.directory); err != nil {
			return err
		}
		l.files = append(l.files, f)
	}
	return nil
}

func hasTable(s *script.Schema, name string) bool {
	return slices.ContainsFunc(s.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindTable && o.Name == name })
}

func (l *loading) result() *Loaded {
	return &Loaded{
		Manifest: l.manifest, Rows: l.rows, Bytes: l.bytes, Notes: l.notes, Without: l.without,
		Duration: time.Since(l.start).Round(time.Millisecond),
	}
}

// run loads. The mark is removed at the end when the caller wants it so.
func (l *loading) run(ctx context.Context, unmark bool) error {
	return l.explain(ctx, l.fill(ctx, unmark))
}

func (l *loading) fill(ctx context.Context, unmark bool) error {
	var err error
	if l.info, err = l.group.Info(ctx); err != nil {
		return err
	}
	if l.info.Product != l.manifest.Product {
		return fmt.Errorf("the checkpoint in `%s` was taken from %s, and the server is %s", l.manifest.directory, l.manifest.Product, l.info.Product)
	}
	x := l.group.First()
	if l.packet, err = value.Packet(ctx, x); err != nil {
		return err
	}
	if err := l.manifest.CheckFits(l.packet, l.req.Tables); err != nil {
		return err
	}
	if err := l.checkNames(); err != nil {
		return err
	}
	if err := l.claim(ctx, x); err != nil {
		return err
	}
	if err := l.prepareSessions(ctx); err != nil {
		return err
	}
	if err := l.makeTables(ctx, x); err != nil {
		return err
	}
	if err := l.loadRows(ctx); err != nil {
		return err
	}
	if !l.req.TablesOnly {
		if err := l.makePrograms(ctx, x); err != nil {
			return err
		}
	}
	if unmark {
		if _, err := x.Exec(ctx, "DROP TABLE "+mysql.Qualified(l.req.Database, markerTable)); err != nil {
			return fmt.Errorf("take the mark of the load away: %w", err)
		}
	}
	return nil
}

// claim makes sure that the database is ours, and marks it.
func (l *loading) claim(ctx context.Context, x *mysql.Session) error {
	database := l.req.Database
	found, err := readFingerprint(ctx, x, l.info, database)
	if err != nil {
		return err
	}
	if len(found.Objects) == 0 {
		return fmt.Errorf("load a checkpoint: the database `%s` does not exist", database)
	}
	if objects := keys(found.Objects); len(objects) > 0 {
		refused := &NotEmptyError{Database: database, Objects: objects}
		if refused.Unfinished, err = l.marked(ctx, x); err != nil {
			return err
		}
		if !refused.Unfinished || !l.req.Restart {
			return refused
		}
		if err := recreate(ctx, x, database, l.schema); err != nil {
			return err
		}
	}
	mark := "CREATE TABLE " + mysql.Qualified(database, markerTable) + " (id INT PRIMARY KEY) COMMENT = "
	if _, err := x.Exec(ctx, mark+string(value.AppendQuoted(nil, []byte(l.manifest.Checksum)))); err != nil {
		return fmt.Errorf("mark the database `%s`: %w", database, err)
	}
	return nil
}

// marked says whether the database holds a load of this checkpoint.
func (l *loading) marked(ctx context.Context, x *mysql.Session) (bool, error) {
	mark, err := readMark(ctx, x, l.req.Database)
	return mark == l.manifest.Checksum, err
}

// readMark returns the mark of a load, empty when there is none.
func readMark(ctx context.Context, q mysql.Queryer, database string) (string, error) {
	var mark string
	row := q.Row(ctx, "SELECT COALESCE(MAX(TABLE_COMMENT), '') FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", database, markerTable)
	if err := row.Scan(&mark); err != nil {
		return "", fmt.Errorf("look for the mark of a load in `%s`: %w", database, err)
	}
	return mark, nil
}

// recreate empties a database that a load made.
func recreate(ctx context.Context, x *mysql.Session, database string, s script.Schema) error {
	if err := dropDatabase(ctx, x, database); err != nil {
		return err
	}
	_, err := x.Exec(ctx, "CREATE DATABASE "+mysql.Quote(database)+" CHARACTER SET "+s.CharacterSet+" COLLATE "+s.Collation)
	if err != nil && !mysql.IsDatabaseExists(err) {
		return fmt.Errorf("create the database `%s`: %w", database, err)
	}
	return nil
}

// dropDatabase drops a database. MariaDB now and then leaves a file behind, and
// the empty database with it.
func dropDatabase(ctx context.Context, x *mysql.Session, database string) error {
	_, err := x.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(database))
	if err != nil && !mysql.IsDirectoryNotEmpty(err) {
		return fmt.Errorf("drop the database `%s`: %w", database, err)
	}
	return nil
}

// prepareSessions makes the database the default one of every session.
func (l *loading) prepareSessions(ctx context.Context) error {
	if err := l.group.Prepare(ctx, l.info); err != nil {
		return err
	}
	if err := l.group.Loosen(ctx); err != nil {
		return err
	}
	settings := append(slices.Clone(script.Settings), "SET innodb_lock_wait_timeout = 3600, lock_wait_timeout = 3600")
	for _, x := range l.group.Sessions {
		if err := x.Use(ctx, l.req.Database); err != nil {
			return err
		}
		for _, sql := range settings {
			if _, err := x.Exec(ctx, sql); err != nil && !mysql.IsAccessDenied(err) {
				return fmt.Errorf("prepare a session: %w", err)
			}
		}
	}
	return nil
}

// makeTables makes what must be there before the rows.
func (l *loading) makeTables(ctx context.Context, x *mysql.Session) error {
	sql := "ALTER DATABASE " + mysql.Quote(l.req.Database) + " CHARACTER SET " + l.schema.CharacterSet + " COLLATE " + l.schema.Collation
	if _, err := x.Exec(ctx, sql); err != nil {
		return fmt.Errorf("set the character set of the database `%s`: %w", l.req.Database, err)
	}
	var lax []refusal
	for _, st := range l.schema.Tables() {
		strict := l.create(ctx, x, st)
		if strict == nil {
			continue
		}
		if err := l.runLax(ctx, x, st, strict); err != nil {
			return err
		}
		lax = append(lax, refusal{ddl.Object{Kind: st.Kind, Name: st.Name}.Key(), strict})
	}
	return l.proveLax(ctx, x, lax)
}

// makePrograms makes what must not be there while rows are loaded. A view that
// needs rights of its definer on this database is left out like one that never
// worked: whoever made it must not keep the rest from being loaded.
func (l *loading) makePrograms(ctx context.Context, x *mysql.Session) error {
	for _, st := range l.schema.Programs(script.Options{EventsDisabled: l.req.EventsDisabled}) {
		err := l.create(ctx, x, st)
		if err == nil {
			continue
		}
		why := "which did not work when it was copied, "
		if !st.Broken && !x.Poisoned() && st.Kind == ddl.KindView && mysql.IsOthersAccessDenied(err, l.info.Account) {
			why, st.Broken = "whose definer has no rights on this database, ", true
		}
		if !st.Broken || x.Poisoned() {
			return err
		}
		l.without = append(l.without, st.Name)
		l.notes = append(l.notes, fmt.Sprintf("The view `%s`, %swas not created: %s.",
			st.Name, why, strings.TrimSuffix(mysql.Message(errors.Unwrap(err)), ".")))
	}
	return nil
}
