package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// office is a template of two tables and a view.
func office(version string, changes ...string) landlord.TemplateSpec {
	core := "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, email VARCHAR(100) NOT NULL, fax VARCHAR(20) NULL, KEY ix_email (email));\n" +
		"CREATE TABLE desks (id INT NOT NULL PRIMARY KEY, code INT NOT NULL, label VARCHAR(20) NULL, UNIQUE KEY uq_code (code));\n" +
		"CREATE VIEW mails AS SELECT id, email FROM people;"
	changed := strings.NewReplacer(changes...).Replace(core)
	spec := landlord.TemplateSpec{Name: "office", Version: version, Core: map[string]string{"001_office.sql": changed}}
	return spec
}

// conflictCase is one case of an update that meets what a tenant has of its own.
type conflictCase struct {
	own         string            // SQL of the customization `crm`
	places      []string          // that it owns
	drift       string            // SQL of somebody else
	next        []string          // replacements in the template
	script      string            // from 1.0.0 to 1.1.0
	resolutions map[string]string // decision, or SQL
	destructive bool

	verdict   string
	conflicts []string // that are open, or decided
	want      []string // steps
	waits     bool
	drifts    int      // after the update
	owned     []string // afterwards
	check     string   // a query on the tenant, afterwards
	answer    string
}

