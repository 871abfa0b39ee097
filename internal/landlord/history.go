package landlord

import (
	"time"
)

// HistoryOptions says how much of a history is read.
type HistoryOptions struct {
	Limit int  // most entries of each list; 0 for 50
	Steps bool // with the statements of each migration
}

// History is what happened to the tenants that had one slug, newest first.
type History struct {
	Migrations     []PastMigration
	Customizations []PastCustomization
	Events         []PastEvent
}

// PastCustomization is a customization that a tenant has or had.
type PastCustomization struct {
	Name, Reason, Author string
	Status               string   // active, applying, removing or removed
	Objects              []string // what it made: "table `users`, column `phone`"
	CreatedAt            time.Time
	UpdatedAt            time.Time // or when it was removed
}

// CustomizationRemoved is the event of a removal.
const CustomizationRemoved = "customization removed"

// PastMigration is a row of the ledger.
type PastMigration struct {
	Name, Digest string
	Level        int64  // 1 template, 2 module, 3 tenant
	From, To     string // name@version
	Status       string // running, done, failed or abandoned
	Steps        int64
	StartedAt    time.Time     // UTC
	AppliedAt    time.Time     // UTC; zero unless done
	Duration     time.Duration // 0 unless done
	Author       string
	Error        string
	Statements   []PastStep // when asked for

	ID uint64
}

// Seed says whether the step changes rows and not the structure.
func (s Step) Seed() bool { return s.Data }

// The operations of statements that keep others from a table while it changes.
// What stands between the two is recorded as intended with the first of them,
// because the ledger cannot be reached meanwhile.
const (
	LockTables   = "lock_tables"
	UnlockTables = "unlock_tables"
)

// PastStep is one statement of a migration of the ledger.
type PastStep struct {
	Number                    int64
	SQL                       string
	Object, Operation, Origin string
	Level                     int64
	State                     string // planned, intent or done
}

// NewEvent is something that the history of tenants is to say. Slugs that the landlord
// database does not know are left out; with none, nothing is said.
type NewEvent struct {
	Tenants []string // slugs
	Event   string
	Author  string
	Detail  map[string]string
}

// PastEvent is something that happened to a tenant.
type PastEvent struct {
	Tenant        string // slug
	Event, Author string
	Detail        string // JSON
	At            time.Time
}
