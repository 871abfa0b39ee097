package checkpointing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// MaxCheckpointName is the longest name of a checkpoint, in characters.
const MaxCheckpointName = 100

var checkpointName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Spec is what the configuration wants of a checkpoint.
type Spec struct {
	Tenant    string // slug
	Name      string
	Contents  landlord.CheckpointContents // empty: data
	Tables    []string                    // none: all
	Verify    bool                        // restore it into a scratch database and compare
	Retention time.Duration               // 0: until it is removed
}

// CheckCheckpointName says whether a checkpoint may have the name, which is
// also the name of a directory. The error is a *Problem.
func CheckCheckpointName(name string) error {
	if len(name) <= MaxCheckpointName && checkpointName.MatchString(name) {
		return nil
	}
	return landlord.NewProblem(landlord.FieldName, "Checkpoint name cannot be used",
		fmt.Sprintf("The name `%s` has to hold letters, digits, `.`, `_` and `-` only, a letter or digit first, at most %d characters.", name, MaxCheckpointName),
		"Choose another name.")
}

// contents returns what the specification asks for.
func (s Spec) contents() landlord.CheckpointContents {
	return cmp.Or(s.Contents, landlord.CheckpointData)
}

// needsDirectory refuses data checkpoints without a place for them.
func (c *Checkpoints) needsDirectory(doing string) error {
	if c.Config.CheckpointDirectory != "" {
		return c.directoryThere(landlord.FieldContents, doing)
	}
	return landlord.NewProblem(landlord.FieldContents, "Provider has no checkpoint directory", doing+" needs a directory for its files.",
		"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or take `contents = \"schema\"`.")
}

// directoryThere refuses a directory that is not there: a disk that is not mounted
// would get its checkpoints on the disk below, and have none when it is.
func (c *Checkpoints) directoryThere(field landlord.Field, doing string) error {
	directory := c.Config.CheckpointDirectory
	info, err := os.Stat(directory)
	switch {
	case err == nil && info.IsDir(), c.Config.CreateDirectory && errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		err = errors.New("it is no directory")
	case errors.Is(err, fs.ErrNotExist):
		err = errors.New("it does not exist")
	}
	return landlord.NewProblem(field, "Checkpoint directory cannot be used", doing+fmt.Sprintf(" needs the `checkpoint_directory` of the provider, `%s`.", directory),
		"Mount or make it, or correct the path. With `create_checkpoint_directory = true` in the provider it is made when it is not there.").Because(err)
}

// PlanCheckpoint says, without taking it, whether a checkpoint can be taken. It
// becomes known to the plans of this run. Errors are Problems.
func (c *Checkpoints) PlanCheckpoint(ctx context.Context, spec Spec) ([]landlord.Note, error) {
	if err := CheckCheckpointName(spec.Name); err != nil {
		return nil, err
	}
	if spec.contents() == landlord.CheckpointData {
		if err := c.needsDirectory(fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds data, and", spec.Name, spec.Tenant)); err != nil {
			return nil, err
		}
	} else if err := schemaTakesNo(spec); err != nil {
		return nil, err
	}
	c.PlannedCheckpoints.Store(spec.Tenant+"/"+spec.Name, spec)
	row, err := c.Estate.Snapshot.Row(ctx, spec.Tenant)
	switch {
	case err != nil:
		return nil, err
	case row == nil && c.Estate.Run.Claimed(spec.Tenant) == "":
		return nil, landlord.TenantUnknown(spec.Tenant)
	case row == nil:
		return nil, nil // this run makes it
	}
	return nil, c.checkTables(ctx, row, spec.Tables)
}

// schemaTakesNo refuses what only a checkpoint with data can do.
func schemaTakesNo(spec Spec) error {
	const summary = "Schema checkpoint takes no such option"
	switch {
	case len(spec.Tables) > 0:
		return landlord.NewProblem(landlord.FieldTables, summary, "A schema checkpoint holds the whole schema: `tables` chooses among rows.", "Take `contents = \"data\"`, or leave `tables` out.")
	case spec.Verify:
		return landlord.NewProblem(landlord.FieldVerify, summary, "A schema checkpoint holds no rows that could be restored and compared.", "Take `contents = \"data\"`, or leave `verify` out.")
	}
	return nil
}

// checkTables refuses tables that a tenant does not have.
func (c *Checkpoints) checkTables(ctx context.Context, row *registry.TenantRow, tables []string) error {
	if len(tables) == 0 {
		return nil
	}
	live, err := c.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
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
	return landlord.NewProblem(landlord.FieldTables, "Tenant has no such table",
		fmt.Sprintf("Tenant `%s` has no table %s.", row.Slug, landlord.Quoted(missing)), "Correct `tables`; names are written as in the database.")
}

// TenantOf returns the row of a tenant that has a database. The error is a
// *Problem.
func (c *Checkpoints) TenantOf(ctx context.Context, q mysql.Queryer, slug string) (*registry.TenantRow, error) {
	row, err := c.Registry.ReadTenant(ctx, q, slug)
	if err != nil {
		return nil, registry.Unreachable(c.Servers.Main(), "reading a tenant", err)
	}
	if err := registry.CheckComplete(row, slug); err != nil {
		return nil, err
	}
	return row, nil
}
