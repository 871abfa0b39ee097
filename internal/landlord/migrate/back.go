package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// With returns a schema together with the objects of some kinds that another one
// has beyond it.
func With(present, goal ddl.Schema, kinds ...ddl.Kind) ddl.Schema {
	with := present
	with.Objects = slices.Clone(present.Objects)
	for _, o := range goal.Objects {
		if slices.Contains(kinds, o.Kind) && !slices.ContainsFunc(present.Objects, func(p ddl.Object) bool { return landlord.Key(p) == landlord.Key(o) }) {
			with.Objects = append(with.Objects, o)
		}
	}
	SortObjects(with.Objects)
	return with
}

// BringBack returns the statements that make the objects of some kinds again that a
// database had, and lost on a way that was given up: triggers have to go before a
// table comes into another database.
func BringBack(live, was ddl.Schema, srv ddl.Server, kinds ...ddl.Kind) ([]landlord.Step, error) {
	m, err := diff.Diff(live, With(live, was, kinds...), srv, diff.Options{})
	if err != nil {
		return nil, fmt.Errorf("comparing a database with what it was: %w", err)
	}
	steps := make([]landlord.Step, 0, len(m.Changes))
	for _, c := range m.Changes {
		steps = append(steps, ChangeStep(c))
	}
	return steps, nil
}

// SortObjects sorts objects by kind and name.
func SortObjects(objects []ddl.Object) {
	slices.SortFunc(objects, func(a, b ddl.Object) int { return strings.Compare(landlord.Key(a), landlord.Key(b)) })
}
