package customization

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
)

// TestTexts_customization compares what is said when the plan of a customization does not come out: the
// provider would be wrong, or a server would not know its own text, so that no
// schema is at hand that brings it about.
func TestTexts_customization(t *testing.T) {
	t.Parallel()
	rest := &migrate.RestError{Statements: []string{"DROP TABLE `a`", "DROP TABLE `b`"}}
	trial := &migrate.TrialError{Step: landlord.Step{SQL: "ALTER TABLE `a` ADD COLUMN `b` int"}, Err: errors.New("Row size too large")}
	plan := &customPlan{want: wanted{Spec: Spec{Tenant: "acme", Name: "visits"}}}
	cases := map[string]struct {
		err  error
		want string
	}{
		"customization, rest": {customDiffProblem(plan, rest), "Customization does not reach its goal: Planning customization `visits` of tenant `acme`.\n\n" +
			"After the migration these statements would still be needed: DROP TABLE `a`; DROP TABLE `b`.\n\n" +
			"Nothing was run. This is a fault of the provider: please report it with the customization."},
		"customization, trial": {customDiffProblem(plan, trial), "Customization fails on an empty copy: Planning customization `visits` of tenant `acme`.\n\n" +
			"ALTER TABLE `a` ADD COLUMN `b` int\n\nCause: Row size too large\n\nNothing was run. Correct the customization."},
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
