package health

import (
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// TestHealth_sample keeps what was counted, and not that nothing was where the server had
// no room to count all.
func TestHealth_sample(t *testing.T) {
	t.Parallel()
	seven, nothing := int64(7), int64(0)
	for name, c := range map[string]struct {
		load *Load
		want *int64
	}{
		"not asked":              {nil, nil},
		"idle":                   {&Load{Load: catalog.Load{Statements: &nothing}}, &nothing},
		"busy":                   {&Load{Load: catalog.Load{Statements: &seven}}, &seven},
		"busy, and not all":      {&Load{Lost: true, Load: catalog.Load{Statements: &seven}}, &seven},
		"nothing, and not all":   {&Load{Lost: true, Load: catalog.Load{Statements: &nothing}}, nil},
		"statements not counted": {&Load{Lost: true}, nil},
	} {
		h := Health{ID: 3, Load: c.load}
		got := h.sample(time.Now()).Statements
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: kept %v, not %v", name, got, c.want)
		}
	}
}
