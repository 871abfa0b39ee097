package registry

import (
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// tripOutbox puts notifications in, claims, delays and marks them.
func tripOutbox(t *trip) {
	ctx := t.Context()
	one := OutboxRow{Notification: "ops", Key: strings.Repeat("a", 64), Event: "conflict", Message: `{"a": 1}`}
	other := OutboxRow{Notification: "ops", Key: strings.Repeat("b", 64), Event: "conflict", Message: `{"a": 2}`}
	put := func(want int, rows ...OutboxRow) {
		t.Helper()
		n, err := t.r.PutOutbox(ctx, t.x, rows)
		t.ok(err)
		t.same("added", n, want)
	}
	due := func(what string, want ...string) []OutboxRow {
		t.Helper()
		rows, err := t.r.DueOutbox(ctx, t.x, []string{"ops", "others"}, 10)
		t.ok(err)
		var keys []string
		for _, row := range rows {
			keys = append(keys, row.Key[:1])
		}
		t.same(what, keys, want)
		return rows
	}
	due("before anything")
	put(2, one, other)
	put(0, one)
	rows := due("put", "a", "b")
	if foreign, err := t.r.DueOutbox(ctx, t.x, []string{"others"}, 10); err != nil || len(foreign) > 0 {
		t.Errorf("others are sent %v, %v", foreign, err)
	}
	one.ID = rows[0].ID
	t.same("the first", rows[0], one)
	claim := func(row OutboxRow, want bool) {
		t.Helper()
		got, err := t.r.ClaimOutbox(ctx, t.x, row, time.Hour)
		t.ok(err)
		t.same("claimed", got, want)
	}
	claim(rows[0], true)
	claim(rows[0], false)
	due("claimed", "b")
	t.ok(t.r.DelayOutbox(ctx, t.x, rows[0].ID, strings.Repeat("why ", 200), 0))
	n, why, err := t.r.PendingOutbox(ctx, t.x, []string{"others"})
	t.ok(err)
	t.same("pending for others", n, 0)
	t.same("why, for others", why, "")
	n, why, err = t.r.PendingOutbox(ctx, t.x, []string{"ops", "others"})
	t.ok(err)
	t.same("pending", n, 2)
	t.same("why", len(why), 500)
	t.same("attempts", due("delayed", "a", "b")[0].Attempts, 1)
	t.ok(t.r.MarkOutbox(ctx, t.x, rows[1].ID))
	due("sent", "a")
	recent, err := t.r.RecentOutbox(ctx, t.x, "conflict")
	t.ok(err)
	t.same("recent, sent or not", recent, []OutboxRow{{Notification: "ops", Message: one.Message}, {Notification: "ops", Message: other.Message}})
	recent, err = t.r.RecentOutbox(ctx, t.x, "drift")
	t.ok(err)
	t.same("recent of another event", len(recent), 0)
	put(0, other)
	t.ok(t.r.PurgeOutbox(ctx, t.x))
	put(0, other)
}

// tripWishes asks something of a rollout, something else, and nothing.
func tripWishes(t *trip) {
	ctx := t.Context()
	see := func(wish landlord.RolloutWish, author string) {
		t.Helper()
		gotWish, gotAuthor, err := t.r.ReadRolloutWish(ctx, t.x, 7)
		t.ok(err)
		t.same("wish", []string{string(gotWish), gotAuthor}, []string{string(wish), author})
	}
	see("", "")
	t.ok(t.r.SetRolloutWish(ctx, t.x, 7, landlord.WishPause, "ann"))
	see(landlord.WishPause, "ann")
	t.ok(t.r.SetRolloutWish(ctx, t.x, 7, landlord.WishAbort, "ben"))
	see(landlord.WishAbort, "ben")
	t.ok(t.r.ForgetRolloutWish(ctx, t.x, 7))
	see("", "")
	t.ok(t.r.SetRolloutWish(ctx, t.x, 8, landlord.WishPause, "ann"))
}
