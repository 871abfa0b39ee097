package replay

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// statement applies a statement of the log when it concerns the source.
func (r *replayer) statement(ctx context.Context, q *binlog.Query) error {
	st := parseLogStatement(q.Text, q.SQLMode)
	if st.class == logGlobal || st.temporary {
		return nil
	}
	if !r.isSource(q.Database) && !st.mentions(r.isSource) {
		if r.isCompanion(q.Database) || st.mentions(r.isCompanion) {
			return r.besideStatement(ctx, q, st)
		}
		return nil
	}
	switch st.class {
	case logTransaction:
		// What was undone up to a savepoint is not in the log, unless tables
		// without transactions had a part in it.
		if r.rows && st.verb == "ROLLBACK" {
			return r.unreplayable("a part of a transaction was undone that had also changed tables without transactions", "", nil)
		}
		return nil
	case logTable:
		return r.tableStatement(ctx, q, st)
	case logProgram:
		return r.programStatement(ctx, q, st)
	case logDatabase:
		return r.databaseStatement(ctx, q, st)
	case logData:
		return r.dataStatement(ctx, q, st)
	}
	if r.isSource(q.Database) || st.mentions(r.isSource) {
		return r.unreplayable("it is not known what the statement changes", brief(q.Text), nil)
	}
	return nil
}

// brief is a statement in a message. It may hold secrets when it is about
// accounts; those are skipped.
func brief(text string) string {
	const most = 120
	one := sqltext.OneLine(text)
	if len(one) > most {
		one = one[:most] + "…"
	}
	return strings.ToValidUTF8(one, "�")
}

// dataStatement refuses rows as text: what they become depends on everything
// that was there. A table that lives in memory is empty after a restart, and
// the log says so in this way.
func (r *replayer) dataStatement(ctx context.Context, q *binlog.Query, st *logStatement) error {
	if name, ok := emptied(st); ok {
		if ok, err := r.follows(ctx, q, name, false); err != nil || !ok {
			return err
		}
		return r.runTable(ctx, q, "DELETE FROM "+mysql.Qualified(r.placeOf(q, name), name.name))
	}
	return r.unreplayable("rows were changed by a statement that the log holds as text, not as rows (`binlog_format` was not ROW)", st.verb, nil)
}

// emptied recognizes `DELETE FROM table` without anything else.
func emptied(st *logStatement) (logObject, bool) {
	p := &logParser{logStatement: *st}
	if !p.accept("DELETE", "FROM") {
		return logObject{}, false
	}
	o, ok := p.name()
	return o, ok && p.i == len(p.tokens)
}

// ours says whether a name means a table of the source.
func (r *replayer) ours(q *binlog.Query, o logObject) bool {
	if o.database == "" {
		return r.isSource(q.Database)
	}
	return r.isSource(o.database)
}

// besideStatement applies a statement that concerns companions alone.
func (r *replayer) besideStatement(ctx context.Context, q *binlog.Query, st *logStatement) error {
	name := q.Database
	if len(st.objects) > 0 && st.objects[0].database != "" {
		name = st.objects[0].database
	}
	switch st.class {
	case logTable:
		return r.spared(name, r.tableStatement(ctx, q, st))
	case logDatabase:
		return r.databaseStatement(ctx, q, st)
	case logData:
		return r.spared(name, r.dataStatement(ctx, q, st))
	}
	return nil // programs run nothing there, and do not come into the source
}

// tableStatement applies a change of tables.
func (r *replayer) tableStatement(ctx context.Context, q *binlog.Query, st *logStatement) error {
	switch st.verb {
	case "DROP":
		if st.kind == "TABLE" || st.kind == "SEQUENCE" {
			return r.dropTables(ctx, q, st)
		}
	case "RENAME":
		return r.renameTables(ctx, q, st)
	}
	table := st.objects[0]
	if st.verb == "TRUNCATE" && len(st.objects) > 1 {
		return nil // no server takes a list
	}
	for _, other := range st.others {
		if r.placeOf(q, other) != r.placeOf(q, table) {
			return r.unreplayable("rows are exchanged with a table of another database", brief(q.Text), nil)
		}
	}
	if st.to != nil && databaseOf(q, table) != databaseOf(q, *st.to) {
		pair := &logStatement{objects: []logObject{table, *st.to}}
		return r.renameTables(ctx, q, pair)
	}
	if here, err := r.follows(ctx, q, table, st.verb == "CREATE"); err != nil || !here {
		return err
	}
	r.concerns = true
	if q.ErrorCode != 0 {
		return r.unreplayable(fmt.Sprintf("a statement ended with error %d and is in the log nevertheless", q.ErrorCode), brief(q.Text), nil)
	}
	if err := r.checkDefinition(ctx, q, st); err != nil {
		return err
	}
	if st.to != nil && r.programs.renameTable(table.name, st.to.name) {
		return nil // a view
	}
	return r.runTable(ctx, q, r.retarget(st))
}

