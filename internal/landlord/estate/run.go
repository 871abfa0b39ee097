package estate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Run is what the plans of this process will make true: the template
// versions that the run publishes, the databases that its tenants take, what is
// in force in them afterwards, and the customizations that they get. It lives as
// long as the Engine and is never written anywhere.
type Run struct {
	mu             sync.Mutex
	templates      map[template.ID]*template.Template
	databases      map[string]string                    // server and database name to slug
	fleets         map[string]string                    // of tenants that the run takes into one, by slug
	tenants        map[string]PlannedTenant             // by slug
	waiting        map[string]bool                      // slugs of tenants whose migration waits for an approval
	customizations map[string]map[string]*PlannedChange // by slug and name
	touched        map[string]bool                      // slugs whose structure this run makes or changes
	statuses       map[string]landlord.Status           // that tenants get, by slug
	left           map[string][]merge.OwnedElement      // by slug: what customizations had that the run has taken away
	taken, leaving map[string]bool                      // slugs of tenants that the run takes over, and that it destroys
	refreshes      atomic.Bool
	approvals      map[string]landlord.Approval // that the run gives, by ID
	purged         map[string]bool              // what the run has looked for already, by server
}

// Purges says, once in a run, that it is to look for what is over on a server.
func (r *Run) Purges(what, server string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := what + "\x00" + server
	first := !r.purged[key]
	r.purged[key] = true
	return first
}

// Approve makes known that the run gives an approval.
func (r *Run) Approve(a landlord.Approval) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.approvals[a.ID()] = a
}

// Approval returns the approval of a tenant's migration that the run gives, as far
// as it was planned; nil when there is none.
func (r *Run) Approval(digest, slug string) *landlord.Approval {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tenant := range []string{slug, ""} {
		if a, ok := r.approvals[landlord.Approval{Digest: digest, Tenant: tenant}.ID()]; ok {
			return &a
		}
	}
	return nil
}

// Refresh makes known that the run refreshes what Terraform has. Plans do, applies
// do not.
func (r *Run) Refresh() { r.refreshes.Store(true) }

// Refreshes says whether the run has refreshed anything so far.
func (r *Run) Refreshes() bool { return r.refreshes.Load() }

// PlannedTenant is a tenant of this run and what is in force in it afterwards.
type PlannedTenant struct {
	Server, Database string
	Template         template.ID
	Lineage          *template.Lineage
	Composition      *template.Composition
	Rendered         *Rendering     // nil when plans are not rendered on the server
	After            *PlannedSchema // nil: the run does not migrate its database
	// Row is what the run records of it before anything else, because the landlord
	// database does not know its database, or knows less of it than Terraform's
	// state; nil where it records nothing, or has done so.
	Row *registry.TenantRow
}

// PlannedSchema is what a migration of this run makes of a tenant.
type PlannedSchema struct {
	Start       string // fingerprint that the migration begins with
	Final, Base *Rendering
	Owned       map[string][]merge.OwnedElement // by customizations afterwards
}

// PlannedChange is what this run makes of a customization.
type PlannedChange struct {
	Patch *landlord.ParsedPatch // nil: it goes
	Owned []merge.OwnedElement
}

func newRun() *Run {
	return &Run{
		templates: map[template.ID]*template.Template{}, databases: map[string]string{}, fleets: map[string]string{}, tenants: map[string]PlannedTenant{}, waiting: map[string]bool{},
		customizations: map[string]map[string]*PlannedChange{}, touched: map[string]bool{}, left: map[string][]merge.OwnedElement{},
		taken: map[string]bool{}, leaving: map[string]bool{}, statuses: map[string]landlord.Status{},
		approvals: map[string]landlord.Approval{}, purged: map[string]bool{},
	}
}

// Add makes a template version known to the plans of this run.
func (r *Run) Add(t *template.Template) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.templates[t.ID()] = t
}

// Template returns a planned template version.
func (r *Run) Template(id template.ID) (*template.Template, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.templates[id]
	return t, ok
}

// ids returns the planned versions of all templates.
func (r *Run) ids() []template.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]template.ID, 0, len(r.templates))
	for id := range r.templates {
		out = append(out, id)
	}
	return out
}

// Claim reserves a database for a slug and returns the slug that has claimed
// it before, which is the same one when a plan is made again.
func (r *Run) Claim(server, database, slug string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := server + "\x00" + database
	if holder, ok := r.databases[key]; ok {
		return holder
	}
	r.databases[key] = slug
	return slug
}

// Gather reserves a tenant for a fleet and returns the fleet that has reserved it
// before, which is the same one when a plan is made again.
func (r *Run) Gather(slug, fleet string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if holder, ok := r.fleets[slug]; ok {
		return holder
	}
	r.fleets[slug] = fleet
	return fleet
}

// Expect makes known what a plan makes of a tenant: whether it changes its
// structure, whether it waits for an approval, and what is in force afterwards,
// nil for a tenant that stays where it is: it has in force what is recorded.
func (r *Run) Expect(slug string, touched, waits bool, after *PlannedTenant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if touched {
		r.touched[slug] = true
	}
	r.waiting[slug] = waits
	if after == nil {
		delete(r.tenants, slug)
		return
	}
	r.tenants[slug] = *after
}

