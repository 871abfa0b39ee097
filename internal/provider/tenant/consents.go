package tenant

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// toConsents returns what `destructive_objects` says; its validator has refused
// what cannot be read.
func toConsents(m types.Map) landlord.Consents {
	consents, err := landlord.ParseConsents(value.ToMap(m))
	if err != nil {
		return nil
	}
	return consents
}

// isLosable is the validator of a key of `destructive_objects`.
func isLosable() validator.String {
	return attribute.Checked{Summary: "Destructive object cannot be read", Wants: "a table or a column, for example `table users` or `table users column phone`", Check: func(text string) error {
		_, err := landlord.ParseLosable(text)
		return err //nolint:wrapcheck // it is in the words of the interface
	}}
}
