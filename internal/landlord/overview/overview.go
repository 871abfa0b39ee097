package overview

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// Reader reads the estate. It is safe for concurrent use.
type Reader struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Tenants  *tenant.Tenants
}

// Estate is all that one look at the estate knows.
type Estate struct {
	Tenants     []Tenant                   // by slug
	Templates   []landlord.TemplateVersion // by name, the newest version first
	Checkpoints []landlord.Checkpoint      // the newest first; their files were not looked at
	ReadAt      time.Time                  // UTC
}

// Tenant is a tenant of the estate.
type Tenant struct {
	landlord.Tenant

	Fleet string // empty for one that no fleet manages
}

// Drifted says whether the live schema is another one than what was recorded.
func (t *Tenant) Drifted() bool {
	return t.Registered && !t.DatabaseMissing && t.BaseFingerprint != "" && t.SchemaFingerprint != t.BaseFingerprint
}

// Migrated returns when the tenant was last migrated, zero for never.
func (t *Tenant) Migrated() time.Time {
	if t.LastMigration == nil {
		return time.Time{}
	}
	return t.LastMigration.AppliedAt
}

// Class names all tenants with the same template in force and the same schema.
func (t *Tenant) Class() string { return t.Template + "|" + t.SchemaFingerprint }

// Read reads the estate. The number of statements does not grow with the
// tenants. Errors are Problems.
func (r *Reader) Read(ctx context.Context) (*Estate, error) {
	srv := r.Servers.Main()
	e := &Estate{ReadAt: r.Config.Now().UTC()}
	all, err := r.Tenants.Tenants(ctx, tenant.Filter{WithoutDrift: true})
	if err != nil {
		return nil, err
	}
	fleets, err := r.Registry.ReadFleets(ctx, srv)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the estate", err)
	}
	for _, t := range all {
		e.Tenants = append(e.Tenants, Tenant{t, fleets.Of[t.Slug]})
	}
	if e.Templates, err = r.Registry.ListTemplates(ctx, srv); err != nil {
		return nil, registry.Unreachable(srv, "reading the estate", err)
	}
	rows, err := r.Registry.ReadCheckpoints(ctx, srv)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the estate", err)
	}
	for _, row := range slices.Backward(rows) {
		e.Checkpoints = append(e.Checkpoints, *registry.ToCheckpoint(row))
	}
	return e, nil
}

// Account is an account of a tenant that the landlord made.
type Account struct {
	Name, Role string
	Hosts      []string
	RequireTLS bool
	CreatedAt  time.Time // UTC
	ExpiresAt  time.Time // zero for one that stays
}

// Accounts returns the accounts that the landlord made for a tenant, by name.
// Errors are Problems.
func (r *Reader) Accounts(ctx context.Context, slug string) ([]Account, error) {
	srv := r.Servers.Main()
	row, err := r.Registry.ReadTenant(ctx, srv, slug)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the accounts of a tenant", err)
	}
	if row == nil {
		return nil, landlord.TenantUnknown(slug)
	}
	rows, err := r.Registry.ReadTenantAccounts(ctx, srv, row.ID)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the accounts of a tenant", err)
	}
	var out []Account
	for _, a := range rows {
		out = append(out, Account{a.Name, string(a.Role), a.Hosts, a.RequireTLS, a.CreatedAt, a.ExpiresAt})
	}
	slices.SortFunc(out, func(a, b Account) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Approvals returns all approvals, the newest first. Errors are Problems.
func (r *Reader) Approvals(ctx context.Context) ([]landlord.Approval, error) {
	srv := r.Servers.Main()
	list, err := r.Registry.ReadApprovals(ctx, srv)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the approvals", err)
	}
	return list, nil
}

// Decision is a decision on a conflict that is remembered.
type Decision = registry.MadeDecision

// Decisions returns the newest decisions of all tenants. Errors are Problems.
func (r *Reader) Decisions(ctx context.Context, limit int) ([]Decision, error) {
	srv := r.Servers.Main()
	list, err := r.Registry.MadeDecisions(ctx, srv, limit)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading decisions on conflicts", err)
	}
	return list, nil
}

