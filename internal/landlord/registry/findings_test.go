package registry

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func tripFindings(t *trip) {
	ctx := t.Context()
	read := func(slug, subject string) (found []landlord.Finding, known bool) {
		t.Helper()
		known, err := t.r.ReadFindings(ctx, t.x, slug, subject, "sha256:1", &found)
		t.ok(err)
		return found, known
	}
	_, known := read("acme", "")
	t.same("nothing is recorded", known, false)
	rows := int64(3)
	found := []landlord.Finding{
		{Kind: landlord.KindDataForbids, Blocks: true, Object: "table `users`", Statement: 2, Rows: &rows, Example: "`id` 17", Detail: "3 rows", Action: "Correct them."},
		{Kind: landlord.KindUnchecked, Detail: "too long"},
	}
	write := func(slug, subject string, found []landlord.Finding, want bool) {
		t.Helper()
		first, err := t.r.WriteFindings(ctx, t.x, slug, subject, "sha256:1", found)
		t.ok(err)
		t.same("the first of "+slug+subject, first, want)
	}
	newest, err := t.r.NewestFindings(ctx, t.x)
	t.ok(err)
	t.same("nobody has found anything", len(newest), 0)
	write("acme", "", found, true)
	write("acme", "", nil, false)
	write("acme", "notes", nil, true)
	newest, err = t.r.NewestFindings(ctx, t.x)
	t.ok(err)
	t.same("somebody has", len(newest) == 1 && newest["acme"] != "", true)
	got, known := read("acme", "")
	t.same("is recorded", known, true)
	t.same("the first counts", got, found)
	got, known = read("acme", "notes")
	t.same("nothing found is recorded too", known && len(got) == 0, true)
	t.ok(t.r.PurgeFindings(ctx, t.x))
	_, known = read("acme", "")
	t.same("what is new stays", known, true)
	_, err = t.x.Exec(ctx, "UPDATE "+t.r.table("plan_findings")+" SET found_at = found_at - INTERVAL 31 DAY WHERE subject = 'notes'")
	t.ok(err)
	t.ok(t.r.PurgeFindings(ctx, t.x))
	_, known = read("acme", "notes")
	t.same("what is old goes", known, false)
	write("acme", "notes", found, true)
	write("other", "", found, true)
	t.ok(t.r.DeleteFindings(ctx, t.x, "acme"))
	for slug, want := range map[string]bool{"acme": false, "other": true} {
		for _, subject := range []string{"", "notes"} {
			_, known = read(slug, subject)
			t.same("of one that went nothing stays: "+slug+subject, known, want && subject == "")
		}
	}
}

func tripStandings(t *trip) {
	ctx := t.Context()
	held := Standing{Status: landlord.UpdateHeld, Wanted: "shop@1.1.0"}
	t.ok(t.r.WriteStanding(ctx, t.x, 1, Standing{Status: landlord.UpdateConflict, Wanted: "shop@1.0.0"}))
	t.ok(t.r.WriteStanding(ctx, t.x, 1, held))
	t.ok(t.r.WriteStanding(ctx, t.x, 2, held))
	t.ok(t.r.WriteStanding(ctx, t.x, 2, Standing{Status: landlord.UpdateCurrent, Wanted: "shop@1.1.0"}))
	got, err := t.r.ReadStandings(ctx, t.x)
	t.ok(err)
	t.same("stay behind", got, map[uint64]Standing{1: held})
}
