package apply

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Texts runs what users wrote in the database of the job.
func (j *Job) Texts() *account.Runner {
	if j.texts == nil {
		j.texts = j.E.Accounts.Runner(j.X, j.Database, account.OnText).From(j.reserve)
	}
	return j.texts
}

// endTexts ends what users wrote and drops the account that ran it. It needs the
// session that made the account. The error says that something may still run.
func (j *Job) endTexts() error {
	if j.texts == nil {
		return nil
	}
	texts := j.texts
	j.texts = nil
	err := texts.End()
	texts.Close()
	return err
}

// EndTexts ends what users wrote, when the session goes on with another tenant.
func (j *Job) EndTexts() error { return j.endTexts() }

// CheckForeignKeys turns foreign_key_checks on or off for the steps that follow.
func (j *Job) CheckForeignKeys(ctx context.Context, on bool) error {
	j.unchecked = !on
	return j.X.CheckForeignKeys(ctx, on)
}

// sessionFor returns the session that has to send a step which changes the
// structure.
func (j *Job) sessionFor(ctx context.Context, step landlord.Step) (*mysql.Session, error) {
	if !step.Written {
		return j.X, nil
	}
	x, err := j.Texts().For(ctx, step.SQL)
	if err != nil {
		return nil, err
	}
	return x, x.CheckForeignKeys(ctx, !j.unchecked)
}

// transact runs changes of rows that users wrote and what the landlord database
// says of them in one transaction, so that nobody finds the one without the
// other. Only behind its last text the account that runs them gets rights on the
// landlord database, until the next. Without rows the provider's own session
// runs the rest.
func (j *Job) transact(ctx context.Context, doing string, rows, tell func(mysql.Queryer) error) error {
	if rows == nil {
		return InTransaction(ctx, j.X, doing, tell)
	}
	x, err := j.Texts().Session(ctx)
	if err != nil {
		return err
	}
	return InTransaction(ctx, x, doing, func(tx mysql.Queryer) error {
		if err := rows(account.Texts(tx)); err != nil {
			return err
		}
		if err := j.Texts().Lend(ctx, j.E.Config.Database); err != nil {
			return err
		}
		return tell(tx)
	})
}
