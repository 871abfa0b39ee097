package render

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// SQLScript writes changes as statements for somebody else's session: those that
// make an object under settings of its own stand between statements that set
// them. Each is one that a driver can send; none ends with a semicolon.
type SQLScript struct {
	Statements []string
	now        string // the statement that made the present settings, empty for the session's own
	kept       bool
}

// Add appends the statements of changes, with the session settings that each
// needs before it.
func (s *SQLScript) Add(changes ...diff.Change) {
	for _, c := range changes {
		want := scriptSettings(c)
		if want != s.now {
			if !s.kept {
				s.Statements, s.kept = append(s.Statements, KeepSettings), true
			}
			s.restore()
			if want != "" {
				s.Statements = append(s.Statements, want)
			}
			s.now = want
		}
		s.Statements = append(s.Statements, strings.TrimSpace(c.SQL))
	}
}

// End returns all statements, the last of which puts settings back.
func (s *SQLScript) End() []string {
	s.restore()
	s.now = ""
	return s.Statements
}

// restore puts the session's own settings back.
func (s *SQLScript) restore() {
	if s.now != "" {
		s.Statements = append(s.Statements, RestoreSettings)
	}
	if strings.Contains(s.now, "foreign_key_checks = 0") {
		s.Statements = append(s.Statements, CheckForeignKeys)
	}
}

// scriptSettings returns the SET statement for a change, empty when any session
// will do.
func scriptSettings(c diff.Change) string {
	step := landlord.Step{SQL: c.SQL, Settings: c.Settings}
	text, args := SettingsFor(step)
	if text == "" {
		return ""
	}
	for _, value := range args {
		text = strings.Replace(text, "?", quoteText(fmt.Sprint(value)), 1)
	}
	return text
}

// quoteText writes a text of the server as a literal. It holds no backslash:
// these are names of modes, character sets and collations.
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// ScriptText writes statements as one text for the standard client, which cuts
// at each `;` outside of quotes: bodies need another delimiter.
func ScriptText(statements []string) string {
	var b strings.Builder
	delimiter := ";"
	use := func(want string) {
		if want != delimiter {
			b.WriteString("DELIMITER " + want + "\n")
			delimiter = want
		}
	}
	for _, s := range statements {
		if strings.HasPrefix(s, "-- ") {
			b.WriteString(s + "\n")
			continue
		}
		use(delimiterFor(s))
		b.WriteString(s)
		if delimiter != ";" || strings.ContainsAny(s, "\n#") || strings.Contains(s, "--") {
			b.WriteString("\n") // the last line may be a comment
		}
		b.WriteString(delimiter + "\n")
	}
	use(";")
	return b.String()
}

// delimiterFor returns what ends a statement in a script.
func delimiterFor(statement string) string {
	if !strings.Contains(statement, ";") {
		return ";"
	}
	delimiter := "$$"
	for strings.Contains(statement, delimiter) {
		delimiter += "$"
	}
	return delimiter
}

// SchemaScript returns the statements that make a schema in an empty database.
func SchemaScript(schema ddl.Schema, srv ddl.Server) ([]string, error) {
	// A character set that no schema has makes sure that the wanted one is set.
	return schemaScript(ddl.Schema{CharacterSet: "?", Collation: "?"}, schema, srv)
}

// ObjectsScript is SchemaScript without the defaults of the database, for a
// template: those of tenants are always the same.
func ObjectsScript(schema ddl.Schema, srv ddl.Server) ([]string, error) {
	return schemaScript(ddl.Schema{CharacterSet: schema.CharacterSet, Collation: schema.Collation}, schema, srv)
}

func schemaScript(empty, schema ddl.Schema, srv ddl.Server) ([]string, error) {
	creation, err := diff.Diff(empty, schema, srv, diff.Options{})
	if err != nil {
		return nil, fmt.Errorf("writing a schema as a script: %w", err)
	}
	_, collation := mysql.PinnedSettings()
	charset, _, _ := strings.Cut(collation, "_")
	s := &SQLScript{Statements: []string{
		"SET @landlord_own_mode = @@sql_mode, @landlord_own_client = @@character_set_client," +
			" @landlord_own_results = @@character_set_results, @landlord_own_collation = @@collation_connection",
		// What the server keeps of a session must not depend on who loads this;
		// zero dates as defaults were allowed where they were printed.
		"SET NAMES " + charset + " COLLATE " + collation,
		"SET sql_mode = 'NO_ENGINE_SUBSTITUTION'",
	}}
	s.Add(creation.Changes...)
	return append(s.End(), "SET sql_mode = @landlord_own_mode, character_set_client = @landlord_own_client,"+
		" character_set_results = @landlord_own_results, collation_connection = @landlord_own_collation"), nil
}

// The statements that keep the settings of somebody else's session that a step
// changes, and put them back.
const (
	KeepSettings = "SET @landlord_mode = @@sql_mode, @landlord_client = @@character_set_client," +
		" @landlord_collation = @@collation_connection, @landlord_zone = @@time_zone"
	RestoreSettings = "SET sql_mode = @landlord_mode, character_set_client = @landlord_client," +
		" collation_connection = @landlord_collation, time_zone = @landlord_zone"
)

// CheckForeignKeys puts back what a step that takes rows in any order has changed.
const CheckForeignKeys = "SET foreign_key_checks = 1"

// Exec sends a statement under the settings that it needs, and puts those of every
// session of ours back: the statement may be a user's, so nothing that it could change
// keeps them meanwhile.
func Exec(ctx context.Context, q mysql.Queryer, sql string, settings ddl.Settings) error {
	set, args := SettingsFor(landlord.Step{SQL: sql, Settings: settings})
	if set == "" {
		_, err := q.Exec(mysql.Patient(ctx), sql)
		return err
	}
	if _, err := q.Exec(ctx, set, args...); err != nil {
		return err
	}
	_, err := q.Exec(mysql.Patient(ctx), sql)
	ctx = context.WithoutCancel(ctx)
	_, backErr := q.Exec(ctx, mysql.BackToPinned)
	if settings.NoForeignKeyChecks {
		_, checkErr := q.Exec(ctx, CheckForeignKeys)
		backErr = errors.Join(backErr, checkErr)
	}
	return errors.Join(err, backErr)
}

// SettingsFor returns the statement that makes a session ready for a step,
// empty when the session is right as it is. A client character set is only
// set when it reads the text as it is meant.
func SettingsFor(step landlord.Step) (string, []any) {
	var parts []string
	var args []any
	s := step.Settings
	if s.SQLMode != "" || s.NoSQLMode {
		parts, args = append(parts, "sql_mode = ?"), append(args, s.SQLMode)
	}
	if s.CharacterSetClient != "" && (strings.HasPrefix(s.CharacterSetClient, "utf8") || landlord.IsASCII(step.SQL)) {
		parts, args = append(parts, "character_set_client = ?"), append(args, s.CharacterSetClient)
	}
	if s.CollationConnection != "" {
		parts, args = append(parts, "collation_connection = ?"), append(args, s.CollationConnection)
	}
	if s.TimeZone != "" {
		parts, args = append(parts, "time_zone = ?"), append(args, s.TimeZone)
	}
	if s.NoForeignKeyChecks {
		parts = append(parts, "foreign_key_checks = 0")
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "SET " + strings.Join(parts, ", "), args
}
