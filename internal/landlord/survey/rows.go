package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// How long rows are read: by one statement, and by all of a survey.
const (
	rowsTime    = 5 * time.Second
	allRowsTime = 5 * time.Minute
)

// tablesAtATime is how many tables one statement reads.
const tablesAtATime = 50

// rows looks into the rows of the databases for dates without a month or a day, which
// a template has to take so that tables with them can be altered.
func (r *reading) rows(ctx context.Context) error {
	searched := map[*ddl.Schema][]search{}
	for _, d := range r.free() {
		if _, known := searched[d.Schema]; !known {
			searched[d.Schema] = searches(d.Schema, registry.Dialect(r.info))
		}
		for some := range slices.Chunk(searched[d.Schema], tablesAtATime) {
			if time.Since(r.began) > allRowsTime {
				d.Unread = fmt.Sprintf("all databases together took longer than %s", allRowsTime)
				break
			}
			if err := r.search(ctx, d, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// search is a table with dates, and the condition for rows with incomplete ones.
type search struct{ table, condition string }

// searches returns the tables of a schema that can hold dates.
func searches(s *ddl.Schema, srv ddl.Server) []search {
	var out []search
	for _, o := range s.Objects {
		if o.Kind != ddl.KindTable {
			continue
		}
		table, err := ddl.ReadTable(o.SQL, srv)
		if err != nil {
			continue // nothing that reads tables alters this one
		}
		var conditions []string
		for i := range table.Columns {
			if c := &table.Columns[i]; c.HoldsDates() && c.Generated == "" {
				conditions = append(conditions, c.ZeroDates())
			}
		}
		if len(conditions) > 0 {
			out = append(out, search{o.Name, strings.Join(conditions, " OR ")})
		}
	}
	return out
}

// search notes the tables of a database that hold incomplete dates.
func (r *reading) search(ctx context.Context, d *adopt.Database, some []search) error {
	parts, holds, into := make([]string, len(some)), make([]bool, len(some)), make([]any, len(some))
	for i, one := range some {
		parts[i] = fmt.Sprintf("EXISTS (SELECT 1 FROM %s.%s WHERE %s)", mysql.Quote(d.Name), mysql.Quote(one.table), one.condition)
		into[i] = &holds[i]
	}
	err := r.srv.Row(ctx, r.info.Within(rowsTime, "SELECT "+strings.Join(parts, ", "))).Scan(into...)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case broken(err):
		return registry.Unreachable(r.srv, "reading rows", err)
	case mysql.IsInterrupted(err):
		d.Unread = fmt.Sprintf("it took longer than %s", rowsTime)
	case err != nil:
		d.Unread = mysql.Message(err)
	}
	for i, one := range some {
		if holds[i] {
			d.ZeroDates = append(d.ZeroDates, one.table)
		}
	}
	return nil
}
