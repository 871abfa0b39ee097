package account

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// OfOwner are the privileges of an owner account on its database: what the
// programs of a tenant may need there, DDL in the text of a program included.
const OfOwner = OnDatabase + ", EVENT"

// Owner returns the account that owns the views, routines, triggers and events
// of a database. Two databases never have the same: a name that has no room is
// shortened and ends in a hash with capitals, which no tenant has in its name.
func (n Names) Owner(prefix, database string) Name {
	begin := n.ownerPrefix()
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
// has left gets what it may lack; one that is more than an owner is a *Problem.
func makeOwner(ctx context.Context, x *mysql.Session, owner Name, database string) error {
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	there, err := readOwners(ctx, x, info, " = ?", owner.User)
	switch {
	case mysql.IsAccessDenied(err): // the account of the provider does not see others
	case err != nil:
		return err
	case there.are(info, owner, database):
		return nil
	case there.has(owner):
		if err := judgeOwner(ctx, x, info, owner, database); err != nil {
			return err
		}
	}
	if err := makeLocked(ctx, x, info, owner, database); err != nil {
		return err
	}
	return Give(ctx, x, info, owner, Grant{Database: database, Privileges: OfOwner})
}

// MakeOwners makes the owner accounts of databases in which the session is going
// to make programs, those that are not there with one statement. One that is there
// and no exact owner is left: DefinerOf says what the matter is.
func (a *Accounts) MakeOwners(ctx context.Context, x *mysql.Session, databases ...string) error {
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	var users []any
	of := map[string]Name{}
	for _, database := range databases {
		if owner, ok := a.OwnerOf(database); ok {
			of[database] = owner
			users = append(users, owner.User)
		}
	}
	if len(users) == 0 {
		return nil
	}
	there, err := readOwners(ctx, x, info, " IN (?"+strings.Repeat(",?", len(users)-1)+")", users...)
	if err != nil {
		return err
	}
	var fresh []Name
	var rights []string
	for _, database := range databases {
		owner, ok := of[database]
		switch {
		case !ok:
		case there.are(info, owner, database):
			x.SetDefiner(database, owner.String())
		case !there.has(owner):
			fresh, rights = append(fresh, owner), append(rights, database)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := createLocked(ctx, x, info, fresh...); err != nil {
		return fmt.Errorf("create the owners of programs of %d databases: %w", len(fresh), err)
	}
	for i, owner := range fresh {
		if err := Give(ctx, x, info, owner, Grant{Database: rights[i], Privileges: OfOwner}); err != nil {
			return err
		}
		x.SetDefiner(rights[i], owner.String())
	}
	return nil
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
	err := createLocked(ctx, x, info, owner)
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

// globalColumns are the columns of mysql.user on MySQL that say what an account may do
// on the whole server, beside dynamic privileges.
var globalColumns = strings.Fields(`
	Select_priv Insert_priv Update_priv Delete_priv Create_priv Drop_priv Reload_priv Shutdown_priv Process_priv File_priv Grant_priv References_priv
	Index_priv Alter_priv Show_db_priv Super_priv Create_tmp_table_priv Lock_tables_priv Execute_priv Repl_slave_priv Repl_client_priv Create_view_priv
	Show_view_priv Create_routine_priv Alter_routine_priv Create_user_priv Event_priv Trigger_priv Create_tablespace_priv Create_role_priv Drop_role_priv`)

// ownersThere are accounts with names of owners, by user name: the database, as a
// GRANT names it, of which each is exactly the owner; empty for one that is more or
// less.
type ownersThere map[string]string

func (o ownersThere) has(owner Name) bool {
	_, ok := o[owner.User]
	return ok
}

// are says whether the account is exactly the owner of a database.
func (o ownersThere) are(info mysql.Info, owner Name, database string) bool {
	of, ok := o[owner.User]
	return ok && of == privilege.GrantedName(info, database)
}

// readOwners reads those accounts whose user names meet a condition. An exact owner
// is locked, with its rights on one database, which it got last, and with nothing
// else. The error is IsAccessDenied when the account of the provider may not look.
func readOwners(ctx context.Context, q mysql.Queryer, info mysql.Info, condition string, args ...any) (out ownersThere, err error) {
	const of = " WHERE User = u.User AND Host = u.Host"
	from := "mysql.user u"
	nothing := "u.account_locked = 'Y' AND INSTR(CONCAT(u." + strings.Join(globalColumns, ", u.") + "), 'Y') = 0" +
		" AND NOT EXISTS (SELECT 1 FROM mysql.global_grants" + of + ") AND NOT EXISTS (SELECT 1 FROM mysql.role_edges WHERE TO_USER = u.User AND TO_HOST = u.Host)"
	if info.Product == mysql.MariaDB {
		from = "mysql.global_priv u"
		nothing = "COALESCE(JSON_VALUE(u.Priv, '$.account_locked'), '0') IN ('1', 'true') AND COALESCE(JSON_VALUE(u.Priv, '$.access'), 0) = 0" +
			" AND NOT EXISTS (SELECT 1 FROM mysql.roles_mapping" + of + ")"
	}
	rows, err := q.Query(ctx, "SELECT u.User, COALESCE(d.Db, ''), "+nothing+" AND NOT EXISTS (SELECT 1 FROM mysql.tables_priv"+of+")"+
		" AND COALESCE(d.Select_priv = 'Y' AND d.Drop_priv = 'Y' AND d.Trigger_priv = 'Y' AND d.Event_priv = 'Y' AND d.Grant_priv = 'N', 0)"+
		// Servers give the definer rights on a routine by name.
		" AND NOT EXISTS (SELECT 1 FROM mysql.procs_priv"+of+" AND (Db <> REPLACE(d.Db, '\\\\', '') OR FIND_IN_SET('Grant', Proc_priv)))"+
		" FROM "+from+" LEFT JOIN mysql.db d ON d.User = u.User AND d.Host = u.Host WHERE u.Host = 'localhost' AND u.User"+condition, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = ownersThere{}
	for rows.Next() {
		var user, granted string
		var exact bool
		if err := rows.Scan(&user, &granted, &exact); err != nil {
			return nil, err
		}
		if _, twice := out[user]; twice || !exact {
			granted = ""
		}
		out[user] = granted
	}
	return out, rows.Err()
}

// judgeOwner refuses an account with the name of an owner that is more than one:
// somebody else has made or changed it, or it is the owner of another database, from
// the time of another prefix. The error is a *Problem with the statements that make
// it what it should be.
func judgeOwner(ctx context.Context, q mysql.Queryer, info mysql.Info, owner Name, database string) error {
	all, err := privilege.Accounts(ctx, q, info, owner.User)
	var hidden *privilege.HiddenGrantsError
	if errors.As(err, &hidden) {
		return nil
	}
	if err != nil {
		return err
	}
	var more, undo []string
	for _, a := range all {
		if a.Host != owner.Host {
			continue
		}
		if !a.Locked {
			more, undo = append(more, "it is not locked"), append(undo, "ALTER USER "+owner.String()+" ACCOUNT LOCK")
		}
		for _, r := range a.Rights {
			whole := r.Database == privilege.GrantedName(info, database) && slices.Contains(strings.Split(OfOwner, ", "), r.Privilege)
			_, routine, _ := strings.Cut(r.On, " ")
			if !r.Grantable && (whole || r.Database == "" && strings.HasPrefix(routine, mysql.Quote(database)+".")) {
				continue
			}
			more, undo = append(more, "it has "+r.String()), append(undo, privilege.RevokeRight(r, owner.String()))
		}
	}
	if len(more) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldNone, "Owner account is somebody else's",
		fmt.Sprintf("The programs of database `%s` are to belong to the account %s, which is there already, and is more than the owner of one database:", database, owner), strings.Join(more, "\n"),
		"Whoever uses the programs would get these rights. If nobody needs the account otherwise, run as an administrator:", strings.Join(undo, ";\n")+";",
		"Else give it another name with `RENAME USER`. Nothing was run.")
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
