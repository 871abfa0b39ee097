package landlord

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// RestoreMode says where a tenant is restored.
type RestoreMode string

// The restore modes.
const (
	RestoreSideBySide RestoreMode = "side_by_side"
	RestoreInPlace    RestoreMode = "in_place"
)

// RestoreStatus says how far a restore has come.
type RestoreStatus string

// The statuses of a restore, which goes from beginning to done; an exchange that
// is taken back leads from swapping to loaded, and any may end as removed.
const (
	RestoreBeginning RestoreStatus = "beginning" // a database of the name may be somebody else's
	RestoreLoading   RestoreStatus = "loading"   // the database beside was made, and is being filled
	RestoreLoaded    RestoreStatus = "loaded"    // it is complete and was compared
	RestoreSwapping  RestoreStatus = "swapping"  // its tables take the place of the tenant's
	RestoreDone      RestoreStatus = "done"
	RestoreRemoved   RestoreStatus = "removed" // given up, or forgotten by Terraform
)

// RestoreSpec is what the configuration wants of a restore. Either Checkpoint or
// PointInTime is set.
type RestoreSpec struct {
	Tenant           string // slug
	Checkpoint       string // name, or `tenant/name`
	PointInTime      time.Time
	Mode             RestoreMode
	Tables           []string // none: all
	Keepers          map[string]string
	AllowDestructive bool
	Retention        time.Duration // of what gives way, 0 for the default of 30 days
	SkipProbes       bool          // do not ask the data while planning
}

// EffectiveMode returns the mode, RestoreSideBySide unless the configuration says
// otherwise.
func (s RestoreSpec) EffectiveMode() RestoreMode {
	if s.Mode == "" {
		return RestoreSideBySide
	}
	return s.Mode
}

// EffectiveRetention returns how long what gives way is retained,
// DefaultRetention unless the configuration says otherwise.
func (s RestoreSpec) EffectiveRetention() time.Duration {
	if s.Retention <= 0 {
		return DefaultRetention
	}
	return s.Retention
}

// CheckpointName returns the name of the checkpoint alone.
func (s RestoreSpec) CheckpointName() string {
	if _, name, ok := SplitCheckpointID(s.Checkpoint); ok {
		return name
	}
	return s.Checkpoint
}

// Request names what is asked for, so that a run that was cut off is known
// again.
func (s RestoreSpec) Request() string {
	parts := []string{"restore", s.Tenant, s.CheckpointName(), string(s.EffectiveMode()), strings.Join(slices.Sorted(slices.Values(s.Tables)), "\x00")}
	if !s.PointInTime.IsZero() {
		parts = append(parts, s.PointInTime.UTC().Format(time.RFC3339Nano))
	}
	for _, k := range slices.Sorted(maps.Keys(s.Keepers)) {
		parts = append(parts, k, s.Keepers[k])
	}
	return Digest(parts...)
}

// RestoreReport says what a restore did.
type RestoreReport struct {
	Rows            int64    `json:"rows"`
	Tables          int64    `json:"tables"`
	Position        string   `json:"position,omitempty"` // of the last change that it holds; empty when unknown
	Skipped         []string `json:"skipped,omitempty"`  // what could not be brought back, and why
	DurationMS      int64    `json:"duration_ms"`
	RetiredDatabase string   `json:"retired_database,omitempty"` // keeps the tables that gave way
	Checkpoint      string   `json:"checkpoint,omitempty"`
	Transactions    int64    `json:"transactions,omitempty"` // replayed from the binary log
}

// Moment writes a time in UTC as RFC 3339 with nanoseconds, as attributes hold it.
func Moment(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
