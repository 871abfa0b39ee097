package customization

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestPlanCustomization_tooLong refuses texts that are too long before anything
// is made of them: no server is asked, which this engine has none of, and next
// to no memory is taken.
func TestPlanCustomization_tooLong(t *testing.T) {
	huge := strings.Repeat("SET @a=1,@b=2;\n", 50<<20/15)
	large := huge[:source.MaxTextLength]
	refused := func(at string) string {
		return fmt.Sprintf("Customization cannot be used: %s: SQL is too long: The text has %d bytes, at most 4194304 are read. Load data by other means.", at, len(huge))
	}
	for name, c := range map[string]struct {
		patch landlord.CustomizationPatch
		field landlord.Field
		want  string
	}{
		"sql":     {landlord.CustomizationPatch{SQL: huge}, "sql", refused("sql")},
		"tables":  {landlord.CustomizationPatch{Tables: map[string]string{"a": "", "b": huge}}, "tables.b", refused("tables.b")},
		"views":   {landlord.CustomizationPatch{Views: map[string]string{"v": huge}}, "views.v", refused("views.v")},
		"columns": {landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{}, {Definition: huge}}}, "columns.1", refused("columns[1]")},
		"together": {landlord.CustomizationPatch{SQL: large, Views: map[string]string{"a": large, "b": large, "c": large, "d": "x"}}, "",
			fmt.Sprintf("Customization cannot be used: customization: SQL is too long: Its texts have %d bytes together, at most %d are read. Split it.", 4*len(large)+1, template.MaxTotalSize)},
	} {
		spec := Spec{Tenant: "acme", Name: "huge", Patch: c.patch}
		var err error
		if n := allocated(func() {
			_, err = (&Customizations{Config: &landlord.Config{}}).PlanCustomization(t.Context(), spec, nil)
		}); n > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
		if p, ok := err.(*landlord.Problem); !ok || p.Field != c.field { //nolint:errorlint // it is returned bare
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := checkSize(landlord.CustomizationPatch{SQL: large}); err != nil {
		t.Errorf("as long as a text may be: %v", err)
	}
}

// allocated returns how many bytes a call allocates.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
