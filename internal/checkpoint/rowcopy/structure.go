package rowcopy

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A copyStructure is what the plan must know of one side.
type copyStructure struct {
	server ddl.Server
	tables map[string]*copySource
	// triggers are the names of triggers by table and event: INSERT, UPDATE.
	triggers map[string]map[string][]string
}

// A copySource is a table of one side.
type copySource struct {
	kind          copyKind
	engine        string
	transactional bool
	info          *ddl.TableInfo // nil when the text is not understood
	unread        error          // why
	columns       []value.Column
}

// copyKind is the kind of an object as the information schema names it.
type copyKind string

func (k copyKind) isTable() bool { return k == "BASE TABLE" || k == "SYSTEM VERSIONED" }

// column returns the column of that name in any case, -1 when there is none.
func (s *copySource) column(name string) int {
	for i := range s.columns {
		if strings.EqualFold(s.columns[i].Name, name) {
			return i
		}
	}
	return -1
}

// described returns the column as the server prints it; the zero value when it
// is not printed: the period columns that a server keeps to itself.
func (s *copySource) described(name string) ddl.ColumnInfo {
	for _, c := range s.info.Columns {
		if strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return ddl.ColumnInfo{}
}

// primary returns the primary key, nil when there is none.
func (s *copySource) primary() *ddl.KeyInfo {
	for i := range s.info.Keys {
		if s.info.Keys[i].Kind == "primary" {
			return &s.info.Keys[i]
		}
	}
	return nil
}

// structure reads what the plan must know of some tables.
func (s Side) structure(ctx context.Context, tables []string) (*copyStructure, error) {
	info, err := s.Session.Info(ctx)
	if err != nil {
		return nil, err
	}
	c := &copyStructure{server: ddl.Server{Product: ddl.Product(info.Product), Version: info.Version}}
	if c.tables, err = s.list(ctx, tables); err != nil {
		return nil, err
	}
	columns, err := value.ReadColumns(ctx, s.Session, info, s.Database, tables...)
	if err != nil {
		return nil, err
	}
	for name, t := range c.tables {
		if !t.kind.isTable() {
			continue
		}
		t.columns = columns[name]
		text, err := s.showTable(ctx, name)
		if err != nil {
			return nil, err
		}
		if t.info, t.unread = ddl.DescribeTable(ddl.Object{Kind: ddl.KindTable, Name: name, SQL: text}, c.server); t.info != nil {
			delete(t.info.Options, "AUTO_INCREMENT") // data
		}
	}
	c.triggers, err = s.triggers(ctx)
	return c, err
}

// list reads kind and engine of tables and views. Names are compared with case:
// a server that does not tell them apart has stored them in one way.
func (s Side) list(ctx context.Context, names []string) (map[string]*copySource, error) {
	found := map[string]*copySource{}
	if len(names) == 0 {
		return found, nil
	}
	args := []any{s.Database}
	for _, name := range names {
		args = append(args, name)
	}
	rows, err := s.Session.Query(ctx, "SELECT t.TABLE_NAME, t.TABLE_TYPE, COALESCE(t.ENGINE, ''), COALESCE(e.TRANSACTIONS, '')"+
		" FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE"+
		" WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME IN (?"+strings.Repeat(", ?", len(names)-1)+") AND t.TABLE_TYPE <> 'TEMPORARY'", args...)
	if err != nil {
		return nil, fmt.Errorf("list the tables of `%s`: %w", s.Database, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, transactions string
		t := &copySource{}
		if err := rows.Scan(&name, &t.kind, &t.engine, &transactions); err != nil {
			return nil, fmt.Errorf("list the tables of `%s`: %w", s.Database, err)
		}
		t.transactional = transactions == "YES"
		found[name] = t
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the tables of `%s`: %w", s.Database, err)
	}
	return found, nil
}

// kinds returns what objects are.
func (s Side) kinds(ctx context.Context, names []string) (map[string]copyKind, error) {
	tables, err := s.list(ctx, names)
	kinds := map[string]copyKind{}
	for name, t := range tables {
		kinds[name] = t.kind
	}
	return kinds, err
}

func (s Side) showTable(ctx context.Context, table string) (string, error) {
	var name, text string
	if err := s.Session.Row(ctx, "SHOW CREATE TABLE "+mysql.Qualified(s.Database, table)).Scan(&name, &text); err != nil {
		return "", fmt.Errorf("show the table `%s` of `%s`: %w", table, s.Database, err)
	}
	return text, nil
}

// triggers lists the triggers of the database that fire when rows come in.
func (s Side) triggers(ctx context.Context) (map[string]map[string][]string, error) {
	rows, err := s.Session.Query(ctx, "SELECT EVENT_OBJECT_TABLE, EVENT_MANIPULATION, TRIGGER_NAME FROM information_schema.TRIGGERS"+
		" WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_MANIPULATION IN ('INSERT', 'UPDATE') ORDER BY TRIGGER_NAME", s.Database)
	if err != nil {
		return nil, fmt.Errorf("list the triggers of `%s`: %w", s.Database, err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string]map[string][]string{}
	for rows.Next() {
		var table, event, name string
		if err := rows.Scan(&table, &event, &name); err != nil {
			return nil, fmt.Errorf("list the triggers of `%s`: %w", s.Database, err)
		}
		if found[table] == nil {
			found[table] = map[string][]string{}
		}
		found[table][event] = append(found[table][event], name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the triggers of `%s`: %w", s.Database, err)
	}
	return found, nil
}

// referencedElsewhere returns the foreign keys of the database that refer to
// columns of a table outside of its primary key, as `child`.`column`.
func (s Side) referencedElsewhere(ctx context.Context, t *copyTable) ([]string, error) {
	rows, err := s.Session.Query(ctx, "SELECT TABLE_NAME, CONSTRAINT_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE"+
		" WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ? ORDER BY TABLE_NAME, CONSTRAINT_NAME",
		s.Database, s.Database, t.name)
	if err != nil {
		return nil, fmt.Errorf("list the foreign keys to `%s`: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var table, name string
		var column sql.NullString
		if err := rows.Scan(&table, &name, &column); err != nil {
			return nil, fmt.Errorf("list the foreign keys to `%s`: %w", t.name, err)
		}
		if !t.inKey(column.String) {
			found = append(found, fmt.Sprintf("`%s` of table `%s`", name, table))
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the foreign keys to `%s`: %w", t.name, err)
	}
	return found, nil
}
