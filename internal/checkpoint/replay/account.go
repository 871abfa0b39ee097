package replay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// replayAccountPrefix begins the name of every account that a replay makes.
const replayAccountPrefix = "landlord_replay_"

// replayPrivileges are what changes of rows and structure take.
const replayPrivileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES"

// A replayAccount is an account with rights on the target, and on what is beside
// it for companions, for one replay.
type replayAccount struct {
	x        *mysql.Session
	info     mysql.Info
	cfg      mysql.Config
	source   string
	target   string
	user     string
	host     string
	password string
	lock     string
}

// replayLock is the lock that whoever uses an account holds.
func replayLock(user string) string { return mysql.LockName("landlord-replay", user) }

// newReplayAccount drops the accounts that killed runs left behind, and makes
// one. A named lock on the administrator's session says that it is in use.
func newReplayAccount(ctx context.Context, x *mysql.Session, info mysql.Info, cfg mysql.Config, source, target string) (*replayAccount, error) {
	if err := sweepReplayAccounts(ctx, x, info); err != nil {
		return nil, err
	}
	a := &replayAccount{
		x: x, info: info, cfg: cfg, source: source, target: target,
		user: replayAccountPrefix + strings.ToLower(rand.Text()[:12]),
		// What the policies for passwords ask for is in it.
		password: rand.Text() + "-a1",
	}
	a.lock = replayLock(a.user)
	// The host by which the server knows this machine: an account for a host
	// comes before one for all hosts, and before an anonymous one.
	var account string
	if err := x.Row(ctx, "SELECT USER()").Scan(&account); err != nil {
		return nil, fmt.Errorf("ask for the name of this machine: %w", err)
	}
	_, a.host = mysql.SplitAccount(account)
	if err := x.Lock(ctx, a.lock, 0); err != nil {
		return nil, err
	}
	if err := a.create(ctx); err != nil {
		return nil, errors.Join(err, a.drop())
	}
	return a, nil
}

// account is the quoted name.
func (a *replayAccount) account() string { return mysql.AccountName(a.user, a.host) }

// create makes the account. MariaDB writes the password of a CREATE USER into
// its logs as it stands, so it gets the hash.
func (a *replayAccount) create(ctx context.Context) error {
	identified := "IDENTIFIED BY '" + a.password + "'"
	if a.info.Product == mysql.MariaDB {
		identified = privilege.IdentifiedBy(mysql.MariaDB, a.password)
	}
	if _, err := a.x.Exec(mysql.WithSecrets(ctx, a.password), "CREATE USER "+a.account()+" "+identified); err != nil {
		return fmt.Errorf("create an account for the replay: %w", err)
	}
	return a.grant(ctx, a.target)
}

// grant gives the account its rights on a database.
func (a *replayAccount) grant(ctx context.Context, database string) error {
	if _, err := a.x.Exec(ctx, "GRANT "+replayPrivileges+" ON "+mysql.Quote(privilege.GrantedName(a.info, database))+".* TO "+a.account()); err != nil {
		return fmt.Errorf("grant rights on `%s` to the account for the replay: %w", database, err)
	}
	return nil
}

// with logs in, proves that the account reaches the target and not the source,
// calls fn, and drops the account.
func (a *replayAccount) with(ctx context.Context, fn func(w *mysql.Session) error) (err error) {
	defer func() { err = errors.Join(err, a.drop()) }()
	cfg := a.cfg
	cfg.Username, cfg.Password, cfg.MaxConnections, cfg.StatementTimeout = a.user, a.password, 1, 0
	cfg.DefinerOf, cfg.Complete = nil, nil // which are for the account of the provider
	srv, err := mysql.Open(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	w, err := srv.Session(ctx)
	if err != nil {
		return fmt.Errorf("log in for the replay: %w", err)
	}
	defer w.Discard()
	if err := a.prove(ctx, w); err != nil {
		return err
	}
	return fn(w)
}

// prove asks the server what the account sees: roles for everybody and grants
// to PUBLIC may give it more than it was granted.
func (a *replayAccount) prove(ctx context.Context, w *mysql.Session) error {
	var target, source int
	err := w.Row(ctx, "SELECT COUNT(CASE WHEN SCHEMA_NAME = ? THEN 1 END), COUNT(CASE WHEN SCHEMA_NAME = ? THEN 1 END) FROM information_schema.SCHEMATA",
		a.target, a.source).Scan(&target, &source)
	switch {
	case err != nil:
		return fmt.Errorf("ask what the account for the replay may see: %w", err)
	case source > 0:
		return fmt.Errorf("the account for the replay was granted nothing but `%s` and can see `%s` nevertheless:"+
			" a role or a grant for everybody reaches it, so a replay would not be safe", a.target, a.source)
	case target == 0:
		return fmt.Errorf("the account for the replay cannot see `%s`, which it was granted", a.target)
	}
	return w.Use(ctx, a.target)
}

// drop drops the account, whatever the context of the caller is.
func (a *replayAccount) drop() error {
	ctx, cancel := context.WithTimeout(context.Background(), session.TidyTimeout)
	defer cancel()
	if _, err := a.x.Exec(ctx, "DROP USER IF EXISTS "+a.account()); err != nil {
		return fmt.Errorf("drop the account of the replay, %s: %w", a.account(), err)
	}
	return a.x.Unlock(ctx, a.lock)
}

// sweepReplayAccounts drops accounts whose lock nobody holds, and ends what
// their connections still do.
func sweepReplayAccounts(ctx context.Context, x *mysql.Session, info mysql.Info) error {
	rows, err := x.Query(ctx, "SELECT User, Host FROM mysql.user WHERE User LIKE ?", strings.ReplaceAll(replayAccountPrefix, "_", `\_`)+"%")
	if mysql.IsAccessDenied(err) {
		return nil // whoever may create accounts need not see them
	}
	if err != nil {
		return fmt.Errorf("look for accounts of earlier replays: %w", err)
	}
	var left []replayAccount
	for rows.Next() {
		a := replayAccount{x: x, info: info}
		if err := rows.Scan(&a.user, &a.host); err != nil {
			return errors.Join(err, rows.Close())
		}
		left = append(left, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("look for accounts of earlier replays: %w", err)
	}
	for i := range left {
		if err := left[i].sweep(ctx); err != nil {
			return fmt.Errorf("drop an account of an earlier replay: %w", err)
		}
	}
	return nil
}

func (a *replayAccount) sweep(ctx context.Context) error {
	a.lock = replayLock(a.user)
	var held *mysql.LockHeldError
	switch err := a.x.Lock(ctx, a.lock, 0); {
	case errors.As(err, &held):
		return nil // of a replay that is under way
	case err != nil:
		return err
	}
	ids, err := a.connections(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := a.x.Kill(ctx, id); err != nil {
			return err
		}
	}
	return a.drop()
}

func (a *replayAccount) connections(ctx context.Context) ([]uint64, error) {
	table := "information_schema.PROCESSLIST"
	if a.info.Product == mysql.MySQL {
		table = "performance_schema.processlist"
	}
	rows, err := a.x.Query(ctx, "SELECT ID FROM "+table+" WHERE USER = ?", a.user)
	if err != nil {
		return nil, err
	}
	var ids []uint64
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(rows.Err(), rows.Close())
}
