package checkpointing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Crossing asks whether the binary log of a tenant can be replayed across a change.
type Crossing struct {
	Field landlord.Field // of the notes
	Row   *registry.TenantRow
	Wish  landlord.AutomaticCheckpoint
	Steps []landlord.Step
	Begun bool // by an earlier run: what a step works on may be as it leaves it
	Bare  bool // no checkpoint is taken before the steps, also when they take rows away
}

// Cross says what a change means for restores to a point in time, and whether its
// apply takes the checkpoint that opens what lies behind it. A step may give the rows
// that are there values that the log does not hold: then a moment behind it is reached
// only from a checkpoint behind it. Nothing is said where no replay can begin before
// it either. The notes are Passing, since a checkpoint of the same run may be the
// first one.
func (c *Checkpoints) Cross(ctx context.Context, q mysql.Queryer, x Crossing) (takes bool, notes []landlord.Note, err error) {
	if x.Row == nil {
		return false, nil, nil
	}
	var lines []string
	made := map[string]bool{}
	for _, s := range x.Steps {
		why := s.Unrepeatable()
		if why != "" && !made[s.Table] {
			barrier, err := c.barrier(ctx, q, x, s, why)
			if err != nil {
				return false, nil, err
			}
			if barrier {
				lines = append(lines, s.SQL+"\n  "+why)
			}
		}
		made[s.Table] = made[s.Table] || s.Table != "" && s.Operation == string(diff.OpCreateTable)
	}
	if len(lines) == 0 {
		return false, nil, nil
	}
	return c.Automatic(x.Wish) == landlord.AutomaticData, []landlord.Note{{Severity: landlord.Warning, Field: x.Field, Summary: "Points in time end at a statement", Passing: true,
		Detail: "The binary log cannot be replayed across this, because it does not hold the values that the rows get:\n\n" + strings.Join(lines, "\n") +
			"\n\nMoments before it stay within reach of a restore with `point_in_time` as long as the log is kept; those behind it need a checkpoint from behind it. " + c.behind(x.Wish)}}, nil
}

// barrier says whether a step that cannot be repeated meets rows, and a tenant whose
// log could be replayed up to there.
func (c *Checkpoints) barrier(ctx context.Context, q mysql.Queryer, x Crossing, s landlord.Step, why string) (bool, error) {
	begins, err := c.replayBegins(ctx, x.Row, "")
	if err != nil {
		return false, err
	}
	for _, other := range x.Steps { // the apply takes one before
		begins = begins || !x.Bare && other.Destructive && c.Automatic(x.Wish) == landlord.AutomaticData
	}
	if !begins {
		return false, nil
	}
	if empty, err := registry.IsEmpty(ctx, q, x.Row.Database, s.Table); err != nil || empty {
		return false, err
	}
	if why != ddl.NumbersRows || x.Begun || s.Table == "" {
		return true, nil
	}
	keyed, err := registry.HasRowKey(ctx, q, x.Row.Database, s.Table)
	return !keyed, err
}

// replayBegins says whether a tenant has, where it lives, a checkpoint from which its
// binary log can be replayed, other than the named one.
func (c *Checkpoints) replayBegins(ctx context.Context, row *registry.TenantRow, other string) (bool, error) {
	all, err := c.CheckpointRows(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if r.Slug == row.Slug && r.Server == row.Server && r.Database == row.Database && r.Contents == landlord.CheckpointData &&
			r.Status == landlord.CheckpointReady && !r.Expired && len(r.Tables) == 0 && r.Position != "" && r.Name != other {
			return true, nil
		}
	}
	return false, nil
}

// CrossMove is Cross for a move from a server to another one; taken is the checkpoint
// that a move which was cut off has taken there, from which no replay is asked for.
func (c *Checkpoints) CrossMove(ctx context.Context, row *registry.TenantRow, from, taken string, wish landlord.AutomaticCheckpoint) (takes bool, notes []landlord.Note, err error) {
	was := *row
	was.Server = from
	begins, err := c.replayBegins(ctx, &was, taken)
	if err != nil || !begins {
		return false, nil, err
	}
	return c.Automatic(wish) == landlord.AutomaticData, []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldServer, Summary: "Points in time end at a move", Passing: true,
		Detail: fmt.Sprintf("The binary log stays on %s, so behind the move no restore with `point_in_time` reaches a moment before it; checkpoints can be restored as before. Moments behind it need a checkpoint from behind it. %s",
			landlord.ServerName(from), c.behind(wish))}}, nil
}

// behind says whether an apply takes the checkpoint that opens later moments.
func (c *Checkpoints) behind(wish landlord.AutomaticCheckpoint) string {
	switch kept := c.Automatic(wish); {
	case kept == landlord.AutomaticData:
		return "The apply takes one when its statements have run."
	case c.Config.CheckpointDirectory == "":
		return "The apply takes none, since the provider has no `checkpoint_directory`. Take a `landlord_tenant_checkpoint` after it."
	default:
		return fmt.Sprintf("The apply takes none, since `automatic_checkpoint` is `%s`. Take a `landlord_tenant_checkpoint` after it.", kept)
	}
}

// TakeBehind takes the checkpoint behind a change that Cross has asked for. The change
// is complete and recorded by then, so that it fails is a warning. The row is the
// tenant's as it is recorded now.
func (c *Checkpoints) TakeBehind(ctx context.Context, j *apply.Job, row *registry.TenantRow, k AutomaticCheckpoint) []landlord.Note {
	if row == nil {
		return nil
	}
	j.Row = row
	_, err := c.TakeAutomatic(ctx, j, k)
	if err == nil {
		return nil
	}
	cause := mysql.Message(err)
	var p *landlord.Problem
	if errors.As(err, &p) {
		cause = p.Summary + ". " + p.Text()
	}
	c.Config.Log(ctx, "The checkpoint behind a change could not be taken", map[string]any{"tenant": j.Slug, "cause": cause})
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldAutomaticCheckpoint, Summary: "Checkpoint behind a change could not be taken",
		Detail: fmt.Sprintf("The change of tenant `%s` is complete and recorded. The checkpoint behind it, without which no later moment can be restored, was not taken:\n\n%s\n\nThen take a `landlord_tenant_checkpoint`.", j.Slug, cause)}}
}
