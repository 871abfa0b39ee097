package migrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Past reads what the ledger says of the life of a tenant. Of an interrupted
// migration the live schema says which statements on the structure took effect.
func (p *Planner) Past(ctx context.Context, q mysql.Queryer, row *registry.TenantRow, live *ddl.Fingerprint) (*registry.Past, error) {
	past, err := p.Registry.ReadPast(ctx, q, row)
	if err != nil || row.Running == "" {
		return past, err
	}
	running, err := p.Registry.ReadRunning(ctx, q, row.ID)
	if err != nil || running == nil {
		return past, err
	}
	steps, err := p.Registry.ReadSteps(ctx, q, running.ID)
	if err != nil {
		return past, err
	}
	for _, s := range steps[:max(Position(steps, live.Whole), 0)] {
		if s.State != "done" && s.Origin == registry.OriginScript {
			past.Done = append(past.Done, registry.DoneStatement{Migration: running.ID, Step: s.Number, Origin: s.Origin, SQL: s.SQL})
		}
	}
	slices.SortFunc(past.Done, func(a, b registry.DoneStatement) int {
		return cmp.Or(cmp.Compare(a.Migration, b.Migration), cmp.Compare(a.Step, b.Step))
	})
	return past, nil
}

// beyond leaves out what a tenant has seen already. What nobody can tell is a
// reason to ask before statements on rows run, in a sentence without a full
// stop.
func (s script) beyond(p *registry.Past) (script, []string) {
	var reasons []string
	var scripts, seeds []registry.DoneStatement
	for _, d := range p.Done {
		if d.Origin == registry.OriginScript {
			scripts = append(scripts, d)
		} else {
			seeds = append(seeds, d)
		}
	}
	rest := script{before: s.before}
	for len(rest.before) > 0 && len(scripts) > 0 && rest.before[0].SQL == scripts[0].SQL {
		rest.before, scripts = rest.before[1:], scripts[1:]
	}
	if d := slices.IndexFunc(scripts, func(d registry.DoneStatement) bool { return d.Data }); d >= 0 && changesRows(rest.before) {
		reasons = append(reasons, fmt.Sprintf("an interrupted migration to `%s` has run `%s`, which is not how the scripts to this version go on, so they may do to its rows what is done",
			scripts[d].To, landlord.Shorten(scripts[d].SQL)))
	}
	for _, st := range s.after {
		if at := slices.IndexFunc(seeds, func(d registry.DoneStatement) bool { return d.Origin == st.Origin && d.SQL == st.SQL }); at >= 0 {
			seeds = slices.Delete(slices.Clone(seeds), at, at+1)
			continue
		}
		rest.after = append(rest.after, st)
	}
	for _, d := range seeds {
		if slices.ContainsFunc(rest.after, func(st template.Statement) bool { return st.Origin == d.Origin }) {
			reasons = append(reasons, fmt.Sprintf("an interrupted migration to `%s` has run `%s`, which the seeds of the %s have no more, so they may add rows that are there", d.To, landlord.Shorten(d.SQL), d.Origin))
			break
		}
	}
	for _, st := range slices.Concat(rest.before, rest.after) {
		at := slices.IndexFunc(p.Doubtful, func(d registry.DoneStatement) bool { return d.SQL == st.SQL })
		if at >= 0 && !st.ChangesStructure() {
			reasons = append(reasons, fmt.Sprintf("a migration to `%s` that was given up has run `%s` before, and what it did to rows may still be there", p.Doubtful[at].To, landlord.Shorten(st.SQL)))
			break
		}
	}
	return rest, reasons
}

// changesRows says whether one of the statements does.
func changesRows(statements []template.Statement) bool {
	return slices.ContainsFunc(statements, func(st template.Statement) bool { return !st.ChangesStructure() })
}

// seedsOf leaves out the seeds of modules that the tenant has had before where
// what they have filled is there, or comes back: seeds run once in the life of a
// tenant, unless what they seeded is gone for good. Seeds that hand something on
// to each other stay together.
func (o *Order) seedsOf(m *Migration, current ddl.Schema) (run []template.Statement, notes []landlord.Note) {
	for from := 0; from < len(o.scripts.after); {
		to := from + 1
		for to < len(o.scripts.after) && o.scripts.after[to].Origin == o.scripts.after[from].Origin {
			to++
		}
		seeds := o.scripts.after[from:to]
		from = to
		left, kept := o.unseeded(seeds, m, current)
		run = append(run, left...)
		if len(kept) > 0 {
			notes = append(notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldModules, Summary: "Seeds of a module are not run again",
				Detail: fmt.Sprintf("The %s comes back, and what its seeds had filled is still there: table %s. What is there stays as it is.", seeds[0].Origin, landlord.Quoted(kept))})
		}
	}
	return run, notes
}

// unseeded returns those seeds of a module that are to run, and the tables for
// whose sake the others are not.
func (o *Order) unseeded(seeds []template.Statement, m *Migration, current ddl.Schema) (run []template.Statement, kept []string) {
	module := estate.ModuleOf(seeds[0])
	there := func(table string) bool {
		back := slices.ContainsFunc(m.Steps, func(s landlord.Step) bool { return s.Operation == returnTable && s.Table == table })
		return back || slices.Contains(o.formerModules, module) && HasTable(current, table)
	}
	joined, _ := template.Joined(seeds)
	var apart []template.Statement // of no table that is known
	for from := 0; from < len(seeds); {
		to := from + 1
		for to < len(seeds) && joined[to] {
			to++
		}
		unit, tables, stays := seeds[from:to], 0, false
		from = to
		for _, st := range unit {
			if st.Table == "" {
				continue
			}
			if tables++; there(st.Table) {
				stays, kept = true, append(kept, st.Table)
			}
		}
		switch {
		case stays:
		case tables == 0:
			apart = append(apart, unit...)
		default:
			run = append(run, unit...)
		}
	}
	slices.Sort(kept)
	if kept = slices.Compact(kept); len(kept) > 0 || len(apart) == 0 {
		return run, kept
	}
	return seeds, nil
}
