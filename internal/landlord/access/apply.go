package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// ApplyAccount brings an account to what a specification wants, by exactly the
// planned statements; nil accepts whatever there is to do. prior is as in
// PlanAccount. What the account may have on the server is recorded before it has
// it: a run that was cut off anywhere is completed by the next one. Errors are
// Problems.
func (a *Accesses) ApplyAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string, planned []string) (*landlord.TenantAccount, error) {
	doing := fmt.Sprintf("Changing account `%s` of tenant `%s`", spec.Name, spec.Tenant)
	if spec.Name == "" {
		doing = fmt.Sprintf("Making an account of tenant `%s`", spec.Tenant)
	}
	j, err := a.Jobs.OpenTenant(ctx, spec.Tenant, doing)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := j.Complete(); err != nil {
		return nil, err
	}
	c := &change{Job: j, room: a}
	out, err := c.run(ctx, spec, prior, planned)
	if err != nil {
		a.forget()
		return nil, err
	}
	a.Jobs.Expire(ctx, j)
	return out, nil
}

// change is one attempt to bring an account to what is wanted, under the lock of
// its tenant.
type change struct {
	*apply.Job
	room *Accesses
	wish *wish
	row  *registry.AccountRow // as it is recorded by now
	live []privilege.Account
	todo []statement
}

func (c *change) run(ctx context.Context, spec landlord.TenantAccountSpec, prior string, planned []string) (*landlord.TenantAccount, error) {
	if err := c.compare(ctx, spec, prior, planned); err != nil {
		return nil, err
	}
	event := "account_changed"
	if c.row == nil || prior == "" {
		event = "account_created"
	}
	if err := c.begin(ctx, 0); err != nil {
		return nil, err
	}
	if err := c.send(ctx); err != nil {
		return nil, err
	}
	return c.finish(ctx, event)
}

// compare finds out, under the lock, what there is and what is left to do.
func (c *change) compare(ctx context.Context, spec landlord.TenantAccountSpec, prior string, planned []string) (err error) {
	p := &place{srv: c.Srv, row: c.Row, database: c.Row.Database, locked: isLocked(c.Row.Status)}
	if c.wish, err = c.room.wishFor(ctx, p, spec); err != nil {
		return err
	}
	if c.row, err = c.room.Registry.ReadAccount(ctx, c.OnMain(), c.Srv.Key, c.wish.Spec.Name); err != nil {
		return err
	}
	if err := c.readLive(ctx); err != nil {
		return err
	}
	if err := c.room.judge(c.wish, c.Row, c.row, c.live, prior); err != nil {
		return err
	}
	if c.wish.revokes(c.live) {
		rights, err := c.room.Accounts.Rights(ctx, c.X)
		if err != nil {
			return err
		}
		c.wish.Revokes = rights.Revokes
	}
	c.todo = c.wish.statements(c.live)
	if err := c.wish.checkTaken(c.todo); err != nil {
		return err
	}
	if planned != nil && !slices.Equal(planned, c.wish.shown(c.todo)) {
		return changedSince(c.wish.Spec, "The planned statements are not what is left to do.")
	}
	if c.wish.Spec.Password == "" && slices.ContainsFunc(c.todo, func(s statement) bool { return s.Sets != "" }) {
		return needsPassword(c.wish.Spec)
	}
	return nil
}

// needsPassword says that an account cannot be made without a password.
func needsPassword(spec landlord.TenantAccountSpec) error {
	return landlord.NewProblem(landlord.FieldPassword, "Account needs a password",
		fmt.Sprintf("Account `%s` of tenant `%s` is made, or gets another password, and the configuration has none.", spec.Name, spec.Tenant),
		"Set `password_wo` and `password_wo_version`. Neither plan nor state holds the password.")
}

func (c *change) readLive(ctx context.Context) error {
	of := map[string][]privilege.Account{c.wish.Spec.Name: nil}
	err := readLive(ctx, c.Srv, c.X, of, []string{c.wish.Spec.Name})
	c.live = of[c.wish.Spec.Name]
	return err
}