// Events returns the newest events of one kind, of all tenants. Errors are
// Problems.
func (r *Reader) Events(ctx context.Context, event string, limit int) ([]landlord.PastEvent, error) {
	srv := r.Servers.Main()
	list, err := r.Registry.EventsOf(ctx, srv, event, limit)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading events", err)
	}
	return list, nil
}

// Rollout is the newest rollout of a fleet.
type Rollout struct {
	Fleet, Template string // name@version that it leads to
	Through, Status string
	Author          string
	MaxFailures     int
	Waves           []Wave
	Failed          []FailedTenant // by slug
	StartedAt       time.Time      // UTC
	FinishedAt      time.Time      // zero until it has ended
	Slugs           []string       // of its tenants, those of waves that did not begin left out

	Wish   landlord.RolloutWish // what is asked of the apply that runs it
	Asking string               // who asks it
}

// Open says whether it has not ended: it runs, waits for its next wave, or was
// halted.
func (o *Rollout) Open() bool {
	return (&registry.Rollout{Status: registry.RolloutStatus(o.Status)}).Open()
}

// Wave is how far one wave of a rollout has come.
type Wave struct {
	Name                  string
	Total, Done, Failures int
	Running               int
}

// FailedTenant is a tenant that a rollout could not change, with the error.
type FailedTenant struct{ Slug, Error string }

// Done counts the tenants of all waves that are done.
func (o *Rollout) Done() int {
	return o.sum(func(w Wave) int { return w.Done })
}

// Total counts the tenants of all waves.
func (o *Rollout) Total() int {
	return o.sum(func(w Wave) int { return w.Total })
}

func (o *Rollout) sum(of func(Wave) int) int {
	n := 0
	for _, w := range o.Waves {
		n += of(w)
	}
	return n
}

// Rollouts returns the newest rollout of each fleet, by fleet. Errors are
// Problems.
func (r *Reader) Rollouts(ctx context.Context) ([]Rollout, error) {
	srv := r.Servers.Main()
	fleets, err := r.Registry.ReadFleets(ctx, srv)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the rollouts", err)
	}
	names := slices.Sorted(maps.Values(fleets.Of))
	var out []Rollout
	for _, name := range slices.Compact(names) {
		row, err := r.Registry.ReadRollout(ctx, srv, name)
		if err != nil {
			return nil, registry.Unreachable(srv, "reading the rollouts", err)
		}
		if row == nil {
			continue
		}
		tenants, err := r.Registry.ReadRolloutTenants(ctx, srv, row.ID)
		if err != nil {
			return nil, registry.Unreachable(srv, "reading the rollouts", err)
		}
		o := toRollout(row, tenants)
		if o.Wish, o.Asking, err = r.Registry.ReadRolloutWish(ctx, srv, row.ID); err != nil {
			return nil, registry.Unreachable(srv, "reading the rollouts", err)
		}
		out = append(out, o)
	}
	return out, nil
}

func toRollout(row *registry.Rollout, tenants []registry.RolloutTenant) Rollout {
	o := Rollout{
		Fleet: row.Fleet, Template: row.Template, Through: row.Through, Status: string(row.Status), Author: row.Author,
		MaxFailures: row.MaxFailures, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
	}
	for _, name := range row.Waves {
		o.Waves = append(o.Waves, Wave{Name: name})
	}
	for _, t := range tenants {
		o.Slugs = append(o.Slugs, t.Slug)
		for t.Wave >= len(o.Waves) { // a rollout that went on with fewer waves
			o.Waves = append(o.Waves, Wave{})
		}
		w := &o.Waves[t.Wave]
		w.Total++
		switch t.Status {
		case registry.RolloutDone:
			w.Done++
		case registry.RolloutFailed:
			w.Failures++
			o.Failed = append(o.Failed, FailedTenant{t.Slug, t.Error})
		case registry.RolloutRunning:
			w.Running++
		}
	}
	return o
}
