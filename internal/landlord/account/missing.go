package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// OwnersSeen is what one run has seen of the owner accounts of its servers, and of
// the programs that only an administrator may change: a statement each for all of a
// server. The zero value has seen nothing. It is safe for concurrent use.
type OwnersSeen struct {
	mu         sync.Mutex
	on         map[*mysql.Server]ownersThere
	privileged map[*mysql.Server][]ownedProgram
}

// of returns the owner accounts of a server.
func (o *OwnersSeen) of(ctx context.Context, a *Accounts, srv *mysql.Server, info mysql.Info) (ownersThere, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if there, ok := o.on[srv]; ok {
		return there, nil
	}
	there, err := readOwners(ctx, srv, info, " LIKE ?", mysql.LikePrefix(a.Names.ownerPrefix()))
	if err != nil {
		return nil, err
	}
	if o.on == nil {
		o.on = map[*mysql.Server]ownersThere{}
	}
	o.on[srv] = there
	return there, nil
}

// CheckPrograms refuses steps on programs that the account of the provider may not
// alter or drop, or cannot give to the owner account of their database. It asks a server for its own
// rights once in a process, and for what others own once in what the run has seen;
// DefinerOf looks again before an owner account is used. The error is a *Problem.
func (a *Accounts) CheckPrograms(ctx context.Context, srv *mysql.Server, seen *OwnersSeen, database string, field landlord.Field, steps []landlord.Step) error {
	if err := a.checkDefiners(ctx, srv, seen, database, field, steps); err != nil {
		return err
	}
	owner, ok := a.OwnerOf(database)
	if !ok {
		return nil
	}
	var programs []string
	for _, s := range steps {
		if program.Makes(s.SQL) && !slices.Contains(programs, s.Object) {
			programs = append(programs, s.Object)
		}
	}
	if len(programs) == 0 {
		return nil
	}
	rights, err := a.rightsOn(ctx, srv)
	if err != nil {
		return err
	}
	routines := slices.ContainsFunc(programs, func(object string) bool {
		return !strings.HasPrefix(object, "view ") && !strings.HasPrefix(object, "trigger ") && !strings.HasPrefix(object, "event ")
	})
	if err := CheckName(rights.info, database); err != nil {
		return err
	}
	missing := rights.missingForOwner(a.Config.Prefix, database, routines)
	if len(missing) == 0 {
		return a.checkOwner(ctx, srv, seen, owner, database)
	}
	const most = 5
	named := programs[:min(most, len(programs))]
	list := strings.Join(named, ", ")
	if more := len(programs) - len(named); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return landlord.NewProblem(field, "Account of the provider lacks rights",
		fmt.Sprintf("Programs of database `%s` belong to its owner account %s, which has rights on that database alone and cannot log in: %s.", database, owner, list),
		"The account of the provider may not make it so. Nothing was run. Grant, as an administrator:", strings.Join(missing, ";\n")+";",
		"Or set `execution_account = \"own\"` in the provider: then programs belong to its account, and run with all its rights.")
}

// checkOwner refuses an owner account that is more than one. An account of the
// provider that does not see others finds nothing.
func (a *Accounts) checkOwner(ctx context.Context, srv *mysql.Server, seen *OwnersSeen, owner Name, database string) error {
	info, err := srv.Info(ctx)
	if err != nil {
		return err
	}
	there, err := seen.of(ctx, a, srv, info)
	switch {
	case mysql.IsAccessDenied(err):
		return nil
	case err != nil || !there.has(owner) || there.are(info, owner, database):
		return err
	}
	return judgeOwner(ctx, srv, info, owner, database)
}

// rightsOn is Rights for whoever holds no session.
func (a *Accounts) rightsOn(ctx context.Context, srv *mysql.Server) (*Rights, error) {
	k := a.of(srv)
	k.mu.Lock()
	known := k.rights
	k.mu.Unlock()
	if known != nil {
		return known, nil
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for the rights of the provider's account: %w", err)
	}
	defer x.Close()
	return a.Rights(ctx, x)
}

// missingForOwner returns the statements that give the account what it takes to
// make the owner account of a database and the programs that belong to it, and
// to read routines among them afterwards; none where it lacks nothing.
func (r *Rights) missingForOwner(prefix, database string, routines bool) []string {
	user, host := mysql.SplitAccount(r.info.Account)
	to := " TO " + mysql.AccountName(user, host)
	var global, out []string
	if !r.CreatesUsers() {
		global = append(global, "CREATE USER")
	}
	if !r.SetsDefiners() {
		global = append(global, r.info.SetsDefiner())
	}
	if routines && r.info.Product == mysql.MySQL && !r.Global("SHOW_ROUTINE", "SELECT") {
		global = append(global, "SHOW_ROUTINE")
	}
	if len(global) > 0 {
		out = append(out, "GRANT "+strings.Join(global, ", ")+" ON *.*"+to)
	}
	if routines && r.info.Product == mysql.MariaDB && !r.readsRoutines(database) {
		out = append(out, "GRANT SELECT ON `mysql`.`proc`"+to)
	}
	if !r.Grants(database, OfOwner) {
		on := privilege.GrantedName(r.info, database)
		if strings.HasPrefix(database, prefix) && !r.info.PartialRevokes {
			on = privilege.GrantedName(r.info, prefix) + "%"
		}
		out = append(out, "GRANT ALL PRIVILEGES ON "+mysql.Quote(on)+".*"+to+" WITH GRANT OPTION")
	}
	return out
}

// readsRoutines says whether the account sees the text of routines on MariaDB
// whose definer is another account.
func (r *Rights) readsRoutines(database string) bool {
	return r.Global("SELECT", "SHOW CREATE ROUTINE") || slices.ContainsFunc(r.granted, func(g granted) bool {
		if g.database == "mysql" {
			return (g.table == "*" || g.table == "proc") && g.has("SELECT")
		}
		// A server that does not know the privilege grants all others without it.
		return g.table == "*" && r.info.AtLeast(11, 3) && g.has("SHOW CREATE ROUTINE") && r.covers(g.database, database)
	})
}

// ReadRights returns what the account of the provider may do on a server, asked once
// in a process.
func (a *Accounts) ReadRights(ctx context.Context, srv *mysql.Server) (*Rights, error) {
	return a.rightsOn(ctx, srv)
}