// begin records the account before anything of it is on the server: with the
// hosts of before and those to come, for whoever has to clear up. One with a time
// to live is for one run.
func (c *change) begin(ctx context.Context, life time.Duration) error {
	spec := c.wish.Spec
	if len(c.todo) == 0 && c.row != nil && c.row.Ready && c.row.Role == spec.Role && slices.Equal(c.row.Hosts, spec.Hosts) &&
		c.row.RequireTLS == spec.RequireTLS && c.row.MaxUserConnections == spec.MaxUserConnections {
		return nil
	}
	row := &registry.AccountRow{
		Tenant: c.Row.ID, Slug: c.Slug, Server: c.Srv.Key, Name: spec.Name, Role: spec.Role, RequireTLS: spec.RequireTLS,
		MaxUserConnections: spec.MaxUserConnections, Author: c.E.Servers.Author(c.Info),
	}
	hosts := append(slices.Clone(spec.Hosts), c.wish.Recorded...)
	slices.Sort(hosts)
	row.Hosts = slices.Compact(hosts)
	if c.row != nil {
		row.ID, row.CreatedAt = c.row.ID, c.row.CreatedAt
		c.row = row
		return c.room.Registry.WriteAccount(ctx, c.OnMain(), row)
	}
	id, err := c.room.Registry.InsertAccount(ctx, c.OnMain(), row, life)
	if err != nil {
		return err
	}
	row.ID = id
	c.row = row
	return nil
}

// send runs the statements.
func (c *change) send(ctx context.Context) error {
	for i := range c.todo {
		s := &c.todo[i]
		sql, skip := c.reveal(s)
		if skip {
			continue
		}
		c.room.Servers.Fault("before " + s.Text)
		if err := registry.CheckWritable(ctx, c.X); err != nil {
			return err
		}
		if _, err := c.X.Exec(mysql.WithSecrets(ctx, string(c.wish.Spec.Password), sql), sql); err != nil {
			return &landlord.Problem{Field: landlord.FieldNone, Summary: "Account change stopped", Detail: []string{
				fmt.Sprintf("Changing account `%s` of tenant `%s` stopped at statement %d of %d.", c.wish.Spec.Name, c.Slug, i+1, len(c.todo)),
				landlord.Shorten(s.Text), "Cause: " + mysql.Message(err),
				"What is done is kept and recorded. Correct the cause and apply again: the change goes on where it stopped.",
			}, Err: err}
		}
		c.room.Servers.Fault("after " + s.Text)
	}
	if slices.ContainsFunc(c.todo, func(s statement) bool { return s.Takes }) {
		return endConnections(ctx, c.Job, c.logins()...)
	}
	return nil
}

// logins returns the accounts of the landlord under the name, those that are gone by
// now included.
func (c *change) logins() (out []privilege.Login) {
	for _, host := range append(slices.Clone(c.wish.Spec.Hosts), c.wish.Recorded...) {
		out = append(out, privilege.Login{User: c.wish.Spec.Name, Host: host})
	}
	return out
}

// endConnections ends the connections of accounts, where the account of the
// provider may: else the plan has said that they stay.
func endConnections(ctx context.Context, j *apply.Job, of ...privilege.Login) error {
	err := privilege.EndUserConnections(ctx, j.X, j.Info, of...)
	if mysql.IsAccessDenied(err) {
		j.E.Config.Log(ctx, "Connections could not be ended", map[string]any{"accounts": of, "error": mysql.Message(err)})
		return nil
	}
	return err
}

// reveal returns what the server is sent. A password that an account has already
// is not set again: the server would forget the one before.
func (c *change) reveal(s *statement) (sql string, skip bool) {
	switch {
	case s.Same != nil:
		return strings.Replace(s.Text, secret, s.Same.IdentifiedBySame(c.Info.Product), 1), false
	case s.Sets == "":
		return s.Text, false
	}
	for _, a := range c.live {
		if a.Host == s.Sets {
			if same, _ := a.Password.Is(string(c.wish.Spec.Password)); same {
				return "", true
			}
		}
	}
	return strings.Replace(s.Text, secret, privilege.IdentifiedBy(c.Info.Product, string(c.wish.Spec.Password)), 1), false
}

// finish proves that the account is what was wanted, and records it.
func (c *change) finish(ctx context.Context, event string) (*landlord.TenantAccount, error) {
	if err := c.readLive(ctx); err != nil {
		return nil, err
	}
	spec := c.wish.Spec
	left := *c.wish
	left.Renews = false
	if rest := left.statements(c.live); len(rest) > 0 {
		return nil, landlord.NewProblem(landlord.FieldNone, "Account is not what was predicted",
			fmt.Sprintf("All statements for account `%s` of tenant `%s` ran, and these would be needed still:", spec.Name, c.Slug), strings.Join(texts(rest), "\n"),
			"Somebody changed the account meanwhile. It is recorded as incomplete. Plan again.")
	}
	if !c.row.Ready {
		c.row.Hosts, c.row.Ready = spec.Hosts, true
		err := c.Both(ctx, fmt.Sprintf("recording account `%s`", spec.Name), func(registry, local mysql.Queryer) error {
			if err := c.room.Registry.WriteAccount(ctx, registry, c.row); err != nil {
				return err
			}
			return c.event(ctx, local, event)
		})
		if err != nil {
			return nil, err
		}
	}
	row, err := c.room.Registry.ReadAccount(ctx, c.OnMain(), c.Srv.Key, spec.Name)
	if err != nil {
		return nil, err
	}
	if row == nil { // another process has dropped credentials whose time was over
		return nil, landlord.ErrNotFound
	}
	c.room.learn(c.Srv.Key, spec.Name, row, c.live)
	c.wish.Spec.Hosts = row.Hosts
	return c.wish.describe(row, c.live), nil
}

