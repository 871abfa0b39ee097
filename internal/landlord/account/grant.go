package account

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// A Grant is what an account gets on one database, or on one table of it, which
// need not exist yet.
type Grant struct {
	Database   string
	Table      string // empty for the whole database
	Privileges string // as a GRANT lists them: `SELECT, INSERT`
	// Random says that the name of the database ends in random letters: no other
	// one has a name of that form, so the wildcards in it need no escape where it
	// would be too long with one.
	Random bool
}

// maxDatabaseName is the longest name of a database, also in a GRANT.
const maxDatabaseName = 64

// OnDatabase are the privileges of SQL that may do with a database what it
// likes, but not drop it for good, nor hand its rights on. Programs are made by
// the account of the provider.
const OnDatabase = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES," +
	" CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, TRIGGER"

// OnText are the privileges of statements that a user wrote: those, and what it
// takes to drop or alter a program.
const OnText = OnDatabase + ", ALTER ROUTINE, EVENT"

// OnTable are the privileges of SQL that may do with one table what it likes.
const OnTable = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES"

// OnRows are the privileges of SQL that changes rows and nothing else.
const OnRows = "SELECT, INSERT, UPDATE, DELETE, EXECUTE, CREATE TEMPORARY TABLES, LOCK TABLES"

// OnSelect are the privileges of conditions on rows that are read.
const OnSelect = "SELECT"

// CheckName refuses a database of which no account can have rights on it alone: in a
// GRANT `_` and `%` stand for other characters unless they are escaped, and the
// escaped name has to fit too. The error is a *Problem.
func CheckName(info mysql.Info, database string) error {
	granted := utf8.RuneCountInString(privilege.GrantedName(info, database))
	if granted <= maxDatabaseName {
		return nil
	}
	over := granted - maxDatabaseName
	return landlord.NewProblem(landlord.FieldSlug, "Database name is too long to grant",
		fmt.Sprintf("An account gets rights on database `%s` alone, and not on others of similar names, by a GRANT that escapes each `_` and `%%` in the name. That has %d characters then; servers take %d.", database, granted, maxDatabaseName),
		fmt.Sprintf("Choose a slug that is shorter by %s, where each `_` and `-` counts for two.", landlord.Several(over, "character")))
}

// on returns what the grant is about, for a GRANT or REVOKE.
func (g Grant) on(info mysql.Info) string {
	if g.Table == "" {
		name := privilege.GrantedName(info, g.Database)
		if g.Random && utf8.RuneCountInString(name) > maxDatabaseName {
			name = g.Database
		}
		return mysql.Quote(name) + ".*"
	}
	return mysql.Qualified(g.Database, g.Table)
}

// Give grants on this session, one statement for each grant.
func Give(ctx context.Context, x *mysql.Session, info mysql.Info, to Name, grants ...Grant) error {
	for _, g := range grants {
		if _, err := x.Exec(ctx, "GRANT "+g.Privileges+" ON "+g.on(info)+" TO "+to.String()); err != nil {
			return fmt.Errorf("grant rights on %s to the account %s: %w", g.on(info), to, err)
		}
	}
	return nil
}

// Take takes back on this session what Give gave.
func Take(ctx context.Context, x *mysql.Session, info mysql.Info, from Name, grants ...Grant) error {
	for _, g := range grants {
		if _, err := x.Exec(ctx, "REVOKE "+g.Privileges+" ON "+g.on(info)+" FROM "+from.String()); err != nil {
			return fmt.Errorf("take rights on %s from the account %s: %w", g.on(info), from, err)
		}
	}
	return nil
}
