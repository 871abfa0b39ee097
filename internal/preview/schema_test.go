package preview_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// schemaOf describes a type as JSON Schema, from its tags. Every property is
// there and none is beside them.
func schemaOf(of reflect.Type, definitions map[string]any) map[string]any {
	switch of.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.String:
		if of == reflect.TypeFor[preview.DangerKind]() {
			return map[string]any{"enum": []preview.DangerKind{preview.DangerDestroyed, preview.DangerDestructive, preview.DangerLockedOut, preview.DangerFailing, preview.DangerConflict, preview.DangerUnknown}}
		}
		return map[string]any{"type": "string"}
	case reflect.Pointer:
		return map[string]any{"type": []string{"integer", "null"}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(of.Elem(), definitions)}
	}
	properties, required := map[string]any{}, []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		name, tagged := field.Tag.Lookup("json")
		if !tagged {
			continue
		}
		properties[name] = schemaOf(field.Type, definitions)
		required = append(required, name)
	}
	name := strings.ToLower(of.Name())
	definitions[name] = map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	return map[string]any{"$ref": "#/$defs/" + name}
}

// TestSchema holds the published schema to the type, and what is printed of every
// plan to the schema.
func TestSchema(t *testing.T) {
	t.Parallel()
	definitions := map[string]any{}
	whole := schemaOf(reflect.TypeFor[preview.Report](), definitions)
	whole["$schema"], whole["$defs"] = "https://json-schema.org/draft/2020-12/schema", definitions
	whole["title"], whole["description"] = "Preview of tenant databases", "What `terraform-provider-landlord preview --format json` prints. `format_version` is "+preview.FormatVersion+"."
	want, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if writes() {
		write(t, "schema.json", want)
	}
	if preview.Schema != string(want) && !writes() {
		t.Errorf("schema.json is not the schema of the report: LANDLORD_TEST_GOLDEN=write writes it")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("preview.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("preview.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range plans(t) {
		text, err := read(t, name).Write(preview.FormatJSON)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	value, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"format_version": 1}`))
	if schema.Validate(value) == nil {
		t.Error("the schema takes anything")
	}
	if _, err := os.Stat("schema.json"); err != nil {
		t.Fatal(err)
	}
}
