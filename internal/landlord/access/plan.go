package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// place is where the tenant of an account is, or will be.
type place struct {
	srv      *registry.Server
	row      *registry.TenantRow // nil: this run makes the tenant
	database string
	locked   bool // the accounts of the tenant, when the run is over
	moves    bool // the run changes the status, and with it the locks of accounts that are there
}

// placeOf finds the tenant of an account; nil when this run makes it, and nothing
// more is known.
func (a *Accesses) placeOf(ctx context.Context, slug string) (*place, error) {
	row, err := a.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	planned, made := a.Estate.Run.Tenant(slug)
	switch {
	case row == nil && !made && a.Estate.Run.Claimed(slug) == "":
		return nil, landlord.TenantUnknown(slug)
	case row == nil && !made:
		return nil, nil
	}
	p := &place{row: row, database: planned.Database}
	server, status := planned.Server, landlord.StatusActive
	if row != nil {
		if !made {
			if err := registry.CheckComplete(row, slug); err != nil {
				return nil, err
			}
		}
		p.database, server, status = row.Database, row.Server, row.Status
	}
	if becomes := a.Estate.Run.Status(slug); becomes != "" {
		p.moves = row != nil && becomes != status
		status = becomes
	}
	p.locked = isLocked(status)
	p.srv, err = a.Servers.Server(server)
	return p, err
}

// wishFor returns what an account shall be.
func (a *Accesses) wishFor(ctx context.Context, p *place, spec landlord.TenantAccountSpec) (*wish, error) {
	info, err := p.srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(p.srv, "reading the server", err)
	}
	if spec.Name == "" {
		spec.Name = landlord.DefaultAccountName(p.database, spec.Role)
	}
	return &wish{Info: info, Database: p.database, Spec: spec, Locked: p.locked, LeaveOut: p.moves}, nil
}

// Account returns an account as its server has it. One that the landlord did not
// make comes back as unmanaged: applying it takes it over. ErrNotFound when there
// is no such account, or no such tenant.
func (a *Accesses) Account(ctx context.Context, tenant, name string) (*landlord.TenantAccount, error) {
	row, err := a.Estate.Snapshot.Row(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, landlord.ErrNotFound
	}
	srv, err := a.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	recorded, live, err := a.look(ctx, srv, name)
	if err != nil {
		return nil, err
	}
	if recorded != nil && (recorded.Tenant != row.ID || recorded.Temporary()) {
		return nil, ofAnother(tenant, recorded)
	}
	p := &place{srv: srv, row: row, database: row.Database, locked: isLocked(row.Status)}
	spec := landlord.TenantAccountSpec{Tenant: tenant, Name: name}
	if recorded != nil {
		spec.Hosts, spec.Role = recorded.Hosts, recorded.Role
	}
	w, err := a.wishFor(ctx, p, spec)
	if err != nil {
		return nil, err
	}
	found := w.describe(recorded, live)
	if found == nil {
		return nil, landlord.ErrNotFound
	}
	return found, nil
}

// isLocked says whether the accounts of a tenant are locked.
func isLocked(status landlord.Status) bool {
	return status == landlord.StatusSuspended || status == landlord.StatusArchived
}

// PlanAccount says what applying a specification will do. It writes nothing.
// prior is the fingerprint that Terraform's state has of the account, empty for
// one that it does not have. Errors are Problems.
func (a *Accesses) PlanAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string) (*landlord.AccountPlan, error) {
	p, err := a.placeOf(ctx, spec.Tenant)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return &landlord.AccountPlan{Name: spec.Name, Unknown: true}, nil
	}
	w, err := a.wishFor(ctx, p, spec)
	if err != nil {
		return nil, err
	}
	recorded, live, err := a.look(ctx, p.srv, w.Spec.Name)
	if err != nil {
		return nil, err
	}
	if err := a.judge(w, p.row, recorded, live, prior); err != nil {
		return nil, err
	}
	if w.revokes(live) {
		rights, err := a.rights(ctx, p.srv)
		if err != nil {
			return nil, err
		}
		w.Revokes = rights.Revokes
	}
	todo := w.statements(live)
	if err := w.checkTaken(todo); err != nil {
		return nil, err
	}
	plan := &landlord.AccountPlan{Name: w.Spec.Name, Statements: w.shown(todo), Locked: p.locked}
	if len(todo) == 0 {
		return plan, nil
	}
	rights, err := a.rights(ctx, p.srv)
	if err != nil {
		return nil, err
	}
	if err := mayMake(w, rights); err != nil {
		return nil, err
	}
	plan.Notes = w.notes(todo, live, rights)
	return plan, nil
}

// checkTaken refuses to take over an account that an earlier run has made a short
// time ago, and not quite as it is wanted. One that is gone from the server is made
// anew.
func (w *wish) checkTaken(todo []statement) error {
	made := map[string]bool{}
	for _, s := range todo {
		made[s.Object] = made[s.Object] || strings.HasPrefix(s.Text, "CREATE USER ")
	}
	if w.Resumed && slices.ContainsFunc(todo, func(s statement) bool { return s.Sets == "" && !made[s.Object] }) {
		return w.existsAlready()
	}
	return nil
}

// shown returns the statements as a plan lists them. An account that an earlier run
// has just made as it is wanted, so that only its password is set once more, is
// listed as one to make: that run may have come between this plan and its apply,
// for which Terraform plans once more and takes another list for a fault of the
// provider.
func (w *wish) shown(todo []statement) []string {
	if w.Resumed {
		return texts(w.statements(nil))
	}
	return texts(todo)
}

