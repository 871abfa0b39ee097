package restore

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestTexts_rollback compares what is said when the plan of a rollback does not come out: the
// provider would be wrong, or a server would not know its own text, so that no
// schema is at hand that brings it about.
func TestTexts_rollback(t *testing.T) {
	t.Parallel()
	trial := &migrate.TrialError{Step: landlord.Step{SQL: "ALTER TABLE `a` ADD COLUMN `b` int"}, Err: errors.New("Row size too large")}
	source := &registry.CheckpointRow{Slug: "acme", Name: "before"}
	cases := map[string]struct {
		err  error
		want string
	}{
		"rollback": {rollbackProblem(source, trial), "Way back to the checkpoint is not found: Planning the rollback of the schema of tenant `acme` to checkpoint `before`.\n\n" +
			"ALTER TABLE `a` ADD COLUMN `b` int\n\nCause: Row size too large\n\nNothing was run. A data checkpoint can be restored side by side."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
