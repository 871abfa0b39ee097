// Package rowcopy copies rows of tables from one database into another, on the
// same or on another server, in chunks that a killed run goes on behind. It knows
// two databases, and neither tenants nor files.
package rowcopy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Side is a database that rows are copied from or into, and the session
// for it. Both sides may share one session when they are on one server: that is
// for pools of one connection, and costs the snapshot, see Copy.
type Side struct {
	Session  *mysql.Session
	Database string
	// Conditions returns the session that shows the conditions of users to the
	// source's server, for NewPlan, or nil to show them to nobody. Without it that
	// is Session.
	Conditions func(context.Context) (*mysql.Session, error)
}

// A Conflict says what happens to a row whose key is in the target already.
type Conflict string

// What can happen.
const (
	// ConflictFail ends the copy with a *ConflictError.
	ConflictFail Conflict = "fail"
	// ConflictSkip keeps the row of the target, whatever unique key it meets in.
	ConflictSkip Conflict = "skip"
	// ConflictReplace gives the row of the target that has the same primary key
	// the values of the source; columns that the source lacks stay as they are.
	// A row that meets others in another unique key is an error: what would be
	// replaced is another row.
	ConflictReplace Conflict = "replace"
)

// DefaultChunk is how many rows are copied in one transaction unless the
// request says otherwise.
const DefaultChunk = 1000

// A Request says what to copy.
type Request struct {
	Tables []string
	// Where is a condition on the rows of every table; WhereTable holds
	// conditions for single tables, which then count instead. They are SQL as
	// source.PredicateTables takes it.
	Where      string
	WhereTable map[string]string
	// Others are the databases that no condition may name.
	Others     *ddl.Others `json:"-"`
	OnConflict Conflict    // empty: ConflictFail
	ChunkRows  int         // 0: DefaultChunk
}

// Progress is how far the copy of a table is, and in the end its report. It
// survives a round trip through JSON.
type Progress struct {
	Table string `json:"table"`
	// Digest is of what is copied and how. A copy that was begun with another
	// one cannot go on.
	Digest string `json:"digest"`
	// LastKey is the primary key of the last row that was read, in hexadecimal
	// digits; empty before the first row and when the table is done.
	LastKey []string `json:"last_key,omitempty"`
	Done    bool     `json:"done"`
	// Read is the sum of the three others.
	Read     int64 `json:"read"`
	Inserted int64 `json:"inserted"`
	Skipped  int64 `json:"skipped"`
	Replaced int64 `json:"replaced"`
	// Source and Target are the checksums of the rows that were inserted or
	// replaced: as read from the source, and as read back from the target before
	// each commit. They are computed as those of a checkpoint, and do not depend
	// on the order of the rows.
	Source string `json:"source"`
	Target string `json:"target"`
}

// A Journal keeps the progress of a copy in the target's server. One journal
// belongs to one copy.
type Journal interface {
	// Load returns what is kept, in any order.
	Load(ctx context.Context, q mysql.Queryer) ([]Progress, error)
	// Save keeps the progress of one table, in the transaction that also holds
	// the rows. An error rolls them back.
	Save(ctx context.Context, tx *mysql.Tx, p Progress) error
}

// A Report says what a copy did, earlier runs of the same copy included.
type Report struct {
	Tables []Progress // in the order in which they were copied
	// Resumed says that the copy was begun by an earlier run, so that the rows
	// come from more than one snapshot of the source.
	Resumed bool
}

// Rows returns how many rows were inserted or replaced.
func (r *Report) Rows() int64 {
	var n int64
	for i := range r.Tables {
		n += r.Tables[i].Inserted + r.Tables[i].Replaced
	}
	return n
}

