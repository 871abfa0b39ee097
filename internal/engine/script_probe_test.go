package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestScript_probes: an ALTER that somebody wrote in a script is asked of the data as
// one that the comparison makes: what it would fail of blocks the plan, unless a script
// before may correct it; what two schemas cannot show is not asked.
func TestScript_probes(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		before := "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, body VARCHAR(20) NULL, code INT NOT NULL, owner INT NULL);\nCREATE TABLE owners (id INT NOT NULL PRIMARY KEY);"
		for name, c := range map[string]struct{ script, after, verdict, findings string }{
			"becomes NOT NULL": {
				"ALTER TABLE notes MODIFY body VARCHAR(20) NOT NULL;", strings.Replace(before, "body VARCHAR(20) NULL", "body VARCHAR(20) NOT NULL", 1),
				landlord.VerdictBlocked, "blocks table `notes` 1: NULL",
			},
			"corrected before": {
				"UPDATE notes SET body = '' WHERE body IS NULL;\nALTER TABLE notes MODIFY body VARCHAR(20) NOT NULL;", strings.Replace(before, "body VARCHAR(20) NULL", "body VARCHAR(20) NOT NULL", 1),
				"auto", "tells table `notes` 2: unless the scripts before correct that",
			},
			"narrower": {
				"ALTER TABLE notes MODIFY body VARCHAR(3) NULL;", strings.Replace(before, "body VARCHAR(20)", "body VARCHAR(3)", 1),
				landlord.VerdictBlocked, "blocks table `notes` 1: longer",
			},
			"unique": {
				"ALTER TABLE notes ADD UNIQUE KEY u (code);", strings.Replace(before, "owner INT NULL", "owner INT NULL, UNIQUE KEY u (code)", 1),
				landlord.VerdictBlocked, "blocks table `notes` 1: ",
			},
			"a parent": {
				"ALTER TABLE notes ADD CONSTRAINT f FOREIGN KEY (owner) REFERENCES owners (id);",
				"CREATE TABLE owners (id INT NOT NULL PRIMARY KEY);\n" + strings.Replace(strings.Split(before, "\n")[0], "owner INT NULL", "owner INT NULL, CONSTRAINT f FOREIGN KEY (owner) REFERENCES owners (id)", 1),
				landlord.VerdictBlocked, "blocks table `notes` 1: ",
			},
			"another name": {
				"ALTER TABLE notes CHANGE id number INT NOT NULL, ADD UNIQUE KEY u (number);", strings.Replace(before, "id INT NOT NULL PRIMARY KEY, body", "number INT NOT NULL PRIMARY KEY, body", 1),
				"auto", "",
			},
			"another table of that name": {
				"CREATE TABLE fresh LIKE notes;\nRENAME TABLE notes TO former, fresh TO notes;\nALTER TABLE notes ADD UNIQUE KEY u (code);\nDROP TABLE former;", strings.Replace(before, "owner INT NULL", "owner INT NULL, UNIQUE KEY u (code)", 1),
				"auto", "tells table `notes` 3: unless the scripts before correct that",
			},
			"altered before": {
				"ALTER TABLE notes CHANGE code old_code INT NOT NULL;\nALTER TABLE notes ADD COLUMN code INT NULL;\nALTER TABLE notes ADD UNIQUE KEY u (code);",
				strings.Replace(before, "code INT NOT NULL, owner INT NULL", "old_code INT NOT NULL, owner INT NULL, code INT NULL, UNIQUE KEY u (code)", 1),
				"auto", "tells table `notes` 3: unless the scripts before correct that",
			},
			"collations that do not compare today": {
				"ALTER TABLE words CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\nALTER TABLE texts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;\nALTER TABLE texts ADD CONSTRAINT g FOREIGN KEY (w) REFERENCES words (w);",
				before + "\nCREATE TABLE words (w VARCHAR(9) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\nCREATE TABLE texts (w VARCHAR(9) NOT NULL PRIMARY KEY, CONSTRAINT g FOREIGN KEY (w) REFERENCES words (w)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;",
				"auto", "",
			},
			"in place": {
				"ALTER TABLE notes ADD KEY k (code), ALGORITHM=INPLACE, LOCK=NONE;", strings.Replace(before, "owner INT NULL", "owner INT NULL, KEY k (code)", 1),
				"auto", "",
			},
			"nothing that is in the way": {
				"ALTER TABLE notes ADD COLUMN more INT NOT NULL DEFAULT 0, ADD KEY k (code);", strings.Replace(before, "owner INT NULL", "owner INT NULL, more INT NOT NULL DEFAULT 0, KEY k (code)", 1),
				"auto", "",
			},
		} {
			if name == "another name" {
				c.after = strings.Replace(c.after, "owner INT NULL", "owner INT NULL, UNIQUE KEY u (number)", 1)
			}
			slug := strings.ReplaceAll(name, " ", "_")
			e := engineOn(t, s)
			spec := landlord.TemplateSpec{Name: "n_" + strings.ToLower(slug), Version: "1.0.0", Core: map[string]string{"001.sql": before}}
			if strings.HasPrefix(name, "collations") {
				spec.Core["001.sql"] += "\nCREATE TABLE words (w VARCHAR(9) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;\nCREATE TABLE texts (w VARCHAR(9) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;"
			}
			publish(t, e, spec)
			spec.Version, spec.Core, spec.Migrations = "2.0.0", map[string]string{"001.sql": c.after}, map[string]string{"1.0.0--2.0.0.sql": c.script}
			publish(t, e, spec)
			wish := landlord.TenantSpec{Slug: strings.ToLower(slug), Name: name, Template: spec.Name + "@1.0.0"}
			_, tenant := create(t, e, wish)
			s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".notes VALUES (1, NULL, 7, 1), (2, 'longer', 7, NULL)")
			wish.Template, wish.AllowDestructive, wish.DestructiveMode = spec.Name+"@2.0.0", true, landlord.Drop
			p := prior(tenant)
			plan, err := engineOn(t, s).PlanTenant(t.Context(), wish, &p)
			if err != nil {
				t.Fatalf("%s: %s", name, explain(err))
			}
			var got []string
			for _, f := range landlord.FindingsOf(plan.Notes) {
				if f.Kind == landlord.KindDataForbids || f.Kind == landlord.KindDataChanges {
					got = append(got, fmt.Sprintf("%s %s %d: %s", map[bool]string{true: "blocks", false: "tells"}[f.Blocks], f.Object, f.Statement, f.Detail))
				}
			}
			want := strings.SplitN(c.findings, ": ", 2)
			fits := len(got) == 0 && c.findings == ""
			for _, g := range got {
				fits = fits || c.findings != "" && strings.HasPrefix(g, want[0]+": ") && strings.Contains(g, want[1])
			}
			if plan.Verdict != c.verdict || !fits {
				t.Errorf("%s: %s, %q, want %s, %q", name, plan.Verdict, got, c.verdict, c.findings)
			}
			_, err = engineOn(t, s).UpdateTenant(t.Context(), wish, p, plan.Digest)
			if (err != nil) != (c.verdict == landlord.VerdictBlocked) {
				t.Errorf("%s: %v", name, err)
			}
			if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_migrations_history WHERE tenant_slug = ? AND migration_name <> 'create'", wish.Slug); c.verdict == landlord.VerdictBlocked && fmt.Sprint(rows) != "[[0]]" {
				t.Errorf("%s has begun: %v", name, rows)
			}
		}
	})
}

