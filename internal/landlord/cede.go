package landlord

import (
	"context"
	"reflect"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// ownership says, after an update, what the customizations of the tenant own by
// now: what the template has as well, and what was decided against them, is
// ceded to the template; what the template gave up is theirs again. It returns
// the lists that changed, by customization.
func (u *update) ownership(ctx context.Context) (map[uint64][]OwnedElement, error) {
	moved := u.migration != 0 || u.row.composition != u.want.composition.Digest
	if u.plan.UpdateStatus != UpdateCurrent || u.want.rendered == nil || !moved {
		return nil, nil
	}
	if m := u.plan.migration; m != nil && u.plan.rest == nil && m.owned == nil {
		return nil, nil // the tenant had no customization when this was planned from the same schema
	}
	q := u.e.registryOf(u.srv, u.x)
	owned, err := u.e.registry.ownedElements(ctx, q, u.row.id)
	if err != nil || len(owned) == 0 {
		return nil, err
	}
	record, err := u.recordNow(ctx)
	if err != nil {
		return nil, err
	}
	remade, err := u.e.registry.decidedPlaces(ctx, q, u.row.id, DecideSQL, u.want.id.String())
	if err != nil {
		return nil, err
	}
	before := record // of the rest of an interrupted migration nobody knows it without another connection
	if m := u.plan.migration; m != nil && u.plan.rest == nil {
		before = m.before
	}
	o := newOwnership(u.want.rendered.schema, before, record, remade, dialect(u.info))
	changed := map[uint64][]OwnedElement{}
	for id, list := range owned {
		now := o.all(list)
		if !reflect.DeepEqual(list, now) {
			changed[id] = now
		}
	}
	return changed, nil
}

// recordNow returns what is recorded of the tenant after the update: its schema
// without drift.
func (u *update) recordNow(ctx context.Context) (ddl.Schema, error) {
	switch {
	case u.base != nil:
		return u.base.schema, nil
	case u.plan.migration != nil && u.plan.rest == nil:
		return u.plan.migration.base.schema, nil
	}
	return dumpSchema(ctx, u.x, u.info, u.plan.DatabaseName)
}

// ownership is what decides who owns an element.
type ownership struct {
	texts, core map[ddl.Place]string            // of the tenant and of the template
	apart       map[ddl.Place]ddl.ElementChange // template to tenant
	changed     map[ddl.Place]ddl.ElementChange // by the update
	remade      map[ddl.Place]bool
}

// newOwnership compares what is recorded of a tenant before and after an update
// with its template.
func newOwnership(core, before, after ddl.Schema, remade map[ddl.Place]bool, srv ddl.Server) *ownership {
	return &ownership{texts: elementTexts(bare(after), srv), core: elementTexts(core, srv), remade: remade,
		apart: placesOf(changesBetween(core, after, srv)), changed: placesOf(changesBetween(before, after, srv))}
}

func (o *ownership) all(list []OwnedElement) []OwnedElement {
	now := make([]OwnedElement, 0, len(list))
	for _, e := range list {
		now = append(now, o.after(e))
	}
	return now
}

// after returns an element as it is owned after an update.
func (o *ownership) after(e OwnedElement) OwnedElement {
	p := e.place()
	text, there := o.texts[p]
	if !within(o.changed, p) && e.Text != "" {
		text = e.Text // servers print the same thing in more than one way
	}
	_, inCore := o.core[p]
	switch {
	case !there:
		return OwnedElement{Object: e.Object, Element: e.Element, Ceded: true} // the template won, and has none
	case inCore && (!within(o.apart, p) || o.remade[p]):
		return OwnedElement{Object: e.Object, Element: e.Element, Text: text, Ceded: true}
	}
	return OwnedElement{Object: e.Object, Element: e.Element, Text: text}
}

// elementTexts returns the texts of everything in a schema, by place.
func elementTexts(s ddl.Schema, srv ddl.Server) map[ddl.Place]string {
	out := map[ddl.Place]string{}
	for _, o := range s.Objects {
		out[ddl.Place{Object: key(o)}] = o.SQL
		if o.Kind != ddl.KindTable {
			continue
		}
		for element, text := range ddl.Elements(o, srv) {
			out[ddl.Place{Object: key(o), Element: element}] = text
		}
	}
	return out
}