// checkDefinition refuses what depends on more than the definition.
func (r *replayer) checkDefinition(ctx context.Context, q *binlog.Query, st *logStatement) error {
	switch {
	case st.selects:
		return r.unreplayable("a table was made from a query that the log holds as text (`binlog_format` was not ROW)", brief(q.Text), nil)
	case st.like != nil && r.placeOf(q, *st.like) == "":
		return r.unreplayable("a table was made like one of another database", brief(q.Text), nil)
	case st.verb != "ALTER" || st.kind != "TABLE":
		return nil
	}
	if tablespace(st) {
		return r.unreplayable("rows came from or went to a file", brief(q.Text), nil)
	}
	return r.checkAddition(ctx, q, st)
}

// checkAddition refuses a new column whose values in the rows that are there
// cannot be had a second time.
func (r *replayer) checkAddition(ctx context.Context, q *binlog.Query, st *logStatement) error {
	name, why := st.objects[0].name, ddl.Unrepeatable(st.tokens)
	if why == ddl.NumbersRows {
		t, err := r.table(ctx, r.placeOf(q, st.objects[0]), name)
		if err != nil {
			return err
		}
		if len(t.key) > 0 {
			return nil
		}
	}
	if why == "" {
		return nil
	}
	var found bool
	if err := r.w.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+mysql.Qualified(r.req.Target, name)+")").Scan(&found); err != nil {
		return fmt.Errorf("look for rows in `%s`: %w", name, err)
	}
	if !found {
		return nil
	}
	return r.unreplayable(why, brief(q.Text), nil)
}

// tablespace recognizes IMPORT and DISCARD TABLESPACE.
func tablespace(st *logStatement) bool {
	for i := 1; i < len(st.tokens); i++ {
		if st.tokens[i].Is("TABLESPACE") && st.tokens[i-1].IsAny("IMPORT", "DISCARD") {
			return true
		}
	}
	return false
}

// retarget writes a statement about tables so that it means the target: its
// own database is replaced wherever it qualifies a name, and names without one
// mean the default database of the session.
func (r *replayer) retarget(st *logStatement) string {
	var edits []edit
	for i, t := range st.tokens {
		if i+2 >= len(st.tokens) || !t.IsName() || !r.followed(t.Value()) || !st.tokens[i+1].IsPunct('.') || !st.tokens[i+2].IsName() {
			continue
		}
		if i > 0 && qualified(st.tokens[i-1]) {
			continue
		}
		edits = append(edits, edit{t.Start, t.End, mysql.Quote(r.place(t.Value()))})
	}
	// MySQL makes a table and fills it in one transaction; here the rows follow
	// by themselves.
	if n := len(st.tokens); n > 2 && st.verb == "CREATE" && st.tokens[n-2].Is("START") && st.tokens[n-1].Is("TRANSACTION") {
		edits = append(edits, edit{st.tokens[n-2].Start, st.tokens[n-1].End, ""})
	}
	return applyEdits(st.text, edits)
}

// runTable runs a change of tables in the target, with the settings that the
// log names.
func (r *replayer) runTable(ctx context.Context, q *binlog.Query, sql string) error {
	r.concerns = true
	clear(r.tables)
	if err := r.commit(ctx); err != nil {
		return err
	}
	settings, err := r.settingsFor(q)
	if err != nil {
		return r.unreplayable("a statement cannot be repeated", brief(q.Text), err)
	}
	if err := r.use(ctx, q); err != nil {
		return err
	}
	if err := r.set(ctx, settings); err != nil {
		return r.unreplayable("the settings of a statement cannot be repeated", brief(q.Text), err)
	}
	if _, err := r.w.Exec(ctx, sql); err != nil {
		if r.w.Poisoned() {
			return fmt.Errorf("replay a change of `%s`: %w", r.req.Source, err)
		}
		return r.unreplayable("a statement failed that had succeeded", brief(q.Text), err)
	}
	r.out.Statements++
	return nil
}

// use selects the database that the default one of a statement stands for.
func (r *replayer) use(ctx context.Context, q *binlog.Query) error {
	database := r.place(q.Database)
	if database == "" {
		database = r.req.Target
	}
	if database == r.using {
		return nil
	}
	if err := r.w.Use(ctx, database); err != nil {
		return err
	}
	r.using = database
	return nil
}

