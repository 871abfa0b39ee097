package health

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

func number(n int64) *int64 { return &n }

// TestJudge has every reason with its bounds: what takes how many points, and what
// is said.
func TestJudge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	day := 24 * time.Hour
	age := func(d time.Duration) Checkpoints {
		return Checkpoints{Count: 1, Newest: now.Add(-d), Oldest: now.Add(-d)}
	}
	failed := func(statements, errors int64) *Growth {
		return &Growth{Load: &Load{Load: catalog.Load{Statements: &statements, Errors: &errors}}}
	}
	free := func(used, free int64) *Size { return &Size{Bytes: used, FreeBytes: &free} }
	cases := map[string]struct {
		h         Health
		objective time.Duration
		score     int
		level     Level
		want      []string
	}{
		"well":        {score: 100, level: Healthy},
		"planned":     {h: Health{Drift: drift.DriftPlanned}, score: 100, level: Healthy},
		"held":        {h: Health{UpdateStatus: landlord.UpdateHeld, Wanted: "shop@2.0.0"}, score: 100, level: Healthy},
		"unreadable":  {h: Health{Drift: drift.DriftUnreadable, Problem: "Nobody is at home."}, score: 0, level: Unhealthy, want: []string{"unreachable 100: It could not be read. Nobody is at home."}},
		"missing":     {h: Health{Drift: drift.DriftMissing, DatabaseName: "tenant_a"}, score: 0, level: Unhealthy, want: []string{"missing 100: The server has no database `tenant_a`. Restore a checkpoint, or remove the tenant."}},
		"interrupted": {h: Health{Drift: drift.DriftInterrupted, UpdateStatus: landlord.UpdateInterrupted}, score: 60, level: Degraded, want: []string{"interrupted 40: A run that worked on it was cut off. The next apply goes on where it stopped."}},
		"drifted":     {h: Health{Drift: drift.DriftFound}, score: 80, level: Healthy, want: []string{"drifted 20: Its schema was changed from elsewhere. `landlord_tenant_drift` shows what differs, and the ways out."}},
		"core":        {h: Health{Drift: drift.DriftFound, Harm: landlord.HarmCore}, score: 65, level: Degraded, want: []string{"drifted 35: Its schema was changed from elsewhere. `landlord_tenant_drift` shows what differs, and the ways out."}},
		"conflict": {h: Health{UpdateStatus: landlord.UpdateConflict, Wanted: "shop@2.0.0"}, score: 75, level: Degraded,
			want: []string{"conflict 25: Its update to `shop@2.0.0` conflicts with what it has of its own. Decide in `resolutions` of the tenant."}},
		"approval":                       {h: Health{UpdateStatus: landlord.UpdatePendingApproval, Wanted: "shop@2.0.0"}, score: 95, level: Healthy, want: []string{"pending_approval 5: Its update to `shop@2.0.0` waits for an approval."}},
		"no checkpoint, not asked for":   {score: 100, level: Healthy},
		"no checkpoint of an archived":   {h: Health{Status: landlord.StatusArchived}, objective: day, score: 100, level: Healthy},
		"no checkpoint":                  {objective: day, score: 70, level: Degraded, want: []string{"no_checkpoint 30: It has no checkpoint that brings its rows back, and `backup_objective` is 24h0m0s. Take one with `landlord_tenant_checkpoint`."}},
		"checkpoint":                     {h: Health{Checkpoints: age(day)}, objective: day, score: 100, level: Healthy},
		"checkpoint of a clock ahead":    {h: Health{Checkpoints: age(-time.Minute)}, objective: day, score: 100, level: Healthy},
		"old checkpoint":                 {h: Health{Checkpoints: age(day + time.Second)}, objective: day, score: 80, level: Healthy, want: []string{"checkpoint_too_old 20: Its newest checkpoint is 24h0m1s old, and `backup_objective` is 24h0m0s. Take one with `landlord_tenant_checkpoint`."}},
		"very old checkpoint":            {h: Health{Checkpoints: age(2*day + time.Second)}, objective: day, score: 70, level: Degraded, want: []string{"checkpoint_too_old 30: Its newest checkpoint is 48h0m1s old, and `backup_objective` is 24h0m0s. Take one with `landlord_tenant_checkpoint`."}},
		"a table without a key":          {h: Health{WithoutPrimaryKey: []string{"log"}}, score: 95, level: Healthy, want: []string{"no_primary_key 5: 1 table without a primary key: `log`. Replicas and copies of rows are slow there; add a key in the template or with a customization."}},
		"many tables without a key":      {h: Health{WithoutPrimaryKey: []string{"a", "b", "c", "d", "e", "f"}}, score: 85, level: Healthy, want: []string{"no_primary_key 15: 6 tables without a primary key: `a`, `b`, `c`, `d`, `e` and 1 more. Replicas and copies of rows are slow there; add a key in the template or with a customization."}},
		"enough values":                  {h: Health{AutoIncrement: &Headroom{Table: "t", Column: "id", Next: 101, Highest: 127}}, score: 100, level: Healthy},
		"few values":                     {h: Health{AutoIncrement: &Headroom{Table: "t", Column: "id", Next: 103, Highest: 127}}, score: 85, level: Healthy, want: []string{"auto_increment 15: 80 % of the AUTO_INCREMENT values of `t`.`id` are used. When none is left, every INSERT fails; widen the column, for example to BIGINT."}},
		"hardly a value":                 {h: Health{AutoIncrement: &Headroom{Table: "t", Column: "id", Next: 127, Highest: 127}}, score: 60, level: Degraded, want: []string{"auto_increment 40: 99 % of the AUTO_INCREMENT values of `t`.`id` are used. When none is left, every INSERT fails; widen the column, for example to BIGINT."}},
		"little is free":                 {h: Health{Size: free(1, muchFreeBytes-1)}, score: 100, level: Healthy},
		"a small share is free":          {h: Health{Size: free(muchFreeBytes+1, muchFreeBytes)}, score: 100, level: Healthy},
		"nobody knows what is free":      {h: Health{Size: &Size{}}, score: 100, level: Healthy},
		"much is free":                   {h: Health{Size: free(muchFreeBytes, muchFreeBytes)}, score: 95, level: Healthy, want: []string{"fragmentation 5: 50 % of what its tables have allocated is not used, 64 MiB. `OPTIMIZE TABLE` gives it back."}},
		"a short transaction":            {h: Health{Activity: &Activity{Transactions: 1, Longest: longTransaction - 1}}, score: 100, level: Healthy},
		"a long transaction":             {h: Health{Activity: &Activity{Transactions: 1, Longest: longTransaction}}, score: 90, level: Healthy, want: []string{"long_transaction 10: A transaction is open for 5m0s. It keeps migrations waiting, and old versions of rows from being removed. End it, or its connection."}},
		"a very long transaction":        {h: Health{Activity: &Activity{Transactions: 1, Longest: veryLong}}, score: 75, level: Degraded, want: []string{"long_transaction 25: A transaction is open for 1h0m0s. It keeps migrations waiting, and old versions of rows from being removed. End it, or its connection."}},
		"a short wait":                   {h: Health{Activity: &Activity{Waiting: 1, LongestWait: longWait - 1}}, score: 100, level: Healthy},
		"a wait":                         {h: Health{Activity: &Activity{Waiting: 1, LongestWait: longWait}}, score: 90, level: Healthy, want: []string{"lock_wait 10: 1 connection waits for a lock, the longest for 5s. Look who holds it."}},
		"waits":                          {h: Health{Activity: &Activity{Waiting: 3, LongestWait: time.Minute}}, score: 90, level: Healthy, want: []string{"lock_wait 10: 3 connections wait for a lock, the longest for 1m0s. Look who holds it."}},
		"few statements":                 {h: Health{Growth: failed(99, 99)}, score: 100, level: Healthy},
		"few errors":                     {h: Health{Growth: failed(101, 1)}, score: 100, level: Healthy},
		"errors":                         {h: Health{Growth: failed(100, 1)}, score: 95, level: Healthy, want: []string{"statement_errors 5: 1 % of its statements have failed since the last sample, 1 of 100. Look into the log of its application."}},
		"many errors":                    {h: Health{Growth: failed(100, 10)}, score: 85, level: Healthy, want: []string{"statement_errors 15: 10 % of its statements have failed since the last sample, 10 of 100. Look into the log of its application."}},
		"a finding that reaches nothing": {h: Health{OutOfPlace: []isolation.Finding{{Severity: isolation.Low}}}, score: 95, level: Healthy, want: []string{"out_of_place 5: 1 finding out of place: accounts, definers or programs reach further than they should. `landlord_isolation_report` shows them with the SQL that ends it."}},
		"the worst finding counts":       {h: Health{OutOfPlace: []isolation.Finding{{Severity: isolation.Medium}, {Severity: isolation.High}, {Severity: isolation.Low}}}, score: 70, level: Degraded, want: []string{"out_of_place 30: 3 findings out of place: accounts, definers or programs reach further than they should. `landlord_isolation_report` shows them with the SQL that ends it."}},
		"a medium finding":               {h: Health{OutOfPlace: []isolation.Finding{{Severity: isolation.Medium}}}, score: 85, level: Healthy, want: []string{"out_of_place 15: 1 finding out of place: accounts, definers or programs reach further than they should. `landlord_isolation_report` shows them with the SQL that ends it."}},
		"the worst comes first, and no score is below zero": {h: Health{Drift: drift.DriftFound, UpdateStatus: landlord.UpdateConflict, OutOfPlace: []isolation.Finding{{Severity: isolation.High}}}, objective: day, score: 0, level: Unhealthy, want: []string{
			"no_checkpoint 30: It has no checkpoint that brings its rows back, and `backup_objective` is 24h0m0s. Take one with `landlord_tenant_checkpoint`.",
			"out_of_place 30: 1 finding out of place: accounts, definers or programs reach further than they should. `landlord_isolation_report` shows them with the SQL that ends it.",
			"conflict 25: Its update to `` conflicts with what it has of its own. Decide in `resolutions` of the tenant.",
			"drifted 20: Its schema was changed from elsewhere. `landlord_tenant_drift` shows what differs, and the ways out."}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := c.h
			h.judge(now, c.objective)
			var got []string
			for _, r := range h.Reasons {
				got = append(got, fmt.Sprintf("%s %d: %s", r.Kind, r.Points, r.Detail))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if h.Score != c.score || h.Level != c.level {
				t.Errorf("score %d, %s; want %d, %s", h.Score, h.Level, c.score, c.level)
			}
		})
	}
}

