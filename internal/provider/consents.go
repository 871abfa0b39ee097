package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// toConsents returns what `destructive_objects` says.
func toConsents(m types.Map) landlord.Consents {
	var out landlord.Consents
	for key, mode := range toMap(m) {
		p, err := losable(key)
		if err != nil {
			continue // the validator has said so
		}
		if out == nil {
			out = landlord.Consents{}
		}
		out[p] = landlord.DestructiveMode(mode)
	}
	return out
}

// isLosable is the validator of a key of `destructive_objects`.
func isLosable() validator.String {
	return checked{summary: "Destructive object cannot be read", wants: "a table or a column, for example `table users` or `table users column phone`", check: func(text string) error {
		_, err := losable(text)
		return err
	}}
}

func losable(text string) (ddl.Place, error) {
	p, err := ddl.ParsePlace(text)
	if err != nil {
		return p, err
	}
	kind, _ := ddl.SplitObject(p.Object)
	if kind != ddl.KindTable && kind != ddl.KindSequence || p.Element != "" && !strings.HasPrefix(p.Element, "column ") {
		return p, fmt.Errorf("`%s` is no table, column or sequence: only those hold data", text)
	}
	return p, nil
}