// Recorded makes known that what the run records of a tenant is written.
func (r *Run) Recorded(slug string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t, ok := r.tenants[slug]; ok {
		t.Row = nil
		r.tenants[slug] = t
	}
}

// Takes makes known that a tenant is taken over, and says whether the run
// destroys it too.
func (r *Run) Takes(slug string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken[slug] = true
	return r.leaving[slug]
}

// Leaves makes known that the run destroys a tenant, and says whether it takes
// it over too.
func (r *Run) Leaves(slug string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaving[slug] = true
	return r.taken[slug]
}

// Touch makes known that this run changes the structure of a tenant.
func (r *Run) Touch(slug string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touched[slug] = true
}

// Becomes makes known the status that the run gives a tenant; empty leaves it.
func (r *Run) Becomes(slug string, status landlord.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statuses[slug] = status
}

// Status returns the status that the run gives a tenant; empty when it leaves it.
func (r *Run) Status(slug string) landlord.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.statuses[slug]
}

// Touches says whether this run makes a tenant or changes its structure. It
// stays so when that is done.
func (r *Run) Touches(slug string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.touched[slug]
}

// Tenant returns what this run makes of a tenant; false when it leaves it alone.
func (r *Run) Tenant(slug string) (PlannedTenant, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.tenants[slug]
	return t, ok
}

// Waits says whether a migration of a tenant waits for an approval, so that
// nobody knows before the apply what will be in force in it.
func (r *Run) Waits(slug string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting[slug]
}

// Change makes known what this run makes of a customization, unless another one
// has claimed the same: then it returns that one's name and the thing. What is
// recorded counts for those that the run leaves alone.
func (r *Run) Change(slug, name string, change *PlannedChange, recorded []registry.Customization, srv ddl.Server) (other string, at ddl.Place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	planned := r.customizations[slug]
	if other, at := Claimed(name, change.Owned, recorded, planned, srv); other != "" {
		return other, at
	}
	if planned == nil {
		planned = map[string]*PlannedChange{}
		r.customizations[slug] = planned
	}
	planned[name] = change
	return "", ddl.Place{}
}

// Changes returns what this run makes of the customizations of a tenant.
func (r *Run) Changes(slug string) map[string]*PlannedChange {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[string]*PlannedChange, len(r.customizations[slug]))
	for name, c := range r.customizations[slug] {
		out[name] = c
	}
	return out
}

// Left makes known what a customization had that this run has taken away.
func (r *Run) Left(slug string, had []merge.OwnedElement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[slug] = append(r.left[slug], had...)
}

// Given returns what customizations of a tenant have had that this run takes
// away, or has taken away.
func (r *Run) Given(slug string, recorded []registry.Customization) []merge.OwnedElement {
	r.mu.Lock()
	defer r.mu.Unlock()
	given := slices.Clone(r.left[slug])
	for _, c := range recorded {
		if change := r.customizations[slug][c.Name]; change != nil && change.Patch == nil {
			given = append(given, c.Objects...)
		}
	}
	return given
}

// Claimed returns the database that this run plans for a slug, or nothing.
func (r *Run) Claimed(slug string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, holder := range r.databases {
		if holder == slug {
			_, database, _ := strings.Cut(key, "\x00")
			return database
		}
	}
	return ""
}

// Apart refuses to take customizations of a tenant away in the run that updates
// it. Terraform destroys a resource before it updates what that one depends on,
// and plans both without an order: the update would meet another tenant than
// the one that it was planned for, in the middle of the apply. A customization
// that the template has taken over already leaves everything as it is.
func (e *Estate) Apart(ctx context.Context, slug string, field landlord.Field) error {
	row, err := e.Snapshot.Row(ctx, slug)
	if err != nil || row == nil || !e.moves(row) {
		return err
	}
	all, err := e.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return err
	}
	changes := e.Run.Changes(slug)
	var going []string
	for _, c := range all {
		change := changes[c.Name]
		if change != nil && change.Patch == nil && slices.ContainsFunc(c.Objects, func(o merge.OwnedElement) bool { return !o.Transferred }) {
			going = append(going, c.Name)
		}
	}
	if len(going) == 0 {
		return nil
	}
	slices.Sort(going)
	p := landlord.NewProblem(field, "Customization goes while its tenant is updated",
		fmt.Sprintf("Tenant `%s` is updated, and customization %s is taken away from it. Terraform takes away before it updates, so the update would meet another schema than the planned one.", slug, landlord.Quoted(going)),
		"Take two applies: leave the customization in the configuration until the tenant is updated, then remove it. What the template has by then stays in the tenant.")
	p.Err = landlord.ErrTenantMoves
	return p
}

// moves says whether this run gives a tenant another composition, or sends it
// statements.
func (e *Estate) moves(row *registry.TenantRow) bool {
	if e.Run.Waits(row.Slug) {
		return true
	}
	planned, ok := e.Run.Tenant(row.Slug)
	return ok && (planned.After != nil || planned.Template.String() != row.AppliedTemplate() || planned.Composition.Digest != row.Composition)
}
