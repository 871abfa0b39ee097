package account

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// OfOwner are the privileges of an owner account on its database: what the
// programs of a tenant may need there, DDL in the text of a program included.
const OfOwner = OnDatabase + ", EVENT"

// Owner returns the account that owns the views, routines, triggers and events
// of a database. Two databases never have the same: a name that has no room is
// shortened and ends in a hash with capitals, which no tenant has in its name.
func (n Names) Owner(prefix, database string) Name {
	begin := n.prefix() + "owner_"
	room := maxUserName - len(begin)
	what, ofTenant := strings.CutPrefix(database, prefix)
	if !ofTenant || what == "" || len(what) > room || strings.Trim(what, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		sum := sha256.Sum256([]byte(database))
		hash := base32.StdEncoding.EncodeToString(sum[:])[:ownerHash]
		what = strings.ToValidUTF8(what[:min(len(what), room-ownerHash)], "") + hash
	}
	return Name{User: begin + what, Host: "localhost"}
}

// Clerk returns the account that owns the programs of the landlord database.
func (n Names) Clerk() Name { return Name{User: n.prefix() + "clerk", Host: "localhost"} }

// ownerHash is how many letters of a hash, of 5 bits each, a name ends in.
const ownerHash = 11

// OwnerOf returns the account that owns the programs of a database. ok is false
// for a database whose programs belong to the account of the provider: scratch
// databases, retired data, the landlord database itself, and all where the
// provider's own account is accepted as the one that executes.
func (a *Accounts) OwnerOf(database string) (owner Name, ok bool) {
	if a.Config.ExecutionAccount == landlord.ExecutionOwn {
		return Name{}, false
	}
	return a.ownerOf(database)
}

func (a *Accounts) ownerOf(database string) (owner Name, ok bool) {
	c := a.Config
	switch {
	case database == "", database == c.Database, database == c.Database+"_retired",
		strings.HasPrefix(database, c.Database+"_scratch_"):
		return Name{}, false
	}
	return a.Names.Owner(c.Prefix, database), true
}

// DefinerOf is mysql.Config.DefinerOf: it makes the owner account of a database
// when the first program is made there.
func (a *Accounts) DefinerOf(ctx context.Context, x *mysql.Session, database string) (string, error) {
	if database == a.Config.Database && a.Config.ExecutionAccount != landlord.ExecutionOwn {
		return a.clerk(ctx, x)
	}
	owner, ok := a.OwnerOf(database)
	if !ok {
		return "", nil
	}
	if err := makeOwner(ctx, x, owner, database); err != nil {
		return "", fmt.Errorf("make the owner of the programs of database `%s`: %w", database, err)
	}
	return owner.String(), nil
}

// makeOwner makes an account that nobody can log in as. One that a killed run
// has left gets what it may lack.
func makeOwner(ctx context.Context, x *mysql.Session, owner Name, database string) error {
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	if made, err := isOwner(ctx, x, info, owner, database); err != nil || made {
		return err
	}
	if err := makeLocked(ctx, x, info, owner, database); err != nil {
		return err
	}
	return Give(ctx, x, info, owner, Grant{Database: database, Privileges: OfOwner})
}

// clerk makes the account that the programs of the landlord database belong to:
// what applications read and call there. What it may do is granted by whoever makes
// a program.
func (a *Accounts) clerk(ctx context.Context, x *mysql.Session) (string, error) {
	clerk := a.Names.Clerk()
	info, err := x.Info(ctx)
	if err == nil {
		err = makeLocked(ctx, x, info, clerk, a.Config.Database)
	}
	if err != nil {
		return "", fmt.Errorf("make the owner of the programs of the landlord database: %w", err)
	}
	return clerk.String(), nil
}

// makeLocked makes an account that nobody can log in as, without any rights. One
// that is there already is locked and keeps its rights.
func makeLocked(ctx context.Context, x *mysql.Session, info mysql.Info, owner Name, database string) error {
	_, err := create(ctx, x, info, " ACCOUNT LOCK", owner)
	if created := err; mysql.IsAccountExists(created) || mysql.IsDefiner(created) {
		if _, err = x.Exec(ctx, "ALTER USER "+owner.String()+" ACCOUNT LOCK"); mysql.IsAccountExists(err) {
			return ownerIsGone(info, owner, database, created)
		}
	}
	if err != nil {
		return fmt.Errorf("create the account %s: %w", owner, err)
	}
	return nil
}

// ownerIsGone describes an account that somebody has dropped, and that MySQL does
// not let everybody make again.
func ownerIsGone(info mysql.Info, owner Name, database string, err error) error {
	user, host := mysql.SplitAccount(info.Account)
	return landlord.NewProblem(landlord.FieldNone, "Owner account is gone",
		fmt.Sprintf("The programs of database `%s` belong to the account %s, which somebody has dropped: they fail when they are used.", database, owner),
		"To let the next apply make it again, grant, as an administrator:\nGRANT ALLOW_NONEXISTENT_DEFINER ON *.* TO "+mysql.AccountName(user, host)+";").Because(errors.New(mysql.Message(err)))
}

// isOwner says whether an account has its rights on a database: it got them last.
// An account of the provider that may not look makes it anew.
func isOwner(ctx context.Context, x *mysql.Session, info mysql.Info, owner Name, database string) (made bool, err error) {
	err = x.Row(ctx, "SELECT EXISTS (SELECT 1 FROM mysql.db WHERE User = ? AND Host = ? AND Db = ?"+
		" AND Select_priv = 'Y' AND Drop_priv = 'Y' AND Trigger_priv = 'Y' AND Event_priv = 'Y')",
		owner.User, owner.Host, mysql.GrantedName(info, database)).Scan(&made)
	if mysql.IsAccessDenied(err) {
		return false, nil
	}
	return made, err
}

// DropOwner drops the owner account of a database that is gone. Where the
// account of the provider may not drop accounts, it has made none.
func (a *Accounts) DropOwner(ctx context.Context, x *mysql.Session, database string) error {
	owner, ok := a.ownerOf(database)
	if !ok {
		return nil
	}
	rights, err := a.Rights(ctx, x)
	if err != nil || !rights.CreatesUsers() {
		return err
	}
	err = Drop(ctx, x, owner)
	if mysql.IsDefiner(err) { // it is locked, and the database that it had rights on is gone
		a.Config.Log(ctx, "An owner account is left, because programs elsewhere name it as their definer", map[string]any{"account": owner.User, "error": mysql.Message(err)})
		return nil
	}
	return err
}

// Owning returns a configuration whose servers make programs as owner accounts.
func (a *Accounts) Owning(cfg landlord.Config) landlord.Config {
	cfg.Main.DefinerOf = a.DefinerOf
	cfg.Servers = maps.Clone(cfg.Servers)
	for key, further := range cfg.Servers {
		further.DefinerOf = a.DefinerOf
		cfg.Servers[key] = further
	}
	return cfg
}