// TestGrowth compares with the last sample: less, more, and a counter that began
// anew.
func TestGrowth(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	took, before := 5*time.Second, 2*time.Second
	h := &Health{ID: 1, Size: &Size{Bytes: 100, Rows: 10}, Load: &Load{Source: catalog.LoadPerformanceSchema, Load: catalog.Load{
		Statements: number(50), Latency: &took, Errors: number(3), RowsRead: number(7)}}}
	samples := map[uint64]registry.SampleRow{1: {At: at, Bytes: number(130), Rows: number(4), Statements: number(20), Latency: &before, Errors: number(4), RowsChanged: number(1)}}
	left := 3 * time.Second
	want := &Growth{Since: at, Bytes: -30, Rows: 6, Load: &Load{Source: catalog.LoadPerformanceSchema, Load: catalog.Load{Statements: number(30), Latency: &left, Errors: number(3)}}}
	if diff := cmp.Diff(want, growth(samples, h)); diff != "" {
		t.Errorf("growth (-want +got):\n%s", diff)
	}
	for name, none := range map[string]*Growth{
		"no sample":          growth(nil, h),
		"a sample of nobody": growth(map[uint64]registry.SampleRow{1: {At: at}}, h),
		"nothing was read":   growth(samples, &Health{ID: 1}),
	} {
		if none != nil {
			t.Errorf("%s: %+v", name, none)
		}
	}
}

// TestRefused says which privilege is missing.
func TestRefused(t *testing.T) {
	t.Parallel()
	if got := FactSize.refused(fmt.Errorf("asking: it is late")); got != "Asking: it is late." {
		t.Error(got)
	}
}
