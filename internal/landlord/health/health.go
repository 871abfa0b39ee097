package health

import (
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// Filter chooses tenants.
type Filter struct {
	Slugs  []string // nil for all
	Server *string  // key of a server, empty for the main one; nil for all
	// Objective is how old the newest checkpoint of a tenant may be; 0 for that of
	// the configuration. Without any, the age of checkpoints takes no points.
	Objective time.Duration
}

// Report is how tenants do at one moment.
type Report struct {
	At        time.Time // UTC, when the reading began
	Objective time.Duration
	Tenants   []Health // by slug
	Servers   []Server // by key
}

// Server is how a server could be read.
type Server struct {
	Key        string // empty for the main one
	Reachable  bool
	Problem    string             // why it is not
	Version    string             // empty when it could not be read
	LoadSource catalog.LoadSource // where it counts what databases do; empty when it does not
}

// Level sums a score up.
type Level string

// The levels.
const (
	Healthy   Level = "healthy"   // nothing that matters: 80 points and more
	Degraded  Level = "degraded"  // somebody should look: 50 points and more
	Unhealthy Level = "unhealthy" // somebody has to act
)

// Health is how one tenant does. A pointer is nil where nobody knows; Unknown says
// why, by the name of the fact.
type Health struct {
	ID                uint64 // of the landlord database
	Slug, Name        string
	DatabaseName      string
	Server            string // key, empty for the main one
	Template          string // name@version in force
	Status            landlord.Status
	UpdateStatus      landlord.UpdateStatus // other than current: something waits
	Wanted            string                // name@version that it stays behind
	Drift             drift.State
	Harm              landlord.Harm // of drift, empty when it is not decided
	Reachable         bool          // its database is there and was read
	Problem           string        // why it is not
	Size              *Size
	Growth            *Growth // nil when there is no earlier sample
	AutoIncrement     *Headroom
	WithoutPrimaryKey []string            // tables, in alphabetical order
	Checkpoints       Checkpoints         // from which all rows come back
	Activity          *Activity           // open transactions and waits
	Load              *Load               // since the server began to count
	OutOfPlace        []isolation.Finding // accounts, definers and programs that reach further than they should
	Unknown           map[Fact]string     // why a fact is not known
	Score             int                 // 0 to 100
	Level             Level
	Reasons           []Reason // what took points away, the most first
}

// Fact names a part of Health that may not be known.
type Fact string

// The facts.
const (
	FactSize       Fact = "size"
	FactFree       Fact = "fragmentation"
	FactActivity   Fact = "transactions"
	FactLoad       Fact = "load"
	FactStatements Fact = "statements" // of the load
	FactOutOfPlace Fact = "out_of_place"
)

// Size is what the tables of a tenant take, by the estimates of the storage engine.
type Size struct {
	Tables    int
	Rows      int64
	Bytes     int64  // data and indexes
	FreeBytes *int64 // allocated to its tables and not used; nil where tables share their files
}

// Fragmentation is the share of what tables have allocated that is not used; nil
// where nobody knows.
func (s *Size) Fragmentation() *float64 {
	if s == nil || s.FreeBytes == nil {
		return nil
	}
	share := 0.0
	if all := s.Bytes + *s.FreeBytes; all > 0 {
		share = float64(*s.FreeBytes) / float64(all)
	}
	return &share
}

// Growth is what has become more since the sample before.
type Growth struct {
	Since       time.Time // of that sample
	Bytes, Rows int64     // negative when it became less
	Load        *Load     // what was done since; nil when it is not known
}

// Headroom is the AUTO_INCREMENT column of a tenant that has the least left.
type Headroom struct {
	Table, Column string
	Next, Highest uint64
}

// Used is the share of the values that are gone.
func (h *Headroom) Used() float64 {
	if h.Highest == 0 || h.Next == 0 {
		return 0
	}
	return min(float64(h.Next-1)/float64(h.Highest), 1)
}

// Checkpoints are those of a tenant from which all its rows come back: ready, with
// data, of all tables.
type Checkpoints struct {
	Count          int
	Bytes          int64
	Oldest, Newest time.Time // the moments that they are copies of; zero without one
}

// Activity is what connections that have the tenant's database selected do now.
type Activity struct {
	Transactions int           // open ones
	Longest      time.Duration // open
	Waiting      int           // connections that wait for a lock
	LongestWait  time.Duration
}

// Load is what was done in a tenant's database. What is not counted is nil.
type Load struct {
	Source catalog.LoadSource
	Lost   bool // the server counts fewer than there were
	catalog.Load
}

// Sample is how a tenant did at a moment of the past.
type Sample struct {
	At        time.Time // UTC
	Score     int
	Reasons   []Kind
	Bytes     *int64
	Rows      *int64
	FreeBytes *int64
	Load      catalog.Load // since the server began to count
}
