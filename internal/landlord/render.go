package landlord

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// rendering is what a composition becomes on a server: proof that its
// statements work there, and the schema as that server prints it.
type rendering struct {
	fingerprint ddl.Fingerprint
	schema      ddl.Schema
	stored      bool // read from the landlord database, or written to it
}

// renders keeps the renderings of this process. A rendering never changes: it
// belongs to the statements and to what shapes their result on a server.
type renders struct {
	flight singleflight.Group
	mu     sync.Mutex
	done   map[string]*rendering
	proofs map[string]*proof

	findings sync.Map // of versions that were judged: []template.Finding
}

func newRenders() *renders {
	return &renders{done: map[string]*rendering{}, proofs: map[string]*proof{}}
}

// get returns the rendering of a composition on a server; nil when this process
// has none.
func (r *renders) get(key string) *rendering {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done[key]
}

func (r *renders) put(key string, made *rendering) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[key] = made
}

// renderKey is what a rendering is kept under.
func renderKey(srv *server, info mysql.Info, c *template.Composition) string {
	return srv.key + "\x00" + info.RenderKey() + "\x00" + c.Digest
}

// StatementError is a statement that a server refused, with its place in the
// template.
type StatementError struct {
	Statement template.Statement
	Number    int // 1-based, in the order of the composition
	Total     int
	Err       error
}

// Error returns the place and the server's words.
func (e *StatementError) Error() string {
	return fmt.Sprintf("`%s` line %d, statement %d of %d: %v", e.Statement.File, e.Statement.Line, e.Number, e.Total, e.Err)
}

// Unwrap returns the server's error.
func (e *StatementError) Unwrap() error { return e.Err }

// render returns the schema of a composition on a server, from this process,
// from the landlord database, or by running the statements in a scratch
// database. The error is a *StatementError when the server refuses one.
func (e *Engine) render(ctx context.Context, srv *server, c *template.Composition) (*rendering, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "rendering a template", err)
	}
	key := renderKey(srv, info, c)
	if r := e.renders.get(key); r != nil {
		return r, nil
	}
	got, err, _ := e.renders.flight.Do(key, func() (any, error) {
		// The first caller's cancellation must not fail the others.
		ctx := context.WithoutCancel(ctx)
		r, err := e.storedRendering(ctx, c.Digest, info.RenderKey())
		if err == nil && r == nil {
			r, err = e.renderInScratch(ctx, srv, info, c)
		}
		if err != nil {
			return nil, err
		}
		e.renders.put(key, r)
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	return got.(*rendering), nil //nolint:forcetypeassert // the function above returns nothing else
}

// storedRendering looks a rendering up in the landlord database.
func (e *Engine) storedRendering(ctx context.Context, digest, key string) (*rendering, error) {
	stored, err := e.registry.readRendering(ctx, e.main(), digest, key)
	if err != nil {
		return nil, unreachable(e.main(), "reading a rendered template", err)
	}
	if stored == nil {
		return nil, nil
	}
	return &rendering{fingerprint: stored.Fingerprint, schema: stored.Schema, stored: true}, nil
}

// storeSchemaOnce writes the schema of a rendering, unless it is stored.
func (e *Engine) storeSchemaOnce(ctx context.Context, q mysql.Queryer, r *rendering) error {
	if r.stored {
		return nil
	}
	return e.registry.writeSchema(ctx, q, r.fingerprint, r.schema)
}

// storedSchema returns a schema of the landlord database by its fingerprint;
// nil when it is not stored.
func (e *Engine) storedSchema(ctx context.Context, fingerprint string) (*storedSchema, error) {
	if got, ok := e.schemas.Load(fingerprint); ok {
		return got.(*storedSchema), nil //nolint:forcetypeassert // nothing else is stored
	}
	s, err := e.registry.readSchema(ctx, e.main(), fingerprint)
	if err != nil {
		return nil, unreachable(e.main(), "reading a stored schema", err)
	}
	if s == nil {
		return nil, nil
	}
	e.schemas.Store(fingerprint, s)
	return s, nil
}

// scratch is a database that exists for one question to the server. Its lock
// is held by the session that made it, so that a sweep knows what nobody uses.
type scratch struct {
	session *mysql.Session
	name    string
	lent    bool // the session is the caller's, who goes on with it
}

// scratchName makes a name up.
func (e *Engine) scratchName() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return e.registry.scratchPrefix() + hex.EncodeToString(random[:])
}

// openScratch makes a scratch database and selects it.
func (e *Engine) openScratch(ctx context.Context, srv *server) (*scratch, error) {
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, unreachable(srv, "making a scratch database", err)
	}
	srv.sweepOnce.Do(func() { e.sweepScratch(ctx, x) })
	s, err := e.scratchOn(ctx, x)
	if err != nil {
		x.Discard()
		return nil, err
	}
	s.lent = false
	return s, nil
}

