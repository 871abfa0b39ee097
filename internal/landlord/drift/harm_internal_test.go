package drift

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// TestHarm lets every rule fire, and has a neighbor where it must not.
func TestHarm(t *testing.T) {
	t.Parallel()
	srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}
	table := func(name string, lines ...string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: name, SQL: "CREATE TABLE `" + name + "` (\n  `id` int NOT NULL" + strings.Join(append([]string{""}, lines...), ",\n  ") +
			"\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"}
	}
	remark := table("t")
	remark.SQL += " COMMENT='x'"
	trigger := func(of string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTrigger, Name: "r", Table: of, SQL: "CREATE TRIGGER `r` BEFORE INSERT ON `" + of + "` FOR EACH ROW SET @a = 1"}
	}
	event := ddl.Object{Kind: ddl.KindEvent, Name: "e", SQL: "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SET @a = 1"}
	owned := []registry.Customization{{Name: "crm", Objects: []merge.OwnedElement{{Object: "table t", Element: "column `a`"}}}}
	cases := map[string]struct {
		base, live []ddl.Object
		want       []landlord.Harm // of each difference, in order
		broken     string
	}{
		"column, optional":         {[]ddl.Object{table("t")}, []ddl.Object{table("t", "`a` int DEFAULT NULL")}, []landlord.Harm{landlord.HarmNone}, ""},
		"column, needs a value":    {[]ddl.Object{table("t")}, []ddl.Object{table("t", "`b` int NOT NULL")}, []landlord.Harm{landlord.HarmCore}, ""},
		"column is gone":           {[]ddl.Object{table("t", "`b` int DEFAULT NULL")}, []ddl.Object{table("t")}, []landlord.Harm{landlord.HarmCore}, ""},
		"customization's is gone":  {[]ddl.Object{table("t", "`a` int DEFAULT NULL")}, []ddl.Object{table("t")}, []landlord.Harm{landlord.HarmCustomization}, "crm"},
		"column is another":        {[]ddl.Object{table("t", "`b` int DEFAULT NULL")}, []ddl.Object{table("t", "`b` bigint DEFAULT NULL")}, []landlord.Harm{landlord.HarmCore}, ""},
		"column has a comment":     {[]ddl.Object{table("t", "`b` int DEFAULT NULL")}, []ddl.Object{table("t", "`b` int DEFAULT NULL COMMENT 'x'")}, []landlord.Harm{landlord.HarmNone}, ""},
		"table has a comment":      {[]ddl.Object{table("t")}, []ddl.Object{remark}, []landlord.Harm{landlord.HarmNone}, ""},
		"key":                      {[]ddl.Object{table("t")}, []ddl.Object{table("t", "KEY `k` (`id`)")}, []landlord.Harm{landlord.HarmNone}, ""},
		"unique key":               {[]ddl.Object{table("t")}, []ddl.Object{table("t", "UNIQUE KEY `k` (`id`)")}, []landlord.Harm{landlord.HarmCore}, ""},
		"primary key":              {[]ddl.Object{table("t")}, []ddl.Object{table("t", "PRIMARY KEY (`id`)")}, []landlord.Harm{landlord.HarmCore}, ""},
		"check":                    {[]ddl.Object{table("t")}, []ddl.Object{table("t", "CONSTRAINT `c` CHECK ((`id` > 0))")}, []landlord.Harm{landlord.HarmCore}, ""},
		"key is gone":              {[]ddl.Object{table("t", "KEY `k` (`id`)")}, []ddl.Object{table("t")}, []landlord.Harm{landlord.HarmCore}, ""},
		"more table":               {[]ddl.Object{table("t")}, []ddl.Object{table("t"), table("u")}, []landlord.Harm{landlord.HarmNone}, ""},
		"holds a parent":           {[]ddl.Object{table("t")}, []ddl.Object{table("t"), table("u", "CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `t` (`id`)")}, []landlord.Harm{landlord.HarmCore}, ""},
		"goes with a parent":       {[]ddl.Object{table("t")}, []ddl.Object{table("t"), table("u", "CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `t` (`id`) ON DELETE CASCADE")}, []landlord.Harm{landlord.HarmNone}, ""},
		"holds what is more":       {nil, []ddl.Object{table("u", "CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `w` (`id`)"), table("w")}, []landlord.Harm{landlord.HarmNone, landlord.HarmNone}, ""},
		"trigger on a recorded":    {[]ddl.Object{table("t")}, []ddl.Object{table("t"), trigger("t")}, []landlord.Harm{landlord.HarmCore}, ""},
		"trigger on what is more":  {nil, []ddl.Object{table("u"), trigger("u")}, []landlord.Harm{landlord.HarmNone, landlord.HarmNone}, ""},
		"trigger is gone":          {[]ddl.Object{table("t"), trigger("t")}, []ddl.Object{table("t")}, []landlord.Harm{landlord.HarmCore}, ""},
		"event":                    {nil, []ddl.Object{event}, []landlord.Harm{landlord.HarmCore}, ""},
		"view":                     {nil, []ddl.Object{{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select 1 AS `1`"}}, []landlord.Harm{landlord.HarmNone}, ""},
		"table of a template gone": {[]ddl.Object{table("t")}, nil, []landlord.Harm{landlord.HarmCore}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &driftSides{srv: srv, base: ddl.Schema{Objects: c.base}, live: ddl.Schema{Objects: c.live}}
			s.changes = diff.Compare(s.base, s.live, srv)
			j := s.judge(owned)
			var got []landlord.Harm
			by := ""
			for _, change := range s.changes {
				harm, reason, broken := j.of(change)
				if reason == "" || !strings.HasSuffix(reason, ".") {
					t.Errorf("%+v: reason %q", change, reason)
				}
				got, by = append(got, harm), by+broken
			}
			if diff := cmp.Diff(c.want, got); diff != "" || by != c.broken {
				t.Errorf("breaks %q, -want +got:\n%s", by, diff)
			}
		})
	}
}
