package landlord

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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

// checkpointOrigin says who asked for a checkpoint.
type checkpointOrigin string

const (
	originRequest   checkpointOrigin = "request"
	originMigration checkpointOrigin = "migration"
	originDeletion  checkpointOrigin = "deletion"
)

// MaxCheckpointName is the longest name of a checkpoint, in characters.
const MaxCheckpointName = 100

var checkpointName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// CheckpointSpec is what the configuration wants of a checkpoint.
type CheckpointSpec struct {
	Tenant    string // slug
	Name      string
	Contents  CheckpointContents // empty: data
	Tables    []string           // none: all
	Verify    bool               // restore it into a scratch database and compare
	Retention time.Duration      // 0: until it is removed
}

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

// CheckCheckpointName says whether a checkpoint may have the name, which is
// also the name of a directory. The error is a *Problem.
func CheckCheckpointName(name string) error {
	if len(name) <= MaxCheckpointName && checkpointName.MatchString(name) {
		return nil
	}
	return problem(FieldName, "Checkpoint name cannot be used",
		fmt.Sprintf("The name `%s` has to hold letters, digits, `.`, `_` and `-` only, a letter or digit first, at most %d characters.", name, MaxCheckpointName),
		"Choose another name.")
}

// SplitCheckpointID cuts `tenant/name` in two.
func SplitCheckpointID(id string) (tenant, name string, ok bool) {
	tenant, name, ok = strings.Cut(id, "/")
	return tenant, name, ok && tenant != "" && name != "" && !strings.Contains(name, "/")
}

// contents returns what the specification asks for.
func (s CheckpointSpec) contents() CheckpointContents {
	return cmp.Or(s.Contents, CheckpointData)
}

// needsDirectory refuses data checkpoints without a place for them.
func (e *Engine) needsDirectory(doing string) error {
	if e.cfg.CheckpointDirectory != "" {
		return nil
	}
	return problem(FieldContents, "Provider has no checkpoint directory", doing+" needs a directory for its files.",
		"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or take `contents = \"schema\"`.")
}

// PlanCheckpoint says, without taking it, whether a checkpoint can be taken. It
// becomes known to the plans of this run. Errors are Problems.
func (e *Engine) PlanCheckpoint(ctx context.Context, spec CheckpointSpec) ([]Note, error) {
	if err := CheckCheckpointName(spec.Name); err != nil {
		return nil, err
	}
	if spec.contents() == CheckpointData {
		if err := e.needsDirectory(fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds data, and", spec.Name, spec.Tenant)); err != nil {
			return nil, err
		}
	} else if err := schemaTakesNo(spec); err != nil {
		return nil, err
	}
	e.plannedCheckpoints.Store(spec.Tenant+"/"+spec.Name, spec)
	row, err := e.estate.row(ctx, spec.Tenant)
	switch {
	case err != nil:
		return nil, err
	case row == nil && e.world.claimed(spec.Tenant) == "":
		return nil, tenantUnknown(spec.Tenant)
	case row == nil:
		return nil, nil // this run makes it
	}
	return nil, e.checkTables(ctx, row, spec.Tables)
}

// schemaTakesNo refuses what only a checkpoint with data can do.
func schemaTakesNo(spec CheckpointSpec) error {
	const summary = "Schema checkpoint takes no such option"
	switch {
	case len(spec.Tables) > 0:
		return problem(FieldTables, summary, "A schema checkpoint holds the whole schema: `tables` chooses among rows.", "Take `contents = \"data\"`, or leave `tables` out.")
	case spec.Verify:
		return problem(FieldVerify, summary, "A schema checkpoint holds no rows that could be restored and compared.", "Take `contents = \"data\"`, or leave `verify` out.")
	}
	return nil
}

// checkTables refuses tables that a tenant does not have.
func (e *Engine) checkTables(ctx context.Context, row *tenantRow, tables []string) error {
	if len(tables) == 0 {
		return nil
	}
	live, err := e.estate.fingerprint(ctx, row.server, row.database)
	if err != nil || live == nil {
		return err
	}
	var missing []string
	for _, name := range tables {
		if _, ok := live.Objects["table "+name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return problem(FieldTables, "Tenant has no such table",
		fmt.Sprintf("Tenant `%s` has no table %s.", row.slug, quoted(missing)), "Correct `tables`; names are written as in the database.")
}

// tenantOf returns the row of a tenant that has a database. The error is a
// *Problem.
func (e *Engine) tenantOf(ctx context.Context, q mysql.Queryer, slug string) (*tenantRow, error) {
	row, err := e.registry.readTenant(ctx, q, slug)
	if err != nil {
		return nil, unreachable(e.main(), "reading a tenant", err)
	}
	if err := checkComplete(row, slug); err != nil {
		return nil, err
	}
	return row, nil
}

// checkComplete refuses a tenant that is not registered, or whose database is
// being made or dropped.
func checkComplete(row *tenantRow, slug string) error {
	switch {
	case row == nil:
		return tenantUnknown(slug)
	case row.status == StatusCreating || row.status == StatusDropping:
		return problem(FieldTenant, "Tenant is not complete",
			fmt.Sprintf("Tenant `%s` has the status `%s`: a run was interrupted.", slug, row.status), "Apply or destroy the tenant first.")
	}
	return nil
}
