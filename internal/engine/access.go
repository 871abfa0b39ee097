package engine

import (
	"context"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Account returns an account of a tenant as its server has it. One that the
// landlord did not make comes back as unmanaged: applying it takes it over.
// ErrNotFound when there is no such account, or no such tenant.
func (e *Engine) Account(ctx context.Context, tenant, name string) (*landlord.TenantAccount, error) {
	return e.accesses.Account(ctx, tenant, name)
}

// PlanAccount says what applying a specification will do. It writes nothing.
// prior is the fingerprint that Terraform's state has of the account, empty for
// one that it does not have. Errors are Problems.
func (e *Engine) PlanAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string) (*landlord.AccountPlan, error) {
	return e.accesses.PlanAccount(ctx, spec, prior)
}

// ApplyAccount brings an account to what a specification wants, by exactly the
// planned statements; nil accepts whatever there is to do. prior is as in
// PlanAccount. A run that was cut off anywhere is completed by the next one.
// Errors are Problems.
func (e *Engine) ApplyAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string, planned []string) (*landlord.TenantAccount, error) {
	return e.accesses.ApplyAccount(ctx, spec, prior, planned)
}

// RemoveAccount drops an account from its server. One that the landlord did not
// make is left alone. ErrNotFound when it is not known, or its tenant is not.
// Errors are Problems.
func (e *Engine) RemoveAccount(ctx context.Context, tenant, name string) error {
	return e.accesses.RemoveAccount(ctx, tenant, name)
}

// OpenCredentials makes an account of a tenant for one run, with a password that
// is nowhere but in the answer. CloseCredentials drops it; where that does not
// happen, the next work on a tenant of the server does, when the life of the
// account is over. Errors are Problems.
func (e *Engine) OpenCredentials(ctx context.Context, spec landlord.CredentialsSpec) (*landlord.Credentials, error) {
	return e.accesses.OpenCredentials(ctx, spec)
}

// RenewCredentials lets an account for one run live for a time from now on. The
// error is a *Problem when it is dropped already.
func (e *Engine) RenewCredentials(ctx context.Context, server, name string, life time.Duration) error {
	return e.accesses.RenewCredentials(ctx, server, name, life)
}

// CloseCredentials drops an account for one run and ends its connections. One
// that is gone is no error. Errors are Problems.
func (e *Engine) CloseCredentials(ctx context.Context, tenant, name string) error {
	return e.accesses.CloseCredentials(ctx, tenant, name)
}

// Connections tells how applications reach tenants: some, or all with nil. It
// takes as many statements whatever their number. The error is a *Problem when
// the landlord database does not know a tenant.
func (e *Engine) Connections(ctx context.Context, slugs []string) ([]landlord.Connection, error) {
	return e.accesses.Connections(ctx, slugs)
}
