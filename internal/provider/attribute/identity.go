package attribute

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// NamedIdentity is what names something that is not of one tenant.
type NamedIdentity struct {
	Name types.String `tfsdk:"name"`
}

// NamedIdentitySchema describes the name for an import.
func NamedIdentitySchema(description string) identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name": identityschema.StringAttribute{RequiredForImport: true, Description: description},
	}}
}
