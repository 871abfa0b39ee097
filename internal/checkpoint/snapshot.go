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

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// structureAttempts is how often is begun again when somebody changes the
	// structure meanwhile.
	structureAttempts = 10
	// tablesPerStatement bounds the parts of a UNION.
	tablesPerStatement = 50
)

// A snapshot is transactions that all see the rows of a database as they were at
// one moment, and hold off every change of the structure of its tables.
type snapshot struct {
	group    *session.Group
	info     mysql.Info
	database string
	most     int // readers at most

	structure  *structure
	position   Position
	noPosition string
	at         time.Time
	// readers are the sessions in the snapshot. keeper holds the tables locked
	// when there are some without transactions; else it is nil.
	readers []*mysql.Session
	keeper  *mysql.Session
	// mayNotLock says that the account may not lock tables.
	mayNotLock bool
}

// openSnapshot opens it on a group of sessions.
func openSnapshot(ctx context.Context, c *session.Group, info mysql.Info, req Request) (*snapshot, error) {
	s := &snapshot{group: c, info: info, database: req.Database, most: connections(req.Connections)}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		err := s.open(ctx, req.Tables)
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
	if err := s.group.Prepare(ctx, s.info); err != nil {
		return err
	}
	for _, x := range s.group.Sessions {
		if _, err := x.Exec(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return fmt.Errorf("prepare a session: %w", err)
		}
	}
	return nil
}

// open makes one attempt. The structure is read before the snapshot and looked
// at again after it: when it is the same, it is the structure of the moment of
// the snapshot, and no change of it lies behind the position.
func (s *snapshot) open(ctx context.Context, tables []string) error {
	first := s.group.First()
	before, err := readStructure(ctx, first, s.info, s.database)
	if err != nil {
		return err
	}
	whole := before.firm
	s.structure = before
	if err := before.only(tables); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.keeper != nil && s.info.Product == mysql.MariaDB {
		first = s.readers[0] // a session with locks can read no other table
	}
	_, after, err := readFingerprints(ctx, first, s.info, s.database)
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
	names := missingFrom(a, b)
	for name, hash := range a {
		if other, ok := b[name]; ok && other != hash {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// begin opens the transactions. It waits for a moment in which nobody commits,
// which is there soon unless a server is very busy, and disturbs nobody. Else it
// holds off the writers of this database for an instant: the first session locks
// the tables while the others begin. When transactions are open all the time it
// uses one session, for which no lock is needed.
func (s *snapshot) begin(ctx context.Context) error {
	if s.hasUntransacted() {
		locked, err := s.beginLocked(ctx, longLockWindow)
		if err == nil && !locked {
			err = &BusyError{Database: s.database, Waited: longLockWindow}
		}
		return err
	}
	s.readers = s.group.Sessions[:min(s.most, len(s.group.Sessions))]
	found, err := s.beginQuietly(ctx)
	if found || err != nil {
		return err
	}
	if len(s.group.Sessions) > 1 {
		locked, err := s.beginLocked(ctx, lockWindow)
		if locked || err != nil {
			return err
		}
		switch {
		case !s.info.BinaryLog || s.noPosition == noPrivilege:
		case s.mayNotLock:
			s.noPosition = noLockPrivilege
		default:
			s.noPosition = noLock
		}
	}
	return s.beginAlone(ctx)
}

// hasUntransacted says whether a table has no transactions, so that no snapshot
// holds its rows.
func (s *snapshot) hasUntransacted() bool {
	return slices.ContainsFunc(s.structure.tables, func(t tableInfo) bool { return !t.snapshots() && !t.remote() })
}

// beginAll opens the snapshot on every reader, and takes hold of the tables.
func (s *snapshot) beginAll(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range s.readers {
		g.Go(func() error {
			if _, err := x.Exec(gctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); err != nil {
				return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
			}
			return s.hold(gctx, x)
		})
	}
	return g.Wait()
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
	s.at, err = serverTime(ctx, x)
	return err
}

// beginAlone opens a snapshot without a known position on one session. The
// tables come first: the snapshot is made by the first read of a row.
func (s *snapshot) beginAlone(ctx context.Context) error {
	s.readers = s.group.Sessions[:1]
	x := s.readers[0]
	if _, err := x.Exec(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
	}
	if err := s.hold(ctx, x); err != nil {
		return err
	}
	if i := slices.IndexFunc(s.structure.tables, tableInfo.snapshots); i >= 0 {
		table := mysql.Qualified(s.database, s.structure.tables[i].name)
		if _, err := x.Exec(ctx, "SELECT 1 FROM "+table+" LIMIT 1"); err != nil {
			return fmt.Errorf("open a snapshot of `%s`: %w", s.database, err)
		}
	}
	var err error
	s.at, err = serverTime(ctx, x)
	return err
}

// rollback ends the transactions and locks of an attempt.
func (s *snapshot) rollback(ctx context.Context) error {
	s.readers, s.keeper = nil, nil
	for _, x := range s.group.Sessions {
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
