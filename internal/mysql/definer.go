package mysql

import (
	"cmp"
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// PrepareDefiner asks Config.DefinerOf for a database now. The session remembers
// the answer, so that programs can be made where no other statement could be
// sent, under LOCK TABLES for example.
func (x *Session) PrepareDefiner(ctx context.Context, database string) error {
	if x.server.cfg.DefinerOf == nil {
		return nil
	}
	_, err := x.definerOf(ctx, database)
	return err
}

// withDefiner returns a statement as the session sends it: what makes a program
// names the account that programs of its database run as.
func (x *Session) withDefiner(ctx context.Context, sql string) (string, error) {
	if x.server.cfg.DefinerOf == nil {
		return sql, nil
	}
	h := program.ReadHead(sql)
	if h == nil {
		return sql, nil
	}
	account, err := x.definerOf(ctx, cmp.Or(h.Database, x.database))
	if err != nil {
		return "", err
	}
	return h.WithDefiner(sql, account), nil
}

// SetDefiner says what Config.DefinerOf would: the account, quoted, that programs
// of a database run as which this session makes from now on.
func (x *Session) SetDefiner(database, account string) {
	if x.definers == nil {
		x.definers = map[string]string{}
	}
	x.definers[database] = account
}

// definerOf asks once in the life of the session.
func (x *Session) definerOf(ctx context.Context, database string) (string, error) {
	if account, known := x.definers[database]; known {
		return account, nil
	}
	account, err := x.server.cfg.DefinerOf(ctx, x, database)
	if err != nil {
		return "", err
	}
	x.SetDefiner(database, account)
	return account, nil
}
