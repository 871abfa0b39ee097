package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// probeTime is how long one question to the data of a tenant may take.
const probeTime = 5 * time.Second

// finding is what a probe found.
type finding struct {
	step   Step
	text   string
	blocks bool
}

func hasProbes(steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return len(s.probes) > 0 })
}

// probe asks the data of a tenant, before anything runs, what would make a step
// fail or what it would lose. Questions only read, and end after probeTime.
func (e *Engine) probe(ctx context.Context, srv *server, database string, steps []Step) ([]finding, error) {
	if !hasProbes(steps) {
		return nil, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "asking the data", err)
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, unreachable(srv, "asking the data", err)
	}
	defer x.Close()
	return e.probeOn(ctx, x, info, database, steps)
}

func (e *Engine) probeOn(ctx context.Context, x *mysql.Session, info mysql.Info, database string, steps []Step) ([]finding, error) {
	if !hasProbes(steps) {
		return nil, nil
	}
	if err := x.Use(ctx, database); err != nil {
		return nil, err
	}
	var out []finding
	for _, s := range steps {
		for _, p := range s.probes {
			text, err := ask(ctx, x, info, p)
			switch {
			case err == nil:
			case mysql.IsInterrupted(err):
				text = fmt.Sprintf("the data could not be checked within %s", probeTime)
			case mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err):
				continue // an earlier step makes what the question is about
			default:
				return nil, fmt.Errorf("asking the data of database `%s`: %w", database, err)
			}
			if text != "" {
				out = append(out, finding{step: s, text: text, blocks: p.Blocks && err == nil})
			}
		}
	}
	return out, nil
}

// ask runs one probe, with a limit that the server enforces.
func ask(ctx context.Context, x *mysql.Session, info mysql.Info, p diff.Probe) (string, error) {
	query := p.SQL
	if info.Product == mysql.MySQL {
		if rest, ok := strings.CutPrefix(query, "SELECT "); ok {
			query = fmt.Sprintf("SELECT /*+ MAX_EXECUTION_TIME(%d) */ %s", probeTime.Milliseconds(), rest)
		}
	} else {
		query = fmt.Sprintf("SET STATEMENT max_statement_time=%d FOR %s", int(probeTime.Seconds()), query)
	}
	var count int64
	var example sql.NullString
	if err := x.Row(ctx, query).Scan(&count, &example); err != nil {
		return "", err
	}
	return p.Finding(count, example.String), nil
}

// probeNotes says in a plan what the probes found.
func probeNotes(slug string, findings []finding) []Note {
	var notes []Note
	for _, f := range findings {
		summary := "Migration step affects data"
		if f.blocks {
			summary = "Data forbids a step of the migration"
		}
		notes = append(notes, Note{Severity: Warning, Field: FieldTemplate, Summary: summary,
			Detail: fmt.Sprintf("Tenant `%s`: %s.\n%s", slug, f.text, shorten(f.step.SQL))})
	}
	return notes
}

// copyWarning is how many rows a table may have before copying it is worth a
// warning.
const copyWarning = 10_000

// copyNotes warns of steps that copy a large table while its writers wait. The
// number is the server's estimate, which differs from one moment to the next,
// so it is no part of the step.
func (e *Engine) copyNotes(ctx context.Context, srv *server, slug string, plan *TenantPlan) ([]Note, error) {
	var notes []Note
	for _, s := range plan.Steps {
		if s.Algorithm != "copy" || s.table == "" {
			continue
		}
		var rows sql.NullInt64
		err := srv.Row(ctx, "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", plan.DatabaseName, s.table).Scan(&rows)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, unreachable(srv, fmt.Sprintf("asking for the size of table `%s`", s.table), err)
		}
		if rows.Int64 >= copyWarning {
			notes = append(notes, Note{Severity: Warning, Field: FieldTemplate, Summary: "Migration copies a large table",
				Detail: fmt.Sprintf("Tenant `%s`: about %d rows of `%s` are copied while writers wait.\n%s", slug, rows.Int64, s.table, shorten(s.SQL))})
		}
	}
	return notes, nil
}
