package landlord

import (
	"strings"
	"time"
)

// CheckpointContents says what a checkpoint holds.
type CheckpointContents string

// The contents of a checkpoint. A schema checkpoint is kept in the landlord
// database; one with data is files in the checkpoint directory.
const (
	CheckpointSchema CheckpointContents = "schema"
	CheckpointData   CheckpointContents = "data"
)

// AutomaticCheckpoint says what is kept of a tenant before a migration that
// loses rows, and before its database is dropped.
type AutomaticCheckpoint string

// The automatic checkpoints. The default is data where the provider has a
// checkpoint directory, else schema.
const (
	AutomaticDefault AutomaticCheckpoint = ""
	AutomaticNone    AutomaticCheckpoint = "none"
	AutomaticSchema  AutomaticCheckpoint = "schema"
	AutomaticData    AutomaticCheckpoint = "data"
)

// CheckpointStatus says whether a tenant can return to a checkpoint.
type CheckpointStatus string

// The statuses of a checkpoint. Missing and damaged are found out by looking at
// the files. The landlord database also has `taking` and `removing`, which are of
// a run that is under way or was cut off.
const (
	CheckpointReady   CheckpointStatus = "ready"
	CheckpointMissing CheckpointStatus = "missing"
	CheckpointDamaged CheckpointStatus = "damaged"
	CheckpointExpired CheckpointStatus = "expired"
)

// CheckpointOrigin says who asked for a checkpoint.
type CheckpointOrigin string

// The origins of a checkpoint: a resource asks for it, a migration would lose
// rows, or the tenant is deleted.
const (
	OriginRequest   CheckpointOrigin = "request"
	OriginMigration CheckpointOrigin = "migration"
	OriginDeletion  CheckpointOrigin = "deletion"
	OriginMove      CheckpointOrigin = "move"     // to another server
	OriginReleased  CheckpointOrigin = "released" // asked for, and let go of while a deletion may need it
)

// Checkpoint is a copy of a tenant to which it can return.
type Checkpoint struct {
	Tenant, Name      string
	Contents          CheckpointContents
	Tables            []string
	Automatic         bool
	Status            CheckpointStatus
	Fault             string // why it is not ready
	SchemaFingerprint string
	Template          string // name@version in force, empty for none
	Position          string // GTID set or file and offset; empty without a binary log
	Rows, SizeBytes   int64
	Checksum          string
	Location          string // directory, empty for a schema
	Verified          bool
	CreatedAt         time.Time
	ExpiresAt         time.Time // zero: never
	Notes             []Note
}

// ID names a checkpoint in the whole estate.
func (c *Checkpoint) ID() string { return c.Tenant + "/" + c.Name }

// SplitCheckpointID cuts `tenant/name` in two.
func SplitCheckpointID(id string) (tenant, name string, ok bool) {
	tenant, name, ok = strings.Cut(id, "/")
	return tenant, name, ok && tenant != "" && name != "" && !strings.Contains(name, "/")
}