// conflictCases are by name. What a tenant has of its own is made by the account of
// the provider, so a view that stays is replaced once to belong to the owner of the
// database, unless the update makes it anew anyway.
var conflictCases = map[string]conflictCase{
	"commutes": {
		own:    "ALTER TABLE people ADD COLUMN vip INT NULL AFTER id, ADD KEY ix_vip (vip); CREATE TABLE crm (id INT PRIMARY KEY); UPDATE people SET vip = id",
		places: []string{"table people column vip", "table people key ix_vip", "table crm"}, next: []string{"fax VARCHAR(20)", "fax VARCHAR(40)"},
		verdict: "auto", conflicts: []string{"commutes table people column vip", "commutes table people key ix_vip"}, want: []string{"modify_column table `people`"},
		owned: []string{"crm: table people column vip", "crm: table people key ix_vip", "crm: table crm"},
		check: "SELECT SUM(vip) FROM people", answer: "3",
	},
	"identical": {
		own: "ALTER TABLE people ADD COLUMN phone VARCHAR(20) NULL; CREATE TABLE rooms (id INT NOT NULL PRIMARY KEY)", places: []string{"table people column phone", "table rooms"},
		next:    []string{"fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(20) NULL", "CREATE VIEW", "CREATE TABLE rooms (id INT NOT NULL PRIMARY KEY);\nCREATE VIEW"},
		verdict: "", conflicts: []string{"identical table people column phone", "identical table rooms"}, want: []string{},
		owned: []string{"(crm: table people column phone)", "(crm: table rooms)"},
	},
	"both add a column": {
		own: "ALTER TABLE people ADD COLUMN phone VARCHAR(30) NULL", places: []string{"table people column phone"},
		next:    []string{"fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(20) NULL"},
		verdict: "merge", conflicts: []string{"clashes table people column phone (customization `crm`): both sides added it, differently"},
	},
	"both add a column, the tenant's stays": {
		own: "ALTER TABLE people ADD COLUMN phone VARCHAR(30) NULL", places: []string{"table people column phone"},
		next:        []string{"fax VARCHAR(20) NULL", "fax VARCHAR(21) NULL, phone VARCHAR(20) NULL"},
		resolutions: map[string]string{"table people column phone": "keep_tenant"},
		verdict:     "auto", conflicts: []string{"clashes table people column phone: keep_tenant"}, want: []string{"modify_column table `people`"},
		owned: []string{"crm: table people column phone"},
	},
	"both add a column, the template's wins": {
		own: "ALTER TABLE people ADD COLUMN phone VARCHAR(20) NULL", places: []string{"table people column phone"},
		next:        []string{"fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(30) NULL"},
		resolutions: map[string]string{"table people column phone": "take_template"},
		verdict:     "auto", conflicts: []string{"clashes table people column phone: take_template"}, want: []string{"modify_column table `people`"},
		owned: []string{"(crm: table people column phone)"},
	},
	"both add a column, it becomes a third thing": {
		own: "ALTER TABLE people ADD COLUMN phone VARCHAR(20) NULL", places: []string{"table people column phone"},
		next:        []string{"fax VARCHAR(20) NULL", "fax VARCHAR(20) NULL, phone VARCHAR(30) NULL"},
		resolutions: map[string]string{"table people column phone": "ALTER TABLE people MODIFY phone VARCHAR(50) NULL COMMENT 'agreed'"},
		verdict:     "auto", conflicts: []string{"clashes table people column phone: sql"}, want: []string{"modify_column table `people`"},
		owned: []string{"(crm: table people column phone)"},
		check: "SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'phone'", answer: "varchar(50)",
	},
	"a view over a column that goes": {
		own: "CREATE VIEW faxes AS SELECT id, fax FROM people", places: []string{"view faxes"}, next: []string{", fax VARCHAR(20) NULL", ""},
		verdict: "merge", conflicts: []string{"depends view faxes (customization `crm`): it names column `fax` of table `people`, which goes"},
	},
	"a view over a column that goes, the column stays": {
		own: "CREATE VIEW faxes AS SELECT id, fax FROM people", places: []string{"view faxes"}, next: []string{", fax VARCHAR(20) NULL", ", room INT NULL"},
		resolutions: map[string]string{"view faxes": "keep_tenant"},
		verdict:     "auto", conflicts: []string{"depends view faxes: keep_tenant"}, want: []string{"add_column table `people`", "replace_view view `faxes`"}, owned: []string{"crm: view faxes"},
		check: "SELECT COUNT(*) FROM faxes", answer: "2",
	},
	"a view over a column that goes, the view goes": {
		own: "CREATE VIEW faxes AS SELECT id, fax FROM people", places: []string{"view faxes"}, next: []string{", fax VARCHAR(20) NULL", ""},
		resolutions: map[string]string{"view faxes": "take_template"}, destructive: true,
		verdict: "auto", conflicts: []string{"depends view faxes: take_template"},
		want: []string{"drop_view view `faxes`", "retire_column table `people`", "retire_values table `people`", "drop_column table `people`"}, owned: []string{"(crm: view faxes)"},
	},
	"a view over a column that goes, the view is another one": {
		own: "CREATE VIEW faxes AS SELECT id, fax FROM people", places: []string{"view faxes"}, next: []string{", fax VARCHAR(20) NULL", ""},
		resolutions: map[string]string{"view faxes": "CREATE VIEW faxes AS SELECT id, '' AS fax FROM people"}, destructive: true,
		verdict: "auto", conflicts: []string{"depends view faxes: sql"}, owned: []string{"crm: view faxes"},
		want:  []string{"replace_view view `faxes`", "retire_column table `people`", "retire_values table `people`", "drop_column table `people`"},
		check: "SELECT COUNT(*) FROM faxes", answer: "2",
	},
	"a child of a table that goes, and a trigger on it": {
		own:    "CREATE TABLE chairs (id INT PRIMARY KEY, desk INT NOT NULL, CONSTRAINT fk_desk FOREIGN KEY (desk) REFERENCES desks (id)); CREATE TRIGGER tr_desk BEFORE INSERT ON desks FOR EACH ROW SET NEW.label = 'x'",
		places: []string{"table chairs", "trigger tr_desk"}, next: []string{"CREATE TABLE desks (id INT NOT NULL PRIMARY KEY, code INT NOT NULL, label VARCHAR(20) NULL, UNIQUE KEY uq_code (code));", ""},
		verdict: "merge", conflicts: []string{
			"depends table chairs foreign key fk_desk (customization `crm`): it references table `desks`, which goes",
			"depends trigger tr_desk (customization `crm`): it names table `desks`, which goes",
		},
	},
	"a key and a view over a column that changes": {
		own: "CREATE VIEW labels AS SELECT label FROM desks; ALTER TABLE desks ADD KEY ix_label (label)", places: []string{"view labels", "table desks key ix_label"},
		next:    []string{"label VARCHAR(20)", "label VARCHAR(30)"},
		verdict: "review", waits: true, want: []string{"modify_column table `desks`", "replace_view view `labels`"}, conflicts: []string{
			"depends table desks key ix_label (customization `crm`): it stands on column `label` of table `desks`, which becomes varchar(30) instead of varchar(20)",
			"depends view labels (customization `crm`): it names column `label` of table `desks`, which becomes varchar(30) instead of varchar(20)",
		},
	},
	"a key over a column that changes, agreed": {
		own: "ALTER TABLE desks ADD KEY ix_label (label)", places: []string{"table desks key ix_label"}, next: []string{"label VARCHAR(20)", "label VARCHAR(30)"},
		resolutions: map[string]string{"table desks": "take_template"}, owned: []string{"crm: table desks key ix_label"},
		verdict: "auto", want: []string{"modify_column table `desks`"}, conflicts: []string{"depends table desks key ix_label: take_template"},
	},
	"drift on an object that the update touches": {
		drift: "ALTER TABLE people ADD COLUMN hand INT NULL", next: []string{"fax VARCHAR(20)", "fax VARCHAR(40)"},
		verdict: "merge", conflicts: []string{"clashes table people column hand (drift): somebody changed it by hand, and the template changes the same object"},
	},
	"drift that was decided for": {
		drift: "ALTER TABLE people ADD COLUMN hand INT NULL", next: []string{"fax VARCHAR(20)", "fax VARCHAR(40)"}, resolutions: map[string]string{"table people column hand": "keep_tenant"},
		verdict: "auto", conflicts: []string{"clashes table people column hand: keep_tenant"}, want: []string{"modify_column table `people`"},
	},
	"drift that was decided against": {
		drift: "ALTER TABLE people ADD COLUMN hand INT NULL", next: []string{"fax VARCHAR(20)", "fax VARCHAR(40)"}, resolutions: map[string]string{"table people column hand": "take_template"}, destructive: true,
		verdict: "auto", conflicts: []string{"clashes table people column hand: take_template"},
		want: []string{"modify_column table `people`", "retire_column table `people`", "retire_values table `people`", "drop_column table `people`"},
	},
	"drift elsewhere stays visible": {
		drift: "ALTER TABLE desks ADD COLUMN hand INT NULL; CREATE TABLE extra (id INT PRIMARY KEY)", next: []string{"fax VARCHAR(20)", "fax VARCHAR(40)"},
		verdict: "auto", want: []string{"modify_column table `people`"}, drifts: 2,
	},
	"a rename that a view does not follow": {
		own: "CREATE VIEW faxes AS SELECT id, fax FROM people; ALTER TABLE people ADD KEY ix_fax (fax)", places: []string{"view faxes", "table people key ix_fax"},
		next: []string{"fax VARCHAR(20)", "telefax VARCHAR(20)"}, script: "ALTER TABLE people RENAME COLUMN fax TO telefax;",
		verdict: "merge", conflicts: []string{
			"depends view faxes (customization `crm`): it names column `fax` of table `people`, which goes",
			"depends table people key ix_fax (customization `crm`): a migration script renames what it stands on: the server takes it along, its definition has to follow",
		},
	},
	"a rename that a key follows": {
		own: "ALTER TABLE people ADD KEY ix_fax (fax)", places: []string{"table people key ix_fax"},
		next: []string{"fax VARCHAR(20)", "telefax VARCHAR(20)"}, script: "ALTER TABLE people RENAME COLUMN fax TO telefax;",
		verdict: "review", waits: true, want: []string{"alter_table table `people`"}, conflicts: []string{
			"depends table people key ix_fax (customization `crm`): a migration script renames what it stands on: the server takes it along, its definition has to follow",
		},
	},
	"a table and a view of one name": {
		own: "CREATE TABLE report (id INT PRIMARY KEY)", places: []string{"table report"}, next: []string{"CREATE VIEW mails", "CREATE VIEW report AS SELECT id FROM people;\nCREATE VIEW mails"},
		verdict: "merge", conflicts: []string{"clashes table report (customization `crm`): a table and a view, or two of them, cannot have one name, as it and the view report of the template would"},
	},
	"a key that the server refuses on the new type": {
		own: "ALTER TABLE desks ADD KEY ix_label (label)", places: []string{"table desks key ix_label"}, next: []string{"label VARCHAR(20)", "label TEXT"},
		verdict: "merge", conflicts: []string{
			"clashes table desks (customization `crm`): the server", // MySQL refuses it, MariaDB makes it a key over a prefix
			"depends table desks key ix_label (customization `crm`): it stands on column `label` of table `desks`, which becomes text instead of varchar(20)",
		},
	},
	"a key that the server refuses on the new type, which is waived": {
		own: "ALTER TABLE desks ADD KEY ix_label (label)", places: []string{"table desks key ix_label"}, next: []string{"label VARCHAR(20)", "label TEXT", "fax VARCHAR(20)", "fax VARCHAR(21)"},
		resolutions: map[string]string{"table desks index ix_label": "keep_tenant"}, owned: []string{"crm: table desks key ix_label"},
		verdict: "auto", want: []string{"modify_column table `people`"}, conflicts: []string{"depends table desks key ix_label: keep_tenant"},
	},
	"what only the server finds out": {
		own: "CREATE VIEW wide AS SELECT m.email FROM mails m", places: []string{"view wide"}, next: []string{"SELECT id, email FROM people", "SELECT id, fax FROM people"},
		verdict: "merge", conflicts: []string{"depends view wide (customization `crm`): the server cannot open it afterwards"},
	},
}

