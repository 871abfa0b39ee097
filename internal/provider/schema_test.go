package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestSchema_descriptions looks at every attribute of everything: one sentence
// or more, and what happens when an optional one is left out.
func TestSchema_descriptions(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	blocks := map[string]*tfprotov6.SchemaBlock{"provider": c.schema.Provider.Block}
	for name, s := range c.schema.ResourceSchemas {
		blocks["resource "+name] = s.Block
	}
	for name, s := range c.schema.DataSourceSchemas {
		blocks["data source "+name] = s.Block
	}
	for name, s := range c.schema.EphemeralResourceSchemas {
		blocks["ephemeral resource "+name] = s.Block
	}
	for name, s := range c.schema.ListResourceSchemas {
		blocks["list resource "+name] = s.Block
	}
	for name, block := range blocks {
		if block.Description == "" && !strings.HasPrefix(name, "list") {
			t.Errorf("%s has no description", name)
		}
		describe(t, name, block.Attributes)
	}
	for name, f := range c.schema.Functions {
		if f.Summary == "" || f.Description == "" {
			t.Errorf("function %s has no description", name)
		}
	}
}

func describe(t *testing.T, of string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		name := of + " " + a.Name
		if !strings.HasSuffix(a.Description, ".") && !strings.HasSuffix(a.Description, ")") {
			t.Errorf("%s: the description does not end with a full stop: %q", name, a.Description)
		}
		if a.Optional && !strings.Contains(a.Description, "Default: ") {
			t.Errorf("%s: the description names no default: %q", name, a.Description)
		}
		if strings.Contains(a.Name, "password") && a.Type != nil && a.Type.Is(tftypes.String) && !a.Sensitive {
			t.Errorf("%s is not sensitive", name)
		}
		if a.NestedType != nil {
			if a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSet {
				t.Errorf("%s: a nested set takes quadratic time", name)
			}
			describe(t, name, a.NestedType.Attributes)
		}
	}
}

// TestSchema_identity pins what imports by identity rely on.
func TestSchema_identity(t *testing.T) {
	t.Parallel()
	identities := newCore(t, nil).identities
	for typeName, name := range map[string]string{"landlord_tenant": "slug", "landlord_tenant_template": "name", "landlord_tenant_fleet": "name"} {
		identity := identities[typeName]
		if identity == nil || len(identity.IdentityAttributes) != 1 {
			t.Errorf("the identity of %s is %+v", typeName, identity)
			continue
		}
		if a := identity.IdentityAttributes[0]; a.Name != name || !a.RequiredForImport {
			t.Errorf("the identity of %s is %+v", typeName, a)
		}
	}
}
