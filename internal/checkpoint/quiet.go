package checkpoint

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// quietAttempts is how often is looked for a moment in which nobody commits.
// An attempt takes a few milliseconds.
const quietAttempts = 100

// beginQuietly opens the snapshot in a moment in which nobody commits: when the
// position in the binary log is the same before and after, no transaction was
// written to it in between, so that every reader sees the same and the position
// is that of what they see. It says false when there is no such moment, or no
// binary log to tell.
//
// On MySQL a transaction is in the log before its rows are visible. Until they
// are, its GTID is owned: so nothing may be owned once the position is read.
// MariaDB makes the snapshot and reads its position at one stroke. A RENAME after
// the snapshot is in the log, too.
func (s *snapshot) beginQuietly(ctx context.Context) (bool, error) {
	if !s.info.BinaryLog {
		s.noPosition = noBinaryLog
		return false, nil
	}
	s.noPosition = noQuiet
	ways := []quietWay{s.tryOwned}
	switch {
	case s.info.Product == mysql.MariaDB:
		ways = []quietWay{s.trySnapshotPosition}
	case len(s.group.Sessions) == 1:
		ways = append(ways, s.tryLocked)
	}
	for _, try := range ways {
		possible := true
		for attempt := 0; possible && attempt < quietAttempts; attempt++ {
			var found bool
			var err error
			if found, possible, err = try(ctx); found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// A quietWay is one attempt; it says whether another one may succeed.
type quietWay func(context.Context) (found, possible bool, err error)

// tryOwned is one attempt on MySQL, with GTIDs.
func (s *snapshot) tryOwned(ctx context.Context) (found, possible bool, err error) {
	x := s.readers[0]
	before, _, err := readPosition(ctx, x, s.info)
	if err != nil {
		return false, false, err
	}
	if before.File == "" || before.GTID == "" {
		if before.File == "" {
			s.noPosition = noPrivilege
		}
		return false, false, nil
	}
	var owned string
	if err := x.Row(ctx, "SELECT @@global.gtid_owned").Scan(&owned); err != nil {
		return false, false, fmt.Errorf("ask for transactions that are being committed: %w", err)
	}
	if owned != "" {
		return false, true, nil
	}
	if err := s.beginAll(ctx); err != nil {
		return false, false, err
	}
	return s.unmoved(ctx, before)
}

// tryLocked is one attempt on MySQL over the only session: the locks of the tables
// see to it that no transaction of this database is under way. Beginning releases
// them, so that a write may slip in between the position and the snapshot.
func (s *snapshot) tryLocked(ctx context.Context) (found, possible bool, err error) {
	locked, err := s.lock(ctx, lockWindow)
	if !locked || err != nil {
		return false, false, err
	}
	before, _, err := readPosition(ctx, s.readers[0], s.info)
	if err != nil || before.File == "" {
		return false, false, err
	}
	if err := s.beginAll(ctx); err != nil {
		return false, false, err
	}
	return s.unmoved(ctx, before)
}

// trySnapshotPosition is one attempt on MariaDB.
func (s *snapshot) trySnapshotPosition(ctx context.Context) (found, possible bool, err error) {
	if err := s.beginAll(ctx); err != nil {
		return false, false, err
	}
	var first Position
	for i, x := range s.readers {
		p, err := snapshotPosition(ctx, x)
		if err != nil {
			return false, false, err
		}
		if i == 0 {
			first = p
		}
		if p != first || p.File == "" {
			return false, p.File != "", nil
		}
	}
	return s.unmoved(ctx, first)
}

// unmoved says whether the log is still where it was, and keeps the position.
func (s *snapshot) unmoved(ctx context.Context, before Position) (found, possible bool, err error) {
	x := s.readers[0]
	after, _, err := readPosition(ctx, x, s.info)
	if err != nil {
		return false, false, err
	}
	if after.File == "" {
		s.noPosition = noPrivilege
		return false, false, nil
	}
	if after.File != before.File || after.Offset != before.Offset {
		return false, true, nil
	}
	// The GTIDs were read after the position, and nothing was committed since.
	s.position, s.noPosition = after, ""
	s.at, err = serverTime(ctx, x)
	return err == nil, false, err
}

// snapshotPosition reads the position of MariaDB's snapshot.
func snapshotPosition(ctx context.Context, x *mysql.Session) (Position, error) {
	var p Position
	var name string
	rows, err := x.Query(ctx, "SHOW STATUS WHERE Variable_name IN ('binlog_snapshot_file', 'binlog_snapshot_position')")
	if err != nil {
		return p, fmt.Errorf("read the position of the snapshot: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value sql.RawBytes
		if err := rows.Scan(&name, &value); err != nil {
			return p, fmt.Errorf("read the position of the snapshot: %w", err)
		}
		if name == "Binlog_snapshot_file" {
			p.File = string(value)
			continue
		}
		if _, err := fmt.Sscan(string(value), &p.Offset); err != nil {
			return p, fmt.Errorf("read the position of the snapshot: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return p, fmt.Errorf("read the position of the snapshot: %w", err)
	}
	return p, nil
}