func TestUpdateTenant_conflicts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		publish(t, engineOn(t, s), office("1.0.0"))
		n := 0
		for name, c := range conflictCases {
			n++
			slug := fmt.Sprintf("t%d", n)
			next := office("1.1.0", c.next...)
			next.Name = fmt.Sprintf("office%d", n)
			t.Run(name, func(t *testing.T) { c.run(t, s, slug, next) })
		}
	})
}

// customized makes a tenant with a customization and drift.
func (c *conflictCase) customized(t *testing.T, s *mysqltest.Server, slug string, template string) *landlord.Tenant {
	t.Helper()
	e := engineOn(t, s)
	first := office("1.0.0")
	first.Name = template
	publish(t, e, first)
	_, tenant := create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: template + "@1.0.0"})
	run := func(sql string) {
		for _, statement := range strings.Split(sql, ";") {
			if statement = strings.TrimSpace(statement); statement != "" {
				s.Exec(t, "USE "+mysqltest.QuoteName(tenant.DatabaseName), statement)
			}
		}
	}
	run("INSERT INTO people (id, email) VALUES (1, 'a'), (2, 'b')")
	if c.own != "" {
		run(c.own)
		if err := engineOn(t, s).Customize(t.Context(), slug, "crm", c.places...); err != nil {
			t.Fatal(explain(err))
		}
	}
	run(c.drift)
	tenant, err := engineOn(t, s).Tenant(t.Context(), slug)
	if err != nil {
		t.Fatal(explain(err))
	}
	return tenant
}

