package render

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
	"golang.org/x/sync/singleflight"
)

// Renders keeps the renderings of this process. A rendering never changes: it
// belongs to the statements and to what shapes their result on a server.
type Renders struct {
	flight singleflight.Group
	Mu     sync.Mutex
	Done   map[string]*estate.Rendering
	Proofs map[string]*Proof

	Findings sync.Map // of versions that were judged: []template.Finding
}

func newRenders() *Renders {
	return &Renders{Done: map[string]*estate.Rendering{}, Proofs: map[string]*Proof{}}
}

// Get returns the rendering of a composition on a server; nil when this process
// has none.
func (r *Renders) Get(key string) *estate.Rendering {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return r.Done[key]
}

// Put stores what was made for a key of RenderKey.
func (r *Renders) Put(key string, made *estate.Rendering) {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	r.Done[key] = made
}

// RenderKey is what a rendering is kept under.
func RenderKey(srv *registry.Server, info mysql.Info, c *template.Composition) string {
	return srv.Key + "\x00" + info.RenderKey() + "\x00" + c.Digest
}

// Render returns the schema of a composition on a server, from this process,
// from the landlord database, or by running the statements in a scratch
// database. The error is a *StatementError when the server refuses one.
func (r *Renderer) Render(ctx context.Context, srv *registry.Server, c *template.Composition) (*estate.Rendering, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "rendering a template", err)
	}
	key := RenderKey(srv, info, c)
	if r := r.Renders.Get(key); r != nil {
		return r, nil
	}
	got, err := estate.Shared(ctx, &r.Renders.flight, key, func() (any, error) {
		// The first caller's cancellation must not fail the others.
		ctx := context.WithoutCancel(ctx)
		out, err := r.Estate.StoredRendering(ctx, c.Digest, info.RenderKey())
		if err == nil && out == nil {
			out, err = r.renderInScratch(ctx, srv, info, c)
		}
		if err != nil {
			return nil, err
		}
		r.Renders.Put(key, out)
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	return got.(*estate.Rendering), nil //nolint:forcetypeassert // the function above returns nothing else
}

// Scratch is a database that exists for one question to the server. Its lock
// is held by the session that made it, so that a sweep knows what nobody uses.
type Scratch struct {
	Session *mysql.Session // of the provider's account: what only describes, and reading
	Name    string
	lent    bool // the session is the caller's, who goes on with it

	texts     *account.Runner // runs what users wrote
	unchecked bool            // foreign_key_checks is off

	untransacted bool // a table has an engine without transactions
}

// ScratchName makes a name up.
func (r *Renderer) ScratchName() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return r.Registry.ScratchPrefix() + hex.EncodeToString(random[:])
}

// OpenScratch makes a scratch database and selects it.
func (r *Renderer) OpenScratch(ctx context.Context, srv *registry.Server) (*Scratch, error) {
	if r.Config.Rendering == landlord.RenderingParser {
		return nil, landlord.NewProblem(landlord.FieldNone, "Plans of the parser alone make no database",
			"What is asked for shows only when statements are tried in a scratch database, and `plan_rendering` is `parser`.",
			"Set `plan_rendering = \"server\"`, with the account of the provider.")
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "making a scratch database", err)
	}
	s, err := r.lockScratch(ctx, x)
	if err == nil {
		if r.Estate.Run.Purges("scratch", srv.Key) {
			r.sweepScratch(ctx, x)
		}
		err = s.create(ctx)
	}
	if err != nil {
		x.Discard()
		return nil, err
	}
	s.lent = false
	return s, nil
}