func texts(todo []statement) []string {
	out := make([]string, len(todo))
	for i, s := range todo {
		out[i] = s.Text
	}
	return out
}

// rights asks for what the account of the provider may do on a server.
func (a *Accesses) rights(ctx context.Context, srv *registry.Server) (*account.Rights, error) {
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking for the rights of the provider's account", err)
	}
	defer x.Close()
	return a.Accounts.Rights(ctx, x) //nolint:wrapcheck // it says what was attempted
}

// LockNotes says what a plan that locks a tenant out has to say: where the account
// of the provider may not end connections, those that are open go on.
func (a *Accesses) LockNotes(ctx context.Context, srv *registry.Server, slug string) ([]landlord.Note, error) {
	rights, err := a.rights(ctx, srv)
	if err != nil || endsConnections(rights) {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking for the rights of the provider's account", err)
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldStatus, Summary: "Open connections go on",
		Detail: fmt.Sprintf("Tenant `%s` is locked out: nobody logs in any more. The account of the provider may not see and end the connections of others, so those that are open go on until they end.\n\n"+
			"Run this as an administrator: GRANT PROCESS, %s ON *.* TO %s", slug, connectionAdmin(info.Product), mysql.AccountName(mysql.SplitAccount(info.Account)))}}, nil
}

// mayMake refuses what the account of the provider may not do.
func mayMake(w *wish, rights *account.Rights) error {
	if err := account.CheckName(w.Info, w.Database); err != nil {
		return err //nolint:wrapcheck // it is in the words of the interface
	}
	provider := mysql.AccountName(mysql.SplitAccount(w.Info.Account))
	var lacks []string
	if !rights.CreatesUsers() {
		lacks = append(lacks, "GRANT CREATE USER ON *.* TO "+provider)
	}
	if privileges := strings.Join(w.Spec.Role.Privileges(), ", "); !rights.Grants(w.Database, privileges) {
		lacks = append(lacks, "GRANT "+privileges+" ON "+mysql.Quote(w.on())+".* TO "+provider+" WITH GRANT OPTION")
	}
	if len(lacks) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldNone, "Provider may not make this account",
		fmt.Sprintf("The account `%s` of tenant `%s` with the role `%s` needs rights that the account of the provider does not have.", w.Spec.Name, w.Spec.Tenant, w.Spec.Role),
		"Run this as an administrator:\n"+strings.Join(lacks, "\n"))
}

// notes says what a plan has to say beside its statements.
func (w *wish) notes(todo []statement, live []privilege.Account, rights *account.Rights) []landlord.Note {
	var out []landlord.Note
	single := w.Renews && !w.Fresh && !w.Spec.DiscardFormerPassword && slices.ContainsFunc(live, func(a privilege.Account) bool {
		return slices.Contains(w.Spec.Hosts, a.Host) && !w.keeps(&a)
	})
	if single {
		out = append(out, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldPassword, Summary: "Password changes without an overlap",
			Detail: fmt.Sprintf("Account `%s` of tenant `%s` can have one password only: %s. From the apply on, whoever logs in with the former one is refused; connections that are open go on.\n\n"+
				"For a change without a gap make a second account, move the applications to it, and remove this one.", w.Spec.Name, w.Spec.Tenant, w.whySingle())})
	}
	if w.Resumed {
		out = append(out, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldName, Summary: "Account was made by an earlier run",
			Detail: fmt.Sprintf("Tenant `%s` has had the account `%s`, as it is configured, for less than an hour. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and gets the password that is configured.\n\n"+
				"If another configuration has made it, give this one another `name`.", w.Spec.Tenant, w.Spec.Name)})
	}
	if slices.ContainsFunc(live, w.isAnew) {
		out = append(out, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldNone, Summary: "Rights of an account are given anew",
			Detail: fmt.Sprintf("Account `%s` of tenant `%s` has rights that the account of the provider may not take away one by one, so all of them are taken away and those of its role given again. Between these two statements the account has none.", w.Spec.Name, w.Spec.Tenant)})
	}
	takes := slices.ContainsFunc(todo, func(s statement) bool { return s.Takes })
	if takes && !endsConnections(rights) {
		out = append(out, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldNone, Summary: "Open connections keep their rights",
			Detail: fmt.Sprintf("Rights of account `%s` of tenant `%s` are taken away. The account of the provider may not end connections, so those that are open keep what they have until they end.\n\n"+
				"Run this as an administrator: GRANT PROCESS, %s ON *.* TO %s", w.Spec.Name, w.Spec.Tenant, connectionAdmin(w.Info.Product), mysql.AccountName(mysql.SplitAccount(w.Info.Account)))})
	}
	return out
}

func (w *wish) whySingle() string {
	if w.Info.Product == mysql.MariaDB {
		return "MariaDB keeps no second one"
	}
	return "it does not log in with `caching_sha2_password`"
}

func connectionAdmin(product mysql.Product) string {
	if product == mysql.MariaDB {
		return "CONNECTION ADMIN"
	}
	return "CONNECTION_ADMIN"
}

func endsConnections(rights *account.Rights) bool {
	return rights.Global("PROCESS", "SUPER") && rights.Global("CONNECTION_ADMIN", "CONNECTION ADMIN", "SUPER")
}
