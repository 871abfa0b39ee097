package fleet

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// orphans returns what is to be planned of tenants that the landlord database has in the
// fleet, and neither the list nor the state: an apply that failed has made them, or has
// taken them in, and the configuration does not have them any more. Those that it has made
// go as if they had been taken out of the list; the others were there before, and stay.
// Of a fleet that Terraform does not have nobody can tell who has made it, so nothing of
// it goes.
func (f *Fleets) orphans(ctx context.Context, spec Spec, prior *Prior, listed map[string]bool, rows map[string]*registry.TenantRow, fleets map[string]string) ([]*planned, error) {
	var slugs []string
	for slug, fleet := range fleets {
		if (fleet == spec.Name || prior.has(fleet)) && rows[slug] != nil && !listed[slug] && (prior == nil || !slices.Contains(prior.slugs(), slug)) {
			slugs = append(slugs, slug)
		}
	}
	if len(slugs) == 0 {
		return nil, nil
	}
	slices.Sort(slugs)
	if prior != nil && !spec.applies {
		var err error
		if slugs, err = f.seenOrphans(ctx, spec, prior, slugs); err != nil {
			return nil, err
		}
	}
	made, err := f.Registry.MadeInFleets(ctx, f.Servers.Main(), spec.Name, spec.former(prior))
	if err != nil {
		return nil, registry.Unreachable(f.Servers.Main(), "reading the landlord database", err)
	}
	var out []*planned
	var strangers []string
	for _, slug := range slugs {
		switch own := made[slug] && !slices.Contains(spec.Released, slug); {
		case own && prior == nil:
			strangers = append(strangers, slug)
		case own:
			out = append(out, f.leaves(ctx, spec, slug, prior, rows[slug], fleets[slug]))
		default:
			out = append(out, &planned{slug: slug, row: rows[slug], action: Release, wave: -1, renamed: fleets[slug] != spec.Name})
		}
	}
	if len(strangers) > 0 {
		return nil, landlord.NewProblem(FieldTenants, "Fleet has tenants that the list has not",
			fmt.Sprintf("Planning fleet `%s`, which Terraform does not have: the landlord database has %s in it that the list has not: %s. An apply that failed has made them, or Terraform has forgotten the fleet.",
				spec.Name, landlord.Several(len(strangers), "tenant"), landlord.FirstOf(strangers)),
			"Nothing was run. List them, or name in `released` those that are to stay as they are. To let them go as `deletion_policy` says, import the fleet by its name first; or list them, apply, and take them out then.")
	}
	return out, nil
}

// seenOrphans returns those that the plan of this apply had found, or is to find. Others
// that are there by now may be of somebody who has applied since, and no plan has shown
// what becomes of them: the apply itself sees them, and refuses. Where a plan can record
// nothing, it finds none.
func (f *Fleets) seenOrphans(ctx context.Context, spec Spec, prior *Prior, there []string) ([]string, error) {
	record := estate.Record{Slug: AllTenants, Subject: spec.Name, Digest: landlord.Digest("orphans"), Seen: prior.Seen}
	found, known, err := estate.Promised(ctx, f.Estate, record, func() ([]string, error) { return there, nil })
	if err != nil || !known {
		return nil, err
	}
	return slices.DeleteFunc(found, func(slug string) bool { return !slices.Contains(there, slug) }), nil
}