// ScratchOn makes a scratch database on a session that the caller holds, and
// selects it. Whoever holds a session must not wait for another one.
func (r *Renderer) ScratchOn(ctx context.Context, x *mysql.Session) (*Scratch, error) {
	s, err := r.lockScratch(ctx, x)
	if err == nil {
		err = s.create(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// lockScratch takes the lock of a scratch database that is to be made. A replica is
// refused: an account with enough privileges would make one there all the same, and
// the sweep would take those away whose locks are held on the primary.
func (r *Renderer) lockScratch(ctx context.Context, x *mysql.Session) (*Scratch, error) {
	s := &Scratch{Session: x, Name: r.ScratchName(), lent: true}
	s.texts = r.Accounts.Runner(x, s.Name, account.OnText)
	lock := mysql.LockName("landlord scratch", s.Name)
	readOnly, err := x.LockToWrite(ctx, lock, 0)
	if err != nil {
		return nil, fmt.Errorf("locking scratch database `%s`: %w", s.Name, err)
	}
	if readOnly {
		_ = x.Unlock(ctx, lock)
		return nil, landlord.ReadOnlyProblem(x.Primary(ctx))
	}
	return s, nil
}

// create makes the database and selects it.
func (s *Scratch) create(ctx context.Context) error {
	_, err := s.Session.Exec(ctx, "CREATE DATABASE "+mysql.Quote(s.Name)+landlord.WithTenantCharacters)
	if err == nil {
		s.Session.HoldEvents(s.Name)
		err = s.Session.Use(ctx, s.Name)
	}
	if err != nil {
		s.Close(ctx)
		return &ScratchError{name: s.Name, err: err}
	}
	return nil
}

// ScratchError says that a scratch database could not be made.
type ScratchError struct {
	name string
	err  error
}

func (e *ScratchError) Error() string {
	return fmt.Sprintf("creating scratch database `%s`: %v", e.name, e.err)
}

func (e *ScratchError) Unwrap() error { return e.err }

// Close drops the database and throws a session of its own away, whose state
// the statements may have changed. What fails is left for a sweep.
func (s *Scratch) Close(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	// Texts hold no lock any more when the database goes; the account that its
	// programs belong to goes after them.
	_ = s.texts.End()
	_, _ = s.Session.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(s.Name))
	s.texts.Close()
	s.Session.ReleaseEvents(s.Name)
	if s.lent {
		_ = s.Session.Unlock(ctx, mysql.LockName("landlord scratch", s.Name))
		return
	}
	s.Session.Discard()
}

// sweepScratch drops scratch databases that a killed run left behind. Failures
// are left for the next run: sweeping is never the purpose of a run.
func (r *Renderer) sweepScratch(ctx context.Context, x *mysql.Session) {
	names, err := catalog.ListDatabases(ctx, x, catalog.Databases{Prefix: r.Registry.ScratchPrefix()})
	if err != nil {
		return
	}
	ours := regexp.MustCompile("^" + regexp.QuoteMeta(r.Registry.ScratchPrefix()) + "[0-9a-f]{12}$")
	for _, name := range names {
		if !ours.MatchString(name) {
			continue
		}
		lock := mysql.LockName("landlord scratch", name)
		if x.Lock(ctx, lock, 0) != nil {
			continue // in use
		}
		if _, err := x.Exec(ctx, "DROP DATABASE IF EXISTS "+mysql.Quote(name)); err == nil {
			r.Config.Log(ctx, "Dropped a scratch database that an interrupted run left", map[string]any{"database": name})
		}
		_ = x.Unlock(ctx, lock)
	}
}

// renderInScratch runs a composition in a scratch database and reads it back.
func (r *Renderer) renderInScratch(ctx context.Context, srv *registry.Server, info mysql.Info, c *template.Composition) (*estate.Rendering, error) {
	t := Trial{Whole: c}
	if err := r.Try(ctx, srv, info, &t); err != nil {
		return nil, err
	}
	return t.Rendered, nil
}

// read returns the schema of the scratch database.
func (s *Scratch) read(ctx context.Context, room *Renderer, srv *registry.Server, info mysql.Info) (*estate.Rendering, error) {
	f, err := room.Estate.LiveFingerprint(ctx, srv, s.Session, s.Name)
	if err != nil {
		return nil, err
	}
	schema, err := estate.DumpSchema(ctx, s.Session, info, s.Name)
	if err != nil {
		return nil, err
	}
	return &estate.Rendering{Fingerprint: *f, Schema: schema}, nil
}

// CheckForeignKeys turns foreign_key_checks on or off for the statements that
// follow.
func (s *Scratch) CheckForeignKeys(ctx context.Context, on bool) error {
	s.unchecked = !on
	return s.Session.CheckForeignKeys(ctx, on)
}

// For returns the session that has to send a statement, see account.Runner.
func (s *Scratch) For(ctx context.Context, sql string) (*mysql.Session, error) {
	x, err := s.texts.For(ctx, sql)
	if err != nil {
		return nil, err
	}
	return x, x.CheckForeignKeys(ctx, !s.unchecked)
}

// Settle gives the session of the database its settings back, see account.Runner.
func (s *Scratch) Settle(ctx context.Context, text error) error { return s.texts.Settle(ctx, text) }

// Run sends the statements from one to another. Seeds run in one transaction,
// which is rolled back: they are tried, and need no durable commit each. Where a table
// has an engine without transactions, which a server may refuse beside another one,
// they run without one.
func (s *Scratch) Run(ctx context.Context, statements []template.Statement, from, to int) error {
	seeds := from
	for seeds < to && !statements[seeds].Seed {
		seeds++
	}
	if err := s.send(ctx, statements, from, seeds); err != nil || seeds == to {
		return err
	}
	send := func() error { return s.send(ctx, statements, seeds, to) }
	if s.untransacted {
		return send()
	}
	return s.rolledBack(ctx, statements[seeds].SQL, send)
}

// rolledBack runs something in a transaction of the session that sends a text.
func (s *Scratch) rolledBack(ctx context.Context, sql string, run func() error) (err error) {
	x, err := s.For(ctx, sql)
	if err != nil {
		return err
	}
	if _, err := x.Exec(ctx, "START TRANSACTION"); err != nil {
		return fmt.Errorf("trying the seeds: %w", err)
	}
	defer func() {
		if _, ended := x.Exec(ctx, "ROLLBACK"); err == nil && ended != nil {
			err = fmt.Errorf("trying the seeds: %w", ended)
		}
	}()
	return run()
}

// send sends the statements from one to another.
func (s *Scratch) send(ctx context.Context, statements []template.Statement, from, to int) error {
	for i := from; i < to; i++ {
		st := statements[i]
		x, err := s.For(ctx, st.SQL)
		if err != nil {
			return err
		}
		if err := s.Settle(ctx, Exec(ctx, x, st.SQL, st.Settings)); err != nil {
			return &landlord.StatementError{Statement: st, Number: i + 1, Total: len(statements), Err: WithoutName(err, s.Name)}
		}
	}
	return nil
}

// scratchNameError is a server error in whose text the name of a scratch
// database, which nobody knows, is replaced.
type scratchNameError struct {
	name string
	err  error
}

// WithoutName wraps an error of a server so that its text does not mention the
// scratch database of that name. errors.As still finds the error.
func WithoutName(err error, name string) error { return &scratchNameError{name: name, err: err} }

func (e *scratchNameError) Error() string {
	text := mysql.Message(e.err)
	text = strings.ReplaceAll(text, "`"+e.name+"`.", "")
	return strings.ReplaceAll(text, e.name+".", "")
}

func (e *scratchNameError) Unwrap() error { return e.err }

// Proof is what a process has found out about a template version on the main
// server.
type Proof struct {
	Core *estate.Rendering
	// alone are choices of modules for which no larger one that was tried can
	// speak. They are tried when the version is published.
	Alone []*template.Composition
}

// Proof returns what was found out under a key; nil when nothing was.
func (r *Renders) Proof(key string) *Proof {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return r.Proofs[key]
}

// Trial is a composition that runs in a scratch database. On the way it can
// tell what smaller ones would have told in databases of their own.
type Trial struct {
	Whole *template.Composition
	// implied are compositions whose structure works if that of the whole does,
	// so that only their seeds have to be tried.
	Implied []*template.Composition
	// core is that one of implied whose schema is read too, or nil.
	Core *template.Composition

	Rendered     *estate.Rendering
	CoreRendered *estate.Rendering
	Failed       []*template.Composition // those of implied whose seeds say nothing in this database
}

// Try runs a trial.
func (r *Renderer) Try(ctx context.Context, srv *registry.Server, info mysql.Info, t *Trial) error {
	if err := r.try(ctx, srv, info, t); err != nil || !t.Whole.Ordered {
		return err
	}
	return r.tryInOrder(ctx, srv, t)
}

// try runs a trial, but for rows that stand among the structure.
func (r *Renderer) try(ctx context.Context, srv *registry.Server, info mysql.Info, t *Trial) error {
	s, err := r.OpenScratch(ctx, srv)
	if err != nil {
		return err
	}
	defer s.Close(ctx)
	if err := s.CheckForeignKeys(ctx, !t.Whole.ForwardKeys); err != nil {
		return err
	}
	statements := t.Whole.Statements
	if t.Whole.Ordered { // its rows are tried apart
		statements = structure(t.Whole)
	}
	from, seeds := 0, len(structure(t.Whole))
	if t.Core != nil {
		from = len(structure(t.Core))
		if err := s.Run(ctx, statements, 0, from); err != nil {
			return err
		}
		if t.CoreRendered, err = s.read(ctx, r, srv, info); err != nil {
			return err
		}
	}
	if err := s.Run(ctx, statements, from, seeds); err != nil {
		return err
	}
	if err := s.CheckForeignKeys(ctx, true); err != nil {
		return err
	}
	// The schema is read before the seeds, which move automatic values.
	if t.Rendered, err = s.read(ctx, r, srv, info); err != nil {
		return err
	}
	table, err := estate.Untransacted(t.Rendered.Schema, registry.Dialect(info), func(string) bool { return true })
	if err != nil {
		return err
	}
	s.untransacted = table != ""
	texts := make([]string, seeds)
	for i, st := range statements[:seeds] {
		texts[i] = st.SQL
	}
	if err := CheckTexts(texts, t.Rendered.Schema, info); err != nil {
		return err
	}
	if t.Whole.Ordered {
		t.Failed = t.Implied // nothing here speaks for their rows
		return nil
	}
	if err := s.Run(ctx, statements, seeds, len(statements)); err != nil {
		return err
	}
	s.trySeeds(ctx, t)
	return nil
}

// tryInOrder runs a composition whose rows stand among its structure, in a database of
// its own, whose schema has to be that of the structure alone: that is what tenants are
// compared with.
func (r *Renderer) tryInOrder(ctx context.Context, srv *registry.Server, t *Trial) error {
	c := t.Whole
	s, err := r.OpenScratch(ctx, srv)
	if err != nil {
		return err
	}
	defer s.Close(ctx)
	for i, st := range c.Statements {
		if err := s.CheckForeignKeys(ctx, st.Seed || !c.ForwardKeys); err != nil {
			return err
		}
		if err := s.send(ctx, c.Statements, i, i+1); err != nil {
			return err
		}
	}
	live, err := r.Estate.LiveFingerprint(ctx, srv, s.Session, s.Name)
	if err != nil || live == nil || live.Whole == t.Rendered.Fingerprint.Whole {
		return err
	}
	return landlord.NewProblem(landlord.FieldNone, "Structure depends on rows",
		"Behind the rows that stand above it, the structure of the cores becomes another one than without them.",
		landlord.ListDifferences(landlord.Differences(t.Rendered.Fingerprint.Objects, live.Objects)),
		"Write the columns of such a table with their types, and its rows as `INSERT … SELECT`.")
}

// structure returns the statements of a composition that are no seeds. They come
// first, unless it is ordered.
func structure(c *template.Composition) []template.Statement {
	return slices.DeleteFunc(slices.Clone(c.Statements), func(st template.Statement) bool { return st.Seed })
}

// trySeeds runs the seeds of the smaller compositions. The whole one's were
// rolled back, but have used automatic values up: seeds that refer to each
// other by number may fail here and work in a fresh database.
func (s *Scratch) trySeeds(ctx context.Context, t *Trial) {
	for _, smaller := range t.Implied {
		seeds := t.Whole.SeedsOf(smaller.Modules)
		if s.Run(ctx, seeds, 0, len(seeds)) != nil {
			t.Failed = append(t.Failed, smaller)
		}
	}
}
