package engine_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// hostileTexts reads a file of the shared corpus, by id; the test is skipped
// without it.
func hostileTexts(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(shared.Path(t, "hostile", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var s struct {
			ID      string
			SQL     string
			Session string
			Base64  string `json:"sql_b64"`
			Gen     *struct {
				Pre, Rep, Mid, Rep2, Post string
				N, N2                     int
			} `json:"sql_gen"`
		}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		text := s.SQL
		if s.Base64 != "" {
			raw, err := base64.StdEncoding.DecodeString(s.Base64)
			if err != nil {
				t.Fatal(err)
			}
			text = string(raw)
		}
		if g := s.Gen; g != nil {
			text = g.Pre + repeated(g.Rep, g.N) + g.Mid + repeated(g.Rep2, g.N2) + g.Post
		}
		if s.Session != "" {
			text = s.Session + ";\n" + text
		}
		out[s.ID] = text
	}
	return out
}

// repeated writes a text n times, with `%d` for the count.
func repeated(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

// TestCustomization_hostile asks for everything hostile as a customization of a
// real tenant. It is refused, or its plan touches nothing but what is the
// tenant's own; and trying it has changed nothing anywhere.
func TestCustomization_hostile(t *testing.T) {
	t.Parallel()
	texts := hostileTexts(t, "hostile.jsonl")
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, landlord.TemplateSpec{Name: "core", Version: "1.0.0", Core: map[string]string{"1.sql": "CREATE TABLE core_users (id INT PRIMARY KEY, name VARCHAR(40));\n" +
		"CREATE TABLE core_orders (id INT PRIMARY KEY, user_id INT, FOREIGN KEY (user_id) REFERENCES core_users (id));\nCREATE VIEW v_users AS SELECT id FROM core_users;"}})
	create(t, e, landlord.TenantSpec{Slug: "a", Name: "A", Template: "core@1.0.0"})
	neighbor := s.Prefix + "b"
	s.Exec(t, "CREATE DATABASE "+neighbor, "CREATE TABLE "+neighbor+".secrets (v INT)", "INSERT INTO "+neighbor+".secrets VALUES (1)", "CREATE TABLE "+neighbor+".canary (n INT)", "INSERT INTO "+neighbor+".canary VALUES (1)")
	world := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (?, ?) ORDER BY 1, 2, 3", neighbor, s.Prefix+"a"),
			s.QueryRows(t, "SELECT v, n FROM "+neighbor+".secrets, "+neighbor+".canary"),
			s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (?, ?)", neighbor, s.Prefix+"a"))
	}
	before, refused := world(), 0
	for id, text := range texts {
		text = strings.NewReplacer("sec_b", neighbor, "SEC_B", strings.ToUpper(neighbor), "sec_a", s.Prefix+"a").Replace(text)
		plan, err := e.PlanCustomization(t.Context(), customization.Spec{Tenant: "a", Name: "x", Reason: "y", Patch: landlord.CustomizationPatch{
			Tables: map[string]string{"ext_notes": "CREATE TABLE ext_notes (id INT AUTO_INCREMENT PRIMARY KEY, body TEXT)", "ext_m": "CREATE TABLE ext_m (id INT PRIMARY KEY)"},
			SQL:    text,
		}}, nil)
		if err != nil {
			refused++
			continue
		}
		for _, step := range plan.Steps {
			if strings.Contains(step.SQL, neighbor) || step.Destructive || strings.Contains(step.Object, "`core_") && step.Operation != "add_column" && step.Operation != "add_index" {
				t.Errorf("%s is planned: %s", id, step.SQL)
			}
		}
		t.Logf("%s is planned, within its bounds: %.100q", id, text)
	}
	if after := world(); after != before {
		t.Errorf("before: %s\nafter: %s", before, after)
	}
	if refused < len(texts)*9/10 {
		t.Errorf("only %d of %d are refused", refused, len(texts))
	}
}
