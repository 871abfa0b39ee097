package landlord

import (
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sqlScript writes changes as statements for somebody else's session: those that
// make an object under settings of its own stand between statements that set
// them. Each is one that a driver can send; none ends with a semicolon.
type sqlScript struct {
	statements []string
	now        string // the statement that made the present settings, empty for the session's own
	kept       bool
}

func (s *sqlScript) add(changes ...diff.Change) {
	for _, c := range changes {
		want := scriptSettings(c)
		if want != s.now {
			if !s.kept {
				s.statements, s.kept = append(s.statements, keepSettings), true
			}
			if s.now != "" {
				s.statements = append(s.statements, restoreSettings)
			}
			if want != "" {
				s.statements = append(s.statements, want)
			}
			s.now = want
		}
		s.statements = append(s.statements, strings.TrimSpace(c.SQL))
	}
}

// end returns all statements, the last of which puts settings back.
func (s *sqlScript) end() []string {
	if s.now != "" {
		s.statements, s.now = append(s.statements, restoreSettings), ""
	}
	return s.statements
}

// scriptSettings returns the SET statement for a change, empty when any session
// will do.
func scriptSettings(c diff.Change) string {
	step := Step{SQL: c.SQL, settings: c.Settings}
	text, args := settingsFor(step)
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

// scriptText writes statements as one text for the standard client, which cuts
// at each `;` outside of quotes: bodies need another delimiter.
func scriptText(statements []string) string {
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

// schemaScript returns the statements that make a schema in an empty database.
func schemaScript(schema ddl.Schema, srv ddl.Server) ([]string, error) {
	// A character set that no schema has makes sure that the wanted one is set.
	empty := ddl.Schema{CharacterSet: "?", Collation: "?"}
	creation, err := diff.Diff(empty, schema, srv, diff.Options{})
	if err != nil {
		return nil, fmt.Errorf("writing a schema as a script: %w", err)
	}
	_, collation := mysql.PinnedSettings()
	charset, _, _ := strings.Cut(collation, "_")
	s := &sqlScript{statements: []string{
		"SET @landlord_own_mode = @@sql_mode, @landlord_own_client = @@character_set_client," +
			" @landlord_own_results = @@character_set_results, @landlord_own_collation = @@collation_connection",
		// What the server keeps of a session must not depend on who loads this;
		// zero dates as defaults were allowed where they were printed.
		"SET NAMES " + charset + " COLLATE " + collation,
		"SET sql_mode = 'NO_ENGINE_SUBSTITUTION'",
	}}
	s.add(creation.Changes...)
	return append(s.end(), "SET sql_mode = @landlord_own_mode, character_set_client = @landlord_own_client,"+
		" character_set_results = @landlord_own_results, collation_connection = @landlord_own_collation"), nil
}
