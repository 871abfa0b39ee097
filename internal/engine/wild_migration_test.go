package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_wild makes random templates of everything that servers know, moves
// a tenant with rows from one version to the next and back, and compares it with what
// the server makes of the same version from nothing.
func TestUpdateTenant_wild(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for seed := range uint64(3) {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { moveWild(t, s, seed) })
		}
	})
}

// TestSoakUpdateTenant_wild does so for as long as LANDLORD_SOAK says, with other
// schemas each time; LANDLORD_TEST_SEED repeats some.
func TestSoakUpdateTenant_wild(t *testing.T) {
	soak(t)
	wildly(t, moveWild)
}

// wildly tries seeds on all servers for as long as LANDLORD_SOAK says.
func wildly(t *testing.T, try func(t *testing.T, s *mysqltest.Server, seed uint64)) {
	t.Helper()
	length, err := time.ParseDuration(os.Getenv("LANDLORD_SOAK"))
	if err != nil {
		t.Skip("LANDLORD_SOAK is no duration")
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		if wanted := os.Getenv("LANDLORD_TEST_SEED"); wanted != "" {
			for text := range strings.SplitSeq(wanted, ",") {
				seed, err := strconv.ParseUint(text, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(text, func(t *testing.T) { try(t, s, seed) })
			}
			return
		}
		n := 0
		for end := time.Now().Add(length); time.Now().Before(end); n++ {
			seed := rand.Uint64N(1e9) //nolint:gosec // not for secrets
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { try(t, s, seed) })
		}
		t.Logf("%d schemas", n)
	})
}

func newWild(s *mysqltest.Server, seed, stream uint64) *wild {
	return &wild{Rand: rand.New(rand.NewPCG(seed, stream)), mariadb: s.Kind.IsMariaDB()} //nolint:gosec // a test that can be repeated
}

func moveWild(t *testing.T, s *mysqltest.Server, seed uint64) {
	t.Helper()
	w, b := newWild(s, seed, 7), newWildBench(t, s)
	versions := []*wildSchema{w.schema()}
	name := fmt.Sprintf("w%d", seed)
	b.settle(t, s.Prefix+"direct", versions[0])
	second := versions[0].clone()
	for range 1 + w.IntN(8) {
		w.change(second)
	}
	b.settle(t, s.Prefix+"direct", second)
	versions = append(versions, second)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, first:\n%s\nsecond:\n%s", seed, versions[0].script(), versions[1].script())
		}
	})
	e := engineOn(t, s)
	ids, want := []string{name + "@1.0.0", name + "@2.0.0"}, [][]string{}
	for i, v := range versions {
		b.build(t, s.Prefix+"direct", v)
		want = append(want, schemaLines(t, s, s.Prefix+"direct"))
		spec := landlord.TemplateSpec{Name: name, Version: fmt.Sprintf("%d.0.0", i+1), Core: map[string]string{"1.sql": v.script()}}
		if _, err := e.PlanTemplate(t.Context(), spec); err != nil {
			t.Fatalf("version %d: %s", i+1, explain(err))
		}
		if _, err := e.PublishTemplate(t.Context(), spec); err != nil {
			t.Fatalf("version %d: %s", i+1, explain(err))
		}
	}
	spec := landlord.TenantSpec{Slug: name, Name: name, Template: ids[0], AllowDestructive: true}
	_, tenant := create(t, e, spec)
	db := s.Prefix + name
	compareWild(t, "made", want[0], schemaLines(t, s, db))
	b.must(t, "USE `"+db+"`")
	w.fillRows(t, s, b, db)
	for _, to := range []int{1, 0} {
		spec.Template = ids[to]
		var ok bool
		if tenant, ok = moveOnce(t, s, b, db, spec, tenant); !ok {
			return
		}
		compareWild(t, "to "+spec.Template, want[to], schemaLines(t, s, db))
		p := prior(tenant)
		again, err := engineOn(t, s).PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Fatal(explain(err))
		}
		if again.HasWork() || len(again.Steps) > 0 || len(tenant.Drift) > 0 {
			t.Errorf("to %s: left to do: %v\ndrift %v", spec.Template, operations(again.Steps), tenant.Drift)
		}
	}
}

