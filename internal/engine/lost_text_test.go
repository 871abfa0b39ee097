package engine_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestLostText: what MySQL cannot print, a migration cannot carry: it is refused
// before a version is published or a tenant changed, and the way that the refusal
// names works. MariaDB prints it.
func TestLostText(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		const lossy = "CREATE TABLE guests (a VARCHAR(20) CHARACTER SET latin1, g VARCHAR(40) CHARACTER SET latin1 AS (CONCAT(a, 'ä')))"
		problem := "Server cannot print a text of an expression []\nTable `guests` has an expression in which a text is joined or compared with a column of another character set. MySQL keeps the text, and prints _latin1'?' in its place.\n\n" +
			"Migrations are made of what the server prints, so tenants that come to this version by one would have `?` there. Nothing was run.\n\n" +
			"Let the column be utf8mb4, or write the text as `CONVERT(0x… USING utf8mb4)`, with its bytes in UTF-8: `SELECT HEX('ä')` tells them."
		e, _ := shopTenant(t, s, "acme")
		_, err := e.PlanTemplate(t.Context(), landlord.TemplateSpec{Name: "guests", Version: "1.0.0", Core: map[string]string{"1.sql": lossy + ";"}})
		patch := func(create string) customization.Spec {
			return customization.Spec{Tenant: "acme", Name: "x", Reason: "y", Patch: landlord.CustomizationPatch{Tables: map[string]string{"guests": create}}}
		}
		_, customized := e.PlanCustomization(t.Context(), patch(lossy), nil)
		if s.Kind.IsMariaDB() {
			if err != nil || customized != nil {
				t.Errorf("template %v, customization %v", err, customized)
			}
			return
		}
		wantProblem(t, err, problem)
		wantProblem(t, customized, problem)
		for _, other := range []string{"CONVERT(0xC3A4 USING utf8mb4)", "'?'"} {
			if _, err := e.PlanCustomization(t.Context(), patch(strings.Replace(lossy, "'ä'", other, 1)), nil); err != nil {
				t.Errorf("%s: %s", other, explain(err))
			}
		}
	})
}
