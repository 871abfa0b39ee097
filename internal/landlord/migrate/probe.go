package migrate

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// probeTime is how long one question to the data of a tenant may take.
const probeTime = 5 * time.Second

// DefaultProbeTime is how long all questions of a plan to the data of tenants may
// take together, on all servers.
const DefaultProbeTime = 5 * time.Minute

func hasProbes(steps []landlord.Step) bool {
	return slices.ContainsFunc(steps, func(s landlord.Step) bool { return len(s.Probes) > 0 })
}

// Probe asks the data of a tenant, before anything runs, what would make a step
// fail or what it would lose, on a session that the caller has open. Questions
// only read, and end after probeTime.
func (p *Planner) Probe(ctx context.Context, x *mysql.Session, info mysql.Info, database string, steps []landlord.Step) ([]landlord.Finding, error) {
	return p.probe(ctx, x, info, database, steps, func() bool { return false })
}

// late says whether the questions of this plan have taken as long as they may. An
// apply asks all of them of a tenant once more, before its first statement.
func (p *Planner) late() bool { return time.Duration(p.asked.Load()) >= p.probeTime() }

func (p *Planner) probeTime() time.Duration { return cmp.Or(p.Config.ProbeTime, DefaultProbeTime) }

func (p *Planner) probe(ctx context.Context, x *mysql.Session, info mysql.Info, database string, steps []landlord.Step, late func() bool) ([]landlord.Finding, error) {
	if !hasProbes(steps) {
		return nil, nil
	}
	if err := x.Use(ctx, database); err != nil {
		return nil, err
	}
	var out []landlord.Finding
	asked, scripts := map[string]bool{}, corrections{altered: map[string]bool{}}
	var returns []string // of tables that come back before: where they are until then
	for i := range steps {
		if r := steps[i].Returns; r != nil && steps[i].Operation == returnTable {
			returns = append(returns, " FROM "+mysql.Quote(r.Table)+" ", " FROM "+mysql.Quote(p.Registry.Retirement())+"."+mysql.Quote(r.As)+" ")
		}
		corrected := scripts.before(&steps[i])
		for _, q := range steps[i].Probes {
			if asked[q.SQL] {
				continue // an earlier statement meets the same rows
			}
			asked[q.SQL] = true
			if late() {
				return append(out, landlord.Finding{Kind: landlord.KindUnchecked, Object: steps[i].Object, Statement: int64(i + 1),
					Detail: fmt.Sprintf("the data was not checked from here on, because the questions to all tenants have taken %s", p.probeTime())}), nil
			}
			there := strings.NewReplacer(returns...)
			q.SQL = there.Replace(q.SQL)
			rows := there.Replace(anyRowOf(steps[i].Table))
			began := time.Now()
			f, err := ask(ctx, x, info, q, rows)
			for n := 1; mysql.IsDeadlock(err) && n < catalogAttempts; n++ {
				f, err = ask(ctx, x, info, q, rows)
			}
			p.asked.Add(int64(time.Since(began)))
			switch {
			case err == nil:
			case mysql.IsInterrupted(err):
				f = &landlord.Finding{Kind: landlord.KindUnchecked, Detail: fmt.Sprintf("the data could not be checked within %s", probeTime)}
			case mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err):
				continue // an earlier step makes what the question is about
			case q.Algorithm == "instant" && mysql.IsAccessDenied(err):
				continue // only accounts with PROCESS may count
			case mysql.IsValueRefused(err):
				continue // the step that computes these values has a probe that says so
			case steps[i].Origin == registry.OriginScript && !mysql.IsUnanswered(err) && ctx.Err() == nil:
				continue // statements before make of the table what the question is about
			default:
				return nil, fmt.Errorf("asking the data of database `%s`: %w", database, err)
			}
			if f != nil && f.Blocks && corrected {
				f.Blocks, f.Detail = false, f.Detail+", unless the scripts before correct that"
			}
			if f != nil {
				f.Object, f.Statement = steps[i].Object, int64(i+1)
				out = append(out, *f)
			}
		}
	}
	return out, nil
}

// corrections are what the scripts of a migration do before a step. A question is asked
// of the rows as they are today, so a finding behind them may be untrue by then: they
// may be there for that very reason.
type corrections struct {
	some    bool            // rows, or which table has a name
	altered map[string]bool // tables
}

// before says whether the steps before one may correct what is found for it, and counts
// the step itself among those before the next.
func (c *corrections) before(s *landlord.Step) bool {
	mine := s.Origin == registry.OriginScript
	c.some = c.some || mine && (s.Data || s.MovesTables())
	corrected := c.some || mine && (c.altered[s.Table] || len(c.altered) > 0 && strings.Contains(strings.ToUpper(s.SQL), "REFERENCES"))
	if mine && s.Table != "" {
		c.altered[s.Table] = true
	}
	if mine && s.Destructive {
		c.some = true
	}
	return corrected
}