// moveOnce updates a tenant. Where the plan says that rows forbid it, the rows go first:
// then nothing forbids it.
func moveOnce(t *testing.T, s *mysqltest.Server, b *wildBench, db string, spec landlord.TenantSpec, tenant *landlord.Tenant) (*landlord.Tenant, bool) {
	t.Helper()
	var found []landlord.Note
	for range 2 {
		p := prior(tenant)
		e := engineOn(t, s)
		plan, err := e.PlanTenant(t.Context(), spec, &p)
		if err != nil {
			t.Errorf("planning %s: %s", spec.Template, explain(err))
			return nil, false
		}
		forbidden := slices.ContainsFunc(plan.Notes, func(n landlord.Note) bool { return n.Summary == "Data forbids a step of the migration" })
		after, err := e.UpdateTenant(t.Context(), spec, p, plan.Digest)
		switch {
		case err == nil && !forbidden:
			return after, true
		case err == nil:
			t.Errorf("the plan of %s says that rows forbid it, and it went well: %v", spec.Template, plan.Notes)
			return after, true
		case slices.ContainsFunc(plan.Notes, mayRefuse):
			return nil, false // it said that it cannot tell
		case !forbidden:
			t.Errorf("applying %s: %s\nof\n%v", spec.Template, explain(err), sqlOf(plan.Steps))
			return nil, false
		}
		found = plan.Notes
		b.must(t, "SET foreign_key_checks = 0")
		for _, row := range s.QueryRows(t, "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?, ?) AND TABLE_TYPE = 'BASE TABLE'", db, s.LandlordDatabase+"_retired") {
			b.must(t, "DELETE FROM "+mysqltest.QuoteName(row[0])+"."+mysqltest.QuoteName(row[1])) // also of those that come back
		}
		b.must(t, "SET foreign_key_checks = 1")
	}
	t.Errorf("the plan of %s says that rows forbid it, and there are none: %+v", spec.Template, found)
	return nil, false
}

// mayRefuse says whether a plan says that a value is converted or refused, and that it
// cannot tell which.
func mayRefuse(n landlord.Note) bool { return strings.Contains(n.Detail, "or refused") }

func sqlOf(steps []landlord.Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(s.SQL + "\n")
	}
	return b.String()
}

// fillRows writes a few rows into each table; what the server refuses is left out.
func (w *wild) fillRows(t *testing.T, s *mysqltest.Server, b *wildBench, db string) {
	t.Helper()
	b.must(t, "SET foreign_key_checks = 0")
	for _, table := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1", db) {
		columns := s.QueryRows(t, "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION", db, table[0])
		for n := range 1 + w.IntN(4) {
			var names, values []string
			for _, c := range columns {
				names, values = append(names, mysqltest.QuoteName(c[0])), append(values, w.value(c[0], c[1], n))
			}
			_ = b.exec(t.Context(), "INSERT INTO "+mysqltest.QuoteName(table[0])+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
		}
	}
	b.must(t, "SET foreign_key_checks = 1")
}

// value is one for a column of a type. Rows refer to each other by their ids.
func (w *wild) value(column, typ string, n int) string {
	if column == "id" {
		return strconv.Itoa(n + 1)
	}
	if w.chance(15) {
		return "DEFAULT"
	}
	switch strings.ToLower(typ) {
	case "json":
		return w.pick("'{}'", `'{"a":[1,2],"k":"v"}'`, "'[1]'")
	case "datetime", "timestamp", "date":
		return w.pick("'2020-01-01 10:00:00'", "'2021-02-03'", "NULL")
	case "time":
		return "'10:00:00'"
	case "year":
		return "2020"
	case "point", "geometry":
		return "POINT(1,2)"
	case "linestring":
		return "ST_GeomFromText('LINESTRING(0 0,1 1)')"
	case "polygon":
		return "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')"
	case "enum":
		return w.pick("'a'", "'b'", "NULL")
	case "set":
		return w.pick("'x,y'", "''", "NULL")
	case "binary", "varbinary", "blob", "longblob":
		return w.pick("x'41'", "NULL", "''", "x'00FF'")
	case "char", "varchar", "text", "tinytext", "mediumtext", "longtext":
		return w.pick("'1'", "'a'", "'A'", "'x '", "'22'", "'ü'", "NULL", "''")
	}
	return w.pick("1", "2", "0", "NULL", "5", "60")
}

