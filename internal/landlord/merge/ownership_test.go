package merge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// shown writes owned elements as keys with their texts; what belongs to the
// template is in parentheses.
func shown(owned []merge.OwnedElement) []string {
	var out []string
	for _, o := range owned {
		text := o.Place().String()
		if o.Transferred {
			text = "(" + text + ")"
		}
		out = append(out, text+": "+o.Text)
	}
	return out
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		template, before, after string
		owned                   []string
		rewritten               string
		want                    []string
	}{
		"the template does not have it": {
			template: "CREATE TABLE p (id int)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip int)",
			owned: []string{"table p column vip"}, want: []string{"table p column vip: `vip` int"},
		},
		"the template has the same": {
			template: "CREATE TABLE p (id int, vip int)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip int)",
			owned: []string{"table p column vip"}, want: []string{"(table p column vip): `vip` int"},
		},
		"the template has another one, and the tenant's was kept": {
			template: "CREATE TABLE p (id int, vip bigint)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip int)",
			owned: []string{"table p column vip"}, want: []string{"table p column vip: `vip` int"},
		},
		"the template's won": {
			template: "CREATE TABLE p (id int, vip bigint)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip bigint)",
			owned: []string{"table p column vip"}, want: []string{"(table p column vip): `vip` bigint"},
		},
		"statements decided about what the template has": {
			template: "CREATE TABLE p (id int, vip bigint)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip smallint)",
			owned: []string{"table p column vip"}, rewritten: "table p column vip", want: []string{"(table p column vip): `vip` smallint"},
		},
		"statements decided about what the template does not have": {
			template: "CREATE TABLE p (id int)", before: "CREATE TABLE p (id int); CREATE VIEW `v` AS select 1 AS `a`", after: "CREATE TABLE p (id int); CREATE VIEW `v` AS select 2 AS `a`",
			owned: []string{"view v"}, rewritten: "view v", want: []string{"view v: CREATE VIEW `v` AS select 2 AS `a`"},
		},
		"it was given up for the template, which has none": {
			template: "CREATE TABLE p (id int)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int)",
			owned: []string{"table p column vip"}, want: []string{"(table p column vip): "},
		},
		"the template gave it up again": {
			template: "CREATE TABLE p (id int)", before: "CREATE TABLE p (id int, vip int)", after: "CREATE TABLE p (id int, vip int)",
			owned: []string{"(table p column vip)"}, want: []string{"table p column vip: `vip` int"},
		},
		"a view, recorded without its definer": {
			template: "CREATE TABLE p (id int)", before: "CREATE VIEW `v` AS select 1 AS `a`", after: "CREATE DEFINER=`x`@`%` VIEW `v` AS select 2 AS `a`",
			owned: []string{"view v"}, want: []string{"view v: CREATE VIEW `v` AS select 2 AS `a`"},
		},
		"what the update left alone keeps its text, whatever the server prints by now": {
			template: "CREATE TABLE p (id int)", before: "CREATE DEFINER=`x`@`%` VIEW `v` AS select 1 AS `a`", after: "CREATE DEFINER=`y`@`%` VIEW `v` AS select 1 AS `a`",
			owned: []string{"view v"}, want: []string{"view v: CREATE DEFINER=`x`@`%` VIEW `v` AS select 1 AS `a`"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rewritten := map[ddl.Place]bool{}
			if c.rewritten != "" {
				rewritten[resolutions(t, []string{c.rewritten + ": keep_tenant"})[0].Place()] = true
			}
			before := schema(t, mysql97, c.before)
			o := merge.NewOwnership(schema(t, mysql97, c.template), before, schema(t, mysql97, c.after), rewritten, mysql97)
			got := o.After(owned(t, before, mysql97, c.owned...))
			if diff := cmp.Diff(c.want, shown(got)); diff != "" {
				t.Errorf("owned afterwards (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRecord: what is recorded after a migration, with drift in the tenant.
func TestRecord(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		template, base, live, final string
		kept                        string
		want, whole                 string // whole: empty for the same
	}{
		"no drift": {
			template: "CREATE TABLE p (id bigint)", base: "CREATE TABLE p (id int)", live: "CREATE TABLE p (id int)", final: "CREATE TABLE p (id bigint)",
			want: "CREATE TABLE p (id bigint)",
		},
		"drift stays drift": {
			template: "CREATE TABLE p (id bigint); CREATE TABLE q (id int)", base: "CREATE TABLE p (id int); CREATE TABLE q (id int)", live: "CREATE TABLE p (id int); CREATE TABLE q (id int, hand int)",
			final: "CREATE TABLE p (id bigint); CREATE TABLE q (id int, hand int)", want: "CREATE TABLE p (id bigint); CREATE TABLE q (id int)",
		},
		"drift that was decided for is recorded": {
			template: "CREATE TABLE p (id bigint)", base: "CREATE TABLE p (id int)", live: "CREATE TABLE p (id int, hand int)", final: "CREATE TABLE p (id bigint, hand int)",
			kept: "table p column hand", want: "CREATE TABLE p (id bigint, hand int)", whole: "CREATE TABLE p (id int)",
		},
		"drift that the template has by now": {
			template: "CREATE TABLE p (id int, fax int)", base: "CREATE TABLE p (id int)", live: "CREATE TABLE p (id int, fax int)", final: "CREATE TABLE p (id int, fax int)",
			want: "CREATE TABLE p (id int, fax int)", whole: "CREATE TABLE p (id int)",
		},
		"a table that somebody made": {
			template: "CREATE TABLE p (id bigint)", base: "CREATE TABLE p (id int)", live: "CREATE TABLE p (id int); CREATE TABLE hand (id int)", final: "CREATE TABLE p (id bigint); CREATE TABLE hand (id int)",
			want: "CREATE TABLE p (id bigint)",
		},
		"a table that somebody took away": {
			template: "CREATE TABLE p (id bigint); CREATE TABLE q (id int)", base: "CREATE TABLE p (id int); CREATE TABLE q (id int)", live: "CREATE TABLE p (id int)", final: "CREATE TABLE p (id bigint)",
			want: "CREATE TABLE p (id bigint); CREATE TABLE q (id int)",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := merge.Migrated{Server: mysql97, Template: schema(t, mysql97, c.template), Base: schema(t, mysql97, c.base), Live: schema(t, mysql97, c.live), Final: schema(t, mysql97, c.final)}
			m.Drift = diff.Compare(m.Base, m.Live, mysql97)
			if c.kept != "" {
				m.Kept = append(m.Kept, resolutions(t, []string{c.kept + ": keep_tenant"})[0].Place())
			}
			if c.whole == "" {
				c.whole = c.want
			}
			for want, got := range map[string]ddl.Schema{c.want: m.Record(), c.whole: m.RecordWhole()} {
				if diff := diff.Compare(schema(t, mysql97, want), got, mysql97); len(diff) > 0 {
					t.Errorf("recorded otherwise than %s: %+v\n%s", want, diff, script(got))
				}
			}
		})
	}
}

// TestWithProgress: what an interrupted migration has done counts as the
// template's, so that it is undone, and is neither drift nor the tenant's own.
func TestWithProgress(t *testing.T) {
	t.Parallel()
	start, live := "CREATE TABLE p (id int, fax int, vip int)", "CREATE TABLE p (id bigint, vip int); CREATE TABLE q (id int)"
	for given, want := range map[string]string{
		"CREATE TABLE p (id int, fax int)":                         "CREATE TABLE p (id bigint); CREATE TABLE q (id int)",
		"CREATE TABLE p (id smallint, fax int)":                    "CREATE TABLE p (id bigint); CREATE TABLE q (id int)",
		"CREATE TABLE p (id int, fax int); CREATE TABLE r (a int)": "CREATE TABLE p (id bigint); CREATE TABLE q (id int); CREATE TABLE r (a int)",
		start: live,
	} {
		got := merge.WithProgress(schema(t, mysql97, given), schema(t, mysql97, start), schema(t, mysql97, live), mysql97)
		if diff := diff.Compare(schema(t, mysql97, want), got, mysql97); len(diff) > 0 {
			t.Errorf("%s becomes another one than %s: %+v\n%s", given, want, diff, script(got))
		}
	}
}
