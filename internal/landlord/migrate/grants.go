package migrate

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// keepGrants gives the rights back on routines that a migration drops and
// creates again: servers forget them with the routine. They are the tenant's own, so
// the migration of the class gets steps of its own for it.
func (c *change) keepGrants(ctx context.Context, m *Migration) (*Migration, error) {
	made := recreated(m.Steps)
	if len(made) == 0 {
		return m, nil
	}
	grants, err := privilege.RoutineGrants(ctx, c.srv, c.e.Estate.DatabaseOf(c.spec, c.row))
	if mysql.IsAccessDenied(err) {
		with := *m
		with.Notes = append(slices.Clone(m.Notes), hiddenGrants(c.spec.Slug, made))
		return &with, nil
	}
	if err != nil {
		return nil, registry.Unreachable(c.srv, "planning a migration", err)
	}
	with := withGrants(m, made, grants)
	if with != m {
		with.Digest = migrationDigest(with, c.want)
	}
	return with, nil
}

// recreated returns the routines that steps drop and create again: the number of
// the step that creates one, by its object.
func recreated(steps []landlord.Step) map[string]int {
	out, dropped := map[string]int{}, map[string]bool{}
	for i, s := range steps {
		switch s.Operation {
		case "drop_function", "drop_procedure", "drop_package", "drop_package_body":
			dropped[s.Object] = true
		case "create_function", "create_procedure", "create_package", "create_package_body":
			if dropped[s.Object] {
				out[s.Object] = i
			}
		}
	}
	return out
}

// withGrants returns a migration with the grants behind the routines that they
// are on.
func withGrants(m *Migration, made map[string]int, grants []privilege.RoutineGrant) *Migration {
	behind := map[int][]landlord.Step{}
	for _, g := range grants {
		object := g.Kind + " " + mysql.Quote(g.Name)
		if i, ok := made[object]; ok {
			behind[i] = append(behind[i], landlord.Step{
				SQL: g.SQL(), Object: object, Operation: "grant", Origin: m.Steps[i].Origin, Level: m.Steps[i].Level, Reversible: true,
				Reason: "the server forgets the rights on what is dropped",
			})
		}
	}
	if len(behind) == 0 {
		return m
	}
	with := *m
	with.Steps, with.States = nil, []string{m.States[0]}
	for i, s := range m.Steps {
		with.Steps, with.States = append(with.Steps, s), append(with.States, m.States[i+1])
		for _, grant := range behind[i] {
			with.Steps, with.States = append(with.Steps, grant), append(with.States, m.States[i+1])
		}
	}
	return &with
}

// hiddenGrants warns of rights that the plan cannot name.
func hiddenGrants(slug string, made map[string]int) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Rights on routines cannot be seen",
		Detail: "Tenant `" + slug + "`: " + strings.Join(slices.Sorted(maps.Keys(made)), ", ") + " will be dropped and created again, and the server forgets who may call what is dropped. " +
			"Grant the account of the provider SELECT on `mysql.*`, so that the plan gives such rights again."}
}
