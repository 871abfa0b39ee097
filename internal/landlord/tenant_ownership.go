package landlord

import (
	"context"
	"reflect"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// ownership says, after an update, what the customizations of the tenant own by
// now, as merge.Ownership decides. It returns the lists that changed, by
// customization.
func (u *update) ownership(ctx context.Context) (map[uint64][]merge.OwnedElement, error) {
	moved := u.migration != 0 || u.row.composition != u.want.composition.Digest
	if u.plan.UpdateStatus != UpdateCurrent || u.want.rendered == nil || !moved {
		return nil, nil
	}
	if m := u.plan.migration; m != nil && u.plan.rest == nil && m.owned == nil {
		return nil, nil // the tenant had no customization when this was planned from the same schema
	}
	q := u.onMain()
	owned, err := u.e.registry.ownedElements(ctx, q, u.row.id)
	if err != nil || len(owned) == 0 {
		return nil, err
	}
	record, err := u.recordNow(ctx)
	if err != nil {
		return nil, err
	}
	rewritten, err := u.e.registry.decidedPlaces(ctx, q, u.row.id, merge.DecideSQL, u.want.id.String())
	if err != nil {
		return nil, err
	}
	before := record // of the rest of an interrupted migration nobody knows it without another connection
	if m := u.plan.migration; m != nil && u.plan.rest == nil {
		before = m.before
	}
	o := merge.NewOwnership(u.want.rendered.schema, before, record, rewritten, dialect(u.info))
	changed := map[uint64][]merge.OwnedElement{}
	for id, list := range owned {
		now := o.After(list)
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
