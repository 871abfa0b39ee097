package access

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// OpenCredentials makes an account of a tenant for one run, with a password of
// its own that is nowhere but in the answer. CloseCredentials drops it; where that
// does not happen, the next work on a tenant of the server does, when the life of
// the account is over. Errors are Problems.
func (a *Accesses) OpenCredentials(ctx context.Context, spec landlord.CredentialsSpec) (*landlord.Credentials, error) {
	if row, err := a.Estate.KnownRow(ctx, spec.Tenant); err != nil {
		return nil, err
	} else if row == nil && a.Estate.Run.Claimed(spec.Tenant) != "" {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant is not made yet",
			fmt.Sprintf("Tenant `%s` is made by this run, and Terraform opens credentials while it plans.", spec.Tenant),
			"Set `wait_for` to `created_at` of the `landlord_tenant`: Terraform then waits for it.")
	}
	j, err := a.Jobs.OpenTenant(ctx, spec.Tenant, fmt.Sprintf("Opening credentials for tenant `%s`", spec.Tenant))
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := j.Complete(); err != nil {
		return nil, err
	}
	if isLocked(j.Row.Status) {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant is not active",
			fmt.Sprintf("Tenant `%s` is `%s`: nobody logs in to it.", spec.Tenant, j.Row.Status), "Nothing was made. Apply `status = \"active\"` of the tenant first.")
	}
	a.Purge(ctx, j)
	c := &change{Job: j, room: a, wish: &wish{
		Info: j.Info, Database: j.Database, Renews: true, Fresh: true,
		Spec: landlord.TenantAccountSpec{
			Tenant: spec.Tenant, Name: a.Accounts.Names.Of("cred", randomName()), Hosts: spec.Hosts, Role: spec.Role, RequireTLS: spec.RequireTLS,
			Password: landlord.Secret(rand.Text()),
		},
	}}
	rights, err := a.Accounts.Rights(ctx, j.X)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was attempted
	}
	if err := mayMake(c.wish, rights); err != nil {
		return nil, err
	}
	if err := c.lend(ctx, spec.Life); err != nil {
		return nil, err
	}
	return &landlord.Credentials{
		Tenant: spec.Tenant, Server: j.Srv.Key, Username: c.wish.Spec.Name, Password: c.wish.Spec.Password, Database: j.Database,
		Reach: j.Srv.Reach(), RequireTLS: spec.RequireTLS, ExpiresAt: a.Config.Now().UTC().Add(spec.Life).Truncate(time.Second),
	}, nil
}

// randomName is the part of a name that no other account has.
func randomName() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// lend makes the account. One that cannot be made is dropped again, as far as
// that goes: its row says when it is dropped otherwise.
func (c *change) lend(ctx context.Context, life time.Duration) error {
	c.todo = c.wish.statements(nil)
	if err := c.begin(ctx, life); err != nil {
		return err
	}
	err := c.send(ctx)
	if err == nil {
		_, err = c.finish(ctx, "credentials_opened")
	}
	if err != nil && !c.X.Poisoned() {
		err = errors.Join(err, c.room.drop(context.WithoutCancel(ctx), c.Job, "credentials_closed", c.row))
	}
	return err
}

// RenewCredentials lets an account for one run live for a time from now on. The
// error is a *Problem when it is dropped already.
func (a *Accesses) RenewCredentials(ctx context.Context, server, name string, life time.Duration) error {
	return a.Jobs.Write(ctx, a.Servers.Main(), "renewing credentials", func(q mysql.Queryer) error {
		known, err := a.Registry.ExtendAccount(ctx, q, server, name, life)
		if err == nil && !known {
			err = landlord.NewProblem(landlord.FieldNone, "Credentials are gone",
				fmt.Sprintf("The account `%s` was for one run, and was dropped when its time was over.", name), "Give it more time with `ttl`, and run again.")
		}
		return err
	})
}

// CloseCredentials drops an account for one run and ends its connections. One
// that is gone is no error. Errors are Problems.
func (a *Accesses) CloseCredentials(ctx context.Context, tenant, name string) error {
	err := a.remove(ctx, tenant, name, "credentials_closed", (*registry.AccountRow).Temporary)
	if errors.Is(err, landlord.ErrNotFound) {
		return nil
	}
	return err
}

// Purge drops, once in a run, accounts of the job's server whose time is over: the
// run that they were for did not come to its end. It never fails a run: the next
// one tries again.
func (a *Accesses) Purge(ctx context.Context, j *apply.Job) {
	if _, done := a.purged.LoadOrStore(j.Srv.Key, true); done {
		return
	}
	failed := func(err error) {
		a.Config.Log(ctx, "Credentials whose time is over could not be dropped", map[string]any{"error": mysql.Message(err)})
	}
	all, err := a.Registry.ReadExpiredAccounts(ctx, j.OnMain())
	if err != nil {
		failed(err)
	}
	for _, row := range all { // one that cannot be dropped keeps no other
		if row.Server != j.Srv.Key {
			continue
		}
		if err := a.purge(ctx, j, row); err != nil {
			failed(err)
		}
	}
}

func (a *Accesses) purge(ctx context.Context, j *apply.Job, row *registry.AccountRow) error {
	names, _ := accountNames([]*registry.AccountRow{row})
	if err := a.dropAll(ctx, j, row); err != nil {
		return err
	}
	if err := a.Registry.DeleteAccount(ctx, j.OnMain(), row.ID); err != nil {
		return err
	}
	a.Config.Log(ctx, "Dropped credentials whose time is over", map[string]any{"accounts": names})
	of := &registry.TenantRow{ID: row.Tenant, Slug: row.Slug}
	return a.Registry.WriteEvent(ctx, j.X, of, "credentials_expired", a.Servers.Author(j.Info), map[string]any{"account": row.Name, "role": row.Role})
}
