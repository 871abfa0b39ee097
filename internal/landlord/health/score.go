package health

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
)

// Kind says what took points away.
type Kind string

// The kinds of reasons.
const (
	KindUnreachable Kind = "unreachable"        // the server or the database cannot be read
	KindMissing     Kind = "missing"            // the server has no such database
	KindInterrupted Kind = "interrupted"        // a run was cut off
	KindDrifted     Kind = "drifted"            // changed from elsewhere
	KindConflict    Kind = "conflict"           // an update meets what the tenant has of its own
	KindApproval    Kind = "pending_approval"   // an update waits for somebody
	KindNoBackup    Kind = "no_checkpoint"      // nothing brings its rows back
	KindOverdue     Kind = "checkpoint_too_old" // the newest one is older than the objective
	KindNoKey       Kind = "no_primary_key"     // tables without one
	KindHeadroom    Kind = "auto_increment"     // a column runs out of values
	KindFree        Kind = "fragmentation"      // much is allocated and not used
	KindTransaction Kind = "long_transaction"   // one is open for long
	KindWaiting     Kind = "lock_wait"          // somebody waits for a lock
	KindErrors      Kind = "statement_errors"   // many statements fail
	KindOutOfPlace  Kind = "out_of_place"       // accounts, definers, programs
)

// The bounds and points that are not said where they are used once.
const (
	degradedBelow    = 80 // points
	unhealthyBelow   = 50 // points
	keyPoints        = 5  // for each table without a primary key
	mostKeyPoints    = 15
	littleHeadroom   = 0.8  // used
	noHeadroom       = 0.95 // used
	muchFree         = 0.5  // of what is allocated
	muchFreeBytes    = 64 << 20
	longTransaction  = 5 * time.Minute
	veryLong         = time.Hour
	longWait         = 5 * time.Second
	enoughStatements = 100 // since the last sample, for a share of them
	someErrors       = 0.01
	manyErrors       = 0.1
)

// Reason is one thing that took points away.
type Reason struct {
	Kind   Kind
	Points int
	Detail string // what is wrong and what to do, in sentences
}

