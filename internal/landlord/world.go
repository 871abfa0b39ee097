package landlord

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// world is what the plans of this process will make true: the template
// versions that the run publishes and the databases that its tenants take.
// It lives as long as the Engine and is never written anywhere.
type world struct {
	mu        sync.Mutex
	templates map[template.ID]*template.Template
	databases map[string]string // server and database name to slug
}

func newWorld() *world {
	return &world{templates: map[template.ID]*template.Template{}, databases: map[string]string{}}
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

// names returns the planned versions of all templates.
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
