package registry

import (
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// tripPast writes lives of a tenant as a chain of migrations, and reads what its
// next one has to know. A migration is `name from>to modules status: statements`;
// a statement that is done has a `+` behind it.
func tripPast(t *trip) {
	cases := map[string]struct {
		life                    []string
		done, doubtful, modules string
	}{
		"made":                          {[]string{"create >s@1 m done: seed+"}, "", "", "m"},
		"interrupted":                   {[]string{"create >s@1 - done:", "x s@1>s@2 - running: one+ two"}, "one", "", ""},
		"interrupted twice":             {[]string{"create >s@1 - done:", "x s@1>s@2 - abandoned: one+ two", "y s@1>s@3 - failed: two+ three"}, "one two", "", ""},
		"completed":                     {[]string{"create >s@1 - done:", "x s@0>s@1 - abandoned: one+", "y s@0>s@1 - done: one+"}, "", "", ""},
		"given up":                      {[]string{"create >s@1 - done:", "x s@1>s@2 - abandoned: one+", "y s@1>s@1 m done:"}, "", "one", "m"},
		"given up, and interrupted":     {[]string{"create >s@1 - done:", "x s@1>s@2 - abandoned: one+", "y s@1>s@1 - done:", "x s@1>s@2 - running: two+"}, "two", "one", ""},
		"gone and back":                 {[]string{"create >s@1 - done:", "x s@1>s@2 - abandoned: one+", "y s@1>s@2 - done: one+", "z s@2>s@1 - done:"}, "", "", ""},
		"restored":                      {[]string{"create >s@1 m done:", "x s@1>s@2 - abandoned: one+", "restore c s@1>s@1 n done:"}, "", "", "n"},
		"modules of a life":             {[]string{"create >s@1 m done:", "y s@1>s@1 n done:", "y s@1>s@1 m done:"}, "", "", "m n"},
		"modules that never came":       {[]string{"create >s@1 - done:", "y s@1>s@1 n abandoned:"}, "", "", ""},
		"made anew":                     {[]string{"create >s@1 m done:", "x s@1>s@2 - abandoned: one+", "create >s@1 - done:"}, "", "", ""},
		"nothing but statements people": {[]string{"create >s@1 - done:", "x s@1>s@2 - running: =backfill+ one+"}, "one", "", ""},
	}
	id := uint64(100)
	for name, c := range cases {
		id++
		row := ledgerRow(id)
		row.Slug, row.Template, row.Applied = "past", "s", "1"
		for _, text := range c.life {
			t.live(row, text)
		}
		past, err := t.r.ReadPast(t.Context(), t.x, row)
		t.ok(err)
		t.same(name+": done", doneNames(past.Done), c.done)
		t.same(name+": doubtful", doneNames(past.Doubtful), c.doubtful)
		t.same(name+": modules", strings.Join(past.Modules, " "), c.modules)
	}
}

// live writes one migration of a life.
func (t *trip) live(row *TenantRow, text string) {
	head, statements, _ := strings.Cut(text, ":")
	words := strings.Fields(head)
	n := len(words)
	from, to, _ := strings.Cut(words[n-3], ">")
	in := Intent{Tenant: row, Name: strings.Join(words[:n-3], " "), Level: 1, Digest: "d", From: from, To: to}
	if words[n-2] != "-" {
		in.Modules = []string{words[n-2]}
	}
	id, err := t.r.WriteIntent(t.Context(), t.x, in)
	t.ok(err)
	var steps []RecordedStep
	var texts []landlord.Step
	done := 0
	for i, word := range strings.Fields(statements) {
		sql, isDone := strings.CutSuffix(word, "+")
		s := landlord.Step{SQL: sql, Operation: "update", Origin: OriginScript, Data: true}
		if rest, computed := strings.CutPrefix(sql, "="); computed {
			s = landlord.Step{SQL: rest, Operation: "backfill_column", Origin: "module m", Data: true}
		}
		if isDone {
			done = i + 1
		}
		steps, texts = append(steps, RecordedStep{Step: s, Number: i + 1, State: "planned"}), append(texts, s)
	}
	if len(steps) > 0 {
		t.ok(t.r.WriteTexts(t.Context(), t.x, texts, &knownTexts{}))
		t.ok(t.r.WritePlannedSteps(t.Context(), t.x, id, steps))
		t.ok(t.r.MarkSteps(t.Context(), t.x, id, done, done))
	}
	switch words[n-1] {
	case "done":
		t.ok(t.r.MarkDone(t.Context(), t.x, id, "f", len(steps), time.Now()))
	case "abandoned", "failed": // the ledger has one unfinished migration a tenant
		t.ok(t.r.CloseRunning(t.Context(), t.x, row))
	}
}

func doneNames(list []DoneStatement) string {
	var names []string
	for _, d := range list {
		names = append(names, d.SQL)
	}
	return strings.Join(names, " ")
}
