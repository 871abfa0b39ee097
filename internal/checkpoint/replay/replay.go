// Package replay brings a copy of a database to a moment: it repeats in it what
// the binary log of the server says of the original since the copy was taken.
//
// It stands behind a wall: nothing of checkpoint knows it, and it alone knows the
// log. Without it a checkpoint can be restored as it is and to no later moment.
//
// Of the statements of the log it reads the words up to and around the names, on
// tokens of package sqltext; what they mean is the server's.
package replay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A Request says what to replay and where.
type Request struct {
	// Source is the database whose changes are replayed.
	Source string
	// Target is another database on the same server, into which a checkpoint of
	// the source was loaded with [checkpoint.LoadRequest.TablesOnly]: it holds the tables and
	// nothing else.
	Target string
	// Programs is the structure of the checkpoint. Its tables do not matter: its
	// routines, views, triggers and events, with what the log did to them, are
	// created in the target at the end.
	Programs script.Schema
	// From is the position of the checkpoint.
	From binlog.Position
	// Until is the moment to return to: what was committed before it is
	// replayed, and nothing else. On MariaDB, whose log knows whole seconds, it
	// is cut to the second. The zero value replays all that was committed before
	// the call.
	Until time.Time
	// Companion says, of the name of a database, whether tables of the source are
	// set aside there, or copies are loaded there that take their place. What
	// happens in such a database is followed as far as the log has it, so that a
	// table may go there and come back. nil: none.
	Companion func(database string) bool
	// Aside makes an empty database on the server of Source, for what a companion
	// holds, and returns its name; who calls drops it after Run. It is called once
	// a companion, on no session but the administrator's of this replay.
	Aside func(ctx context.Context) (string, error)
	// Config reaches the server as the account of the pool does. The log is read
	// with it.
	Config mysql.Config
	// EventsDisabled creates events disabled, so that none of them runs.
	EventsDisabled bool
	// Session is one that the caller holds, see [checkpoint.Request.Session].
	Session *mysql.Session
	// Progress is called about once a second, nil means never.
	Progress func(Progress)
}

// Progress is how far a replay has come.
type Progress struct {
	Transactions int       // read, those of other databases too
	Rows         int64     // applied
	Time         time.Time // of the last transaction that was read
	Position     binlog.Position
}

// A Result is the result of a replay.
type Result struct {
	// Position is where the replay ended, GTID the last transaction that was
	// applied and CommittedAt when it was committed; empty when there was none.
	Position    binlog.Position
	GTID        string
	CommittedAt time.Time
	// Reached says that there are later transactions on the server, so that the
	// target is what the source was at Until. Else it is what the source was when
	// the call was made.
	Reached bool

	Transactions int   // that were applied
	Rows         int64 // inserted, updated and deleted
	Statements   int   // changes of the structure
	// Skipped counts transactions that did not concern the source.
	Skipped int
	// Notes say what is not as one might expect.
	Notes []string
	// Schema is the structure of the target at the end. Events are in it as they
	// would be in the source, also when they were created disabled.
	Schema   script.Schema
	Duration time.Duration
}

// An UnreplayableError says that the log holds something that cannot be
// replayed exactly. The target is then of no use.
type UnreplayableError struct {
	Database  string
	Position  binlog.Position // where it begins
	Time      time.Time       // when it was committed
	Statement string          // in short, empty for rows
	Reason    string
	Err       error
}

