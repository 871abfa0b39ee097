package migrate

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// tryExplicit runs a statement of a migration script. Of an ALTER of a table it asks
// the twin for the cheapest algorithm that the server takes, which is the one that it
// chooses by itself: the statement stays as it was written.
func (t *Twin) tryExplicit(ctx context.Context, m *Migration, st template.Statement, step landlord.Step) error {
	if !st.ChoosesAlgorithm() {
		return t.Try(ctx, m, step)
	}
	for _, a := range algorithms() {
		with := step
		with.Trial, with.Algorithm, with.Locks = step.SQL+"\n"+a.clause, a.algorithm, a.locks // on a line of its own, behind a comment
		err := t.Try(ctx, m, with)
		if err == nil {
			m.Steps[len(m.Steps)-1].Trial = ""
			return nil
		}
		if !mysql.IsAlgorithmUnsupported(err) {
			break // the statement itself says why
		}
	}
	return t.Try(ctx, m, step)
}
