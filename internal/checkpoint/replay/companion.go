package replay

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A companion is a database into which tables of the source went, or from which
// they come: one in which they are set aside, or in which a copy was loaded that
// took their place. What the log says of it is repeated in a database beside the
// target, so that a table that comes into the source is there with its rows.
type companion struct {
	target string
	// whole says that all of its tables are followed, because its beginning is in
	// the log; else those alone that came from the source. The latter may be a
	// database that many share.
	whole bool
}

// isCompanion says whether tables may come from a database, or go there.
func (r *replayer) isCompanion(name string) bool {
	return r.req.Companion != nil && !r.isSource(name) && r.req.Companion(r.fold(name))
}

// followed says whether rows of a database are looked at.
func (r *replayer) followed(name string) bool { return r.place(name) != "" }

// place returns the database in which what happens in a database of the log is
// repeated; empty for one that is not followed.
func (r *replayer) place(name string) string {
	if r.isSource(name) {
		return r.req.Target
	}
	if c := r.companions[r.fold(name)]; c != nil {
		return c.target
	}
	return ""
}

// placeOf returns where a name of a statement is; empty when it is not followed.
func (r *replayer) placeOf(q *binlog.Query, o logObject) string {
	if o.database == "" {
		return r.place(q.Database)
	}
	return r.place(o.database)
}

// databaseOf returns the database of a name in a statement.
func databaseOf(q *binlog.Query, o logObject) string {
	if o.database == "" {
		return q.Database
	}
	return o.database
}

// follow begins to repeat what happens in a companion.
func (r *replayer) follow(ctx context.Context, name string, whole bool) error {
	if c := r.companions[r.fold(name)]; c != nil {
		c.whole = c.whole || whole
		return nil
	}
	if err := r.commit(ctx); err != nil { // MySQL makes neither databases nor grants beside a transaction that has used some
		return err
	}
	target, err := r.req.Aside(ctx)
	if err != nil {
		return fmt.Errorf("make a database for the tables of `%s`: %w", name, err)
	}
	if err := r.account.grant(ctx, target); err != nil {
		return err
	}
	r.companions[r.fold(name)] = &companion{target: target, whole: whole}
	return nil
}

// lose stops following a companion in which something happened that cannot be
// repeated. That is no loss as long as no table comes from there.
func (r *replayer) lose(name string) { delete(r.companions, r.fold(name)) }

// spared turns what cannot be repeated in a companion into its loss.
func (r *replayer) spared(name string, err error) error {
	var stuck *UnreplayableError
	if r.isSource(name) || !errors.As(err, &stuck) || r.w.Poisoned() {
		return err
	}
	r.lose(name)
	return nil
}

// hasTable says whether a database beside the target has a table.
func (r *replayer) hasTable(ctx context.Context, database, table string) (found bool, err error) {
	err = r.w.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?)", database, table).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for the table `%s`: %w", table, err)
	}
	return found, nil
}

// follows says whether a statement on a table is repeated: one of the source, one
// of a companion that is followed as a whole, or one that came from the source.
func (r *replayer) follows(ctx context.Context, q *binlog.Query, o logObject, makes bool) (bool, error) {
	name := databaseOf(q, o)
	if r.isSource(name) {
		return true, nil
	}
	c := r.companions[r.fold(name)]
	if c == nil || makes && !c.whole {
		return false, nil
	}
	if makes {
		return true, nil
	}
	return r.hasTable(ctx, c.target, o.name)
}

// companionStatement applies what happens to a companion as a whole.
func (r *replayer) companionStatement(ctx context.Context, q *binlog.Query, st *logStatement, name string) error {
	switch {
	case st.verb == "CREATE" && st.ifNot && r.companions[r.fold(name)] != nil:
		return nil
	case st.verb == "CREATE":
		if err := r.follow(ctx, name, true); err != nil {
			return err
		}
	case r.companions[r.fold(name)] == nil:
		return nil
	case st.verb == "DROP":
		r.lose(name)
		return nil
	}
	return r.spared(name, r.runTable(ctx, q, r.alterDatabase(q, st, r.place(name))))
}

// comes moves tables between the databases that are followed, by one statement as
// in the log, so that foreign keys go along.
func (r *replayer) comes(ctx context.Context, q *binlog.Query, pairs []logObject) error {
	sql, word := "", "RENAME TABLE "
	for i := 0; i+1 < len(pairs); i += 2 {
		from, to := pairs[i], pairs[i+1]
		here, there := r.ours(q, from), r.ours(q, to)
		if here && there && r.programs.renameTable(from.name, to.name) {
			r.concerns = true
			continue // a view
		}
		if here && !there {
			r.programs.dropTable(from.name)
		}
		sql += word + mysql.Qualified(r.placeOf(q, from), from.name) + " TO " + mysql.Qualified(r.placeOf(q, to), to.name)
		word = ", "
	}
	if sql == "" {
		return nil
	}
	return r.runTable(ctx, q, sql)
}

// moved returns the pairs of a RENAME that are repeated as one statement; ok is
// false when a table leaves for a database that is not followed, or comes from one.
func (r *replayer) moved(ctx context.Context, q *binlog.Query, st *logStatement) (pairs []logObject, ok bool, err error) {
	for i := 0; i+1 < len(st.objects); i += 2 {
		from, to := st.objects[i], st.objects[i+1]
		known, err := r.follows(ctx, q, from, false)
		if err != nil {
			return nil, false, err
		}
		if !known && !r.ours(q, to) {
			continue
		}
		if known && r.placeOf(q, to) == "" && r.isCompanion(databaseOf(q, to)) {
			if err := r.follow(ctx, databaseOf(q, to), false); err != nil {
				return nil, false, err
			}
		}
		if !known || r.placeOf(q, to) == "" {
			return nil, false, nil
		}
		pairs = append(pairs, from, to)
	}
	return pairs, true, nil
}
