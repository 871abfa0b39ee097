package landlord

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// world is what the plans of this process will make true: the template
// versions that the run publishes, the databases that its tenants take, what is
// in force in them afterwards, and the customizations that they get. It lives as
// long as the Engine and is never written anywhere.
type world struct {
	mu             sync.Mutex
	templates      map[template.ID]*template.Template
	databases      map[string]string                    // server and database name to slug
	tenants        map[string]plannedTenant             // by slug
	waiting        map[string]bool                      // slugs of tenants whose migration waits for an approval
	customizations map[string]map[string]*plannedChange // by slug and name
	queue          queue                                // for who works on the tenants
	touched        map[string]bool                      // slugs whose structure this run makes or changes
	taken, leaving map[string]bool                      // slugs of tenants that the run takes over, and that it destroys
}

// plannedTenant is a tenant of this run and what is in force in it afterwards.
type plannedTenant struct {
	server, database string
	template         template.ID
	lineage          *template.Lineage
	composition      *template.Composition
	rendered         *rendering     // nil when plans are not rendered on the server
	after            *plannedSchema // nil: the run does not migrate its database
}

// plannedSchema is what a migration of this run makes of a tenant.
type plannedSchema struct {
	start       string // fingerprint that the migration begins with
	final, base *rendering
	owned       map[string][]merge.OwnedElement // by customizations afterwards
}

// plannedChange is what this run makes of a customization.
type plannedChange struct {
	patch *parsedPatch // nil: it goes
	owned []merge.OwnedElement
}

func newWorld() *world {
	return &world{
		templates: map[template.ID]*template.Template{}, databases: map[string]string{}, tenants: map[string]plannedTenant{}, waiting: map[string]bool{},
		customizations: map[string]map[string]*plannedChange{}, touched: map[string]bool{},
		taken: map[string]bool{}, leaving: map[string]bool{},
	}
}

// add makes a template version known to the plans of this run.
func (w *world) add(t *template.Template) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.templates[t.ID()] = t
}

// template returns a planned template version.
func (w *world) template(id template.ID) (*template.Template, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.templates[id]
	return t, ok
}

// ids returns the planned versions of all templates.
func (w *world) ids() []template.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]template.ID, 0, len(w.templates))
	for id := range w.templates {
		out = append(out, id)
	}
	return out
}

// claim reserves a database for a slug and returns the slug that has claimed
// it before, which is the same one when a plan is made again.
func (w *world) claim(server, database, slug string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := server + "\x00" + database
	if holder, ok := w.databases[key]; ok {
		return holder
	}
	w.databases[key] = slug
	return slug
}

// expect makes known what a plan makes of a tenant: whether it changes its
// structure, whether it waits for an approval, and what is in force afterwards,
// nil for a tenant that stays where it is: it has in force what is recorded.
func (w *world) expect(slug string, touched, waits bool, after *plannedTenant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if touched {
		w.touched[slug] = true
	}
	w.waiting[slug] = waits
	if after == nil {
		delete(w.tenants, slug)
		return
	}
	w.tenants[slug] = *after
}

// takes makes known that a tenant is taken over, and says whether the run
// destroys it too.
func (w *world) takes(slug string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.taken[slug] = true
	return w.leaving[slug]
}

// leaves makes known that the run destroys a tenant, and says whether it takes
// it over too.
func (w *world) leaves(slug string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leaving[slug] = true
	return w.taken[slug]
}

// touch makes known that this run changes the structure of a tenant.
func (w *world) touch(slug string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched[slug] = true
}

// touches says whether this run makes a tenant or changes its structure. It
// stays so when that is done.
func (w *world) touches(slug string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.touched[slug]
}

// tenant returns what this run makes of a tenant; false when it leaves it alone.
func (w *world) tenant(slug string) (plannedTenant, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.tenants[slug]
	return t, ok
}

// waits says whether a migration of a tenant waits for an approval, so that
// nobody knows before the apply what will be in force in it.
func (w *world) waits(slug string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting[slug]
}

// change makes known what this run makes of a customization, unless another one
// has claimed the same: then it returns that one's name and the thing. What is
// recorded counts for those that the run leaves alone.
func (w *world) change(slug, name string, change *plannedChange, recorded []customization, srv ddl.Server) (other string, at ddl.Place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	planned := w.customizations[slug]
	if other, at := claimed(name, change.owned, recorded, planned, srv); other != "" {
		return other, at
	}
	if planned == nil {
		planned = map[string]*plannedChange{}
		w.customizations[slug] = planned
	}
	planned[name] = change
	return "", ddl.Place{}
}

// changes returns what this run makes of the customizations of a tenant.
func (w *world) changes(slug string) map[string]*plannedChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(map[string]*plannedChange, len(w.customizations[slug]))
	for name, c := range w.customizations[slug] {
		out[name] = c
	}
	return out
}
