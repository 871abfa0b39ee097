package checkpoint

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// A CompareRequest says what to compare with a checkpoint.
type CompareRequest struct {
	Manifest *Manifest
	Database string
	// Tables, TablesOnly and EventsDisabled are those of the load.
	Tables         []string
	TablesOnly     bool
	EventsDisabled bool
	Without        []string       // see Loaded.Without
	Connections    int            // 0 means 4
	Session        *mysql.Session // see Request.Session
	Progress       func(Progress)
}

// A Difference is something that is not as the checkpoint says.
type Difference struct {
	Object string // kind and name: `table users`
	Reason string
}

// String is the difference as a sentence without its stop.
func (d Difference) String() string { return d.Object + " " + d.Reason }

// A Report is the result of a comparison.
type Report struct {
	Differences []Difference // empty: the database equals the checkpoint
	Rows        int64
	Bytes       int64 // of the literals of these rows
	Notes       []string
}

// OK says that the database equals the checkpoint.
func (r *Report) OK() bool { return len(r.Differences) == 0 }

// Compare reads a database and compares it with a checkpoint that [Read] or
// [Take] returned: the structure of each object, and number and checksum of the
// rows of each table. Nobody should write to the database meanwhile. Events that
// were loaded disabled are compared without their state.
func Compare(ctx context.Context, srv *mysql.Server, req CompareRequest) (*Report, error) {
	ctx = mysql.Patient(ctx)
	c, err := session.Acquire(ctx, srv, req.Session, connections(req.Connections))
	if err != nil {
		return nil, err
	}
	defer c.Release()
	return compareOn(ctx, c, req)
}

