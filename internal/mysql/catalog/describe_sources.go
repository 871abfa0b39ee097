package catalog

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A source is one part of the information schema: which of its columns describe
// structure. Never add a column with statistics (CARDINALITY, TABLE_ROWS,
// AUTO_INCREMENT …): they change by themselves and cost seconds.
type source struct {
	name     string // in the facts
	from     string // the view of the information schema
	database string // its column with the database
	kind     string // SQL for the kind of the object
	object   string // SQL for the name of the object
	values   []string
	where    string

	// The rest says, by positions in values, what must be done to a value.

	// texts hold SQL in which the database may name itself.
	texts []int
	// mode is the position of the sql_mode for texts, -1 when there is none.
	mode int
	// ownName is the position of the name of a database, which is emptied when
	// it is the database's own; -1 when there is none.
	ownName int
	// definer is the position of the account of a program; -1 when there is none.
	definer int
	// printed says that the server composed the texts.
	printed bool
}

// What the reader must know of a kind before it can pass the fact on.
const (
	// kindTable is a table unless the source `tables` said otherwise.
	kindTable = "'table'"
	// kindCheck is a check constraint whose table another source knows.
	kindCheck = "'check'"
)

// tableKind turns TABLE_TYPE into a kind.
const tableKind = "CASE TABLE_TYPE WHEN 'VIEW' THEN 'view' WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END"

// implicitStart is the start of an event unless it is just the moment at which
// the event was made or last altered, which is what the server writes down for
// EVERY without STARTS. STARTS is in the event's time zone, the others are in
// the session's.
const implicitStart = "IF(CONVERT_TZ(STARTS, TIME_ZONE, @@time_zone) IN (CREATED, LAST_ALTERED), NULL, STARTS)"

func src(name, from, database, kind, object string, values ...string) source {
	return source{name: name, from: from, database: database, kind: kind, object: object, values: values, mode: -1, ownName: -1,
		definer: slices.Index(values, "DEFINER")}
}

func (s source) only(where string) source { s.where = where; return s }

// text marks the values with SQL; mode is the position of its sql_mode or -1.
func (s source) text(mode int, columns ...string) source {
	s.mode = mode
	for _, c := range columns {
		s.texts = append(s.texts, slices.Index(s.values, c))
	}
	return s
}

func (s source) asPrinted() source { s.printed = true; return s }

func (s source) own(column string) source {
	s.ownName = slices.Index(s.values, column)
	return s
}

// sourceGroups returns the sources, those of one statement together. What the
// others need to know of an object (its kind) is in the first.
func sourceGroups(info mysql.Info) [][]source {
	if info.Product == mysql.MariaDB {
		return mariadbSources()
	}
	return mysqlSources()
}

func mysqlSources() [][]source {
	return [][]source{
		append([]source{
			schemataSource(),
			tablesSource(),
			src("views", "VIEWS", "TABLE_SCHEMA", "'view'", "TABLE_NAME",
				// IS_UPDATABLE changes when a table below is altered.
				"VIEW_DEFINITION", "CHECK_OPTION", "DEFINER", "SECURITY_TYPE",
				"CHARACTER_SET_CLIENT", "COLLATION_CONNECTION").text(-1, "VIEW_DEFINITION").asPrinted(),
		}, programSources()...),
		{src("columns", "COLUMNS", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"COLUMN_NAME", "ORDINAL_POSITION", "COLUMN_DEFAULT", "IS_NULLABLE", "COLUMN_TYPE", "COLLATION_NAME",
			"EXTRA", "COLUMN_COMMENT", "GENERATION_EXPRESSION", "SRS_ID")},
		{src("statistics", "STATISTICS", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"INDEX_NAME", "SEQ_IN_INDEX", "NON_UNIQUE", "COLUMN_NAME", "COLLATION", "SUB_PART", "INDEX_TYPE",
			"INDEX_COMMENT", "IS_VISIBLE", "EXPRESSION")},
		append(keySources(),
			src("checks", "TABLE_CONSTRAINTS", "TABLE_SCHEMA", kindCheck, "TABLE_NAME",
				"CONSTRAINT_NAME", "ENFORCED").only("CONSTRAINT_TYPE = 'CHECK'"),
			// Here MySQL does not name the table; names are unique in a database.
			src("check_clauses", "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA", kindCheck, "''",
				"CONSTRAINT_NAME", "CHECK_CLAUSE"),
		),
	}
}

func mariadbSources() [][]source {
	return [][]source{
		append([]source{
			schemataSource(),
			tablesSource().only("TABLE_TYPE <> 'TEMPORARY'"),
			src("views", "VIEWS", "TABLE_SCHEMA", "'view'", "TABLE_NAME",
				"VIEW_DEFINITION", "CHECK_OPTION", "DEFINER", "SECURITY_TYPE", "ALGORITHM",
				"CHARACTER_SET_CLIENT", "COLLATION_CONNECTION").text(-1, "VIEW_DEFINITION").asPrinted(),
		}, programSources()...),
		// Defaults are expressions here and may call a sequence or function.
		{src("columns", "COLUMNS", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"COLUMN_NAME", "ORDINAL_POSITION", "COLUMN_DEFAULT", "IS_NULLABLE", "COLUMN_TYPE", "COLLATION_NAME",
			"EXTRA", "COLUMN_COMMENT", "GENERATION_EXPRESSION").
			text(-1, "COLUMN_DEFAULT", "GENERATION_EXPRESSION").asPrinted()},
		{src("statistics", "STATISTICS", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"INDEX_NAME", "SEQ_IN_INDEX", "NON_UNIQUE", "COLUMN_NAME", "COLLATION", "SUB_PART", "INDEX_TYPE",
			"INDEX_COMMENT", "IGNORED")},
		append(keySources(),
			src("checks", "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA", kindTable, "TABLE_NAME",
				"CONSTRAINT_NAME", "LEVEL", "CHECK_CLAUSE"),
		),
	}
}

