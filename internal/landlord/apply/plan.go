package apply

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// after returns what the planned migration makes of the tenant, nil when none is
// planned.
func (p *TenantPlan) after() *estate.PlannedSchema {
	if p.Migration == nil || !p.HasWork() {
		return nil
	}
	return &estate.PlannedSchema{Start: p.Migration.States[0], Final: p.Migration.Final, Base: p.Migration.Base, Owned: p.Migration.Owned}
}

// Touches says whether applying the plan makes the tenant or changes its
// structure.
func (p *TenantPlan) Touches() bool {
	return p.Create || p.HasWork() || p.Waits || p.Rest != nil || p.Restore != nil || p.Move != nil
}

// InForce returns what is in force in a tenant after the plan; nil when it stays
// where it is.
func (p *TenantPlan) InForce(spec landlord.TenantSpec, want *estate.Target) *estate.PlannedTenant {
	if p.UpdateStatus != landlord.UpdateCurrent || p.Move != nil {
		return nil
	}
	row := p.Recorded
	if row == nil && p.Adopt {
		row = &registry.TenantRow{Slug: spec.Slug, Name: spec.Name, Database: p.DatabaseName, Server: spec.Server, Status: landlord.StatusActive, CurrentSchema: p.From()}
	}
	return &estate.PlannedTenant{
		Row: row, Server: spec.Server, Database: p.DatabaseName, Template: want.ID, Lineage: want.Lineage,
		Composition: want.Composition, Rendered: want.Rendered, After: p.after(),
	}
}

// TenantPlan is what applying a TenantSpec will do.
type TenantPlan struct {
	Create       bool // the database does not exist, or its creation was interrupted
	Adopt        bool // an existing database is taken over
	DatabaseName string
	Template     string // in force afterwards
	UpdateStatus landlord.UpdateStatus
	Fingerprint  string           // of the schema afterwards; empty when it cannot be known
	Steps        []landlord.Step  // shared between tenants of a class: do not change
	Digest       string           // empty when there is nothing to do
	Verdict      string           // auto, review, merge; empty when there is nothing to do
	Conflicts    []merge.Conflict // where the update meets what the tenant has of its own
	// Waits says that the steps need an approval, which is looked for when they
	// are to run: what the tenant will be afterwards is not known.
	Waits bool
	// Approval lets steps that wait run, as far as the plan can tell; nil without
	// one.
	Approval *landlord.Approval
	// Unseen says that there is something to do of which the parser alone cannot
	// tell the steps.
	Unseen bool
	Notes  []landlord.Note
	// Open says that nobody can promise that planning once more finds the same
	// in the data.
	Open bool

	// Recorded is what Terraform's state knows of a tenant that the landlord
	// database has lost, which is recorded before anything else; nil when it has
	// lost nothing. Base is the schema that goes with it.
	Recorded *registry.TenantRow
	Base     *estate.Rendering

	// CheckpointBehind says that the apply takes a checkpoint behind its work, because
	// the binary log cannot be replayed across it.
	CheckpointBehind bool

	Migration *migrate.Migration   // that Steps come from; nil for a creation or when there is nothing to do
	Rest      *Rest                // of an interrupted migration; nil without one
	Restore   *registry.RestoreRow // that was interrupted and is completed; nil without one
	Move      *Move                // to another server; nil without one
}

// Move is a move of a tenant to another server.
type Move struct {
	From, To string            // keys of servers
	Row      *registry.MoveRow // that was interrupted; nil for a new one
	Back     bool              // what an interrupted one has made is removed
	Retired  string            // database that keeps what the tenant was on the former server
	Live     string            // fingerprint of the schema that moves
	Alone    bool              // the tenant lives on its new server, and the former one does not answer
}

// Servers returns the keys of the servers that the move works on, the new one last.
func (m *Move) Servers() []string {
	if m.Alone {
		return []string{m.To}
	}
	return []string{m.From, m.To}
}

// From returns the fingerprint that the plan starts from, empty when any will do.
func (p *TenantPlan) From() string {
	switch {
	case p.Rest != nil && p.Rest.Next < len(p.Rest.Steps):
		return p.Rest.Steps[p.Rest.Next].Before
	case p.Rest != nil:
		return p.Rest.Running.ToSchema
	case p.Migration != nil:
		return p.Migration.States[0]
	}
	return ""
}

// HasWork says whether applying the plan sends statements to the tenant.
func (p *TenantPlan) HasWork() bool { return len(p.Steps) > 0 }
