package merge

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// Ownership decides, after an update, what customizations own by then: what the
// template has as well, and what was decided against them, is transferred to the
// template; what the template gave up is theirs again.
type Ownership struct {
	texts, template map[ddl.Place]string             // of the tenant and of the template
	differs         map[ddl.Place]diff.ElementChange // template to tenant
	changed         map[ddl.Place]diff.ElementChange // by the update
	rewritten       map[ddl.Place]bool
}

// NewOwnership compares what is recorded of a tenant before and after an update
// with what its template gives. The rewritten places were decided by statements,
// whose outcome belongs to the template although it is another one.
func NewOwnership(template, before, after ddl.Schema, rewritten map[ddl.Place]bool, srv ddl.Server) *Ownership {
	return &Ownership{texts: Texts(unsigned(after), srv), template: Texts(template, srv), rewritten: rewritten,
		differs: ByPlace(Changes(template, after, srv)), changed: ByPlace(Changes(before, after, srv))}
}

// After returns a customization's elements as they are owned after the update.
func (o *Ownership) After(list []OwnedElement) []OwnedElement {
	now := make([]OwnedElement, 0, len(list))
	for _, e := range list {
		now = append(now, o.element(e))
	}
	return now
}

func (o *Ownership) element(e OwnedElement) OwnedElement {
	p := e.Place()
	text, there := o.texts[p]
	if !Within(o.changed, p) && e.Text != "" {
		text = e.Text // servers print the same thing in more than one way
	}
	_, inTemplate := o.template[p]
	switch {
	case !there:
		return OwnedElement{Object: e.Object, Element: e.Element, Transferred: true} // the template won, and has none
	case inTemplate && (!Within(o.differs, p) || o.rewritten[p]):
		return OwnedElement{Object: e.Object, Element: e.Element, Text: text, Transferred: true}
	}
	return OwnedElement{Object: e.Object, Element: e.Element, Text: text}
}
