package landlord

import (
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Status is where a tenant stands in its life.
type Status string

// The statuses of a tenant. Creating and dropping are passing ones that only
// an interrupted run leaves behind.
const (
	StatusCreating  Status = "creating"
	StatusActive    Status = "active"
	StatusSuspended Status = "suspended"
	StatusArchived  Status = "archived"
	StatusDropping  Status = "dropping"
)

// UpdateStatus says whether a tenant follows its template.
type UpdateStatus string

// The update statuses of a tenant.
const (
	UpdateCurrent         UpdateStatus = "current"
	UpdatePendingApproval UpdateStatus = "pending_approval"
	UpdateConflict        UpdateStatus = "conflict"
	UpdateHeld            UpdateStatus = "held"
	UpdateInterrupted     UpdateStatus = "interrupted"
	UpdateUnrecorded      UpdateStatus = "unrecorded" // Terraform's state knows more of the tenant than the landlord database
)

// Stays says whether a tenant with the status stays behind its template until
// somebody decides.
func (s UpdateStatus) Stays() bool {
	return s == UpdateHeld || s == UpdatePendingApproval || s == UpdateConflict
}

// UpdatePolicy says when a tenant takes over a new template version.
type UpdatePolicy string

// The update policies.
const (
	UpdateAuto   UpdatePolicy = "auto"
	UpdateReview UpdatePolicy = "review"
	UpdateHold   UpdatePolicy = "hold"
)

// DriftPolicy says what happens with changes that came from elsewhere.
type DriftPolicy string

// The drift policies.
const (
	DriftReport DriftPolicy = "report"
	DriftRepair DriftPolicy = "repair"
	DriftFail   DriftPolicy = "fail"
)

// DestructiveMode says what an allowed destructive step does with the data.
type DestructiveMode string

// The destructive modes.
const (
	Retire DestructiveMode = "retire"
	Drop   DestructiveMode = "drop"
)

// DeletionPolicy says what becomes of the database when the tenant goes.
type DeletionPolicy string

// The deletion policies.
const (
	DeletionProtect DeletionPolicy = "protect"
	DeletionArchive DeletionPolicy = "archive"
	DeletionDrop    DeletionPolicy = "drop"
)

// TenantSpec is what the configuration wants of a tenant.
type TenantSpec struct {
	Slug, Name       string
	Template         string // name@version
	Modules          []string
	Status           Status // active, suspended or archived
	Metadata         map[string]string
	Server           string // key of the further servers, empty for the main one
	Database         string // that is adopted under its own name; empty for the one that the slug makes
	UpdatePolicy     UpdatePolicy
	DriftPolicy      DriftPolicy
	Resolutions      []merge.Resolution // decisions on conflicts, in the order of their keys
	AllowDestructive bool
	DestructiveMode  DestructiveMode
	Consents         Consents      // to the loss of single tables and columns
	Retention        time.Duration // how long retired data is kept, 0 for the default of 30 days
	SkipProbes       bool          // do not ask the data while planning
	Automatic        AutomaticCheckpoint

	// How the tenant is to go, which is recorded for its checkpoints; the engine
	// destroys by the DeleteOptions alone. Empty: not said.
	DeletionPolicy     DeletionPolicy
	DeletionCheckpoint string // name, or `tenant/name`
}

// Tenant is a tenant as the landlord database and its server know it.
type Tenant struct {
	Slug, Name, DatabaseName, Server string
	Status                           Status
	Metadata                         map[string]string
	Template                         string // name@version in force, empty when only adopted
	Modules                          []string
	UpdateStatus                     UpdateStatus
	Wanted                           string // name@version that a listed tenant stays behind; empty when it follows
	SchemaFingerprint                string // of the live schema
	BaseFingerprint                  string // recorded after the last successful change
	Drift                            []Difference
	LastMigration                    *LastMigration
	CreatedAt                        time.Time // UTC
	Registered                       bool      // false: a database that the landlord does not know yet
	DatabaseMissing                  bool      // registered, but the server has no such database
	Fleet                            string    // that has the tenant; empty for none
	Ready                            bool      // waits for an owner in the pool of that fleet
	Behind                           bool      // Terraform's state knows more of the tenant than the landlord database

	Notes []Note // what the apply that has brought it there has to say
}

// Within says whether all of some texts, as names of modules, are among others.
func Within(some, others []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(others, one) })
}