func (e *UnreplayableError) Error() string {
	text := fmt.Sprintf("the changes of `%s` cannot be replayed beyond %s (`%s`): %s",
		e.Database, e.Time.UTC().Format("2006-01-02 15:04:05.999999"), e.Position, e.Reason)
	if e.Statement != "" {
		text += fmt.Sprintf(" (`%s`)", e.Statement)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *UnreplayableError) Unwrap() error { return e.Err }

// LogPosition returns the position of a checkpoint in the form in which a log
// is read from there; zero when it is not known.
func LogPosition(m *checkpoint.Manifest) binlog.Position {
	if m.Position == nil {
		return binlog.Position{}
	}
	return binlog.Position{Server: m.ServerUUID, File: m.Position.File, Offset: m.Position.Offset, GTID: m.Position.GTID}
}

// Run repeats in the target what the log says of the source since the
// checkpoint, up to a moment. Rows and structure are written by an account that
// is made for this call and has rights on the target alone, so that no
// statement of the log can reach the source: whatever names it and is not
// understood fails.
//
// The error is a *binlog.UnusableError when there is no use in trying, and an
// *UnreplayableError when the log holds what cannot be replayed exactly. After
// any error, and when the context ends, the target is neither the checkpoint
// nor anything else: the caller begins again with [checkpoint.Load]. An account that a
// killed run left behind is dropped by the next replay.
func Run(ctx context.Context, srv *mysql.Server, req Request) (*Result, error) {
	ctx = mysql.Patient(ctx)
	c, err := session.Acquire(ctx, srv, req.Session, 1)
	if err != nil {
		return nil, err
	}
	defer c.Release()
	info, err := c.Info(ctx)
	if err != nil {
		return nil, err
	}
	if err := binlog.Check(ctx, c.First(), info, req.From); err != nil {
		return nil, err
	}
	if err := c.Prepare(ctx, info); err != nil {
		return nil, err
	}
	r := newReplayer(req, info, c.First())
	if err := r.checkTarget(ctx); err != nil {
		return nil, err
	}
	restore, err := r.keepAwake(ctx)
	if err != nil {
		return nil, err
	}
	defer restore()
	a, err := newReplayAccount(ctx, r.x, info, req.Config, req.Source, req.Target)
	if err != nil {
		return nil, err
	}
	err = a.with(ctx, func(w *mysql.Session) error {
		r.w, r.account, r.using = w, a, req.Target
		return r.run(ctx)
	})
	if err != nil {
		return nil, err
	}
	if err := r.finish(ctx); err != nil {
		return nil, err
	}
	return &r.out, nil
}

// A replayer is one run of Run.
type replayer struct {
	req   Request
	info  mysql.Info
	x     *mysql.Session // the administrator's
	w     *mysql.Session // writes into the target, and can nothing else
	out   Result
	start time.Time

	spreader   *value.Spreader // for rows that are longer than a packet
	account    *replayAccount
	companions map[string]*companion // by the name in the log
	using      string                // the default database of w

	programs   *programs
	tables     map[string]*replayTable
	collations map[uint16]collationName
	modes      map[uint64]string // sql_mode in words

	settings string // of w, as they were last set
	defaults sessionDefaults
	begin    *binlog.Begin   // the transaction that is read
	at       binlog.Position // where it begins
	rows     bool            // it changed rows of the source
	concerns bool            // it changed anything of the source
	gone     bool            // the source was dropped

	inTransaction bool // of w
	pending       int  // transactions that are not committed
	pendingRows   int
	reported      time.Time
}

func newReplayer(req Request, info mysql.Info, x *mysql.Session) *replayer {
	r := &replayer{
		req: req, info: info, x: x, start: time.Now(), at: req.From,
		tables: map[string]*replayTable{}, companions: map[string]*companion{}, modes: map[uint64]string{},
	}
	r.programs = newPrograms(req.Programs, r.fold)
	r.out.Position = req.From
	return r
}

// fold brings names of databases and tables that the server does not tell apart
// into one form.
func (r *replayer) fold(name string) string {
	if r.info.LowerCaseTableNames != 0 {
		return strings.ToLower(name)
	}
	return name
}

func (r *replayer) isSource(name string) bool { return r.fold(name) == r.fold(r.req.Source) }

// checkTarget refuses a target in which something would run by itself.
func (r *replayer) checkTarget(ctx context.Context) error {
	if r.fold(r.req.Target) == r.fold(r.req.Source) {
		return fmt.Errorf("replay the changes of `%s`: it cannot be the target, too", r.req.Source)
	}
	var found, others int
	const query = "SELECT (SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?)," +
		" (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?)" +
		" + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?)" +
		" + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?)" +
		" + (SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?)"
	t := r.req.Target
	if err := r.x.Row(ctx, query, t, t, t, t, t).Scan(&found, &others); err != nil {
		return fmt.Errorf("look at the database `%s`: %w", t, err)
	}
	switch {
	case found == 0:
		return fmt.Errorf("replay the changes of `%s`: the database `%s` does not exist", r.req.Source, t)
	case others > 0:
		return fmt.Errorf("replay the changes of `%s`: the database `%s` holds views or stored programs; load the tables only", r.req.Source, t)
	}
	return nil
}

// run reads the log and applies it.
func (r *replayer) run(ctx context.Context) error {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	end, err := binlog.Current(ctx, r.x, r.info)
	if err != nil {
		return err
	}
	request := binlog.Request{From: r.req.From, End: end, Until: r.req.Until, Wants: r.followed}
	read, err := binlog.Stream(ctx, r.x, r.req.Config, r.info, request, func(e binlog.Event) error {
		return r.event(ctx, e)
	})
	if err != nil {
		return err
	}
	if err := r.commit(ctx); err != nil {
		return err
	}
	if r.gone {
		return r.unreplayable("the database was dropped and did not exist at that moment", "", nil)
	}
	r.out.Reached = read.Reached
	r.out.Skipped = read.Transactions - r.out.Transactions
	r.out.Position = end
	if !read.End.IsZero() {
		r.out.Position.File, r.out.Position.Offset, r.out.Position.GTID = read.End.File, read.End.Offset, ""
	}
	return nil
}

// event applies one event.
func (r *replayer) event(ctx context.Context, e binlog.Event) error {
	switch e := e.(type) {
	case *binlog.Begin:
		r.begin, r.rows, r.concerns = e, false, false
	case *binlog.Rows:
		r.concerns = true
		if !r.isSource(e.Table.Database) {
			return r.companionRows(ctx, e)
		}
		r.rows = true
		return r.applyRows(ctx, e)
	case *binlog.Query:
		return r.statement(ctx, e)
	case *binlog.Prepare:
		if r.rows {
			return r.unreplayable("it is a distributed transaction (XA) in two phases", "", nil)
		}
		return r.transaction(ctx, e.End)
	case *binlog.Commit:
		if e.RolledBack && r.rows {
			return r.unreplayable("a transaction was undone that had also changed tables without transactions", "", nil)
		}
		return r.transaction(ctx, e.End)
	}
	return nil
}

// Transactions of the log are committed together in the target: each commit
// waits for the disk.
const (
	replayGroup     = 200
	replayGroupRows = 5000
)

// replayInterval is the time between two reports.
const replayInterval = time.Second

// transaction ends a transaction of the log.
func (r *replayer) transaction(ctx context.Context, end binlog.Position) error {
	r.at = end
	if r.concerns {
		r.out.Transactions++
		r.out.GTID, r.out.CommittedAt = r.begin.GTID, r.begin.Time
		r.pending++
	}
	if r.pending >= replayGroup || r.pendingRows >= replayGroupRows {
		if err := r.commit(ctx); err != nil {
			return err
		}
	}
	if r.req.Progress != nil && time.Since(r.reported) >= replayInterval {
		r.reported = time.Now()
		r.req.Progress(Progress{Transactions: r.out.Transactions, Rows: r.out.Rows, Time: r.begin.Time, Position: end})
	}
	return nil
}

// commit makes what was applied last.
func (r *replayer) commit(ctx context.Context) error {
	r.pending, r.pendingRows = 0, 0
	if !r.inTransaction {
		return nil
	}
	r.inTransaction = false
	if _, err := r.w.Exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit what was replayed: %w", err)
	}
	return nil
}