// dropTables drops those of the named tables that are ours.
func (r *replayer) dropTables(ctx context.Context, q *binlog.Query, st *logStatement) error {
	var names []string
	for _, o := range st.objects {
		if at := r.placeOf(q, o); at != "" {
			names = append(names, mysql.Qualified(at, o.name))
		}
		if r.ours(q, o) {
			r.programs.dropTable(o.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return r.runTable(ctx, q, "DROP "+st.kind+" IF EXISTS "+strings.Join(names, ", "))
}

// renameTables repeats what moves between databases that are followed by one
// statement. Else it repeats the pairs one by one: a table may leave the database,
// and another take its name.
func (r *replayer) renameTables(ctx context.Context, q *binlog.Query, st *logStatement) error {
	pairs, ok, err := r.moved(ctx, q, st)
	if err != nil {
		return err
	}
	if ok {
		return r.comes(ctx, q, pairs)
	}
	for i := 0; i+1 < len(st.objects); i += 2 {
		from, to := st.objects[i], st.objects[i+1]
		switch here, there := r.ours(q, from), r.ours(q, to); {
		case !here && !there:
			continue
		case !here:
			return r.unreplayable("a table came from another database", brief(q.Text), nil)
		case !there:
			if err := r.leave(ctx, q, from.name); err != nil {
				return err
			}
			continue
		}
		r.concerns = true
		if r.programs.renameTable(from.name, to.name) {
			continue // a view
		}
		sql := "RENAME TABLE " + mysql.Qualified(r.req.Target, from.name) + " TO " + mysql.Qualified(r.req.Target, to.name)
		if err := r.runTable(ctx, q, sql); err != nil {
			return err
		}
	}
	return nil
}

// leave drops a table that went to another database. The foreign keys of
// tables that stay would follow it there.
func (r *replayer) leave(ctx context.Context, q *binlog.Query, name string) error {
	var child string
	err := r.w.Row(ctx, "SELECT COALESCE(MIN(TABLE_NAME), '') FROM information_schema.KEY_COLUMN_USAGE"+
		" WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ? AND TABLE_NAME <> ?",
		r.req.Target, r.req.Target, name, name).Scan(&child)
	if err != nil {
		return fmt.Errorf("look for foreign keys to `%s`: %w", name, err)
	}
	if child != "" {
		return r.unreplayable(fmt.Sprintf("the table `%s` went to another database, and a foreign key of `%s` followed it there", name, child), brief(q.Text), nil)
	}
	r.programs.dropTable(name)
	return r.runTable(ctx, q, "DROP TABLE IF EXISTS "+mysql.Qualified(r.req.Target, name))
}

// databaseStatement applies what happens to the source as a whole.
func (r *replayer) databaseStatement(ctx context.Context, q *binlog.Query, st *logStatement) error {
	o := logObject{}
	if len(st.objects) > 0 {
		o = st.objects[0]
		o.database = o.name
	}
	if !r.ours(q, o) {
		if name := databaseOf(q, o); r.isCompanion(name) {
			return r.companionStatement(ctx, q, st, name)
		}
		return nil
	}
	r.concerns = true
	switch st.verb {
	case "DROP":
		r.gone = true
		r.programs.list = nil
		return r.dropEverything(ctx, q)
	case "CREATE":
		if st.ifNot && !r.gone {
			return nil
		}
		r.gone = false
	}
	return r.runTable(ctx, q, r.alterDatabase(q, st, r.req.Target))
}

// alterDatabase gives a database the options that a statement has for its own.
func (r *replayer) alterDatabase(q *binlog.Query, st *logStatement, database string) string {
	options := strings.TrimSpace(st.text[optionsOf(st):])
	if st.verb == "CREATE" && options == "" {
		options = "COLLATE " + r.collations[q.Server].collation
	}
	return "ALTER DATABASE " + mysql.Quote(database) + " " + options
}

// optionsOf returns where the options of a database begin.
func optionsOf(st *logStatement) int {
	if len(st.objects) > 0 {
		return st.objects[0].end
	}
	for _, t := range st.tokens {
		if t.IsAny("DATABASE", "SCHEMA") {
			return t.End
		}
	}
	return len(st.text)
}

// dropEverything empties the target and leaves it there, because the account
// has its rights on it.
func (r *replayer) dropEverything(ctx context.Context, q *binlog.Query) error {
	rows, err := r.w.Query(ctx, "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", r.req.Target)
	if err != nil {
		return fmt.Errorf("list the tables of `%s`: %w", r.req.Target, err)
	}
	names := map[string][]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			_ = rows.Close()
			return fmt.Errorf("list the tables of `%s`: %w", r.req.Target, err)
		}
		if kind != "SEQUENCE" {
			kind = "TABLE"
		}
		names[kind] = append(names[kind], mysql.Qualified(r.req.Target, name))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list the tables of `%s`: %w", r.req.Target, err)
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("list the tables of `%s`: %w", r.req.Target, err)
	}
	free := *q
	free.NoForeignKeyChecks = true
	for _, kind := range []string{"TABLE", "SEQUENCE"} {
		if len(names[kind]) == 0 {
			continue
		}
		if err := r.runTable(ctx, &free, "DROP "+kind+" IF EXISTS "+strings.Join(names[kind], ", ")); err != nil {
			return err
		}
	}
	return nil
}