// Checksum returns a checksum over those of the tables.
func (r *Report) Checksum() string {
	h := sha256.New()
	for i := range r.Tables {
		fmt.Fprintf(h, "%s %d %s\n", r.Tables[i].Table, r.Tables[i].Inserted+r.Tables[i].Replaced, r.Tables[i].Target)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Copy copies the rows of a plan. Both sessions must be outside of a
// transaction; they are given back with the settings that they had.
//
// A table is copied in chunks in the order of its primary key. A chunk is one
// transaction of the target: the rows, what is read back of them, and the
// progress. So a run that is killed at any moment goes on behind the last chunk
// that was committed, and no row comes twice. A table without a primary key is
// one chunk.
//
// All tables are read in one snapshot of the source, which also keeps others
// from altering them meanwhile. A run that goes on takes a new snapshot: what
// changed in the source behind the last key is not looked at again. The same
// holds for every chunk when both sides share a session. Rows that refer to
// each other may then not fit together; the foreign keys of the target find
// that out, and the copy fails. A new copy with ConflictSkip or ConflictReplace
// brings what was missed.
//
// Parents are copied before their children, under the foreign keys of the
// target. Tables that refer to themselves or to each other in a circle are
// written with checks off, and a transaction is committed only when every row
// in it has its parents; so it grows as long as rows refer to later ones.
//
// Triggers of the target fire. A trigger that changes what is inserted makes the
// copy fail with a *MismatchError, because the rows that are read back are
// not those of the source.
//
// The errors that a caller may decide on are *BlockedError,
// *StaleError, *ProgressError, *MisfitError, *ConflictError,
// *MismatchError and *OrphanError. After each of them the target holds
// what the journal says, and nothing half.
func Copy(ctx context.Context, source, target Side, plan *Plan, journal Journal) (*Report, error) {
	ctx = mysql.Patient(ctx)
	if plan.Blocked() {
		return nil, &BlockedError{Findings: plan.Findings}
	}
	c := &copier{
		plan: plan, source: source, target: target, journal: journal, shared: source.Session == target.Session,
		progress: map[string]Progress{}, limits: map[string]int{}, counted: map[string]bool{},
	}
	release, err := prepareCopy(ctx, source, target)
	if err != nil {
		return nil, err
	}
	defer release()
	defer c.unfreeze(ctx)
	resumed, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range plan.groups {
		if err := c.group(ctx, g); err != nil {
			return nil, err
		}
	}
	report := &Report{Resumed: resumed}
	for _, t := range plan.tables() {
		p := c.progress[t.name]
		if p.Source != p.Target || p.Read != p.Inserted+p.Skipped+p.Replaced { // our own mistake
			return nil, &MismatchError{Table: t.name}
		}
		report.Tables = append(report.Tables, p)
	}
	return report, nil
}

// prepareCopy prepares the sessions of both sides, which may be one. What it
// returns gives them their own settings back.
func prepareCopy(ctx context.Context, source, target Side) (release func(), err error) {
	releaseTarget, err := target.prepare(ctx)
	if err != nil || source.Session == target.Session {
		return releaseTarget, err
	}
	releaseSource, err := source.prepare(ctx)
	if err != nil {
		releaseTarget()
		return nil, err
	}
	return func() {
		releaseSource()
		releaseTarget()
	}, nil
}

// prepare gives a session the settings for exact values, and returns what gives
// it its own back. The settings for writing come last: they are right for
// reading, too.
func (s Side) prepare(ctx context.Context) (release func(), err error) {
	w, err := session.Acquire(ctx, s.Session.Server(), s.Session, 1)
	if err != nil {
		return nil, err
	}
	info, err := w.Info(ctx)
	if err == nil {
		err = w.Prepare(ctx, info)
	}
	if err == nil {
		err = value.PrepareRead(ctx, s.Session)
	}
	if err == nil {
		err = value.PrepareWrite(ctx, s.Session)
	}
	if err != nil {
		w.Release()
		return nil, err
	}
	return w.Release, nil
}

// copier is the state of one run.
type copier struct {
	plan           *Plan
	source, target Side
	shared         bool
	journal        Journal
	progress       map[string]Progress // as committed
	limits         map[string]int      // how many rows of a table to ask for next
	frozen         bool                // the clock of the source's session stands still
	counted        map[string]bool     // tables that this run reads as a whole, in one snapshot
}

// begin opens the snapshot, looks whether everything is still as planned, and
// finds out where to go on.
func (c *copier) begin(ctx context.Context) (resumed bool, err error) {
	readOnly, err := c.target.Session.ReadOnly(ctx)
	if err != nil {
		return false, err
	}
	if readOnly {
		return false, fmt.Errorf("copy into `%s`: the server is read-only", c.target.Database)
	}
	if err := c.source.Session.Use(ctx, c.source.Database); err != nil {
		return false, err
	}
	if err := c.snapshot(ctx); err != nil {
		return false, err
	}
	now, err := readPlan(ctx, c.source, c.target, c.plan.request, nil)
	if err != nil {
		return false, err
	}
	if now.Digest != c.plan.Digest {
		return false, &StaleError{Source: c.source.Database, Target: c.target.Database}
	}
	if resumed, err = c.load(ctx); err != nil {
		return false, err
	}
	for _, t := range c.plan.tables() {
		if p := c.progress[t.name]; p.Done || len(p.LastKey) > 0 {
			continue
		}
		c.counted[t.name] = t.steady && !c.shared && (c.frozen || t.where == "")
		if err := c.probe(ctx, t); err != nil {
			return false, err
		}
	}
	return resumed, nil
}

// snapshot opens the transaction in which the source is read. Reading a table
// once makes it stay as it is: a table that somebody else swapped in by RENAME
// would be read without an error otherwise.
func (c *copier) snapshot(ctx context.Context) error {
	if c.shared {
		return nil
	}
	x := c.source.Session
	c.freeze(ctx)
	for _, statement := range []string{
		"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
	} {
		if _, err := x.Exec(ctx, statement); err != nil {
			return fmt.Errorf("take a snapshot of `%s`: %w", c.source.Database, err)
		}
	}
	for _, t := range c.plan.tables() {
		if _, err := x.Exec(ctx, "SELECT 1 FROM "+mysql.Qualified(c.source.Database, t.name)+" LIMIT 0"); err != nil {
			return fmt.Errorf("take a snapshot of table `%s`: %w", t.name, err)
		}
	}
	return nil
}

// freeze stops the clock of the source's session, so that a condition with NOW()
// is the same for every chunk. A server may forbid it; then rows are not counted
// in the end.
func (c *copier) freeze(ctx context.Context) {
	_, err := c.source.Session.Exec(ctx, "SET timestamp = UNIX_TIMESTAMP()")
	c.frozen = err == nil
}

// unfreeze lets the clock go on.
func (c *copier) unfreeze(ctx context.Context) {
	x := c.source.Session
	if !c.frozen || x.Poisoned() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.TidyTimeout)
	defer cancel()
	if _, err := x.Exec(ctx, "SET timestamp = DEFAULT"); err != nil {
		x.Discard()
	}
}

// load asks the journal how far earlier runs came.
func (c *copier) load(ctx context.Context) (resumed bool, err error) {
	kept, err := c.journal.Load(ctx, c.target.Session)
	if err != nil {
		return false, fmt.Errorf("read the progress of the copy: %w", err)
	}
	var empty value.Checksum
	for _, t := range c.plan.tables() {
		c.progress[t.name] = Progress{Table: t.name, Digest: t.digest, Source: empty.String(), Target: empty.String()}
	}
	for _, p := range kept {
		t := c.plan.table(p.Table)
		if t == nil || t.digest != p.Digest || !t.takesKey(p.LastKey) {
			return false, &ProgressError{Table: p.Table}
		}
		c.progress[p.Table] = p
	}
	return len(kept) > 0, nil
}

// probe looks for values that the target does not take, before the first row of
// a table is copied.
func (c *copier) probe(ctx context.Context, t *copyTable) error {
	for _, p := range t.probes {
		query := "SELECT " + t.sourceList() + " FROM " + mysql.Qualified(c.source.Database, t.name) +
			" WHERE " + t.condition() + " AND (" + p.condition + ") LIMIT 1"
		rows, err := c.read(ctx, nil, t, query)
		if err != nil {
			return fmt.Errorf("look for values in column `%s` that do not fit: %w", p.finding.Column, err)
		}
		if len(rows.rows) > 0 {
			return &MisfitError{Finding: p.finding, Row: t.describe(t.keyOf(rows.rows[0]))}
		}
	}
	return nil
}