// ask runs one probe about a table, with a limit that the server enforces; nil when it
// finds nothing.
func ask(ctx context.Context, x *mysql.Session, info mysql.Info, p diff.Probe, anyRow string) (*landlord.Finding, error) {
	var count int64
	var example sql.NullString
	err := x.Row(ctx, info.Within(probeTime, p.SQL)).Scan(&count, &example)
	switch {
	case p.Evaluates != "" && mysql.IsValueRefused(err):
		return computed(ctx, x, p, anyRow, mysql.Message(err))
	case err != nil:
		return nil, err
	case count > 0:
		f := finding(p, p.Finding(count, example.String))
		if f.Rows = &count; example.Valid {
			f.Example = strings.TrimSpace(p.Label + " " + example.String)
		}
		return f, nil
	case p.Evaluates == "":
		return nil, nil
	}
	warning, err := mysql.ValueWarning(ctx, x)
	if err != nil || warning == "" {
		return nil, err
	}
	return computed(ctx, x, p, anyRow, warning)
}

// anyRowOf asks whether a table has rows.
func anyRowOf(table string) string {
	return "SELECT EXISTS (SELECT 1 FROM " + mysql.Quote(table) + " LIMIT 1)"
}

// computed is the finding of a question that could not be computed. A server computes
// what stands on no column before it looks at the rows, and there may be none.
func computed(ctx context.Context, x *mysql.Session, p diff.Probe, anyRow, message string) (*landlord.Finding, error) {
	var rows bool
	if err := x.Row(ctx, anyRow).Scan(&rows); err != nil || !rows {
		return nil, err
	}
	return finding(p, p.Failure(message)), nil
}

func finding(p diff.Probe, detail string) *landlord.Finding {
	f := &landlord.Finding{Kind: landlord.KindDataChanges, Blocks: p.Blocks, Detail: detail}
	if p.Blocks {
		f.Kind = landlord.KindDataForbids
	}
	return f
}

// copyWarning is how many rows a table may have before copying it is worth a
// warning.
const copyWarning = 10_000

// Question is what is asked of the data of a tenant before a migration.
type Question struct {
	Slug, Database string
	Subject        string // whose migration it is: empty for the tenant's, else its customization or restore
	Digest         string // of the migration
	Steps          []landlord.Step
	Cure           string // what to do when the data forbids a step
	Missing        bool   // the run is yet to make the database: there is no data
	Seen           string // by the refresh before the plan, see estate.Estate.Seen
}

// record names the record of the answers.
func (q *Question) record() estate.Record {
	return estate.Record{Slug: q.Slug, Subject: q.Subject, Digest: q.Digest, Seen: q.Seen}
}

// AskData asks the data of a tenant for what would make steps fail, what they
// would lose, and how much they copy. Known is false when nobody can promise to say
// the same once more, see estate.Promised.
func (p *Planner) AskData(ctx context.Context, srv *registry.Server, q Question) (found []landlord.Finding, known bool, err error) {
	if !slices.ContainsFunc(q.Steps, asksData) {
		return nil, true, nil
	}
	if q.Steps, err = p.withoutUnworn(ctx, srv, q); err != nil || !slices.ContainsFunc(q.Steps, asksData) {
		return nil, err == nil, err
	}
	return estate.Promised(ctx, p.Estate, q.record(), func() ([]landlord.Finding, error) {
		if q.Missing {
			return []landlord.Finding{}, nil
		}
		return p.askNow(ctx, srv, q)
	})
}

// worn are the tables of a server that InnoDB changes no more without writing
// their rows, as it names them.
type worn map[string]bool

// catalogAttempts is how often a question is asked that ends in a deadlock: InnoDB locks
// what it knows of its tables while it reads it, and others create and drop theirs.
const catalogAttempts = 5

// readWorn reads those about which steps ask, for all tenants at once: the catalog
// looks at every table of the server for it.
func readWorn(ctx context.Context, q mysql.Queryer) (worn, error) {
	found, err := readWornOnce(ctx, q)
	for n := 1; mysql.IsDeadlock(err) && n < catalogAttempts; n++ {
		found, err = readWornOnce(ctx, q)
	}
	return found, err
}

func readWornOnce(ctx context.Context, q mysql.Queryer) (worn, error) {
	found := worn{}
	rows, err := q.Query(ctx, "SELECT NAME FROM information_schema.INNODB_TABLES WHERE TOTAL_ROW_VERSIONS >= "+diff.MostRowVersions)
	if mysql.IsAccessDenied(err) {
		return found, nil // only accounts with PROCESS may count
	}
	if err != nil {
		return nil, fmt.Errorf("asking for tables that were changed often: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("asking for tables that were changed often: %w", err)
		}
		found[name] = true
	}
	if err := rows.Err(); err != nil && !mysql.IsAccessDenied(err) { // the server may refuse with the first row
		return nil, fmt.Errorf("asking for tables that were changed often: %w", err)
	}
	return found, nil
}

