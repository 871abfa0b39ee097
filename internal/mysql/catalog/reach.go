package catalog

import (
	"context"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"strings"
)

// A StoredProgram is a view, routine, trigger or event of a server.
type StoredProgram struct {
	Database, Name string
	Kind           string // view, procedure, function, package, package body, trigger, event
	Table          string // of a trigger
	Definer        string // user@host
	Invoker        bool   // runs with the rights of whoever uses it
	Enabled        bool   // an event that a schedule starts
	Hidden         bool   // the account does not see the definition
	Definition     string // the query or body
	SQLMode        string // under which the definition is read
}

// systemSchemas are left out where programs are read.
const systemSchemas = "('information_schema', 'performance_schema', 'mysql', 'sys', 'ndbinfo')"

// StoredPrograms returns the programs of all databases that are not the system's, as
// far as the account sees them, in four statements.
func StoredPrograms(ctx context.Context, q mysql.Queryer) ([]StoredProgram, error) {
	var out []StoredProgram
	for _, query := range []string{
		"SELECT TABLE_SCHEMA, TABLE_NAME, 'view', '', DEFINER, SECURITY_TYPE, '', NULLIF(VIEW_DEFINITION, ''), '' FROM information_schema.VIEWS WHERE TABLE_SCHEMA",
		"SELECT ROUTINE_SCHEMA, ROUTINE_NAME, LOWER(ROUTINE_TYPE), '', DEFINER, SECURITY_TYPE, '', ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA",
		"SELECT TRIGGER_SCHEMA, TRIGGER_NAME, 'trigger', EVENT_OBJECT_TABLE, DEFINER, '', '', ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA",
		"SELECT EVENT_SCHEMA, EVENT_NAME, 'event', '', DEFINER, '', STATUS, EVENT_DEFINITION, SQL_MODE FROM information_schema.EVENTS WHERE EVENT_SCHEMA",
	} {
		err := mysql.EachRow(ctx, q, query+" NOT IN "+systemSchemas, func(row []string) error {
			out = append(out, StoredProgram{Database: row[0], Name: row[1], Kind: row[2], Table: row[3], Definer: row[4], Invoker: row[5] == "INVOKER",
				Enabled: row[6] == "ENABLED", Definition: row[7], Hidden: row[7] == "", SQLMode: row[8]})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read the programs of all databases: %w", err)
		}
	}
	return out, nil
}

// A ReachingKey is a foreign key whose two tables are in different databases.
type ReachingKey struct{ Database, Table, Name, ReferencedDatabase, ReferencedTable string }

// ReachingKeys returns the foreign keys that reach across databases, in one
// statement; MariaDB takes a second one, which opens every table, when the account
// lacks PROCESS.
func ReachingKeys(ctx context.Context, q mysql.Queryer, info mysql.Info) ([]ReachingKey, error) {
	const standard = "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME" +
		" FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA <> CONSTRAINT_SCHEMA"
	const ofInnoDB = "SELECT ID, FOR_NAME, REF_NAME FROM information_schema.INNODB_SYS_FOREIGN" +
		" WHERE SUBSTRING_INDEX(FOR_NAME, '/', 1) <> SUBSTRING_INDEX(REF_NAME, '/', 1)"
	var out []ReachingKey
	var err error
	if info.Product == mysql.MariaDB {
		err = mysql.EachRow(ctx, q, ofInnoDB, func(row []string) error {
			var k ReachingKey
			_, k.Name = fileNames(row[0])
			k.Database, k.Table = fileNames(row[1])
			k.ReferencedDatabase, k.ReferencedTable = fileNames(row[2])
			out = append(out, k)
			return nil
		})
	}
	if info.Product != mysql.MariaDB || mysql.IsAccessDenied(err) {
		err = mysql.EachRow(ctx, q, standard, func(row []string) error {
			out = append(out, ReachingKey{Database: row[0], Table: row[1], Name: row[2], ReferencedDatabase: row[3], ReferencedTable: row[4]})
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the foreign keys of all databases: %w", err)
	}
	return out, nil
}

// fileNames takes the name of a table apart as InnoDB keeps it: `db/table`, with
// letters beyond ASCII as `@0040`.
func fileNames(name string) (database, object string) {
	database, object, _ = strings.Cut(name, "/")
	return fromFileName(database), fromFileName(object)
}

// fromFileName undoes how servers write the characters of a name in the names of
// files, as far as they write four hexadecimal digits.
func fromFileName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		var r rune
		if name[i] == '@' && i+4 < len(name) {
			if _, err := fmt.Sscanf(name[i+1:i+5], "%04x", &r); err == nil {
				b.WriteRune(r)
				i += 4
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