// scratchOn makes a scratch database on a session that the caller holds, and
// selects it. Whoever holds a session must not wait for another one.
func (e *Engine) scratchOn(ctx context.Context, x *mysql.Session) (*scratch, error) {
	s := &scratch{session: x, name: e.scratchName(), lent: true}
	if err := x.Lock(ctx, mysql.LockName("landlord scratch", s.name), 0); err != nil {
		return nil, fmt.Errorf("locking scratch database `%s`: %w", s.name, err)
	}
	_, err := x.Exec(ctx, "CREATE DATABASE "+mysql.Quote(s.name)+withTenantCharacters)
	if err == nil {
		err = x.Use(ctx, s.name)
	}
	if err != nil {
		s.close(ctx)
		return nil, &scratchError{name: s.name, err: err}
	}
	return s, nil
}

// scratchError says that a scratch database could not be made.
type scratchError struct {
	name string
	err  error
}

func (e *scratchError) Error() string {
	return fmt.Sprintf("creating scratch database `%s`: %v", e.name, e.err)
}
func (e *scratchError) Unwrap() error { return e.err }

// close drops the database and throws a session of its own away, whose state
// the statements may have changed. What fails is left for a sweep.
func (s *scratch) close(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	_, _ = s.session.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(s.name))
	if s.lent {
		_ = s.session.Unlock(ctx, mysql.LockName("landlord scratch", s.name))
		return
	}
	s.session.Discard()
}

// sweepScratch drops scratch databases that a killed run left behind. Failures
// are left for the next run: sweeping is never the purpose of a run.
func (e *Engine) sweepScratch(ctx context.Context, x *mysql.Session) {
	names, err := mysql.ListDatabases(ctx, x, mysql.Databases{Prefix: e.registry.scratchPrefix()})
	if err != nil {
		return
	}
	ours := regexp.MustCompile("^" + regexp.QuoteMeta(e.registry.scratchPrefix()) + "[0-9a-f]{12}$")
	for _, name := range names {
		if !ours.MatchString(name) {
			continue
		}
		lock := mysql.LockName("landlord scratch", name)
		if x.Lock(ctx, lock, 0) != nil {
			continue // in use
		}
		if _, err := x.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(name)); err == nil {
			e.cfg.Log(ctx, "Dropped a scratch database that an interrupted run left", map[string]any{"database": name})
		}
		_ = x.Unlock(ctx, lock)
	}
}

// renderInScratch runs a composition in a scratch database and reads it back.
func (e *Engine) renderInScratch(ctx context.Context, srv *server, info mysql.Info, c *template.Composition) (*rendering, error) {
	t := trial{whole: c}
	if err := e.try(ctx, srv, info, &t); err != nil {
		return nil, err
	}
	return t.rendered, nil
}

// read returns the schema of the scratch database.
func (s *scratch) read(ctx context.Context, e *Engine, srv *server, info mysql.Info) (*rendering, error) {
	f, err := e.liveFingerprint(ctx, srv, s.session, s.name)
	if err != nil {
		return nil, err
	}
	schema, err := dumpSchema(ctx, s.session, info, s.name)
	if err != nil {
		return nil, err
	}
	return &rendering{fingerprint: *f, schema: schema}, nil
}

// run sends the statements from one to another. Seeds run in one transaction, which is rolled
// back: they are tried, and need no durable commit each.
func (s *scratch) run(ctx context.Context, statements []template.Statement, from, to int) error {
	seeding := false
	for i := from; i < to; i++ {
		st := statements[i]
		if st.Seed && !seeding {
			if _, err := s.session.Exec(ctx, "START TRANSACTION"); err != nil {
				return fmt.Errorf("trying the seeds: %w", err)
			}
			seeding = true
		}
		if _, err := s.session.Exec(ctx, st.SQL); err != nil {
			return &StatementError{Statement: st, Number: i + 1, Total: len(statements), Err: withoutName(err, s.name)}
		}
	}
	if !seeding {
		return nil
	}
	if _, err := s.session.Exec(ctx, "ROLLBACK"); err != nil {
		return fmt.Errorf("trying the seeds: %w", err)
	}
	return nil
}

// scratchNameError is a server error in whose text the name of a scratch
// database, which nobody knows, is replaced.
type scratchNameError struct {
	name string
	err  error
}

func withoutName(err error, name string) error { return &scratchNameError{name: name, err: err} }

func (e *scratchNameError) Error() string {
	text := mysql.Message(e.err)
	text = strings.ReplaceAll(text, "`"+e.name+"`.", "")
	return strings.ReplaceAll(text, e.name+".", "")
}
func (e *scratchNameError) Unwrap() error { return e.err }

// dumpSchema reads a database as the server prints it.
func dumpSchema(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (ddl.Schema, error) {
	dump, err := mysql.DumpDatabase(ctx, q, info, database)
	if err != nil {
		return ddl.Schema{}, fmt.Errorf("reading the schema of database `%s`: %w", database, err)
	}
	return schemaOf(dump), nil
}

// schemaOf returns what a server printed as a schema.
func schemaOf(dump mysql.Dump) ddl.Schema {
	schema := ddl.Schema{CharacterSet: dump.CharacterSet, Collation: dump.Collation, Objects: make([]ddl.Object, 0, len(dump.Objects))}
	for _, o := range dump.Objects {
		schema.Objects = append(schema.Objects, ddl.Object{
			Kind: ddl.Kind(o.Kind), Name: o.Name, Table: o.Table, SQL: o.SQL, SQLMode: o.SQLMode,
			CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection, TimeZone: o.TimeZone,
		})
	}
	return schema
}