// LastMigration is the newest finished migration of a tenant.
type LastMigration struct {
	Digest, From, To string
	Steps            int64
	AppliedAt        time.Time // UTC
}

// After returns when a migration is recorded as applied that follows another one,
// nil for none: now, and later than that one by what Terraform's state can tell,
// a second, whatever the clocks of two machines say. So who knows the later one of
// two has the newer record.
func (m *LastMigration) After(now time.Time) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if m == nil {
		return now
	}
	if next := m.AppliedAt.UTC().Truncate(time.Second).Add(time.Second); now.Before(next) {
		return next
	}
	return now
}

// Step is one statement of a migration, as a person sees it in a plan.
type Step struct {
	SQL, Object, Operation, Origin string
	Level                          int64  // 1 template, 2 module, 3 tenant
	Algorithm, Locks               string // instant, inplace, copy; none, writes, all; empty where it does not apply
	Destructive, Reversible        bool
	Reason                         string

	Data     bool         // changes rows, not the structure
	Written  bool         // a user wrote it, so it runs with rights on the tenant's database only
	Joined   bool         // goes into the transaction of the step before it, which leaves something in the session
	Settings ddl.Settings // of the session that runs it
	Probes   []diff.Probe
	Takes    []ddl.Place  // tables and columns whose data a destructive step takes away
	Losses   []diff.Probe // tell together what a destructive step loses; none when no question can
	Lost     string       // what a destructive step loses
	Table    string       // that the step changes
	Trial    string       // what stands for the step on an empty twin; empty for the step itself
	Retires  *Retired     // what the step sets aside
	Returns  *Retired     // what the step brings back
}

// Unrepeatable returns why a replay of the binary log cannot repeat the step, see
// ddl.Unrepeatable; empty when it can.
func (s Step) Unrepeatable() string {
	return ddl.Unrepeatable(sqltext.Tokens(s.SQL, sqltext.Mode{}))
}

// MovesTables says whether a table has another name or is gone after the step, so that
// another one may have its name from then on.
func (s Step) MovesTables() bool {
	toks := sqltext.Tokens(s.SQL, sqltext.Mode{})
	for i, t := range toks {
		switch {
		case i == 0 && t.Is("DROP") && len(toks) > 1 && toks[1].Is("TABLE"):
			return true
		case t.Is("RENAME") && (i == 0 || toks[0].Is("ALTER")) && i+1 < len(toks) && !toks[i+1].IsAny("COLUMN", "INDEX", "KEY"):
			return true
		}
	}
	return false
}

// TemplateSpec is what the configuration wants of a template version.
type TemplateSpec struct {
	Name, Version, Type, Description  string
	Extends                           string            // name@version, or empty
	Source                            string            // a directory or builtin:<name>; empty when inline
	Core, Optional, Seeds, Migrations map[string]string // inline: file name to SQL
	FrozenTables, ExtensionPoints     []string
	ApprovalRequired                  []string
	SQLMode                           string // empty for the strict one
	Materialize                       bool
}

// TemplateVersion is a template version as it is, or will be, published.
type TemplateVersion struct {
	ID, Name, Version, Type string
	Checksum                string
	SchemaFingerprint       string // empty when it cannot be known
	Tables, Modules         []string
	DatabaseName            string // the materialized copy, empty without one
	Published               bool
	PublishedVersions       []string  // in SemVer order; planned: including this one
	PublishedAt             time.Time // UTC; of a listed version only
	Description, Extends    string    // of a listed version only

	Notes []Note
}

// Retired is data that was set aside instead of being destroyed: a table, or
// columns of a table with the key of their rows.
type Retired struct {
	ID         uint64   `json:"id,omitempty"` // of the landlord database, 0 before it is recorded
	Table      string   `json:"table"`
	Columns    []string `json:"columns,omitempty"` // none: the whole table
	Keys       []string `json:"keys,omitempty"`    // columns of the primary key
	Definition string   `json:"definition"`        // of the table, or the types of the columns
	// Left is what stays set aside when only some of the columns come back.
	Left *Retired `json:"left,omitempty"`
	As   string   `json:"as,omitempty"` // table of the retirement database
	// Ending says that its retention is over within a day.
	Ending bool `json:"-"`
}

// DefaultRetention is how long retired data is kept.
const DefaultRetention = 30 * 24 * time.Hour

// SourceField returns the attribute that the files come from.
func (s TemplateSpec) SourceField() Field {
	if s.Source != "" {
		return FieldSource
	}
	return FieldNone
}