func schemataSource() source {
	return src("schemata", "SCHEMATA", "SCHEMA_NAME", "'database'", "''",
		"DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME")
}

func tablesSource() source {
	return src("tables", "TABLES", "TABLE_SCHEMA", tableKind, "TABLE_NAME",
		"TABLE_TYPE", "ENGINE", "TABLE_COLLATION", "CREATE_OPTIONS",
		// The comment of a view is an error text when the view is broken, and
		// computing it opens the view.
		"IF(TABLE_TYPE = 'VIEW', NULL, TABLE_COMMENT)")
}

// programSources are stored programs, the same on both products.
func programSources() []source {
	return []source{
		// EVENT_OBJECT_SCHEMA is the trigger's own database; MariaDB looks up
		// this column only, and else opens the tables of every database.
		src("triggers", "TRIGGERS", "EVENT_OBJECT_SCHEMA", "'trigger'", "TRIGGER_NAME",
			"SQL_MODE", "EVENT_MANIPULATION", "EVENT_OBJECT_TABLE", "ACTION_ORDER", "ACTION_STATEMENT",
			"ACTION_TIMING", "DEFINER", "CHARACTER_SET_CLIENT", "COLLATION_CONNECTION").text(0, "ACTION_STATEMENT"),
		src("routines", "ROUTINES", "ROUTINE_SCHEMA", "LOWER(ROUTINE_TYPE)", "ROUTINE_NAME",
			"SQL_MODE", "DTD_IDENTIFIER", "COLLATION_NAME", "ROUTINE_DEFINITION", "EXTERNAL_LANGUAGE",
			"IS_DETERMINISTIC", "SQL_DATA_ACCESS", "SECURITY_TYPE", "ROUTINE_COMMENT", "DEFINER",
			"CHARACTER_SET_CLIENT", "COLLATION_CONNECTION").text(0, "ROUTINE_DEFINITION"),
		src("parameters", "PARAMETERS", "SPECIFIC_SCHEMA", "LOWER(ROUTINE_TYPE)", "SPECIFIC_NAME",
			"ORDINAL_POSITION", "PARAMETER_MODE", "PARAMETER_NAME", "DTD_IDENTIFIER", "COLLATION_NAME"),
		src("events", "EVENTS", "EVENT_SCHEMA", "'event'", "EVENT_NAME",
			"SQL_MODE", "DEFINER", "TIME_ZONE", "EVENT_DEFINITION", "EVENT_TYPE", "EXECUTE_AT", "INTERVAL_VALUE",
			"INTERVAL_FIELD", implicitStart, "ENDS", "STATUS", "ON_COMPLETION", "EVENT_COMMENT",
			"CHARACTER_SET_CLIENT", "COLLATION_CONNECTION").text(0, "EVENT_DEFINITION"),
	}
}

// keySources are foreign keys and partitions, the same on both products.
func keySources() []source {
	return []source{
		src("references", "KEY_COLUMN_USAGE", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"CONSTRAINT_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "REFERENCED_TABLE_SCHEMA",
			"REFERENCED_TABLE_NAME", "REFERENCED_COLUMN_NAME").
			own("REFERENCED_TABLE_SCHEMA").only("REFERENCED_TABLE_NAME IS NOT NULL"),
		src("reference_rules", "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA", kindTable, "TABLE_NAME",
			"CONSTRAINT_NAME", "UPDATE_RULE", "DELETE_RULE", "MATCH_OPTION"),
		src("partitions", "PARTITIONS", "TABLE_SCHEMA", kindTable, "TABLE_NAME",
			"PARTITION_NAME", "SUBPARTITION_NAME", "PARTITION_ORDINAL_POSITION", "SUBPARTITION_ORDINAL_POSITION",
			"PARTITION_METHOD", "SUBPARTITION_METHOD", "PARTITION_EXPRESSION", "SUBPARTITION_EXPRESSION",
			"PARTITION_DESCRIPTION", "PARTITION_COMMENT").only("PARTITION_NAME IS NOT NULL"),
	}
}

// fixedColumns stand before the values of every row: number of the source,
// database, kind, object.
const fixedColumns = 4

// statement writes one SELECT for all sources of a group. The parts are cast to
// one character set, because their collations differ from column to column and
// UNION would refuse the mix.
func statement(group []source, parts []selection) (query string, args []any, width int) {
	for _, s := range group {
		width = max(width, len(s.values))
	}
	var b strings.Builder
	for i, s := range group {
		for n, chosen := range parts {
			if i+n > 0 {
				b.WriteString(" UNION ALL ")
			}
			b.WriteString("SELECT '" + string(rune('0'+i)) + "'")
			for _, column := range append([]string{s.database, s.kind, s.object}, s.values...) {
				b.WriteString(", CAST(" + column + " AS CHAR CHARACTER SET utf8mb4)")
			}
			b.WriteString(strings.Repeat(", NULL", width-len(s.values)))
			where, more := chosen.condition(s.database)
			b.WriteString(" FROM information_schema." + s.from + " WHERE " + where)
			if s.where != "" {
				b.WriteString(" AND " + s.where)
			}
			args = append(args, more...)
		}
	}
	return b.String(), args, width
}
