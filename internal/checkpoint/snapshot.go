package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// lockPatience is how long one attempt to lock the tables waits, in seconds.
	// While it waits for a transaction that is under way, new writes to the
	// tables wait behind it.
	lockPatience = 1
	// lockAttempts and lockPause bound the attempts.
	lockAttempts = 40
	lockPause    = time.Second
	// structureAttempts is how often is begun again when somebody changes the
	// structure meanwhile.
	structureAttempts = 5
	// quietAttempts is how often one connection tries to find a moment in which
	// nothing is written to the binary log.
	quietAttempts = 200
	// tablesPerStatement bounds the parts of a UNION.
	tablesPerStatement = 50
)

// A snapshot is transactions that all see the rows of a database as they were at
// one moment, and hold off every change of the structure of its tables.
type snapshot struct {
	crew     *crew
	info     mysql.Info
	database string

	structure  *structure
	position   Position
	noPosition string
	at         time.Time
	// readers are the sessions in the snapshot. keeper holds the tables locked
	// when there are some without transactions; else it is nil.
	readers []*mysql.Session
	keeper  *mysql.Session
}

// openSnapshot opens it on the sessions of a crew. With several sessions the
// first one locks the tables of the database for an instant while the others
// begin: so all see the same, and the position is exact.
func openSnapshot(ctx context.Context, c *crew, info mysql.Info, database string, tables []string) (*snapshot, error) {
	s := &snapshot{crew: c, info: info, database: database}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		err := s.open(ctx, tables)
		if err == nil {
			return s, nil
		}
		var changed *ChangedError
		again := errors.As(err, &changed) || mysql.IsNoSuchTable(err)
		if !again || attempt == structureAttempts {
			return nil, err
		}
		if err := s.rollback(ctx); err != nil {
			return nil, err
		}
	}
}

func (s *snapshot) prepare(ctx context.Context) error {
	if err := s.crew.prepare(ctx, s.info); err != nil {
		return err
	}
	for _, x := range s.crew.sessions {
		for _, sql := range []string{
			"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
			fmt.Sprintf("SET lock_wait_timeout = %d", lockPatience),
		} {
			if _, err := x.Exec(ctx, sql); err != nil {
				return fmt.Errorf("prepare a session: %w", err)
			}
		}
	}
	return nil
}

// open makes one attempt. The structure is read before the snapshot and looked
// at again after it: when it is the same, it is the structure of the moment of
// the snapshot, and no change of it lies behind the position.
func (s *snapshot) open(ctx context.Context, tables []string) error {
	first := s.crew.first()
	before, err := readStructure(ctx, first, s.info, s.database)
	if err != nil {
		return err
	}
	whole := before.fingerprint
	s.structure = before
	if err := before.only(tables); err != nil {
		return err
	}
	if len(s.crew.sessions) == 1 {
		err = s.openAlone(ctx)
	} else {
		err = s.openTogether(ctx)
	}
	if err != nil {
		return err
	}
	after, err := readFingerprint(ctx, first, s.info, s.database)
	if err != nil {
		return err
	}
	if after.Whole != whole.Whole {
		return &ChangedError{Database: s.database, Objects: differing(whole.Objects, after.Objects)}
	}
	return nil
}

