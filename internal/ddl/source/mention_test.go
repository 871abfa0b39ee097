package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	srv := estate(ddl.MySQL)
	srv.Others = (&ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"shop_"}}).On([]string{"Billing", "shop_a", "shop_b"})
	cases := map[string]struct {
		kind ddl.Kind
		text string
		want []string
	}{
		"view of its own":        {ddl.KindView, "select `shop_a`.`notes`.`id` AS `id`,`n`.`body` AS `body` from (`shop_a`.`notes` join `shop_a`.`tags` `n`)", nil},
		"view of a neighbor":     {ddl.KindView, "select `shop_b`.`notes`.`id` AS `id` from `shop_b`.`notes`", []string{"shop_b"}},
		"view of several":        {ddl.KindView, "select 1 AS `1` from ((`shop_b`.`notes` join `billing`.`x`) join `elsewhere`.`y`)", []string{"billing", "elsewhere", "shop_b"}},
		"view of the system":     {ddl.KindView, "select `information_schema`.`TABLES`.`TABLE_NAME` AS `a` from `information_schema`.`TABLES`", []string{"information_schema"}},
		"function of a neighbor": {ddl.KindView, "select `shop_b`.`f`(1) AS `a`", []string{"shop_b"}},
		"text and comment":       {ddl.KindProcedure, "BEGIN\n -- shop_b.t\n SELECT 'landlord.tenants'; END", nil},
		"procedure":              {ddl.KindProcedure, "BEGIN IF 1 THEN DELETE FROM shop_b . notes; END IF; CALL landlord.p(); END", []string{"landlord", "shop_b"}},
		"function":               {ddl.KindFunction, "RETURN (SELECT MAX(id) FROM shop_b.notes)", []string{"shop_b"}},
		"trigger":                {ddl.KindTrigger, "UPDATE shop_b.tags SET n = NEW.id, m = OLD.id", []string{"shop_b"}},
		"trigger of its own":     {ddl.KindTrigger, "UPDATE tags SET n = NEW.id WHERE tags.id = 1", nil},
		"event":                  {ddl.KindEvent, "INSERT INTO shop_b.log SELECT * FROM notes", []string{"shop_b"}},
		"record, no database":    {ddl.KindProcedure, "SELECT r.a INTO r.b FROM notes", nil},
		"package":                {ddl.KindPackageBody, "PROCEDURE q() DELETE FROM shop_b.notes; END", []string{"shop_b"}},
		"nothing":                {ddl.KindView, "", nil},
		"table":                  {ddl.KindTable, "shop_b.t", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, source.Mentions(c.kind, c.text, []string{"shop_a"}, srv)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