func compareOn(ctx context.Context, c *session.Group, req CompareRequest) (*Report, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Prepare(ctx, info); err != nil {
		return nil, err
	}
	schema, err := req.Manifest.Schema()
	if err != nil {
		return nil, err
	}
	if len(req.Tables) > 0 {
		*schema = schema.Only(req.Tables)
	}
	k := &comparison{req: req, info: info, group: c, schema: schema, report: &Report{}}
	if err := k.structure(ctx); err != nil {
		return nil, err
	}
	if err := k.rows(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(k.report.Differences, func(a, b Difference) int {
		return slices.Compare([]string{a.Object, a.Reason}, []string{b.Object, b.Reason})
	})
	return k.report, nil
}

// A comparison is one run of Compare.
type comparison struct {
	req    CompareRequest
	info   mysql.Info
	group  *session.Group
	schema *script.Schema
	report *Report
	live   *structure
	mu     sync.Mutex
}

func (k *comparison) differs(object, format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.report.Differences = append(k.report.Differences, Difference{Object: object, Reason: fmt.Sprintf(format, args...)})
}

// structure compares the objects. What a server says of its structure may change
// with its version, so then the statements are compared by what they mean.
func (k *comparison) structure(ctx context.Context) error {
	var err error
	if k.live, err = readStructure(ctx, k.group.First(), k.info, k.req.Database); err != nil {
		return err
	}
	want := k.req.Manifest.Fingerprint.Objects
	hashes := k.req.Manifest.Version == k.info.Version
	if !hashes {
		k.report.Notes = append(k.report.Notes, fmt.Sprintf("The checkpoint was taken from version %s, and the server has %s:"+
			" the structure was compared by what its statements mean.", k.req.Manifest.Version, k.info.Version))
	}
	expected := map[string]bool{ddl.Object{Kind: ddl.KindTable, Name: markerTable}.Key(): true}
	for _, o := range k.schema.Objects {
		key := o.Key()
		expected[key] = true
		if k.req.TablesOnly && o.Kind != ddl.KindTable && o.Kind != ddl.KindSequence {
			continue
		}
		live, found := findObject(k.live.schema.Objects, o)
		switch {
		case !found && o.Kind == ddl.KindView && (slices.Contains(k.schema.Broken, o.Name) || slices.Contains(k.req.Without, o.Name)):
		case !found:
			k.differs(key, "is missing")
		case o.Kind == ddl.KindEvent && k.req.EventsDisabled:
			if k.info.Definer != "" { // a checkpoint may be older than what leaves definers out
				o.SQL, _ = program.WithDefiner(o.SQL, "")
			}
			if program.WithEventState(live.SQL, "DISABLE") != program.WithEventState(o.SQL, "DISABLE") {
				k.differs(key, "has another structure")
			}
		case hashes && k.live.fingerprint.Objects[key] != want[key] || !hashes && !k.means(o, live):
			k.differs(key, "has another structure")
		}
	}
	for _, o := range k.live.schema.Objects {
		if key := o.Key(); !expected[key] {
			k.differs(key, "is not in the checkpoint")
		}
	}
	if hashes && k.live.fingerprint.Objects[string(databaseKey)] != want[string(databaseKey)] {
		k.differs(string(databaseKey), "has another character set")
	}
	return nil
}

// means says whether two versions of a server print the same object. One prints
// a character set or a width that the other leaves out.
func (k *comparison) means(was, is ddl.Object) bool {
	return was.SQL == is.SQL || len(diff.Compare(ddl.Schema{Objects: []ddl.Object{was}}, ddl.Schema{Objects: []ddl.Object{is}}, dialect(k.info))) == 0
}

// dialect is the server as the rules of SQL know it.
func dialect(info mysql.Info) ddl.Server {
	return ddl.Server{Product: ddl.Product(info.Product), Version: info.Version}
}

func findObject(objects []ddl.Object, o ddl.Object) (ddl.Object, bool) {
	i := slices.IndexFunc(objects, func(x ddl.Object) bool { return x.Kind == o.Kind && x.Name == o.Name })
	if i < 0 {
		return ddl.Object{}, false
	}
	return objects[i], true
}

// rows compares the rows of the tables.
func (k *comparison) rows(ctx context.Context) error {
	m := k.req.Manifest
	if m.Contents != ContentsData {
		return nil
	}
	var tables []tableInfo
	for _, t := range k.live.tables {
		if hasTable(k.schema, t.name) {
			tables = append(tables, t)
		}
	}
	jobs, err := planJobs(ctx, k.group.First(), k.info, k.req.Database, tables, rangeSize)
	if err != nil {
		return err
	}
	sums, err := k.readSums(ctx, jobs)
	if err != nil {
		return err
	}
	for _, t := range m.Tables {
		sum, found := sums[t.Name]
		if !found || t.NoRows {
			continue
		}
		k.report.Rows += sum.sum.Rows
		k.report.Bytes += sum.bytes
		key := ddl.Object{Kind: ddl.KindTable, Name: t.Name}.Key()
		switch {
		case sum.sum.Rows != t.Rows:
			k.differs(key, "has %d rows, and had %d", sum.sum.Rows, t.Rows)
		case sum.sum.String() != t.Checksum:
			k.differs(key, "has other values")
		}
	}
	return nil
}

// readSums reads all rows over all sessions and sums them up.
func (k *comparison) readSums(ctx context.Context, jobs []job) (map[string]tableSum, error) {
	p := newProgress(k.req.Progress, k.req.Manifest.Bytes, k.req.Manifest.Rows)
	work := make(chan job, len(jobs))
	for _, j := range jobs {
		work <- j
	}
	close(work)
	sums := map[string]tableSum{}
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range k.group.Sessions {
		g.Go(func() error {
			if err := value.PrepareRead(gctx, x); err != nil {
				return err
			}
			count := &tally{to: p}
			for j := range work {
				sum, err := sumRows(gctx, x, k.req.Database, &j, count)
				if err != nil {
					return err
				}
				k.mu.Lock()
				whole := sums[j.table]
				whole.sum.Merge(sum.sum)
				whole.bytes += sum.bytes
				sums[j.table] = whole
				k.mu.Unlock()
			}
			return nil
		})
	}
	err := g.Wait()
	p.finish()
	return sums, err
}

// sumRows reads the rows of a job and sums them up.
func sumRows(ctx context.Context, q mysql.Queryer, database string, j *job, count *tally) (tableSum, error) {
	e := value.Encoder{Columns: j.columns}
	var total int64
	err := value.EachRow(ctx, q, j.query(database), max(1, len(j.columns)), func(values []sql.RawBytes) error {
		n, err := e.Row(values[:len(j.columns)])
		total += n
		count.add(j.table, 1, n)
		return err
	})
	count.pass()
	if err != nil {
		return tableSum{}, fmt.Errorf("read the rows of `%s`: %w", j.table, err)
	}
	return tableSum{sum: e.Sum, bytes: total}, nil
}