var wildNoise = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?i) AUTO_INCREMENT=\d+`), ""},
	{regexp.MustCompile(` USING BTREE`), ""},
	{regexp.MustCompile(`( CHARACTER SET \w+)?( COLLATE \w+)?`), ""}, // of columns: from the information schema
	{regexp.MustCompile(` ON (DELETE|UPDATE) (RESTRICT|NO ACTION)`), ""},
	{regexp.MustCompile(`_(utf8mb4|utf8mb3|latin1|ascii)(\\?'|')`), "$2"},
	{regexp.MustCompile(`-\((\d+)\)`), "-$1"},
	{regexp.MustCompile(`_binary(\\?')`), "$1"},
	{regexp.MustCompile(`(?i) ?PAGE_CHECKSUM=1`), ""},
	{regexp.MustCompile(` USING HASH`), ""}, // printed until the table is rebuilt
	{regexp.MustCompile(` +`), " "},
}

// schemaLines says what a database is, in lines that are equal for equal databases,
// however they came to be. It is made apart from the reading and comparing under test.
func schemaLines(t *testing.T, s *mysqltest.Server, db string) []string {
	t.Helper()
	var out []string
	add := func(kind, query string) {
		for _, row := range s.QueryRows(t, query, db) {
			line := kind + " " + strings.ReplaceAll(strings.Join(row, " | "), "`"+db+"`.", "")
			for _, n := range wildNoise {
				line = n.re.ReplaceAllString(line, n.to)
			}
			out = append(out, line)
		}
	}
	for _, row := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1", db) {
		text := s.QueryRows(t, "SHOW CREATE TABLE "+mysqltest.QuoteName(db)+"."+mysqltest.QuoteName(row[0]))[0][1]
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			line = strings.TrimSuffix(strings.TrimSpace(line), ",")
			if strings.Contains(line, "KEY `") || strings.HasPrefix(line, "PRIMARY KEY") {
				line = regexp.MustCompile(` KEY_BLOCK_SIZE=\d+`).ReplaceAllString(line, "")
			}
			for _, n := range wildNoise {
				line = n.re.ReplaceAllString(line, n.to)
			}
			lines[i] = row[0] + ": " + line
		}
		var columns, others []string
		for _, line := range lines {
			if strings.HasPrefix(line, row[0]+": `") {
				columns = append(columns, fmt.Sprintf("%s (%d)", line, len(columns)))
			} else {
				others = append(others, line)
			}
		}
		slices.Sort(others)
		out = append(append(out, columns...), others...)
	}
	add("column", "SELECT TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY 1, 2")
	add("table", "SELECT TABLE_NAME, TABLE_COLLATION, ENGINE, CREATE_OPTIONS, ROW_FORMAT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1")
	add("view", "SELECT TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, IS_UPDATABLE, SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? ORDER BY 1")
	add("trigger", "SELECT EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY 1, 2, 3, 4")
	add("routine", "SELECT ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, ROUTINE_COMMENT, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1, 2")
	add("parameter", "SELECT SPECIFIC_NAME, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = ? ORDER BY 1, 2")
	add("event", "SELECT EVENT_NAME, EVENT_DEFINITION, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, STATUS, ON_COMPLETION, EVENT_COMMENT FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1")
	return out
}

func compareWild(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-server +tenant):\n%s", what, diff)
	}
}
