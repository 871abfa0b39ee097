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

// restoreStatus says how far a restore has come.
type restoreStatus string

const (
	restoreLoading  restoreStatus = "loading"  // the database beside is being filled
	restoreLoaded   restoreStatus = "loaded"   // it is complete and was compared
	restoreSwapping restoreStatus = "swapping" // its tables take the place of the tenant's
	restoreDone     restoreStatus = "done"
	restoreRemoved  restoreStatus = "removed" // given up, or forgotten by Terraform
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

func (s RestoreSpec) mode() RestoreMode {
	if s.Mode == "" {
		return RestoreSideBySide
	}
	return s.Mode
}

func (s RestoreSpec) retention() time.Duration {
	if s.Retention <= 0 {
		return DefaultRetention
	}
	return s.Retention
}

// checkpoint returns the name of the checkpoint alone.
func (s RestoreSpec) checkpoint() string {
	if _, name, ok := SplitCheckpointID(s.Checkpoint); ok {
		return name
	}
	return s.Checkpoint
}

// request names what is asked for, so that a run that was cut off is known
// again.
func (s RestoreSpec) request() string {
	parts := []string{"restore", s.Tenant, s.checkpoint(), string(s.mode()), strings.Join(slices.Sorted(slices.Values(s.Tables)), "\x00")}
	if !s.PointInTime.IsZero() {
		parts = append(parts, s.PointInTime.UTC().Format(time.RFC3339Nano))
	}
	for _, k := range slices.Sorted(maps.Keys(s.Keepers)) {
		parts = append(parts, k, s.Keepers[k])
	}
	return digest(parts...)
}

// Restore is a tenant, or a part of it, that was brought back.
type Restore struct {
	ID           string // tenant and number: `acme/7`
	Tenant       string
	Mode         RestoreMode
	Checkpoint   string    // that it came from
	PointInTime  time.Time // zero without one
	Tables       []string  // none: all
	DatabaseName string    // that holds what was restored
	Missing      bool      // the database beside the tenant is gone
	Report       RestoreReport
	Notes        []Note
	CreatedAt    time.Time // UTC
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

// RestorePlan is what a restore will do.
type RestorePlan struct {
	Steps  []Step // in their order, those of the copy beside included; a restore side by side changes nothing that exists and has none
	Digest string // of the steps; empty when they are not known
	Known  bool   // the steps are what will run
	Notes  []Note

	rollback *rollback // of the schema; nil else
}
