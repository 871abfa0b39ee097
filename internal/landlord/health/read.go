package health

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// known is what the landlord database has beside the rows of tenants.
type known struct {
	standings map[uint64]registry.Standing
	spans     map[string]registry.CheckpointSpan
	samples   map[uint64]registry.SampleRow
	accounts  map[uint64][]*registry.AccountRow // by tenant
}

// Read tells how the tenants that a filter chooses do, with a number of statements
// for each server that does not depend on the number of tenants. A server or a
// database that cannot be read is told as such and keeps no other from being read.
// The error is a *landlord.Problem when nobody knows a slug or the server.
func (r *Reader) Read(ctx context.Context, filter Filter) (*Report, error) {
	if filter.Server != nil {
		if _, err := r.Servers.Server(*filter.Server); err != nil {
			return nil, err
		}
	}
	report := &Report{At: r.Config.Now().UTC(), Objective: filter.Objective, Tenants: []Health{}, Servers: []Server{}}
	if report.Objective == 0 {
		report.Objective = r.Config.BackupObjective
	}
	rows, err := r.rows(ctx, report, filter)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 || filter.Slugs == nil {
		if err := r.read(ctx, report, filter, rows); err != nil {
			return nil, err
		}
	}
	for i := range report.Tenants {
		report.Tenants[i].judge(report.At, report.Objective)
	}
	slices.SortFunc(report.Tenants, func(a, b Health) int { return strings.Compare(a.Slug, b.Slug) })
	return report, nil
}

// rows returns the rows of the chosen tenants, by slug. What this run creates is
// in the report already.
func (r *Reader) rows(ctx context.Context, report *Report, filter Filter) ([]*registry.TenantRow, error) {
	all, err := r.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	found, slugs := map[string]bool{}, slices.Sorted(slices.Values(filter.Slugs))
	rows := slices.DeleteFunc(all, func(row *registry.TenantRow) bool {
		found[row.Slug] = true
		_, chosen := slices.BinarySearch(slugs, row.Slug)
		return filter.Slugs != nil && !chosen || filter.Server != nil && *filter.Server != row.Server
	})
	for _, slug := range filter.Slugs {
		if found[slug] {
			continue
		}
		database := r.Estate.Run.Claimed(slug)
		if database == "" {
			return nil, landlord.TenantUnknown(slug)
		}
		report.Tenants = append(report.Tenants, Health{Slug: slug, DatabaseName: database, Drift: drift.DriftPlanned, UpdateStatus: landlord.UpdateCurrent, Status: landlord.StatusCreating})
	}
	slices.SortFunc(rows, func(a, b *registry.TenantRow) int { return strings.Compare(a.Slug, b.Slug) })
	return rows, nil
}

// read fills the report from the landlord database and the servers.
func (r *Reader) read(ctx context.Context, report *Report, filter Filter, rows []*registry.TenantRow) error {
	k, err := r.recorded(ctx)
	if err != nil {
		return registry.Unreachable(r.Servers.Main(), "reading what is recorded of tenants", err)
	}
	drifts, err := r.Drifts.FleetDrift(ctx, drift.FleetFilter{Slugs: filter.Slugs, Server: filter.Server})
	if err != nil {
		return err
	}
	differing := make(map[string]*drift.TenantDrift, len(drifts.Tenants))
	for i := range drifts.Tenants {
		differing[drifts.Tenants[i].Slug] = &drifts.Tenants[i]
	}
	first := len(report.Tenants)
	for _, row := range rows {
		report.Tenants = append(report.Tenants, k.tenant(row, differing[row.Slug]))
	}
	tenants := report.Tenants[first:]
	for _, key := range r.serversOf(filter, rows) {
		s, err := r.readServer(ctx, key, tenants, k, filter.Slugs != nil)
		if err != nil {
			return err
		}
		report.Servers = append(report.Servers, s)
	}
	if err := r.outOfPlace(ctx, report.Servers, tenants); err != nil {
		return err
	}
	for i := range tenants {
		tenants[i].Growth = growth(k.samples, &tenants[i])
	}
	return nil
}

