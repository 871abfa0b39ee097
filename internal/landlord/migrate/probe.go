package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// probeTime is how long one question to the data of a tenant may take.
const probeTime = 5 * time.Second

// Finding is what a probe found.
type Finding struct {
	Step   landlord.Step
	Text   string
	Blocks bool
}

func hasProbes(steps []landlord.Step) bool {
	return slices.ContainsFunc(steps, func(s landlord.Step) bool { return len(s.Probes) > 0 })
}

// Probe asks the data of a tenant, before anything runs, what would make a step
// fail or what it would lose. Questions only read, and end after probeTime.
func (p *Planner) Probe(ctx context.Context, srv *registry.Server, database string, steps []landlord.Step) ([]Finding, error) {
	if !hasProbes(steps) {
		return nil, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking the data", err)
	}
	x, err := srv.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "asking the data", err)
	}
	defer x.Close()
	return p.ProbeOn(ctx, x, info, database, steps)
}

// ProbeOn does what Probe does, on a session that the caller has open already.
func (p *Planner) ProbeOn(ctx context.Context, x *mysql.Session, info mysql.Info, database string, steps []landlord.Step) ([]Finding, error) {
	if !hasProbes(steps) {
		return nil, nil
	}
	if err := x.Use(ctx, database); err != nil {
		return nil, err
	}
	var out []Finding
	asked := map[string]bool{}
	for _, s := range steps {
		for _, p := range s.Probes {
			if asked[p.SQL] {
				continue // an earlier statement meets the same rows
			}
			asked[p.SQL] = true
			text, err := ask(ctx, x, info, p)
			switch {
			case err == nil:
			case mysql.IsInterrupted(err):
				text = fmt.Sprintf("the data could not be checked within %s", probeTime)
			case mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err):
				continue // an earlier step makes what the question is about
			case p.Algorithm == "instant" && mysql.IsAccessDenied(err):
				continue // only accounts with PROCESS may count
			default:
				return nil, fmt.Errorf("asking the data of database `%s`: %w", database, err)
			}
			if text != "" {
				out = append(out, Finding{Step: s, Text: text, Blocks: p.Blocks && err == nil})
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
	err := x.Row(ctx, query).Scan(&count, &example)
	switch {
	case p.Evaluates != "" && mysql.IsValueRefused(err):
		return p.Failure(mysql.Message(err)), nil
	case err != nil || count > 0 || p.Evaluates == "":
		return p.Finding(count, example.String), err
	}
	warning, err := mysql.ValueWarning(ctx, x)
	if err != nil || warning == "" {
		return "", err
	}
	return p.Failure(warning), nil
}

// ProbeNotes says in a plan what the probes found.
func ProbeNotes(slug string, findings []Finding) []landlord.Note {
	var notes []landlord.Note
	for _, f := range findings {
		summary := "Migration step affects data"
		if f.Blocks {
			summary = "Data forbids a step of the migration"
		}
		notes = append(notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: summary,
			Detail: fmt.Sprintf("Tenant `%s`: %s.\n%s", slug, f.Text, landlord.Shorten(f.Step.SQL))})
	}
	return notes
}

// CopyWarning is how many rows a table may have before copying it is worth a
// warning.
const CopyWarning = 10_000
