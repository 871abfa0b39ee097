package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTenant_consentsAreRefused(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	got := c.validate("landlord_tenant", acme(values{"destructive_objects": values{"view v": "drop"}}))
	want := []string{"ERROR at (destructive_objects).(view v): Destructive object cannot be read\n`view v` is no table, column or sequence: only those hold data."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := c.validate("landlord_tenant", acme(values{"destructive_objects": values{"table users column fax": "drop", "table t": "retire"}})); len(got) > 0 {
		t.Error(got)
	}
}
