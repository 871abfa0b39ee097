package checkpointing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Barriers returns the steps across which the binary log of a tenant cannot be
// replayed, because they give the rows that are there values that it does not hold: a
// moment behind them is reached only from a checkpoint behind them. None where no
// replay can begin before them either. The first connection is to the landlord
// database, the second one to the tenant's server: those of the job, where there is one.
func (c *Checkpoints) Barriers(ctx context.Context, main, q mysql.Queryer, row *registry.TenantRow, steps []landlord.Step) ([]landlord.Step, error) {
	var out []landlord.Step
	for _, s := range steps {
		why := s.Unrepeatable()
		if why == "" || row == nil {
			continue
		}
		empty, err := registry.IsEmpty(ctx, q, row.Database, s.Table)
		if err != nil {
			return nil, err
		}
		keyed := false
		if !empty && why == ddl.NumbersRows && s.Table != "" {
			if keyed, err = registry.HasPrimaryKey(ctx, q, row.Database, s.Table); err != nil {
				return nil, err
			}
		}
		if !empty && !keyed {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	begins, err := c.Registry.HasReplayBase(ctx, main, row, "")
	if err != nil || !begins {
		return nil, err
	}
	return out, nil
}

// BarrierNote says what barriers mean for restores to a point in time, and whether the
// apply takes the checkpoint that opens what lies behind them. It is Passing, since a
// checkpoint of the same run may be the first one.
func (c *Checkpoints) BarrierNote(field landlord.Field, steps []landlord.Step, wish landlord.AutomaticCheckpoint) []landlord.Note {
	if len(steps) == 0 {
		return nil
	}
	var lines []string
	for _, s := range steps {
		lines = append(lines, s.SQL+"\n  "+s.Unrepeatable())
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: field, Summary: "Points in time end at a statement", Passing: true,
		Detail: "The binary log cannot be replayed across this, because it does not hold the values that the rows get:\n\n" + strings.Join(lines, "\n") +
			"\n\nMoments before it stay within reach of a restore with `point_in_time`; those behind it need a checkpoint from behind it. " + c.behind(wish)}}
}

// MoveNote says the same of a move to another server.
func (c *Checkpoints) MoveNote(ctx context.Context, row *registry.TenantRow, wish landlord.AutomaticCheckpoint) ([]landlord.Note, error) {
	begins, err := c.Registry.HasReplayBase(ctx, c.Servers.Main(), row, "")
	if err != nil || !begins {
		return nil, err
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldServer, Summary: "Points in time end at a move", Passing: true,
		Detail: fmt.Sprintf("The binary log stays on %s, so behind the move no restore with `point_in_time` reaches a moment before it; checkpoints can be restored as before. Moments behind it need a checkpoint from behind it. %s",
			landlord.ServerName(row.Server), c.behind(wish))}}, nil
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

// CheckpointBehind takes the checkpoint behind a barrier or a move, where one with data is
// wanted. The work before it is done and recorded, so that it fails is a warning.
func (c *Checkpoints) CheckpointBehind(ctx context.Context, j *apply.Job, k AutomaticCheckpoint) []landlord.Note {
	if c.Automatic(k.Wish) != landlord.AutomaticData {
		return nil
	}
	_, err := c.TakeAutomatic(ctx, j, k)
	if err == nil {
		return nil
	}
	cause := mysql.Message(err)
	var p *landlord.Problem
	if errors.As(err, &p) {
		cause = p.Summary + ". " + p.Text()
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldAutomaticCheckpoint, Summary: "Checkpoint behind a statement could not be taken",
		Detail: fmt.Sprintf("The change of tenant `%s` is complete and recorded. The checkpoint behind it, without which no later moment can be restored, was not taken:\n\n%s\n\nThen take a `landlord_tenant_checkpoint`.", j.Slug, cause)}}
}
