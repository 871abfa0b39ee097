package provider_test

import (
	"runtime"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// TestServer_tooLarge shows the server a configuration of 50 MB: it is refused at
// the attribute that has most of it, and next to nothing is allocated. With it is
// every kind of value that a configuration has.
func TestServer_tooLarge(t *testing.T) {
	server := provider.NewServer(provider.New("test"))
	huge := strings.Repeat("SET @a=1,@b=2;\n", 50<<20/15)
	config := packed(t, values{
		"a_number": 1.5, "a_large_number": 123456789012.0, "a_negative_number": -70000.0, "b_bool": true, "c_nothing": nil, "list": []any{"x", strings.Repeat("y", 300), []any{}},
		"map": values{"a": strings.Repeat("z", 70000), "b": values{}}, "sql": huge, "zebra": values{"sql": "short"},
	})
	for name, ask := range map[string]func() ([]*tfprotov6.Diagnostic, error){
		"resource": func() ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "landlord_tenant_customization", Config: config})
			return resp.Diagnostics, err
		},
		"data source": func() ([]*tfprotov6.Diagnostic, error) {
			resp, err := server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "landlord_tenants", Config: config})
			return resp.Diagnostics, err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		diagnostics, err := ask()
		runtime.ReadMemStats(&after)
		must(t, err)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
		want := []*tfprotov6.Diagnostic{{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: "Configuration too large", Attribute: tftypes.NewAttributePath().WithAttributeName("sql"),
			Detail: "`sql` has 52428800 of the 52499233 bytes of the block, of which at most 25165824 are read. Nothing was looked at.\n\nSQL describes structure and a few seeds; load data by other means.",
		}}
		if diff := gocmp.Diff(want, diagnostics); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestServer_tooLargeOfNothing: bytes that are no map have no attribute to blame.
func TestServer_tooLargeOfNothing(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))
	const size = 25165825
	for name, begin := range map[string]string{"text": "\xdb\x01\x80\x00\x00", "cut off": "\x81\xa1a", "map without values": "\xdf\x00\x00\x00\x02", "unknown": "\xc1"} {
		resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: "landlord_tenant", Config: &tfprotov6.DynamicValue{MsgPack: []byte(begin + strings.Repeat("\xdb", size-len(begin)))},
		})
		must(t, err)
		want := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Configuration too large",
			Detail: "The block has 25165825 bytes, at most 25165824 are read. Nothing was looked at.\n\nSQL describes structure and a few seeds; load data by other means."}}
		if diff := gocmp.Diff(want, resp.Diagnostics); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// packed writes values as Terraform sends them.
func packed(t *testing.T, v values) *tfprotov6.DynamicValue {
	t.Helper()
	typ, value := typed(v)
	out, err := tfprotov6.NewDynamicValue(typ, value)
	must(t, err)
	return &out
}

// typed returns a value with its type.
func typed(v any) (tftypes.Type, tftypes.Value) {
	switch v := v.(type) {
	case values:
		types, of := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, x := range v {
			types[name], of[name] = typed(x)
		}
		object := tftypes.Object{AttributeTypes: types}
		return object, tftypes.NewValue(object, of)
	case []any:
		var types []tftypes.Type
		of := []tftypes.Value{}
		for _, x := range v {
			typ, value := typed(x)
			types, of = append(types, typ), append(of, value)
		}
		tuple := tftypes.Tuple{ElementTypes: types}
		return tuple, tftypes.NewValue(tuple, of)
	case float64:
		return tftypes.Number, tftypes.NewValue(tftypes.Number, v)
	case bool:
		return tftypes.Bool, tftypes.NewValue(tftypes.Bool, v)
	case string:
		return tftypes.String, tftypes.NewValue(tftypes.String, v)
	}
	return tftypes.String, tftypes.NewValue(tftypes.String, nil)
}
