package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// toConsents returns what `destructive_objects` says; its validator has refused
// what cannot be read.
func toConsents(m types.Map) landlord.Consents {
	consents, err := landlord.ParseConsents(toMap(m))
	if err != nil {
		return nil
	}
	return consents
}

// isLosable is the validator of a key of `destructive_objects`.
func isLosable() validator.String {
	return checked{summary: "Destructive object cannot be read", wants: "a table or a column, for example `table users` or `table users column phone`", check: func(text string) error {
		_, err := landlord.ParseLosable(text)
		return err //nolint:wrapcheck // it is in the words of the interface
	}}
}
