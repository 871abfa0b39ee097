package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ReadyMain opens the landlord database on the main server for a tenant that
// lives elsewhere. It is done before the tenant's own session is taken.
func (s *Servers) ReadyMain(ctx context.Context, srv *Server) error {
	if srv.Key == "" {
		return nil
	}
	main := s.Main()
	x, err := main.Session(ctx)
	if err != nil {
		return Unreachable(main, "opening the landlord database", err)
	}
	defer x.Close()
	if err := CheckWritable(ctx, x); err != nil {
		return err
	}
	return s.OpenRegistry(ctx, main, x)
}

// fencePatience is how long an orphaned connection may finish by itself.
const fencePatience = 2 * time.Second

// Fence returns when the connection that ran a migration before is gone.
func (s *Servers) Fence(ctx context.Context, x *mysql.Session, info mysql.Info, old *Running) error {
	if old.Connection == 0 || old.Connection == x.ID() || old.ServerUUID != info.UUID {
		return nil
	}
	return fenceProblem(mysql.Fence(ctx, x, info, old.Connection, fencePatience, s.Config.LockTimeout))
}

// StillRunning tells of a statement that the server works on for an earlier run: what
// the plan is made from may change at any moment. It says nothing when the statement
// is over, or when the account may not see it.
func (s *Servers) StillRunning(ctx context.Context, srv *Server, info mysql.Info, old *Running, tenant, statement string) []landlord.Note {
	if old.Connection == 0 || old.ServerUUID != info.UUID {
		return nil
	}
	c, err := mysql.FindWorking(ctx, srv, info, old.Connection)
	if err != nil {
		return nil
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Statement of a former run is still running", Passing: true,
		Detail: fmt.Sprintf("Tenant `%s`: the server still works on what a run before has begun, for %s.\n%s\n"+
			"This plan is made from what is there now. An apply gives the statement %d seconds, then ends it, and looks at what took effect; where that is not what this plan starts from, it runs nothing and asks for another plan. "+
			"To let the statement come to its end, wait for it and plan again.", tenant, c, landlord.Shorten(statement), int(fencePatience.Seconds()))}}
}

// fenceProblem says why nothing begins as long as the connection is there.
func fenceProblem(err error) error {
	if err == nil {
		return nil
	}
	return landlord.NewProblem(landlord.FieldSlug, "Statement of a former run is still running",
		"A former run was interrupted, and the server still works on its last statement.",
		"Wait until it is over and apply again.").Because(err)
}

// TenantLock names the lock of a tenant. Every tenant has its own, so that the
// tenants of a server never wait for each other.
func (s *Servers) TenantLock(database string) string {
	return mysql.LockName("landlord tenant", database)
}

// RestoreLock names the lock of whoever works on the restores of a tenant. It is
// another one than the tenant's, so that another process can migrate a tenant
// while a copy of it is loaded.
func (s *Servers) RestoreLock(database string) string {
	return mysql.LockName("landlord restore", database)
}

// The pauses between attempts at a statement that met a lock or a deadlock.
// Their number bounds the attempts.
func retryPauses() []time.Duration {
	return []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second, 2 * time.Second}
}

// Retry repeats what fails for a passing reason, without having had an effect.
func (s *Servers) Retry(ctx context.Context, run func() error) error {
	err := run()
	for _, pause := range retryPauses() {
		if err == nil || !mysql.IsTransient(err) {
			return err
		}
		s.Config.Log(ctx, "Trying again after a passing error", map[string]any{"error": mysql.Message(err)})
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		err = run()
	}
	return err
}

// Fault is called around everything that a killed run could leave half done.
// Tests end the process in it.
func (s *Servers) Fault(point string) {
	if s.OnFault != nil {
		s.OnFault(point)
	}
}

// CheckWritable refuses a server that is read-only. Accounts with enough
// privileges write on a read-only replica all the same, and what they write is
// lost or breaks replication, so the server is asked every time.
func CheckWritable(ctx context.Context, x *mysql.Session) error {
	readOnly, err := x.ReadOnly(ctx)
	if err != nil || !readOnly {
		return err
	}
	return landlord.ReadOnlyProblem(x.Primary(ctx))
}

// TakesWrites is CheckWritable for a plan: while the server takes writes it costs
// nothing, since that was asked with all else that a process has to know of it.
func TakesWrites(ctx context.Context, srv *Server) error {
	info, err := srv.Info(ctx)
	if err != nil || !info.ReadOnly {
		return nil //nolint:nilerr // whoever needs the server says so
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return Unreachable(srv, "asking whether the server takes changes", err)
	}
	defer x.Close()
	return CheckWritable(ctx, x)
}

// TenantExists returns the *Problem of a new tenant whose slug is taken.
func TenantExists(row *TenantRow) error {
	return landlord.NewProblem(landlord.FieldSlug, "Tenant exists already",
		fmt.Sprintf("Tenant `%s` is registered with the status `%s`; its database is `%s`.", row.Slug, row.Status, row.Database),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s`; or, when its resource was renamed or has another key, add a `moved` block. "+
			"To replace it, destroy it first and create it with the next plan. Otherwise choose another slug.", row.Slug))
}

// CheckComplete refuses a tenant that is not registered, or whose database is
// being made or dropped.
func CheckComplete(row *TenantRow, slug string) error {
	switch {
	case row == nil:
		return landlord.TenantUnknown(slug)
	case row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping:
		return landlord.NewProblem(landlord.FieldTenant, "Tenant is not complete",
			fmt.Sprintf("Tenant `%s` has the status `%s`: a run was interrupted.", slug, row.Status), "Apply or destroy the tenant first.")
	}
	return nil
}
