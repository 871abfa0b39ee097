package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestNewProviderSchema(t *testing.T) {
	t.Parallel()
	nested := &tfprotov6.SchemaAttribute{
		Name: "steps", Computed: true, Description: "What runs.", DescriptionKind: tfprotov6.StringKindMarkdown,
		NestedType: &tfprotov6.SchemaObject{
			Nesting:    tfprotov6.SchemaObjectNestingModeList,
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "sql", Type: tftypes.String, Computed: true}},
		},
	}
	cases := map[string]struct {
		schema   tfprotov6.GetProviderSchemaResponse
		identity tfprotov6.GetResourceIdentitySchemasResponse
		want     string
	}{
		"nothing": {
			want: `{"provider": {"version": 0, "block": {}}}`,
		},
		"attributes": {
			schema: tfprotov6.GetProviderSchemaResponse{
				Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
					{Name: "password", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true, Deprecated: true, DeprecationMessage: "Use another."},
				}}},
				ResourceSchemas: map[string]*tfprotov6.Schema{"x_thing": {Version: 2, Block: &tfprotov6.SchemaBlock{
					Description: "A thing.", DescriptionKind: tfprotov6.StringKindMarkdown,
					Attributes: []*tfprotov6.SchemaAttribute{
						{Name: "tags", Type: tftypes.Map{ElementType: tftypes.String}, Required: true},
						nested,
					},
				}}},
			},
			want: `{
				"provider": {"version": 0, "block": {"description_kind": "plain", "attributes": {
					"password": {"type": "string", "description_kind": "plain", "optional": true, "sensitive": true, "write_only": true,
						"deprecated": true, "deprecation_message": "Use another."}}}},
				"resource_schemas": {"x_thing": {"version": 2, "block": {"description": "A thing.", "description_kind": "markdown", "attributes": {
					"tags": {"type": ["map", "string"], "description_kind": "plain", "required": true},
					"steps": {"nested_type": {"nesting_mode": "list", "attributes": {
						"sql": {"type": "string", "description_kind": "plain", "computed": true}}},
						"description": "What runs.", "description_kind": "markdown", "computed": true}}}}}
			}`,
		},
		"blocks": {
			schema: tfprotov6.GetProviderSchemaResponse{
				DataSourceSchemas: map[string]*tfprotov6.Schema{"x_seen": {Block: &tfprotov6.SchemaBlock{
					BlockTypes: []*tfprotov6.SchemaNestedBlock{{TypeName: "filter", Nesting: tfprotov6.SchemaNestedBlockNestingModeSet, MinItems: 1, MaxItems: 3}},
				}}},
			},
			want: `{
				"provider": {"version": 0, "block": {}},
				"data_source_schemas": {"x_seen": {"version": 0, "block": {"description_kind": "plain",
					"block_types": {"filter": {"nesting_mode": "set", "block": {}, "min_items": 1, "max_items": 3}}}}}
			}`,
		},
		"what an older Terraform leaves out": {
			schema: tfprotov6.GetProviderSchemaResponse{
				ListResourceSchemas: map[string]*tfprotov6.Schema{"x_thing": {}},
				ActionSchemas:       map[string]*tfprotov6.ActionSchema{"x_run": {Schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Description: "Runs."}}}},
			},
			identity: tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{"x_thing": {
				Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{{Name: "slug", Type: tftypes.String, RequiredForImport: true, Description: "Slug."}},
			}}},
			want: `{
				"provider": {"version": 0, "block": {}},
				"list_resource_schemas": {"x_thing": {"version": 0, "block": {}}},
				"action_schemas": {"x_run": {"block": {"description": "Runs.", "description_kind": "plain"}}},
				"resource_identity_schemas": {"x_thing": {"version": 1, "attributes": {
					"slug": {"type": "string", "description": "Slug.", "required_for_import": true}}}}
			}`,
		},
		"functions": {
			schema: tfprotov6.GetProviderSchemaResponse{Functions: map[string]*tfprotov6.Function{"f": {
				Summary: "Does it.", Return: &tfprotov6.FunctionReturn{Type: tftypes.List{ElementType: tftypes.Number}},
				Parameters:        []*tfprotov6.FunctionParameter{{Name: "a", Type: tftypes.Bool, AllowNullValue: true}},
				VariadicParameter: &tfprotov6.FunctionParameter{Name: "rest", Type: tftypes.String},
			}}},
			want: `{
				"provider": {"version": 0, "block": {}},
				"functions": {"f": {"summary": "Does it.", "return_type": ["list", "number"],
					"parameters": [{"name": "a", "is_nullable": true, "type": "bool"}],
					"variadic_parameter": {"name": "rest", "type": "string"}}}
			}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(newProviderSchema(&c.schema, &c.identity))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decoded(t, []byte(c.want)), decoded(t, text)); diff != "" {
				t.Errorf("unexpected schema (-want +got):\n%s", diff)
			}
		})
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
