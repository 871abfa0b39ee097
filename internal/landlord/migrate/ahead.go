package migrate

import (
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// ahead returns a reason to ask before statements on rows run: the tenant has
// something already that only the update brings, and nobody has recorded it. A
// landlord database that is older than the tenant looks like this, and then they
// have run. Empty when there is no such reason.
func (c *change) ahead(s estate.Sides) string {
	all := slices.Concat(c.scripts.before, c.scripts.after)
	at := slices.IndexFunc(all, func(st template.Statement) bool { return !st.ChangesStructure() })
	if at < 0 || s.Old == nil || s.Base == nil || s.Base.Fingerprint.Whole == s.Live.Fingerprint.Whole {
		return ""
	}
	place, ok := brought(s, registry.Dialect(c.info))
	if !ok {
		return ""
	}
	return fmt.Sprintf("its %s is that of `%s` already, which is not recorded: the landlord database may be older than the tenant, and `%s` may have run", place, c.want.ID, landlord.Shorten(all[at].SQL))
}

// brought returns the first thing of the tenant that is as the wanted template
// has it, and neither as the template in force nor as what is recorded.
func brought(s estate.Sides, srv ddl.Server) (ddl.Place, bool) {
	live, base := merge.ByPlace(merge.Changes(s.New.Schema, s.Live.Schema, srv)), merge.ByPlace(merge.Changes(s.New.Schema, s.Base.Schema, srv))
	for _, u := range merge.Changes(s.Old.Schema, s.New.Schema, srv) {
		p := merge.PlaceOf(u)
		if u.Element != diff.ElementOrder && !merge.Within(live, p) && merge.Within(base, p) {
			return p, true
		}
	}
	return ddl.Place{}, false
}
