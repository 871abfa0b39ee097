package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	long := "tenant_" + strings.Repeat("a_", 26) + "bcdef" // 64 characters, 27 of them escaped
	if err := account.CheckName(mysql.Info{PartialRevokes: true}, long); err != nil {
		t.Errorf("names mean themselves: %v", err)
	}
	if err := account.CheckName(mysql.Info{}, long[:64-27]); err != nil {
		t.Errorf("a short one: %v", err)
	}
	var p *landlord.Problem
	if err := account.CheckName(mysql.Info{}, long); !errors.As(err, &p) {
		t.Fatal(err)
	}
	want := "Database name is too long to grant\nAn account gets rights on database `" + long + "` alone, and not on others of similar names, by a GRANT that escapes each `_` and `%` in the name. " +
		"That has 91 characters then; servers take 64.\n\nChoose a slug that is shorter by 27 characters, where each `_` and `-` counts for two."
	if diff := cmp.Diff(want, p.Summary+"\n"+p.Text()); diff != "" || p.Field != landlord.FieldSlug {
		t.Errorf("%s (-want +got):\n%s", p.Field, diff)
	}
}