func (c *conflictCase) spec(t *testing.T, slug, template string) landlord.TenantSpec {
	t.Helper()
	spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: template, AllowDestructive: c.destructive}
	for key, decision := range c.resolutions {
		d, sql := merge.Decision(decision), ""
		if d != merge.KeepTenant && d != merge.TakeTemplate {
			d, sql = merge.DecideSQL, decision
		}
		r, err := merge.ResolutionFor(key, d, sql)
		if err != nil {
			t.Fatal(err)
		}
		spec.Resolutions = append(spec.Resolutions, r)
	}
	return spec
}

func (c *conflictCase) run(t *testing.T, s *mysqltest.Server, slug string, next landlord.TemplateSpec) {
	tenant := c.customized(t, s, slug, next.Name)
	if c.script != "" {
		next.Migrations = map[string]string{"1.0.0--1.1.0.sql": c.script}
	}
	e := engineOn(t, s)
	publish(t, e, next)
	spec, p := c.spec(t, slug, next.Name+"@1.1.0"), prior(tenant)
	plan, err := e.PlanTenant(t.Context(), spec, &p)
	if err != nil {
		t.Fatal(explain(err))
	}
	var got []string
	for _, x := range plan.Conflicts {
		text := string(x.Verdict) + " " + x.Place()
		switch {
		case x.Decision != "":
			text += ": " + string(x.Decision)
		case x.Open():
			text += " (" + strings.Join(x.Who, ", ") + "): " + x.Reason
		}
		got = append(got, text)
	}
	c.compare(t, got, plan)
	after, err := e.UpdateTenant(t.Context(), spec, p, plan.Digest)
	if err != nil {
		t.Fatal(explain(err))
	}
	c.afterwards(t, s, tenant, after)
	if c.verdict == "merge" || c.waits {
		return
	}
	// Nothing is left to do, whoever asks, and without the decisions too.
	spec.Resolutions = nil
	again := prior(after)
	if plan, err := engineOn(t, s).PlanTenant(t.Context(), spec, &again); err != nil || plan.HasWork() || len(plan.Notes) > 0 {
		t.Errorf("the plan after it: %+v, %v", plan, err)
	}
	if owned, err := e.Owned(t.Context(), slug); err != nil || cmp.Diff(c.owned, owned) != "" {
		t.Errorf("owned (-want +got):\n%s%v", cmp.Diff(c.owned, owned), err)
	}
}

