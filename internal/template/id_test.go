package template_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

func TestNextVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		current   string
		published []string
		want      string
	}{
		"first":              {"1.0.0", []string{"1.0.0"}, "`1.0.1` (a correction) or `1.1.0` (an addition)"},
		"behind the newest":  {"1.0.0", []string{"1.0.0", "1.10.0", "1.9.3"}, "`1.10.1` (a correction) or `1.11.0` (an addition)"},
		"pre-release":        {"2.0.0-rc.1", []string{"1.0.0", "2.0.0-rc.1"}, "`2.0.0` (a correction) or `2.1.0` (an addition)"},
		"nothing to go by":   {"", nil, "`0.0.1` (a correction) or `0.1.0` (an addition)"},
		"text that is none":  {"1.0.0", []string{"next"}, "`1.0.1` (a correction) or `1.1.0` (an addition)"},
		"current is highest": {"3.1.4", []string{"3.1.0"}, "`3.1.5` (a correction) or `3.2.0` (an addition)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, template.NextVersion(test.current, test.published).String(), test.want)
		})
	}
}

func TestSortVersions(t *testing.T) {
	t.Parallel()
	versions := []string{"1.10.0", "1.0.0", "1.0.0-rc.10", "next", "1.9.0", "1.0.0-rc.9"}
	template.SortVersions(versions)
	diff(t, versions, []string{"next", "1.0.0-rc.9", "1.0.0-rc.10", "1.0.0", "1.9.0", "1.10.0"})
}

func TestParseID(t *testing.T) {
	t.Parallel()
	id, err := template.ParseID("political_party@1.2.3-rc.1")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, id, template.ID{Name: "political_party", Version: "1.2.3-rc.1"})
	diff(t, id.String(), "political_party@1.2.3-rc.1")
	_, err = template.ParseID("a@b@1.0.0")
	if err == nil {
		t.Fatal("no error")
	}
	diff(t, err.Error(), "`b@1.0.0` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`")
}