// judge gives the score, its level and the reasons. It knows nothing but the
// values.
func (h *Health) judge(now time.Time, objective time.Duration) {
	h.Reasons = []Reason{}
	for _, look := range []func(now time.Time, objective time.Duration) *Reason{
		h.standing, h.backup, h.keys, h.headroom, h.free, h.transactions, h.waits, h.errors, h.outOfPlace, h.update,
	} {
		if r := look(now, objective); r != nil {
			h.Reasons = append(h.Reasons, *r)
		}
	}
	slices.SortStableFunc(h.Reasons, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
	h.Score = 100
	for _, r := range h.Reasons {
		h.Score = max(h.Score-r.Points, 0)
	}
	switch {
	case h.Score >= degradedBelow:
		h.Level = Healthy
	case h.Score >= unhealthyBelow:
		h.Level = Degraded
	default:
		h.Level = Unhealthy
	}
}

// standing is how the tenant stands to what is recorded of it.
func (h *Health) standing(time.Time, time.Duration) *Reason {
	switch h.Drift {
	case drift.DriftUnreadable:
		return &Reason{KindUnreachable, 100, "It could not be read. " + h.Problem}
	case drift.DriftMissing:
		return &Reason{KindMissing, 100, fmt.Sprintf("The server has no database `%s`. Restore a checkpoint, or remove the tenant.", h.DatabaseName)}
	case drift.DriftInterrupted:
		return &Reason{KindInterrupted, 40, "A run that worked on it was cut off. The next apply goes on where it stopped."}
	case drift.DriftFound:
		points := 20
		if h.Harm == landlord.HarmCore {
			points = 35
		}
		return &Reason{KindDrifted, points, "Its schema was changed from elsewhere. `landlord_tenant_drift` shows what differs, and the ways out."}
	case drift.DriftNone, drift.DriftPlanned:
	}
	return nil
}

// update is what waits for the tenant.
func (h *Health) update(time.Time, time.Duration) *Reason {
	switch h.UpdateStatus {
	case landlord.UpdateConflict:
		return &Reason{KindConflict, 25, fmt.Sprintf("Its update to `%s` conflicts with what it has of its own. Decide in `resolutions` of the tenant.", h.Wanted)}
	case landlord.UpdatePendingApproval:
		return &Reason{KindApproval, 5, fmt.Sprintf("Its update to `%s` waits for an approval.", h.Wanted)}
	case landlord.UpdateCurrent, landlord.UpdateHeld, landlord.UpdateInterrupted, landlord.UpdateUnrecorded:
	}
	return nil
}

// backup compares the age of the newest checkpoint with what is wanted.
func (h *Health) backup(now time.Time, objective time.Duration) *Reason {
	if objective <= 0 || h.Status == landlord.StatusArchived || h.Status == landlord.StatusCreating {
		return nil
	}
	if h.Checkpoints.Count == 0 {
		return &Reason{KindNoBackup, 30, fmt.Sprintf("It has no checkpoint that brings its rows back, and `backup_objective` is %s. Take one with `landlord_tenant_checkpoint`.", objective)}
	}
	age := h.Checkpoints.Age(now)
	points := 20
	switch {
	case age <= objective:
		return nil
	case age > 2*objective:
		points = 30
	}
	return &Reason{KindOverdue, points, fmt.Sprintf("Its newest checkpoint is %s old, and `backup_objective` is %s. Take one with `landlord_tenant_checkpoint`.", age.Round(time.Second), objective)}
}

// Age is how old the newest checkpoint is; 0 without one.
func (c Checkpoints) Age(now time.Time) time.Duration {
	if c.Count == 0 {
		return 0
	}
	return max(now.Sub(c.Newest), 0)
}

func (h *Health) keys(time.Time, time.Duration) *Reason {
	if len(h.WithoutPrimaryKey) == 0 {
		return nil
	}
	const most = 5
	names := h.WithoutPrimaryKey
	more := ""
	if len(names) > most {
		names, more = names[:most], fmt.Sprintf(" and %d more", len(names)-most)
	}
	return &Reason{KindNoKey, min(keyPoints*len(h.WithoutPrimaryKey), mostKeyPoints), fmt.Sprintf("%s without a primary key: %s%s. Replicas and copies of rows are slow there; add a key in the template or with a customization.",
		landlord.Several(len(h.WithoutPrimaryKey), "table"), landlord.Quoted(names), more)}
}

func (h *Health) headroom(time.Time, time.Duration) *Reason {
	if h.AutoIncrement == nil {
		return nil
	}
	used := h.AutoIncrement.Used()
	points := 15
	switch {
	case used < littleHeadroom:
		return nil
	case used >= noHeadroom:
		points = 40
	}
	return &Reason{KindHeadroom, points, fmt.Sprintf("%s of the AUTO_INCREMENT values of `%s`.`%s` are used. When none is left, every INSERT fails; widen the column, for example to BIGINT.",
		percent(used), h.AutoIncrement.Table, h.AutoIncrement.Column)}
}

func (h *Health) free(time.Time, time.Duration) *Reason {
	share := h.Size.Fragmentation()
	if share == nil || *share < muchFree || *h.Size.FreeBytes < muchFreeBytes {
		return nil
	}
	return &Reason{KindFree, 5, fmt.Sprintf("%s of what its tables have allocated is not used, %d MiB. `OPTIMIZE TABLE` gives it back.", percent(*share), *h.Size.FreeBytes>>20)}
}

func (h *Health) transactions(time.Time, time.Duration) *Reason {
	if h.Activity == nil || h.Activity.Longest < longTransaction {
		return nil
	}
	points := 10
	if h.Activity.Longest >= veryLong {
		points = 25
	}
	return &Reason{KindTransaction, points, fmt.Sprintf("A transaction is open for %s. It keeps migrations waiting, and old versions of rows from being removed. End it, or its connection.", h.Activity.Longest)}
}

func (h *Health) waits(time.Time, time.Duration) *Reason {
	if h.Activity == nil || h.Activity.LongestWait < longWait {
		return nil
	}
	return &Reason{KindWaiting, 10, fmt.Sprintf("%s for a lock, the longest for %s. Look who holds it.", waiting(h.Activity.Waiting), h.Activity.LongestWait)}
}

func waiting(connections int) string {
	if connections == 1 {
		return "1 connection waits"
	}
	return fmt.Sprintf("%d connections wait", connections)
}

// errors looks at the statements since the last sample alone: what failed long ago
// is no news.
func (h *Health) errors(time.Time, time.Duration) *Reason {
	if h.Growth == nil || h.Growth.Load == nil || h.Growth.Load.Statements == nil || h.Growth.Load.Errors == nil {
		return nil
	}
	statements, failed := *h.Growth.Load.Statements, *h.Growth.Load.Errors
	if statements < enoughStatements {
		return nil
	}
	share := float64(failed) / float64(statements)
	points := 5
	switch {
	case share < someErrors:
		return nil
	case share >= manyErrors:
		points = 15
	}
	return &Reason{KindErrors, points, fmt.Sprintf("%s of its statements have failed since the last sample, %d of %d. Look into the log of its application.", percent(share), failed, statements)}
}

func (h *Health) outOfPlace(time.Time, time.Duration) *Reason {
	points := map[isolation.Severity]int{isolation.High: 30, isolation.Medium: 15, isolation.Low: 5}
	if len(h.OutOfPlace) == 0 {
		return nil
	}
	worst := 0
	for _, f := range h.OutOfPlace {
		worst = max(worst, points[f.Severity])
	}
	return &Reason{KindOutOfPlace, worst, fmt.Sprintf("%s out of place: accounts, definers or programs reach further than they should. `landlord_isolation_report` shows them with the SQL that ends it.", landlord.Several(len(h.OutOfPlace), "finding"))}
}

// percent writes a share for a person, never more than it is.
func percent(share float64) string { return fmt.Sprintf("%d %%", int(math.Floor(share*100))) }