func (c *conflictCase) compare(t *testing.T, got []string, plan *apply.TenantPlan) {
	t.Helper()
	slices.Sort(got)
	for i, want := range slices.Sorted(slices.Values(c.conflicts)) {
		if i < len(got) && !strings.HasPrefix(got[i], want) || i >= len(got) {
			t.Errorf("conflicts:\n%s\nwanted:\n%s", strings.Join(got, "\n"), strings.Join(c.conflicts, "\n"))
			break
		}
	}
	if len(got) != len(c.conflicts) {
		t.Errorf("conflicts: %q", got)
	}
	if plan.Verdict != c.verdict || plan.Waits != c.waits {
		t.Errorf("verdict %q, waits %t", plan.Verdict, plan.Waits)
	}
	if diff := cmp.Diff(c.want, operations(plan.Steps)); diff != "" && (c.want != nil || len(plan.Steps) > 0) {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func (c *conflictCase) afterwards(t *testing.T, s *mysqltest.Server, before, after *landlord.Tenant) {
	t.Helper()
	want := landlord.UpdateCurrent
	switch {
	case c.waits:
		want = landlord.UpdatePendingApproval
	case c.verdict == "merge":
		want = landlord.UpdateConflict
	}
	if after.UpdateStatus != want {
		t.Errorf("the tenant is %q, wanted %q", after.UpdateStatus, want)
	}
	if want != landlord.UpdateCurrent {
		if after.Template != before.Template || after.SchemaFingerprint != before.SchemaFingerprint {
			t.Errorf("the tenant has moved: %+v", after)
		}
		return
	}
	if len(after.Drift) != c.drifts {
		t.Errorf("drift: %+v", after.Drift)
	}
	definers := s.QueryRows(t, "SELECT DISTINCT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '"+after.DatabaseName+"'")
	if len(definers) != 1 {
		t.Errorf("the views belong to %v, wanted the owner alone", definers)
	}
	if c.check != "" {
		if rows := s.QueryRows(t, strings.ReplaceAll(strings.ReplaceAll(c.check, "DATABASE()", "'"+after.DatabaseName+"'"), " FROM ", " FROM "+qualifier(c.check, after.DatabaseName))); rows[0][0] != c.answer {
			t.Errorf("%s: %v, wanted %s", c.check, rows, c.answer)
		}
	}
}

func qualifier(query, database string) string {
	if strings.Contains(query, "information_schema") {
		return ""
	}
	return mysqltest.QuoteName(database) + "."
}
