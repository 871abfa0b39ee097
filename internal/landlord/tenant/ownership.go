package tenant

import (
	"context"
	"reflect"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// ownership says, after an update, what the customizations of the tenant own by
// now, as merge.Ownership decides. It returns the lists that changed, by
// customization.
func (u *update) ownership(ctx context.Context) (map[uint64][]merge.OwnedElement, error) {
	moved := u.Migration != 0 || u.Row.Composition != u.want.Composition.Digest
	if u.plan.UpdateStatus != landlord.UpdateCurrent || u.want.Rendered == nil || !moved {
		return nil, nil
	}
	if m := u.plan.Migration; m != nil && u.plan.Rest == nil && m.Owned == nil {
		return nil, nil // the tenant had no customization when this was planned from the same schema
	}
	q := u.OnMain()
	owned, err := u.room.Registry.OwnedElements(ctx, q, u.Row.ID)
	if err != nil || len(owned) == 0 {
		return nil, err
	}
	record, err := u.recordNow(ctx)
	if err != nil {
		return nil, err
	}
	rewritten, err := u.room.Registry.DecidedPlaces(ctx, q, u.Row.ID, merge.DecideSQL, u.want.ID.String())
	if err != nil {
		return nil, err
	}
	before := record // of the rest of an interrupted migration nobody knows it without another connection
	if m := u.plan.Migration; m != nil && u.plan.Rest == nil {
		before = m.Before
	}
	o := merge.NewOwnership(u.want.Rendered.Schema, before, record, rewritten, registry.Dialect(u.Info))
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
		return u.base.Schema, nil
	case u.plan.Migration != nil && u.plan.Rest == nil:
		return u.plan.Migration.Base.Schema, nil
	}
	return estate.DumpSchema(ctx, u.X, u.Info, u.plan.DatabaseName)
}