// TestScript_consent: a script that makes a table asks for the same consent to what it
// destroys of another one.
func TestScript_consent(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		spec := landlord.TemplateSpec{Name: "consent", Version: "1.0.0", Core: map[string]string{"001.sql": "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY);"}}
		publish(t, e, spec)
		spec.Version, spec.Core = "2.0.0", map[string]string{"001.sql": "CREATE TABLE fresh (id INT NOT NULL PRIMARY KEY);"}
		spec.Migrations = map[string]string{"1.0.0--2.0.0.sql": "CREATE TABLE fresh (id INT NOT NULL PRIMARY KEY);\nDROP TABLE notes;"}
		publish(t, e, spec)
		wish := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "consent@1.0.0"}
		_, tenant := create(t, e, wish)
		s.Exec(t, "INSERT INTO "+tenant.DatabaseName+".notes VALUES (1)")
		wish.Template, wish.DestructiveMode = "consent@2.0.0", landlord.Drop
		p := prior(tenant)
		_, err := engineOn(t, s).PlanTenant(t.Context(), wish, &p)
		if err == nil || !strings.HasPrefix(explain(err), "Migration would lose data [allow_destructive]\nTenant `acme` is to move to template `consent@2.0.0`.\n\nDROP TABLE notes\n\nLost: ") {
			t.Errorf("got %v", err)
		}
	})
}