// event tells the history of the tenant.
func (c *change) event(ctx context.Context, q mysql.Queryer, event string) error {
	return c.room.Registry.WriteEvent(ctx, q, c.Row, event, c.E.Servers.Author(c.Info), map[string]any{
		"account": c.row.Name, "hosts": c.row.Hosts, "role": c.row.Role, "statements": texts(c.todo),
	})
}

// RemoveAccount drops an account from its server. One that the landlord did not
// make is left alone. ErrNotFound when it is not known, or its tenant is not.
// Errors are Problems.
func (a *Accesses) RemoveAccount(ctx context.Context, tenant, name string) error {
	return a.remove(ctx, tenant, name, "account_removed", func(r *registry.AccountRow) bool { return !r.Temporary() })
}

// remove drops an account of a tenant, if it is one that the caller means.
func (a *Accesses) remove(ctx context.Context, tenant, name, event string, meant func(*registry.AccountRow) bool) error {
	known, err := a.Estate.KnownRow(ctx, tenant)
	if err != nil {
		return err
	}
	if known == nil {
		return landlord.ErrNotFound
	}
	j, err := a.Jobs.OpenTenant(ctx, tenant, fmt.Sprintf("Removing account `%s` of tenant `%s`", name, tenant))
	if err != nil {
		return err
	}
	defer j.Close()
	if j.Row == nil {
		return landlord.ErrNotFound
	}
	row, err := a.Registry.ReadAccount(ctx, j.OnMain(), j.Srv.Key, name)
	if err != nil {
		return err
	}
	if row == nil || row.Tenant != j.Row.ID || !meant(row) {
		return landlord.ErrNotFound
	}
	if err := a.drop(ctx, j, event, row); err != nil {
		return err
	}
	a.learn(j.Srv.Key, name, nil, nil)
	a.Jobs.Expire(ctx, j)
	return nil
}

// drop drops an account of a tenant, ends its connections and forgets it.
func (a *Accesses) drop(ctx context.Context, j *apply.Job, event string, row *registry.AccountRow) error {
	if err := a.dropAll(ctx, j, row); err != nil {
		return err
	}
	return j.Both(ctx, fmt.Sprintf("forgetting account `%s`", row.Name), func(registry, local mysql.Queryer) error {
		if err := a.Registry.DeleteAccount(ctx, registry, row.ID); err != nil {
			return err
		}
		return a.Registry.WriteEvent(ctx, local, j.Row, event, a.Servers.Author(j.Info), map[string]any{"account": row.Name, "role": row.Role})
	})
}

// dropAll drops accounts from the server of a tenant, with one statement.
func (a *Accesses) dropAll(ctx context.Context, j *apply.Job, rows ...*registry.AccountRow) error {
	names, logins := accountNames(rows)
	if len(names) == 0 {
		return nil
	}
	sql := "DROP USER IF EXISTS " + strings.Join(names, ", ")
	if _, err := j.X.Exec(ctx, sql); err != nil {
		var users []string
		for _, r := range rows {
			users = append(users, r.Name)
		}
		return &landlord.Problem{Summary: "Accounts cannot be dropped", Detail: []string{
			fmt.Sprintf("Dropping the accounts `%s` of tenant `%s`.", strings.Join(users, "`, `"), j.Slug), landlord.Shorten(sql),
			"Cause: " + mysql.Message(err), "The account of the provider needs `CREATE USER`. On MySQL an account stays that is the definer of programs: `drift_policy = \"repair\"` of the tenant gives them to its owner account. Destroy it again to go on.",
		}, Err: err}
	}
	return endConnections(ctx, j, logins...)
}

// accountNames returns accounts by their quoted names, and as those that log in.
func accountNames(rows []*registry.AccountRow) (names []string, logins []privilege.Login) {
	for _, r := range rows {
		for _, host := range r.Hosts {
			names, logins = append(names, mysql.AccountName(r.Name, host)), append(logins, privilege.Login{User: r.Name, Host: host})
		}
	}
	return names, logins
}
