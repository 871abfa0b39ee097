package render_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestScriptText writes statements for the standard client.
func TestScriptText(t *testing.T) {
	t.Parallel()
	body := "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END"
	cases := map[string]struct {
		statements []string
		want       string
	}{
		"nothing":               {nil, ""},
		"plain":                 {[]string{"DROP TABLE a", "DROP TABLE b"}, "DROP TABLE a;\nDROP TABLE b;\n"},
		"more lines":            {[]string{"CREATE TABLE a (\n  id INT\n)"}, "CREATE TABLE a (\n  id INT\n)\n;\n"},
		"last line a comment":   {[]string{"DROP TABLE a -- gone", "DROP TABLE b # gone"}, "DROP TABLE a -- gone\n;\nDROP TABLE b # gone\n;\n"},
		"body":                  {[]string{body, "DROP TABLE a"}, "DELIMITER $$\n" + body + "\n$$\nDELIMITER ;\nDROP TABLE a;\n"},
		"two bodies":            {[]string{body, body}, "DELIMITER $$\n" + body + "\n$$\n" + body + "\n$$\nDELIMITER ;\n"},
		"semicolon in a text":   {[]string{"SELECT ';'"}, "DELIMITER $$\nSELECT ';'\n$$\nDELIMITER ;\n"},
		"dollars in a body":     {[]string{"SELECT '$$;$$$'"}, "DELIMITER $$$$\nSELECT '$$;$$$'\n$$$$\nDELIMITER ;\n"},
		"ends with a dollar":    {[]string{"SELECT ';' AS a$"}, "DELIMITER $$\nSELECT ';' AS a$\n$$\nDELIMITER ;\n"},
		"remark":                {[]string{"-- Loses the rows of `a`; all.", "DROP TABLE a"}, "-- Loses the rows of `a`; all.\nDROP TABLE a;\n"},
		"remark between bodies": {[]string{body, "-- then", "DROP TABLE a"}, "DELIMITER $$\n" + body + "\n$$\n-- then\nDELIMITER ;\nDROP TABLE a;\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, render.ScriptText(c.statements)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSQLScript sets the settings of a session no more often than they differ,
// and puts them back.
func TestSQLScript(t *testing.T) {
	t.Parallel()
	ansi := ddl.Settings{SQLMode: "ANSI_QUOTES", CharacterSetClient: "utf8mb4", CollationConnection: "utf8mb4_bin"}
	const setANSI = "SET sql_mode = 'ANSI_QUOTES', character_set_client = 'utf8mb4', collation_connection = 'utf8mb4_bin'"
	none := ddl.Settings{NoSQLMode: true}
	cases := map[string]struct {
		changes []diff.Change
		want    []string
	}{
		"nothing":        {nil, nil},
		"without":        {[]diff.Change{{SQL: " DROP TABLE a\n"}}, []string{"DROP TABLE a"}},
		"one":            {[]diff.Change{{SQL: "A", Settings: ansi}}, []string{render.KeepSettings, setANSI, "A", render.RestoreSettings}},
		"twice the same": {[]diff.Change{{SQL: "A", Settings: ansi}, {SQL: "B", Settings: ansi}}, []string{render.KeepSettings, setANSI, "A", "B", render.RestoreSettings}},
		"then without": {[]diff.Change{{SQL: "A", Settings: ansi}, {SQL: "B"}, {SQL: "C"}},
			[]string{render.KeepSettings, setANSI, "A", render.RestoreSettings, "B", "C"}},
		"others, kept once": {[]diff.Change{{SQL: "A", Settings: ansi}, {SQL: "B"}, {SQL: "C", Settings: none}},
			[]string{render.KeepSettings, setANSI, "A", render.RestoreSettings, "B", "SET sql_mode = ''", "C", render.RestoreSettings}},
		"from one to another": {[]diff.Change{{SQL: "A", Settings: ansi}, {SQL: "B", Settings: none}},
			[]string{render.KeepSettings, setANSI, "A", render.RestoreSettings, "SET sql_mode = ''", "B", render.RestoreSettings}},
		"time zone":       {[]diff.Change{{SQL: "A", Settings: ddl.Settings{TimeZone: "+01:00"}}}, []string{render.KeepSettings, "SET time_zone = '+01:00'", "A", render.RestoreSettings}},
		"quote":           {[]diff.Change{{SQL: "A", Settings: ddl.Settings{TimeZone: "it's"}}}, []string{render.KeepSettings, "SET time_zone = 'it''s'", "A", render.RestoreSettings}},
		"latin1, ASCII":   {[]diff.Change{{SQL: "A", Settings: ddl.Settings{CharacterSetClient: "latin1"}}}, []string{render.KeepSettings, "SET character_set_client = 'latin1'", "A", render.RestoreSettings}},
		"latin1, letters": {[]diff.Change{{SQL: "SELECT 'ä'", Settings: ddl.Settings{CharacterSetClient: "latin1"}}}, []string{"SELECT 'ä'"}},
		"utf8, letters":   {[]diff.Change{{SQL: "SELECT 'ä'", Settings: ddl.Settings{CharacterSetClient: "utf8mb3"}}}, []string{render.KeepSettings, "SET character_set_client = 'utf8mb3'", "SELECT 'ä'", render.RestoreSettings}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &render.SQLScript{}
			s.Add(c.changes...)
			if diff := cmp.Diff(c.want, s.End()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSchemaScript writes a schema from nothing: the session is made ready before
// and put back after.
func TestSchemaScript(t *testing.T) {
	t.Parallel()
	schema := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci", Objects: []ddl.Object{
		{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"},
	}}
	got, err := render.SchemaScript(schema, ddl.Server{Product: ddl.MySQL, Version: "9.7.0"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"SET @landlord_own_mode = @@sql_mode", "SET NAMES utf8mb4 COLLATE ", "SET sql_mode = 'NO_ENGINE_SUBSTITUTION'",
		"ALTER DATABASE CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci", "CREATE TABLE `t` (", "SET sql_mode = @landlord_own_mode"}
	if len(got) != len(want) {
		t.Fatalf("got %d statements: %q", len(got), got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("statement %d: %s", i, got[i])
		}
	}
	if strings.Contains(strings.Join(got, "\n"), render.KeepSettings) {
		t.Error("settings are kept that nothing changes")
	}
}

// TestStatementProblem says where in the template a server stopped.
func TestStatementProblem(t *testing.T) {
	t.Parallel()
	st := template.Statement{File: "core/a.sql"}
	st.Line, st.Column, st.SQL = 7, 3, "CREATE TABLE `a` (id INT)"
	refused := &landlord.StatementError{Statement: st, Number: 2, Total: 5, Err: errors.New("Table 'a' already exists")}
	want := "Server refuses a statement of the template: Creating tenant `acme` stopped at statement 2 of 5.\n\n" +
		"core/a.sql:7:3: CREATE TABLE `a` (id INT)\n\nCause: Table 'a' already exists\n\nCorrect the file."
	err := render.StatementProblem(landlord.FieldTemplate, "Creating tenant `acme`", refused)
	if err.Error() != want || !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	full := &landlord.StatementError{Statement: st, Number: 2, Total: 5, Err: &mysql.ServerError{Number: 1114, Message: "The table 'a' is full"}}
	want = strings.TrimSuffix(strings.Replace(want, "Table 'a' already exists", "error 1114: The table 'a' is full", 1), "Correct the file.") +
		"The statement is not at fault: the server has no space or memory left. Make room, or raise the setting that limits it, and run the same again."
	if err := render.StatementProblem(landlord.FieldTemplate, "Creating tenant `acme`", full); err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	other := errors.New("connection refused")
	if err := render.StatementProblem(landlord.FieldTemplate, "Creating", other); err != other { //nolint:errorlint // the very error
		t.Errorf("another error: %v", err)
	}
}
