package preview_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// rounds is how often a generator runs. LANDLORD_TEST_ROUNDS asks for more.
func rounds(t *testing.T, usual int) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("LANDLORD_TEST_ROUNDS")); err == nil {
		return n
	}
	return usual
}

// site is a value of a plan with the marks that lie beside it.
type site struct {
	holder       map[string]any
	value, marks string // names in the holder
}

// sites returns every place of a plan that has marks of what is sensitive.
func sites(root map[string]any) []site {
	var out []site
	objects := func(v any, add func(map[string]any)) {
		list, _ := v.([]any)
		for _, entry := range list {
			if o, ok := entry.(map[string]any); ok {
				add(o)
			}
		}
	}
	change := func(o map[string]any) {
		if c, ok := o["change"].(map[string]any); ok {
			out = append(out, site{c, "before", "before_sensitive"}, site{c, "after", "after_sensitive"})
		}
	}
	objects(root["resource_changes"], change)
	objects(root["resource_drift"], change)
	objects(root["deferred_changes"], func(o map[string]any) {
		if inner, ok := o["resource_change"].(map[string]any); ok {
			change(inner)
		}
	})
	objects(root["action_invocations"], func(o map[string]any) { out = append(out, site{o, "config_values", "config_sensitive"}) })
	var module func(o map[string]any)
	module = func(o map[string]any) {
		objects(o["resources"], func(r map[string]any) { out = append(out, site{r, "values", "sensitive_values"}) })
		objects(o["child_modules"], module)
	}
	values, _ := root["planned_values"].(map[string]any)
	prior, _ := root["prior_state"].(map[string]any)
	priorValues, _ := prior["values"].(map[string]any)
	for _, of := range []map[string]any{values, priorValues} {
		if m, ok := of["root_module"].(map[string]any); ok {
			module(m)
		}
		outputs, _ := of["outputs"].(map[string]any)
		for _, name := range sortedKeys(outputs) {
			if o, ok := outputs[name].(map[string]any); ok {
				out = append(out, site{o, "value", "sensitive"})
			}
		}
	}
	changes, _ := root["output_changes"].(map[string]any)
	for _, name := range sortedKeys(changes) {
		if o, ok := changes[name].(map[string]any); ok {
			out = append(out, site{o, "before", "before_sensitive"}, site{o, "after", "after_sensitive"})
		}
	}
	return out
}

func sortedKeys(m map[string]any) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// leaves calls for each text of a value, with the path to it and what replaces it.
func leaves(value any, path []any, found func(path []any, text string, set func(string))) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(value) {
			at := append(slices.Clone(path), name)
			if text, ok := value[name].(string); ok {
				found(at, text, func(s string) { value[name] = s })
				continue
			}
			leaves(value[name], at, found)
		}
	case []any:
		for i := range value {
			at := append(slices.Clone(path), i)
			if text, ok := value[i].(string); ok {
				found(at, text, func(s string) { value[i] = s })
				continue
			}
			leaves(value[i], at, found)
		}
	}
}

// mark returns marks that make what a path leads to sensitive, beside what they
// make sensitive already.
func mark(marks any, path []any) any {
	if len(path) == 0 || marks == true {
		return true
	}
	if name, ok := path[0].(string); ok {
		of, _ := marks.(map[string]any)
		if of == nil {
			of = map[string]any{}
		}
		of[name] = mark(of[name], path[1:])
		return of
	}
	of, _ := marks.([]any)
	at, _ := path[0].(int)
	for len(of) <= at {
		of = append(of, map[string]any{})
	}
	of[at] = mark(of[at], path[1:])
	return of
}

// planted is in every secret of TestSecrets_everywhere, and plantedNumber in the
// numbers of some.
const (
	planted       = "PLANTED"
	plantedNumber = "40512345"
)

// secretText is a secret in one of the shapes that texts have.
func secretText(r *rand.Rand, n int) string {
	core := fmt.Sprintf("%s-%d", planted, n)
	switch r.IntN(6) {
	case 0:
		return core + "-o'brien\\x\"y`z"
	case 1:
		return core + "\nsecond " + core + " line\n"
	case 2:
		return `{"` + core + `-slug":{"contact":"` + core + `@example.com","quota":[1,"` + core + `",{"` + core + `-inner":` + plantedNumber + strconv.Itoa(n) + `}]}}`
	case 3:
		return "pä🔑" + core + "|</td>@octocat"
	case 4:
		return "INSERT INTO t VALUES ('" + core + "') -- destructive: " + core
	}
	return core
}

