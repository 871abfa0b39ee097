package datacopy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// What to know after a copy that stopped, when the cure is somewhere else, and
// when it may be to ask for something else.
const (
	goesOn = "What was copied so far is kept and recorded: the next apply goes on from there."
	anew   = "What was copied so far stays in the target, and the next apply goes on from there. " +
		"If you change what is to be copied it begins anew; `on_conflict = \"skip\"` then passes over what is there."
)

// stopped describes why a copy stopped. Everything that was committed is in the
// journal.
func (c *dataCopying) stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil || mysql.IsUnanswered(err) {
		return err
	}
	p := c.cure(err)
	p.Detail = append([]string{c.spec.Doing() + "."}, p.Detail...)
	p.Err = err
	return p
}

// cure says what is at fault, and what can be done about it.
func (c *dataCopying) cure(err error) *landlord.Problem {
	var conflict *rowcopy.ConflictError
	var misfit *rowcopy.MisfitError
	var mismatch *rowcopy.MismatchError
	var orphan *rowcopy.OrphanError
	var progress *rowcopy.ProgressError
	var stale *rowcopy.StaleError
	switch {
	case errors.As(err, &conflict):
		return landlord.NewProblem(landlord.FieldOnConflict, "Copied row meets another one", landlord.Sentence(conflict.Error()), c.cureConflict(conflict))
	case errors.As(err, &misfit):
		return landlord.NewProblem(landlord.FieldTables, "Copied value does not fit", landlord.Sentence(misfit.Error()), "Change the value or the column, or leave such rows out with `where`. "+anew)
	case errors.As(err, &mismatch):
		return landlord.NewProblem(landlord.FieldTables, "Copied rows came out otherwise", landlord.Sentence(mismatch.Error()), "Look at the triggers of the target. "+goesOn)
	case errors.As(err, &orphan):
		return landlord.NewProblem(landlord.FieldTables, "Copied row refers to a missing row", landlord.Sentence(orphan.Error()),
			"Copy the other table, too, let `where` choose the rows that belong together, or leave such rows out. "+anew)
	case mysql.IsNoParentRow(err): // of a table whose parents need no looking for: the server tells no row
		return landlord.NewProblem(landlord.FieldTables, "Copied row refers to a missing row", landlord.Sentence(mysql.Message(err)),
			"Copy the other table, too, let `where` choose the rows that belong together, or leave such rows out. "+anew)
	case errors.As(err, &progress):
		return landlord.NewProblem(landlord.FieldKeepers, "Interrupted copy cannot go on", landlord.Sentence(progress.Error()),
			"Change `keepers` to begin a new copy. What the earlier run brought is in the target already: take `on_conflict = \"skip\"` or `\"replace\"`, or remove it first.")
	case errors.As(err, &stale):
		return landlord.NewProblem(landlord.FieldNone, "Tables changed while the copy began", landlord.Sentence(stale.Error()), "Apply again. "+goesOn)
	}
	return landlord.NewProblem(landlord.FieldNone, "Rows could not be copied", landlord.Sentence(err.Error()), "Correct the cause and apply again. "+goesOn)
}

func (c *dataCopying) cureConflict(conflict *rowcopy.ConflictError) string {
	next := "Set `on_conflict = \"skip\"` to leave such rows out, or choose others with `where`. "
	if conflict.Exists {
		next = "Set `on_conflict` to `skip`, which keeps the row of the target, or to `replace`, which gives it the values of the source; or choose other rows with `where`. "
	}
	if c.former != nil {
		return fmt.Sprintf("The same was copied at %s already. If that is what was wanted, import it: `terraform import <address> %s`. ",
			c.former.FinishedAt.UTC().Format(time.RFC3339), registry.ToDataCopy(c.former).ID) + next + anew
	}
	return next + anew
}