// differing returns the objects whose hashes differ, sorted.
func differing(a, b map[string]string) []string {
	var names []string
	for name, hash := range a {
		if b[name] != hash {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// openTogether locks the tables, begins on the other sessions, and unlocks.
func (s *snapshot) openTogether(ctx context.Context) error {
	first, readers := s.crew.first(), s.crew.sessions[1:]
	if err := s.lock(ctx); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range readers {
		g.Go(func() error { return s.begin(gctx, x) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := s.readMoment(ctx, first); err != nil {
		return err
	}
	s.readers = readers
	if s.hasUntransacted() {
		s.keeper = first // until their rows are written
		return nil
	}
	if _, err := first.Exec(ctx, "UNLOCK TABLES"); err != nil {
		return fmt.Errorf("unlock the tables of `%s`: %w", s.database, err)
	}
	return nil
}

// hasUntransacted says whether a table has no transactions, so that no snapshot
// holds its rows.
func (s *snapshot) hasUntransacted() bool {
	return slices.ContainsFunc(s.structure.tables, func(t tableInfo) bool { return !t.snapshots() && !t.remote() })
}

// lock waits until no transaction that has written to the tables is under way,
// and holds off new ones.
func (s *snapshot) lock(ctx context.Context) error {
	if len(s.structure.tables) == 0 {
		return nil
	}
	var parts []string
	for _, t := range s.structure.tables {
		parts = append(parts, mysql.Qualified(s.database, t.name)+" READ")
	}
	for _, o := range s.structure.schema.Objects {
		if o.Kind == ddl.KindSequence { // a session with locks can read nothing else
			parts = append(parts, mysql.Qualified(s.database, o.Name)+" READ")
		}
	}
	statement := "LOCK TABLES " + strings.Join(parts, ", ")
	for attempt := 1; ; attempt++ {
		_, err := s.crew.first().Exec(ctx, statement)
		switch {
		case err == nil:
			return nil
		case !mysql.IsLockWaitTimeout(err) && !mysql.IsDeadlock(err) || attempt == lockAttempts:
			return fmt.Errorf("lock the tables of `%s` for an instant: %w", s.database, err)
		}
		if err := pause(ctx, lockPause); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begin opens the snapshot on one session and takes hold of the tables.
func (s *snapshot) begin(ctx context.Context, x *mysql.Session) error {
	if _, err := x.Exec(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); err != nil {
		return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
	}
	return s.hold(ctx, x)
}

// hold takes the metadata locks: the transaction would read whatever table has
// the name when it is first read, also when that was swapped after the snapshot.
func (s *snapshot) hold(ctx context.Context, x *mysql.Session) error {
	for chunk := range slices.Chunk(s.structure.tables, tablesPerStatement) {
		parts := make([]string, len(chunk))
		for i, t := range chunk {
			parts[i] = "(SELECT 1 FROM " + mysql.Qualified(s.database, t.name) + " LIMIT 0)"
		}
		if _, err := x.Exec(ctx, strings.Join(parts, " UNION ALL ")); err != nil {
			return fmt.Errorf("hold the tables of `%s`: %w", s.database, err)
		}
	}
	return nil
}

// readMoment reads position and time.
func (s *snapshot) readMoment(ctx context.Context, x *mysql.Session) error {
	var err error
	if s.position, s.noPosition, err = readPosition(ctx, x, s.info); err != nil {
		return err
	}
	return s.readTime(ctx, x)
}

func (s *snapshot) readTime(ctx context.Context, x *mysql.Session) error {
	var err error
	s.at, err = serverTime(ctx, x)
	return err
}

// openAlone opens the snapshot on the only session. Beginning a transaction
// releases the locks that the session holds, so a write may slip in between the
// position and the snapshot; it is exact when the log is where it was after
// everything is done.
func (s *snapshot) openAlone(ctx context.Context) error {
	x := s.crew.first()
	s.readers = []*mysql.Session{x}
	if s.hasUntransacted() {
		// The locks are what makes the copy consistent, so they stay.
		if err := s.lock(ctx); err != nil {
			return err
		}
		return s.readMoment(ctx, x)
	}
	s.position, s.noPosition = Position{}, noBinaryLog
	if s.info.BinaryLog {
		found, err := s.findQuietMoment(ctx, x)
		if found || err != nil {
			return err
		}
	}
	if _, err := x.Exec(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
	}
	// The tables first: the snapshot is made by the first read of a row.
	if err := s.hold(ctx, x); err != nil {
		return err
	}
	for _, t := range s.structure.tables {
		if !t.snapshots() {
			continue
		}
		if _, err := x.Exec(ctx, "SELECT 1 FROM "+mysql.Qualified(s.database, t.name)+" LIMIT 1"); err != nil {
			return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
		}
		break
	}
	return s.readTime(ctx, x)
}

// findQuietMoment tries to open the snapshot at a known position.
func (s *snapshot) findQuietMoment(ctx context.Context, x *mysql.Session) (bool, error) {
	for range quietAttempts {
		if err := s.lock(ctx); err != nil {
			return false, err
		}
		position, why, err := readPosition(ctx, x, s.info)
		if err != nil {
			return false, err
		}
		if position.File == "" { // GTIDs are written down after the commit, so they alone prove nothing
			s.noPosition = noPrivilege
			if why != "" {
				s.noPosition = why
			}
			return false, nil
		}
		if err := s.begin(ctx, x); err != nil {
			return false, err
		}
		after, _, err := readPosition(ctx, x, s.info)
		if err != nil {
			return false, err
		}
		if after.File == position.File && after.Offset == position.Offset {
			s.position, s.noPosition = position, ""
			return true, s.readTime(ctx, x)
		}
	}
	s.noPosition = noQuiet
	return false, nil
}

// rollback ends the transactions and locks of an attempt.
func (s *snapshot) rollback(ctx context.Context) error {
	s.readers, s.keeper = nil, nil
	for _, x := range s.crew.sessions {
		for _, sql := range []string{"ROLLBACK", "UNLOCK TABLES"} {
			if _, err := x.Exec(ctx, sql); err != nil {
				return fmt.Errorf("begin again: %w", err)
			}
		}
	}
	return nil
}

// keys returns the names of objects, for messages.
func keys(objects map[string]string) []string {
	names := slices.Sorted(maps.Keys(objects))
	return slices.DeleteFunc(names, func(n string) bool { return n == string(databaseKey) })
}

// databaseKey is the database itself among the objects of a fingerprint.
const databaseKey = ddl.Kind("database")