// unreplayable is the error for what was just read. It holds no values of rows.
func (r *replayer) unreplayable(reason, statement string, err error) error {
	e := &UnreplayableError{Database: r.req.Source, Position: r.at, Statement: statement, Reason: reason, Err: mysql.WithoutValues(err)}
	if r.begin != nil {
		e.Time = r.begin.Time
	}
	return e
}

// finish creates what is no table, and reads the structure.
func (r *replayer) finish(ctx context.Context) error {
	if err := value.PrepareWrite(ctx, r.x); err != nil {
		return err
	}
	if err := r.x.Use(ctx, r.req.Target); err != nil {
		return err
	}
	wanted := r.programs.schema(r.req.Programs.Broken)
	for _, st := range wanted.Programs(script.Options{EventsDisabled: r.req.EventsDisabled}) {
		if err := r.create(ctx, st); err != nil {
			return err
		}
	}
	for _, o := range r.programs.list {
		for _, sql := range o.alters {
			if _, err := r.x.Exec(ctx, sql); err != nil {
				return fmt.Errorf("alter the %s `%s`: %w", o.Kind, o.Name, err)
			}
		}
	}
	made, err := checkpoint.TakeSchema(ctx, r.x, r.info, r.req.Target)
	if err != nil {
		return err
	}
	r.out.Schema = made.Schema
	if r.req.EventsDisabled {
		r.enableEvents(&r.out.Schema)
	}
	r.out.Duration = time.Since(r.start).Round(time.Millisecond)
	return nil
}

// create creates one program. A view that reads what was not there any more at
// that moment did not work either.
func (r *replayer) create(ctx context.Context, st script.Statement) error {
	err := st.Run(ctx, r.x)
	if err == nil {
		return nil
	}
	broken := st.Broken || mysql.IsNoSuchTable(err) || mysql.IsNoSuchObject(err)
	if st.Kind != ddl.KindView || !broken || r.x.Poisoned() {
		return err
	}
	r.out.Notes = append(r.out.Notes, fmt.Sprintf("The view `%s`, which did not work at that moment, was not created: %s.",
		st.Name, strings.TrimSuffix(mysql.Message(errors.Unwrap(err)), ".")))
	return nil
}

// enableEvents gives events the state that they have in the source.
func (r *replayer) enableEvents(s *script.Schema) {
	for i, o := range s.Objects {
		was := r.programs.find(o.Kind, o.Name)
		if was == nil || was.event == nil {
			continue
		}
		if printed := readEvent(o.SQL, 0); printed != nil {
			printed.state = was.event.state
			s.Objects[i].SQL = printed.render(o.Name)
		}
	}
}
