package source

import (
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Mentions returns the databases other than its own that the definition of a
// view, routine, trigger or event names, sorted: the system's, those of
// Server.Others, and whatever stands before a table or a routine where one is
// expected. own are the names of the database that the definition is from. The
// definition is the query of a view, or the body of the others, as the information
// schema shows it.
func Mentions(kind ddl.Kind, definition string, own []string, srv ddl.Server) []string {
	before, ok := definitionHead[kind]
	if !ok || !strings.Contains(definition, ".") {
		return nil
	}
	st := Statement{Text: before + definition, server: srv}
	st.classify()
	g := &guard{st: &st, rules: Rules{Layer: LayerMigration, Databases: own}, toks: sqltext.Tokens(st.Text, sqltext.Mode{})}
	g.named = map[string]bool{}
	g.starts()
	g.names()
	g.others()
	return slices.Sorted(maps.Keys(g.named))
}

// definitionHead is what stands before a definition in a statement.
var definitionHead = map[ddl.Kind]string{
	ddl.KindView:        "CREATE VIEW v AS ",
	ddl.KindProcedure:   "CREATE PROCEDURE p() ",
	ddl.KindFunction:    "CREATE FUNCTION f() RETURNS INT ",
	ddl.KindTrigger:     "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW ",
	ddl.KindEvent:       "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO ",
	ddl.KindPackage:     "CREATE PACKAGE p ",
	ddl.KindPackageBody: "CREATE PACKAGE BODY p ",
}
