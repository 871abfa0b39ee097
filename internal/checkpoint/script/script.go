package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// Settings stand at the head of every script, so that each can be loaded
// alone: those of [value.WriteSettings], and no checks of what was checked before.
var Settings = []string{
	"SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci",
	value.WriteSettings,
	UncheckedRows,
}

// UncheckedRows switches the checks of rows off; CheckedRows asks at least that each
// is written when its statement comes.
const (
	UncheckedRows = "SET foreign_key_checks = 0, unique_checks = 0"
	CheckedRows   = "SET foreign_key_checks = 0, unique_checks = 1"
)

// TableScript is the script that makes the tables, for the standard client.
func (s Schema) TableScript() string {
	statements := []Statement{}
	if s.CharacterSet != "" {
		sql := "ALTER DATABASE CHARACTER SET " + s.CharacterSet + " COLLATE " + s.Collation
		statements = append(statements, Statement{Kind: "database", SQL: sql})
	}
	return script("Sequences and tables, without triggers.", append(statements, s.Tables()...))
}

// ProgramScript is the script that makes what is left.
func (s Schema) ProgramScript() string {
	return script("Routines, views, triggers and events; to be loaded after the rows.", s.Programs(Options{}))
}

// Script returns everything as one script that the standard client loads into
// an empty database.
func (s Schema) Script() string { return s.TableScript() + s.ProgramScript() }

// script writes statements as the standard client reads them.
func script(title string, statements []Statement) string {
	var b strings.Builder
	b.WriteString("-- " + title + "\n")
	for _, set := range Settings {
		b.WriteString(set + ";\n")
	}
	delimiter := delimiterFor(statements)
	b.WriteString("DELIMITER " + delimiter + "\n")
	for _, st := range statements {
		st.write(&b, delimiter)
	}
	b.WriteString("DELIMITER ;\n")
	return b.String()
}

// write writes the statement with its settings. A text that is not in Unicode
// for its client is created as one in Unicode, which means the same.
func (st Statement) write(b *strings.Builder, delimiter string) {
	if !unicode(st.Settings.CharacterSetClient) && !value.IsASCII([]byte(st.SQL)) {
		st.Settings.CharacterSetClient = ""
	}
	lines := []string{st.SQL}
	if sets := st.sets(); sets != "" {
		lines = []string{sets, st.SQL, st.resets()}
	}
	if st.Broken {
		// The client would stop here.
		fmt.Fprintf(b, "-- This view did not work where it was copied.\n-- %s\n", strings.ReplaceAll(st.SQL, "\n", "\n-- "))
		return
	}
	for _, line := range lines {
		b.WriteString(line + "\n" + delimiter + "\n")
	}
}

// delimiterFor returns a delimiter that stands in no statement.
func delimiterFor(statements []Statement) string {
	for i := 0; ; i++ {
		delimiter := ";;"
		if i > 0 {
			delimiter = fmt.Sprintf("$$%d$$", i)
		}
		if !containsAny(statements, delimiter) {
			return delimiter
		}
	}
}

func containsAny(statements []Statement, text string) bool {
	return slices.ContainsFunc(statements, func(st Statement) bool { return strings.Contains(st.SQL, text) })
}
