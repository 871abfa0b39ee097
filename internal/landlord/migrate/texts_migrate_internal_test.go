package migrate

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestTexts_migration compares what is said when the plan of a migration does not come out: the
// provider would be wrong, or a server would not know its own text, so that no
// schema is at hand that brings it about.
func TestTexts_migration(t *testing.T) {
	t.Parallel()
	rest := &RestError{Statements: []string{"DROP TABLE `a`", "DROP TABLE `b`"}}
	trial := &TrialError{Step: landlord.Step{SQL: "ALTER TABLE `a` ADD COLUMN `b` int"}, Err: errors.New("Row size too large")}
	busy := &TrialError{Step: trial.Step, Err: &mysql.ServerError{Number: 1205, Message: "Lock wait timeout exceeded"}}
	twin := &TwinError{Differences: []landlord.Difference{{Object: "view `broken`", Kind: landlord.DifferenceMissing}}}
	want := &estate.Target{ID: template.ID{Name: "shop", Version: "2.0.0"}}
	cases := map[string]struct {
		err  error
		want string
	}{
		"migration, rest": {migrationProblem(want, rest), "Migration does not reach its goal: Planning the migration to template `shop@2.0.0`.\n\n" +
			"After the migration these statements would still be needed: DROP TABLE `a`; DROP TABLE `b`.\n\n" +
			"Nothing was run. This is a fault of the provider: please report it with both versions of the template. An explicit step in `migrations/` helps until then."},
		"migration, trial": {migrationProblem(want, trial), "Migration fails on an empty copy: Planning the migration to template `shop@2.0.0`.\n\n" +
			"ALTER TABLE `a` ADD COLUMN `b` int\n\nCause: Row size too large\n\n" +
			"Nothing was run. Reach the change in smaller versions, or with an explicit step in `migrations/`."},
		"migration, trial that met a lock": {migrationProblem(want, busy), "Migration fails on an empty copy: Planning the migration to template `shop@2.0.0`.\n\n" +
			"ALTER TABLE `a` ADD COLUMN `b` int\n\nCause: error 1205: Lock wait timeout exceeded\n\n" +
			"Nothing was run. The statement is not at fault: another session held what it needs, or the server had no room for more sessions. Run the same again."},
		"migration, twin": {migrationProblem(want, twin), "Tenant schema cannot be copied: Planning the migration to template `shop@2.0.0`.\n\n" +
			"The schema that the server printed does not come out the same in a scratch database: view `broken`: missing.\n\n" +
			"Nothing was run. Drop or correct the object that the server refuses, and plan again."},
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

func TestKeptDefiners(t *testing.T) {
	t.Parallel()
	n := keptDefiners([]string{"procedure p1", "view v"}, "the schema cannot be built anew to try it")
	want := "Programs keep their definers\nThe owner account of the database does not become the definer of procedure `p1`, view `v`: the schema cannot be built anew to try it.\n" +
		"They run with the rights of the accounts that made them. Drop them and make them anew to change that."
	if got := n.Summary + "\n" + n.Detail; got != want || n.Severity != landlord.Warning || n.Field != landlord.FieldTemplate {
		t.Errorf("%+v", n)
	}
}
