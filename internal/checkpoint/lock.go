package checkpoint

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// lockWindow is how long is tried to lock the tables when there is another
	// way, and longLockWindow when there is none.
	lockWindow     = 3 * time.Second
	longLockWindow = time.Minute
	// lockPause is the time between two attempts.
	lockPause = 5 * time.Millisecond
	// lockWait is how long an attempt waits when it has bad luck, in seconds; MySQL
	// knows nothing less.
	lockWait = 1
	// patientAttempts is how often the tables are locked with waiting, after
	// trying in vain, because a copy without a position is worth less.
	patientAttempts = 5
)

// beginLocked locks the tables, begins on the other sessions, and unlocks. It
// says false when the tables were never free. They stay locked when some have no
// transactions; with one session all rows are read under the lock then.
func (s *snapshot) beginLocked(ctx context.Context, window time.Duration) (bool, error) {
	first := s.group.First()
	locked, err := s.lock(ctx, window)
	if !locked || err != nil {
		return false, err
	}
	s.readers = s.group.Sessions[min(1, len(s.group.Sessions)-1):]
	if len(s.group.Sessions) == 1 {
		return true, s.readMoment(ctx, first)
	}
	if err := s.beginAll(ctx); err != nil {
		return false, err
	}
	if err := s.readMoment(ctx, first); err != nil {
		return false, err
	}
	if s.hasUntransacted() {
		s.keeper = first
		return true, nil
	}
	if _, err := first.Exec(ctx, "UNLOCK TABLES"); err != nil {
		return false, fmt.Errorf("unlock the tables of `%s`: %w", s.database, err)
	}
	return true, nil
}

// lock waits until no transaction that has written to the tables is under way,
// and holds off new ones.
//
// A lock that has some tables and waits for others would make the server end a
// transaction that has the others and wants some: as a deadlock, with an error
// for the application. So it is only tried, again and again, and insisted on at
// the end when there is a position to win.
func (s *snapshot) lock(ctx context.Context, window time.Duration) (bool, error) {
	if len(s.structure.tables) == 0 {
		return true, nil
	}
	if _, err := s.group.First().Exec(ctx, fmt.Sprintf("SET lock_wait_timeout = %d", lockWait)); err != nil {
		return false, fmt.Errorf("lock the tables of `%s` for an instant: %w", s.database, err)
	}
	for end := time.Now().Add(window); time.Now().Before(end); {
		locked, err := s.tryLock(ctx)
		if locked || s.mayNotLock || err != nil {
			return locked, err
		}
		if err := pause(ctx, lockPause); err != nil {
			return false, err
		}
	}
	for attempt := 0; s.info.BinaryLog && attempt < patientAttempts; attempt++ {
		locked, err := s.lockOnce(ctx, s.lockStatement())
		if locked || err != nil {
			return locked, err
		}
		if err := pause(ctx, lockWait*time.Second); err != nil {
			return false, err
		}
	}
	return false, nil
}

// tryLock locks when nobody writes to the tables.
func (s *snapshot) tryLock(ctx context.Context) (bool, error) {
	x := s.group.First()
	statement := s.lockStatement()
	if s.info.Product == mysql.MariaDB {
		statement += " NOWAIT"
	} else {
		var writers int
		err := x.Row(ctx, "SELECT COUNT(*) FROM performance_schema.metadata_locks WHERE OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA = ?"+
			" AND LOCK_STATUS = 'GRANTED' AND LOCK_TYPE LIKE 'SHARED_WRITE%'", s.database).Scan(&writers)
		if writers > 0 && err == nil {
			return false, nil
		}
		if x.Poisoned() {
			return false, err // else the account may not ask, and it is a matter of luck
		}
	}
	return s.lockOnce(ctx, statement)
}

// lockOnce is one attempt.
func (s *snapshot) lockOnce(ctx context.Context, statement string) (bool, error) {
	_, err := s.group.First().Exec(ctx, statement)
	switch {
	case err == nil:
		return true, nil
	case mysql.IsLockWaitTimeout(err) || mysql.IsDeadlock(err):
		return false, nil
	case mysql.IsAccessDenied(err) && !s.hasUntransacted():
		s.mayNotLock = true
		return false, nil
	}
	return false, fmt.Errorf("lock the tables of `%s` for an instant: %w", s.database, err)
}

func (s *snapshot) lockStatement() string {
	var parts []string
	for _, t := range s.structure.tables {
		parts = append(parts, mysql.Qualified(s.database, t.name)+" READ")
	}
	for _, o := range s.structure.schema.Objects {
		if o.Kind == ddl.KindSequence { // a session with locks can read nothing else
			parts = append(parts, mysql.Qualified(s.database, o.Name)+" READ")
		}
	}
	return "LOCK TABLES " + strings.Join(parts, ", ")
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