// serversOf returns the keys of the servers that are looked at.
func (r *Reader) serversOf(filter Filter, rows []*registry.TenantRow) []string {
	keys := map[string]bool{}
	for _, row := range rows {
		keys[row.Server] = true
	}
	if filter.Slugs == nil {
		for key := range r.Servers.All {
			if filter.Server == nil || *filter.Server == key {
				keys[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// recorded reads what the landlord database has, in four statements.
func (r *Reader) recorded(ctx context.Context) (k known, err error) {
	main := r.Servers.Main()
	if k.standings, err = r.Registry.ReadStandings(ctx, main); err != nil {
		return k, err
	}
	if k.spans, err = r.Registry.CheckpointSpans(ctx, main); err != nil {
		return k, err
	}
	if k.samples, err = r.Registry.LastSamples(ctx, main); err != nil {
		return k, err
	}
	accounts, err := r.Registry.ReadAccounts(ctx, main)
	k.accounts = map[uint64][]*registry.AccountRow{}
	for _, a := range accounts {
		k.accounts[a.Tenant] = append(k.accounts[a.Tenant], a)
	}
	return k, err
}

// tenant is what is recorded of a tenant, and whether it is as recorded; differing
// is nil when it is.
func (k *known) tenant(row *registry.TenantRow, differing *drift.TenantDrift) Health {
	h := Health{
		ID: row.ID, Slug: row.Slug, Name: row.Name, DatabaseName: row.Database, Server: row.Server, Template: row.AppliedTemplate(), Status: row.Status,
		UpdateStatus: landlord.UpdateCurrent, Drift: drift.DriftNone, Unknown: map[Fact]string{}, WithoutPrimaryKey: []string{}, OutOfPlace: []isolation.Finding{},
	}
	if differing != nil {
		h.Drift, h.Harm, h.Problem = differing.State, differing.Harm(), differing.Problem
	}
	h.Reachable = h.Drift != drift.DriftUnreadable && h.Drift != drift.DriftMissing
	if h.Drift == drift.DriftMissing {
		h.Problem = fmt.Sprintf("The server has no database `%s`.", h.DatabaseName)
	}
	if s, ok := k.standings[row.ID]; ok {
		h.UpdateStatus, h.Wanted = s.Status, s.Wanted
	}
	if row.Running != "" || row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping {
		h.UpdateStatus = landlord.UpdateInterrupted
	}
	if s, ok := k.spans[row.Slug]; ok {
		h.Checkpoints = Checkpoints(s)
	}
	return h
}

// readServer reads what one server knows of its tenants. The error ends the whole
// reading; what only this server refuses is told of its tenants.
func (r *Reader) readServer(ctx context.Context, key string, tenants []Health, k known, few bool) (Server, error) {
	s := Server{Key: key}
	here := map[string]*Health{} // by database
	which := catalog.Databases{}
	if !few {
		which.Prefix = r.Config.Prefix
	}
	for i := range tenants {
		if tenants[i].Server == key {
			here[tenants[i].DatabaseName] = &tenants[i]
			which.Names = append(which.Names, tenants[i].DatabaseName)
		}
	}
	unknown := func(fact Fact, why string) {
		for _, h := range here {
			h.Unknown[fact] = why
		}
	}
	srv, err := r.Servers.Server(key)
	var info mysql.Info
	if err == nil {
		info, err = srv.Info(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return s, ctx.Err()
		}
		s.Problem = reason(err)
		for _, fact := range []Fact{FactSize, FactFree, FactActivity, FactLoad, FactStatements, FactOutOfPlace} {
			unknown(fact, "The server cannot be read.")
		}
		return s, nil
	}
	s.Reachable, s.Version = true, info.Version
	for _, part := range []struct {
		fact Fact
		read func() error
	}{
		{FactSize, func() error { return readSizes(ctx, srv, info, which, here) }},
		{FactActivity, func() error { return readActivity(ctx, srv, info, here) }},
		{FactLoad, func() (err error) { s.LoadSource, err = readLoad(ctx, srv, here, k); return err }},
	} {
		if err := part.read(); err != nil {
			if ctx.Err() != nil {
				return s, ctx.Err()
			}
			unknown(part.fact, part.fact.refused(err))
		}
	}
	return s, nil
}

// refused says why a server did not tell a fact.
func (f Fact) refused(err error) string {
	if !mysql.IsAccessDenied(err) {
		return landlord.Sentence(mysql.Message(err))
	}
	needs := map[Fact]string{FactActivity: "`PROCESS` on the server", FactLoad: "`SELECT` on `performance_schema`.*, or `PROCESS` with `userstat`"}[f]
	return "The account of the provider needs " + needs + " for this. The server said: " + mysql.Message(err)
}

// readSizes reads what the tables take and have left.
func readSizes(ctx context.Context, srv *registry.Server, info mysql.Info, which catalog.Databases, here map[string]*Health) error {
	x, err := srv.Session(ctx)
	if err != nil {
		return err
	}
	defer x.Close()
	tables, err := catalog.TableUsages(ctx, x, info, which)
	if err != nil {
		return err
	}
	for _, h := range here {
		if h.Reachable {
			h.Size = &Size{FreeBytes: new(int64)}
		}
	}
	for _, t := range tables {
		if h := here[t.Database]; h != nil && h.Size != nil {
			h.add(t)
		}
	}
	return nil
}

// add counts a table.
func (h *Health) add(t catalog.TableUsage) {
	h.Size.Tables++
	h.Size.Rows += t.Rows
	h.Size.Bytes += t.DataBytes + t.IndexBytes
	switch {
	case !t.FreeKnown:
		h.Size.FreeBytes, h.Unknown[FactFree] = nil, "Its tables share files with others: `innodb_file_per_table` is off."
	case h.Size.FreeBytes != nil:
		*h.Size.FreeBytes += t.FreeBytes
	}
	if !t.PrimaryKey {
		h.WithoutPrimaryKey = append(h.WithoutPrimaryKey, t.Name)
		slices.Sort(h.WithoutPrimaryKey)
	}
	if t.AutoIncrement != "" && t.AutoIncrementHighest > 0 {
		room := &Headroom{Table: t.Name, Column: t.AutoIncrement, Next: max(t.AutoIncrementNext, 1), Highest: t.AutoIncrementHighest}
		if h.AutoIncrement == nil || room.Used() > h.AutoIncrement.Used() {
			h.AutoIncrement = room
		}
	}
}

// readActivity reads who has transactions open, or waits.
func readActivity(ctx context.Context, srv *registry.Server, info mysql.Info, here map[string]*Health) error {
	all, err := catalog.Activities(ctx, srv, info)
	if err != nil {
		return err
	}
	for _, h := range here {
		h.Activity = &Activity{}
	}
	for _, a := range all {
		h := here[a.Database]
		if h == nil {
			continue
		}
		if a.InTransaction {
			h.Activity.Transactions++
			h.Activity.Longest = max(h.Activity.Longest, a.Open)
		}
		if a.Waiting > 0 {
			h.Activity.Waiting++
			h.Activity.LongestWait = max(h.Activity.LongestWait, a.Waiting)
		}
	}
	return nil
}

// readLoad reads what was done in the databases.
func readLoad(ctx context.Context, srv *registry.Server, here map[string]*Health, k known) (catalog.LoadSource, error) {
	loads, err := catalog.ReadLoads(ctx, srv)
	if err != nil {
		return catalog.LoadNone, err
	}
	for database, h := range here {
		switch loads.Source {
		case catalog.LoadNone:
			h.Unknown[FactLoad] = "The server counts nothing: `performance_schema` is off, and so is `userstat` where there is one."
			continue
		case catalog.LoadPerformanceSchema:
			h.Load = &Load{Source: loads.Source, Lost: loads.Lost, Load: fill(loads.Of[database], true)}
		case catalog.LoadUserStatistics:
			h.Load = &Load{Source: loads.Source, Load: fill(loads.Of[database], false)}
			h.Unknown[FactStatements] = "`userstat` counts statements by account, and never those that fail; the tenant has no `landlord_tenant_account`."
			for _, a := range k.accounts[h.ID] {
				h.Load.add(loads.Users[a.Name])
				h.Unknown[FactStatements] = "`userstat` does not count statements that fail."
			}
		}
	}
	return loads.Source, nil
}

// fill has zeros where a source counts and has not seen anything of a database.
func fill(l catalog.Load, statements bool) catalog.Load {
	if l.RowsRead == nil {
		l.RowsRead, l.RowsChanged = new(int64), new(int64)
	}
	if statements && l.Statements == nil {
		l.Statements, l.Errors, l.Latency = new(int64), new(int64), new(time.Duration)
	}
	return l
}

// add counts the statements of an account.
func (l *Load) add(of catalog.Load) {
	if l.Statements == nil {
		l.Statements, l.Latency = new(int64), new(time.Duration)
	}
	if of.Statements != nil {
		*l.Statements += *of.Statements
		*l.Latency += *of.Latency
	}
}

// outOfPlace adds what the isolation report has of tenants.
func (r *Reader) outOfPlace(ctx context.Context, servers []Server, tenants []Health) error {
	at := make(map[string]*Health, len(tenants))
	for i := range tenants {
		at[tenants[i].Slug] = &tenants[i]
	}
	for _, s := range servers {
		if !s.Reachable {
			continue
		}
		report, err := r.Isolation.Report(ctx, &s.Key)
		if err != nil {
			return err
		}
		for _, f := range report.Findings {
			for _, slug := range f.Tenants {
				switch h := at[slug]; {
				case h == nil:
				case f.Kind == isolation.KindHidden:
					h.Unknown[FactOutOfPlace] = f.Detail
				default:
					h.OutOfPlace = append(h.OutOfPlace, f)
				}
			}
		}
	}
	return nil
}