func asksVersions(steps []landlord.Step) bool {
	return slices.ContainsFunc(steps, func(s landlord.Step) bool {
		return slices.ContainsFunc(s.Probes, func(q diff.Probe) bool { return q.Versions != "" })
	})
}

// mostAsked is up to how many tenants the catalog is asked. For an answer it opens
// every table of the server, those beyond table_definition_cache from the disk, and
// nothing ends the statement meanwhile: half a second with 9,000 tables, minutes with
// 35,000.
const mostAsked = 200

// askWorn asks the catalog of a server. Where that would take too long nothing is
// known before: the server itself refuses to change such a table, and does nothing.
func (p *Planner) askWorn(ctx context.Context, srv *registry.Server) (worn, error) {
	rows, err := p.Estate.Snapshot.All(ctx)
	if err != nil || len(rows) > mostAsked {
		return worn{}, err
	}
	found, err := readWorn(ctx, srv)
	var late *mysql.StatementTimeoutError
	if errors.As(err, &late) {
		return worn{}, nil
	}
	return found, err
}

// withoutUnworn leaves out the questions about tables of a database that the catalog
// of the server has answered for all tenants, once in a run.
func (p *Planner) withoutUnworn(ctx context.Context, srv *registry.Server, q Question) ([]landlord.Step, error) {
	if !asksVersions(q.Steps) {
		return q.Steps, nil
	}
	found, err := p.worn.Get(ctx, srv.Key, func() (worn, error) { return p.askWorn(context.WithoutCancel(ctx), srv) })
	if err != nil {
		return nil, registry.Unreachable(srv, "asking the data", err)
	}
	return found.open(q.Database, q.Steps), nil
}

// WithoutUnworn leaves out the questions about tables of a database that the plans of
// this run have had answered for all tenants of the server: asking again would look at
// all its tables for each. One that was changed that often meanwhile, and back again,
// the server refuses to change, and does nothing.
func (p *Planner) WithoutUnworn(srv *registry.Server, database string, steps []landlord.Step) []landlord.Step {
	if found, ok := p.worn.Known(srv.Key); ok {
		return found.open(database, steps)
	}
	return steps
}

// open returns steps without the questions about tables of a database that are not
// among them.
func (w worn) open(database string, steps []landlord.Step) []landlord.Step {
	answered := func(q diff.Probe) bool {
		return q.Versions != "" && !w[strings.ReplaceAll(database, "-", "@002d")+"/"+q.Versions]
	}
	out := slices.Clone(steps)
	for i := range out {
		if slices.ContainsFunc(out[i].Probes, answered) {
			out[i].Probes = slices.DeleteFunc(slices.Clone(out[i].Probes), answered)
		}
	}
	return out
}

// asksData says whether a step is one about which the data is asked.
func asksData(s landlord.Step) bool { return len(s.Probes) > 0 || copies(s) }

func copies(s landlord.Step) bool { return s.Algorithm == landlord.AlgorithmCopy && s.Table != "" }

func (p *Planner) askNow(ctx context.Context, srv *registry.Server, q Question) ([]landlord.Finding, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking the data", err)
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking the data", err)
	}
	defer x.Close()
	found, err := largeCopies(ctx, x, q)
	if err != nil {
		return nil, err
	}
	probed, err := p.probe(ctx, x, info, q.Database, q.Steps, p.late)
	if err != nil {
		return nil, err
	}
	for _, f := range probed {
		if f.Blocks {
			f.Action = q.Cure
		}
		found = append(found, f)
	}
	return found, nil
}

// largeCopies finds steps that copy a large table while its writers wait. The
// number is the server's estimate.
func largeCopies(ctx context.Context, x *mysql.Session, q Question) ([]landlord.Finding, error) {
	var out []landlord.Finding
	for i := range q.Steps {
		s := &q.Steps[i]
		if !copies(*s) {
			continue
		}
		var rows sql.NullInt64
		err := x.Row(ctx, "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", q.Database, s.Table).Scan(&rows)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("asking for the size of table `%s`: %w", s.Table, err)
		}
		if rows.Int64 >= copyWarning {
			out = append(out, landlord.Finding{Kind: landlord.KindLargeCopy, Object: s.Object, Statement: int64(i + 1), Rows: &rows.Int64,
				Detail: fmt.Sprintf("about %d rows of `%s` are copied while writers wait", rows.Int64, s.Table), Action: "Apply when writers can wait."})
		}
	}
	return out, nil
}
