package landlord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
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
	if ctx.Err() != nil || mysql.IsConnectionLost(err) {
		return err
	}
	cause, field, summary, next := c.cure(err)
	return &Problem{Field: field, Summary: summary, Detail: []string{c.spec.doing() + ".", sentence(cause.Error()), next}, Err: err}
}

// cure returns what is at fault, and what can be done about it.
func (c *dataCopying) cure(err error) (cause error, field Field, summary, next string) {
	var conflict *checkpoint.CopyConflictError
	var misfit *checkpoint.CopyMisfitError
	var mismatch *checkpoint.CopyMismatchError
	var orphan *checkpoint.CopyOrphanError
	var progress *checkpoint.CopyProgressError
	var stale *checkpoint.CopyStaleError
	switch {
	case errors.As(err, &conflict):
		return conflict, FieldOnConflict, "Copied row meets another one", c.cureConflict(conflict)
	case errors.As(err, &misfit):
		return misfit, FieldTables, "Copied value does not fit", "Change the value or the column, or leave such rows out with `where`. " + anew
	case errors.As(err, &mismatch):
		return mismatch, FieldTables, "Copied rows came out otherwise", "Look at the triggers of the target. " + goesOn
	case errors.As(err, &orphan):
		return orphan, FieldTables, "Copied row refers to a missing row", "Copy the other table, too, let `where` choose the rows that belong together, or leave such rows out. " + anew
	case errors.As(err, &progress):
		return progress, FieldKeepers, "Interrupted copy cannot go on", "Change `keepers` to begin a new copy. What the earlier run brought is in the target already: take `on_conflict = \"skip\"` or `\"replace\"`, or remove it first."
	case errors.As(err, &stale):
		return stale, FieldNone, "Tables changed while the copy began", "Apply again. " + goesOn
	}
	return err, FieldNone, "Rows could not be copied", "Correct the cause and apply again. " + goesOn
}

func (c *dataCopying) cureConflict(conflict *checkpoint.CopyConflictError) string {
	next := "Set `on_conflict = \"skip\"` to leave such rows out, or choose others with `where`. "
	if conflict.Exists {
		next = "Set `on_conflict` to `skip`, which keeps the row of the target, or to `replace`, which gives it the values of the source; or choose other rows with `where`. "
	}
	if c.former != nil {
		return fmt.Sprintf("The same was copied at %s already. If that is what was wanted, import it: `terraform import <address> %s`. ",
			c.former.finishedAt.UTC().Format(time.RFC3339), c.former.toDataCopy().ID) + next + anew
	}
	return next + anew
}