// written is a text that was computed from a secret and has no mark.
func written(r *rand.Rand, secret string) string {
	if core, rest, ok := strings.Cut(secret, `-slug":{`); ok && r.IntN(2) == 0 { // of JSON a part
		_, number, _ := strings.Cut(rest, `-inner":`)
		return "has " + strings.TrimPrefix(core, `{"`) + "-inner, and " + strings.TrimRight(number, "]}") + ", too"
	}
	switch r.IntN(4) {
	case 0:
		return "INSERT INTO `t` VALUES ('" + strings.NewReplacer(`\`, `\\`, "'", "''", "\n", `\n`).Replace(secret) + "')"
	case 1:
		raw, _ := json.Marshal(secret)
		return "is " + string(raw)
	case 2:
		return "ALTER TABLE `t` COMMENT '" + strings.ReplaceAll(secret, "'", `\'`) + "' -- destructive: Goes: " + secret
	}
	return "it has " + secret + ", and that is too much"
}

// planWithAll is a plan with what the plans of real Terraform here do not have.
func planWithAll() string {
	return `{"format_version":"1.2","terraform_version":"1.14.0","timestamp":"2026-01-02T03:04:05Z","planned_values":{},"variables":{},
"resource_changes":[
 {"address":"landlord_tenant.a","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"alpha","name":"Alpha","metadata":{"contact":"a@example.com"},"applied_template":"shop@1.0.0","drift":[{"object":"table users","element":"column x","kind":"extra","detail":"it is new","harm":"none"}]},
  "after":{"slug":"alpha","name":"Alpha","metadata":{"contact":"a@example.com"},"template":"shop@1.1.0","database_name":"tenant_alpha","migration":["ALTER TABLE users ADD x INT","DROP TABLE old -- destructive"],"findings":[{"severity":"error","kind":"conflict","object":"view v","detail":"view v (drift): both changed it","action":"Decide with ` + "`resolutions`" + `: \"view v\" = { decision = \"keep_tenant\" }","base":"select 1","template":"select 2","own":"select 3"},{"severity":"warning","kind":"data_changes","object":"table users","rows":3,"statement":1,"detail":"3 rows change","action":"Look at them."}]},"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}},
 {"address":"landlord_tenant.w","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"waits","applied_template":"shop@1.0.0"},"after":{"slug":"waits","template":"shop@1.1.0","update_status":"pending_approval","migration_digest":"sha256:01","migration":["ALTER TABLE users ADD x INT"]},"before_sensitive":{},"after_sensitive":{}}},
 {"address":"landlord_tenant.gone","mode":"managed","type":"landlord_tenant","change":{"actions":["delete"],"before":{"slug":"gone","database_name":"tenant_gone","deletion_policy":"drop","deletion_checkpoint":"last"},"after":null,"before_sensitive":{},"after_sensitive":false}},
 {"address":"landlord_tenant_fleet.f","mode":"managed","type":"landlord_tenant_fleet","change":{"actions":["update"],"before":{"name":"shops","template":"shop@1.0.0","tenants":"{}","results":[{"slug":"s-9","status":"failed","reason":"Duplicate entry"}]},"after":{"name":"shops","template":"shop@1.1.0","tenants":"{\"s-1\":{}}","rollout":{"canary":["s-1"],"waves":["10%"]},
  "plans":[{"action":"stay","wave":"canary","tenants":2,"slugs":"s-1, s-2","from":"shop@1.0.0","to":"shop@1.1.0","steps":[],"conflicts":["view w"],"conflict_details":[{"object":"view w","detail":"view w (drift): both changed it","action":"Decide with ` + "`resolutions`" + `: \"view w\" = { decision = \"keep_tenant\" }","base":"select 4","template":"select 5","own":"select 6"}],"reason":"conflicts wait for a decision"},{"action":"fail","wave":"10%","tenants":1,"slugs":"s-3","steps":["DROP TABLE y -- destructive"],"conflicts":[],"reason":"Something failed"}]},"after_unknown":{"results":true},"before_sensitive":{},"after_sensitive":{}}},
 {"address":"landlord_tenant_customization.c","mode":"managed","type":"landlord_tenant_customization","change":{"actions":["create"],"before":null,"after":{"name":"extra","tenant":"alpha","sql":"CREATE TABLE e (id INT)","statements":["CREATE TABLE e (id INT)"],"findings":[{"severity":"error","kind":"x","object":"table e","detail":"it is there"}]},"before_sensitive":false,"after_sensitive":{}}},
 {"address":"landlord_migration_approval.p","mode":"managed","type":"landlord_migration_approval","change":{"actions":["no-op"],"before":{"digest":"sha256:01","approved_by":"Board"},"after":{"digest":"sha256:01","approved_by":"Board"},"before_sensitive":{},"after_sensitive":{}}},
 {"address":"landlord_tenant_restore.r","mode":"managed","type":"landlord_tenant_restore","change":{"actions":["create"],"before":null,"after":{"tenant":"alpha","mode":"in_place","migration":["RENAME TABLE a TO b"]},"before_sensitive":false,"after_sensitive":{}}}],
"resource_drift":[{"address":"landlord_tenant.z","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"zeta","name":"Zeta"},"after":{"slug":"zeta","name":"Other"},"before_sensitive":{},"after_sensitive":{}}}],
"deferred_changes":[{"reason":"provider_config_unknown","resource_change":{"address":"landlord_tenant.later","mode":"managed","type":"landlord_tenant","change":{"actions":["create"],"before":null,"after":{"slug":"later"},"before_sensitive":false,"after_sensitive":{}}}}],
"action_invocations":[{"address":"action.landlord_restore_tenant.back","type":"landlord_restore_tenant","name":"back","config_values":{"tenant":"alpha","checkpoint":"last","mode":"in_place"},"config_sensitive":{},"lifecycle_action_trigger":{"triggering_resource_address":"landlord_tenant.a","action_trigger_event":"BeforeUpdate"}},
 {"address":"action.landlord_control_rollout.stop","type":"landlord_control_rollout","config_values":{"fleet":"shops","wish":"rollback"},"config_sensitive":{}}],
"output_changes":{"o":{"actions":["create"],"before":null,"after":{"list":["x"],"text":"y"},"before_sensitive":false,"after_sensitive":{}}},
"prior_state":{"values":{"outputs":{"k":{"sensitive":false,"value":"v"}},"root_module":{"child_modules":[{"resources":[{"mode":"managed","type":"random_password","values":{"result":"r"},"sensitive_values":{}},{"mode":"data","type":"landlord_migration_preview","values":{"tenant":"alpha","conflicts":[{"key":"view v","verdict":"clashes","base":"select 1","template":"select 2","own":"select 3","proposal":"x"}]},"sensitive_values":{}}]}]}}},
"configuration":{}}`
}

// allPlans returns the plans of real Terraform, and one that has everything, as
// texts.
func allPlans(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"all": planWithAll()}
	for _, name := range plans(t) {
		raw, err := os.ReadFile(filepath.Join("testdata/plans", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(raw)
	}
	return out
}

// TestSecrets_everywhere plants secrets in random texts of plans, marks each of
// them or something that it is in, and writes some of them into texts without a
// mark. None may be shown.
func TestSecrets_everywhere(t *testing.T) {
	t.Parallel()
	for name, text := range allPlans(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(rounds(t, 40)) {
				r := rand.New(rand.NewPCG(seed, 15))
				var root map[string]any
				if err := json.Unmarshal([]byte(text), &root); err != nil {
					t.Fatal(err)
				}
				plantSecrets(r, root)
				raw, err := json.Marshal(root)
				if err != nil {
					t.Fatal(err)
				}
				report, err := preview.Read(strings.NewReader(string(raw)), preview.Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := all(t, report)
				for _, secret := range []string{planted, plantedNumber} {
					if at := strings.Index(got, secret); at >= 0 {
						t.Fatalf("seed %d: a secret is shown: …%s…", seed, got[max(0, at-300):min(len(got), at+200)])
					}
				}
			}
		})
	}
}

func plantSecrets(r *rand.Rand, root map[string]any) {
	dense := 1 + r.IntN(40)
	var secrets []string
	var free []func(string)
	for _, s := range sites(root) {
		if s.marks == "sensitive" {
			if text, ok := s.holder[s.value].(string); ok && text != "" && r.IntN(2) == 0 {
				secrets = append(secrets, secretText(r, len(secrets)))
				s.holder[s.value], s.holder[s.marks] = secrets[len(secrets)-1], true
			}
			continue
		}
		leaves(s.holder[s.value], nil, func(path []any, text string, set func(string)) {
			if r.IntN(dense) != 0 {
				free = append(free, func(more string) { set(text + more) })
				return
			}
			secrets = append(secrets, secretText(r, len(secrets)))
			set(secrets[len(secrets)-1])
			depth := r.IntN(len(path) + 1) // of it, or of what it is in
			if depth < len(path) && r.IntN(3) > 0 {
				depth = len(path)
			}
			s.holder[s.marks] = mark(s.holder[s.marks], path[:depth])
		})
	}
	if variables, ok := root["variables"].(map[string]any); ok {
		secrets = append(secrets, secretText(r, len(secrets)))
		variables["planted"] = map[string]any{"value": secrets[len(secrets)-1]}
		if configuration, ok := root["configuration"].(map[string]any); ok {
			module, _ := configuration["root_module"].(map[string]any)
			if module == nil {
				module = map[string]any{}
				configuration["root_module"] = module
			}
			declared, _ := module["variables"].(map[string]any)
			if declared == nil {
				declared = map[string]any{}
				module["variables"] = declared
			}
			declared["planted"] = map[string]any{"sensitive": true}
		}
	}
	for range min(len(free), 1+r.IntN(8)) { // some of them become texts without a mark
		free[r.IntN(len(free))](" " + written(r, secrets[r.IntN(len(secrets))]))
	}
}

// TestHideSQL leaves out everything that may have a part of a statement, when
// somebody asks for that and when SQL comes from something sensitive.
func TestHideSQL(t *testing.T) {
	t.Parallel()
	const part = "PARTOFSQL"
	statementLike := []string{"migration", "steps", "statements", "conflicts", "findings", "conflict_details", "reason", "drift", "detail", "base", "own", "proposal", "key", "sql", "core", "seeds"}
	for name, text := range allPlans(t) {
		for _, asked := range []bool{true, false} {
			var root map[string]any
			if err := json.Unmarshal([]byte(text), &root); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, s := range sites(root) {
				leaves(s.holder[s.value], nil, func(path []any, text string, set func(string)) {
					inside := slices.ContainsFunc(path, func(p any) bool { return slices.Contains(statementLike, fmt.Sprint(p)) })
					last := path[len(path)-1]
					if inside && last != "kind" && last != "severity" && last != "harm" && last != "verdict" {
						n++
						set(text + ": " + part)
					}
				})
			}
			if !asked { // a template whose core is sensitive says so for the whole plan
				changes, _ := root["resource_changes"].([]any)
				root["resource_changes"] = append(changes, map[string]any{"address": "landlord_tenant_template.s", "type": "landlord_tenant_template", "mode": "managed", "change": map[string]any{
					"actions": []any{"create"}, "before": nil, "after": map[string]any{"name": "s", "core": map[string]any{"a.sql": "a whole text"}}, "after_sensitive": map[string]any{"core": true}}})
			}
			raw, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			report, err := preview.Read(strings.NewReader(string(raw)), preview.Options{HideSQL: asked})
			if err != nil {
				t.Fatal(err)
			}
			if got := all(t, report); n > 0 && strings.Contains(got, part) {
				at := strings.Index(got, part)
				t.Errorf("%s, asked %t: SQL is shown: …%s…", name, asked, got[max(0, at-300):min(len(got), at+100)])
			}
			if want := previewOf(t, text); report.Summary.Update != want.Summary.Update || asked && len(report.Dangers) != len(want.Dangers) {
				t.Errorf("%s: %d dangers without SQL, %d with it", name, len(report.Dangers), len(want.Dangers))
			}
		}
	}
}

// TestMarkdown_generated makes large plans of hostile texts: a comment stays short
// and whole whatever they are, and says first what goes.
func TestMarkdown_generated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(rounds(t, 5)) {
		r := rand.New(rand.NewPCG(seed, 16))
		report := previewOf(t, bigPlan(r))
		got := report.Markdown()
		if len(got) >= 65536 || !utf8.ValidString(got) {
			t.Errorf("seed %d: the comment has %d bytes, valid UTF-8: %t", seed, len(got), utf8.ValidString(got))
		}
		if !strings.Contains(got[:min(len(got), 20_000)], "`landlord_tenant.gone` is destroyed") {
			t.Errorf("seed %d: the tenant that goes is not told first:\n%s", seed, got[:2000])
		}
		markdownIsSafe(t, fmt.Sprint("seed ", seed), "a generated plan", got)
		html := report.HTML()
		for _, tag := range []string{"<script", "<img", "</details", "onmouseover='x", "\u202e", "\x00", "\x1b"} {
			if strings.Contains(html, tag) {
				t.Errorf("seed %d: %q gets into the page", seed, tag)
			}
		}
		if _, err := report.Write(preview.FormatJSON); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// bigPlan is a plan with up to 10,000 tenants, fleets, conflicts and whatever else
// there may be many of, all texts of which are hostile.
func bigPlan(r *rand.Rand) string {
	pieces := append(hostile(), "ä", "🔑", "日本語", strings.Repeat("`", 7), "```", "~~~", "\n", "|", "x", "ALTER TABLE `a` ", "@team", "--> <b>", "' -- ", strings.Repeat("long ", 300))
	text := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	many := []int{3, 40, 600, 10_000}[r.IntN(4)]
	length := []int{2, 6, 40}[r.IntN(3)]
	if many > 1000 {
		length = min(length, 3)
	}
	finding := func() any {
		return map[string]any{"severity": []string{"error", "warning"}[r.IntN(2)], "kind": []string{"conflict", "data_changes", "approval"}[r.IntN(3)], "object": text(2), "detail": text(length), "action": text(2), "base": text(2), "own": text(length), "rows": r.IntN(1000)}
	}
	list := func(most int, of func() any) []any {
		out := []any{}
		for range r.IntN(most + 1) {
			out = append(out, of())
		}
		return out
	}
	sql := func() any { return text(length) + []string{"", " -- destructive: gone", " -- " + text(2)}[r.IntN(3)] }
	classes := 1 + r.IntN(many)
	var changes []any
	for i := range many {
		slug := fmt.Sprintf("t%d", i)
		before := map[string]any{"slug": slug, "applied_template": fmt.Sprintf("a@%d", i%classes), "drift": list(1, func() any {
			return map[string]any{"object": text(2), "element": text(2), "kind": "extra", "detail": text(2), "harm": "none"}
		})}
		after := map[string]any{"slug": slug, "template": text(1), "migration_verdict": []string{"", "auto", "blocked"}[r.IntN(3)], "update_status": []string{"", "pending_approval", "conflict"}[r.IntN(3)],
			"migration_digest": fmt.Sprintf("sha256:%d", i%classes), "migration": list(3, sql), "findings": list(2, finding)}
		changes = append(changes, map[string]any{"address": fmt.Sprintf("landlord_tenant.t[%q]", slug+text(1)), "mode": "managed", "type": "landlord_tenant", "change": map[string]any{"actions": []any{[]string{"update", "create", "delete"}[r.IntN(3)]}, "before": before, "after": after}})
	}
	plans := list(many, func() any {
		return map[string]any{"action": []string{"update", "wait", "stay", "later", "fail", "create", "nonsense"}[r.IntN(7)], "wave": text(1), "tenants": r.IntN(100), "slugs": text(3), "from": text(1), "to": text(1), "steps": list(3, sql),
			"conflicts": list(2, func() any { return text(2) }), "conflict_details": list(2, finding), "reason": text(2), "digest": "sha256:1"}
	})
	changes = append(changes,
		map[string]any{"address": "landlord_tenant_fleet." + text(1), "mode": "managed", "type": "landlord_tenant_fleet", "change": map[string]any{"actions": []any{"update"}, "before": map[string]any{"tenants": "{}"},
			"after": map[string]any{"name": text(1), "tenants": "{}", "plans": plans, "rollout": map[string]any{"waves": list(30, func() any { return text(1) })}, "results": list(many, func() any {
				return map[string]any{"slug": text(1), "status": "failed", "reason": text(length)}
			})}}},
		map[string]any{"address": "landlord_tenant.gone", "mode": "managed", "type": "landlord_tenant", "change": map[string]any{"actions": []any{"delete"}, "before": map[string]any{"slug": "gone", "database_name": "tenant_gone", "deletion_policy": "drop"}, "after": nil}})
	raw, err := json.Marshal(map[string]any{"format_version": "1.2", "planned_values": map[string]any{}, "resource_changes": changes, "action_invocations": list(many, func() any {
		return map[string]any{"address": "action." + text(1), "type": "landlord_" + text(1), "config_values": map[string]any{"tenant": text(1)}}
	})})
	if err != nil {
		panic(err)
	}
	return string(raw)
}
