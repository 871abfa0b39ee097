package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// namedIdentity is what names something that is not of one tenant.
type namedIdentity struct {
	Name types.String `tfsdk:"name"`
}

// namedIdentitySchema describes the name for an import.
func namedIdentitySchema(description string) identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: description},
	}}
}
