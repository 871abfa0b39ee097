package merge_test

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

var (
	mysql97   = ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	mariadb11 = ddl.Server{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"}
)

// failer is a test, or a property of rapid.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// schema makes a schema of CREATE statements as a server prints them. Names of a
// table without options may stand without quotes.
func schema(t failer, srv ddl.Server, sql string) ddl.Schema {
	t.Helper()
	s := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	statements, faults := source.Parse(sql, srv)
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			t.Fatalf("%s: %s, in\n%s", f.Position, f.Detail, sql)
		}
	}
	for _, st := range statements {
		if st.Verb != "CREATE" || st.Kind == "" {
			t.Fatalf("not a CREATE of an object: %s", st.SQL)
		}
		text := st.Text
		if st.Kind == ddl.KindTable && !strings.Contains(text, "`") {
			text = st.SQL // with its names in quotes
		}
		o := ddl.Object{Kind: st.Kind, Name: st.Object, Table: st.Table, SQL: text}
		if o.Kind == ddl.KindTable && diff.Elements(o, srv) == nil {
			t.Fatalf("not read as a table: %s", text)
		}
		s.Objects = append(s.Objects, o)
	}
	slices.SortFunc(s.Objects, func(a, b ddl.Object) int {
		return strings.Compare(string(a.Kind)+" "+a.Name, string(b.Kind)+" "+b.Name)
	})
	return s
}
