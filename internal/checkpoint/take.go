package checkpoint

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Request says what to copy.
type Request struct {
	Database string
	Name     string // for the manifest
	// Directory is the directory of the checkpoint. It must not exist; its
	// parents are made.
	Directory string
	Contents  Contents // empty means ContentsData
	// Tables restricts the checkpoint to some tables and their triggers.
	Tables []string
	// Connections is how many read at the same time, 0 means 4. One more is
	// needed for a moment; when the pool has fewer, fewer are used. One is enough,
	// but then the position may not be found, see Manifest.NoPosition.
	Connections int
	// Session is one that the caller holds, or nil: who holds a session must not
	// wait for the pool. It is used like the others and gets its settings and
	// default database back; its locks are kept. It must not be in a transaction.
	Session *mysql.Session

	// Labels, Template and Customizations go into the manifest.
	Labels         map[string]string
	Template       string
	Customizations json.RawMessage

	// Progress is called about once a second, nil means never.
	Progress func(Progress)

	// sizes are others than the usual ones, for tests.
	sizes sizes
}

// sizes are how large the parts of a table and the files with rows become.
type sizes struct{ part, file int64 }

// Take copies a database into a directory. The copy is consistent: the rows of
// all tables are those of one moment. Nobody waits for it, with these exceptions.
// On a server that is written all the time the writers of this database may wait
// for an instant, in the worst case for a second, while the snapshot is opened, or
// see a deadlock. When tables have an engine without
// transactions, they wait until the rows of those are written, or of all when
// there is one connection only. Changes of the structure of these tables wait
// until the copy is complete, and fail when that takes longer than their patience.
//
// Rows that are kept elsewhere (FEDERATED, MERGE and the like) and old versions
// of system-versioned rows are not copied; the notes of the manifest say so.
//
// When it fails or the context ends, nothing is left that looks like a
// checkpoint. The error is an *ExistsError, *NoTableError, *ChangedError,
// *TooLargeError or *BusyError when it is for the caller to decide, and IsNoSuchDatabase when there
// is no such database.
func Take(ctx context.Context, srv *mysql.Server, req Request) (*Manifest, error) {
	ctx = mysql.Patient(ctx)
	if req.Contents == "" {
		req.Contents = ContentsData
	}
	if req.sizes == (sizes{}) {
		req.sizes = sizes{part: rangeSize, file: fileSize}
	}
	want := connections(req.Connections) + 1
	if req.Contents == ContentsSchema {
		want = 1
	}
	c, err := session.Acquire(ctx, srv, req.Session, want)
	if err != nil {
		return nil, err
	}
	defer c.Release()
	info, err := c.Info(ctx)
	if err != nil {
		return nil, err
	}
	place, err := begin(req.Directory)
	if err != nil {
		return nil, err
	}
	defer place.abandon()
	t := &taking{req: req, start: time.Now(), directory: place.path, sums: map[string]tableSum{}}
	if req.Contents == ContentsSchema {
		t.snapshot, err = structureOnly(ctx, c, info, req)
	} else {
		t.snapshot, err = openSnapshot(ctx, c, info, req)
	}
	if err != nil {
		return nil, err
	}
	m, err := t.run(ctx)
	if err != nil {
		return nil, err
	}
	if err := place.finish(); err != nil {
		return nil, err
	}
	m.directory = place.final
	return m, nil
}

// defaultConnections is how many connections read or write at the same time.
const defaultConnections = 4

func connections(want int) int {
	if want <= 0 {
		return defaultConnections
	}
	return want
}

// A taking is one run of Take.
type taking struct {
	req       Request
	start     time.Time
	directory string
	snapshot  *snapshot

	mu    sync.Mutex
	files []File
	sums  map[string]tableSum
}

// run writes the files.
func (t *taking) run(ctx context.Context) (*Manifest, error) {
	s := t.snapshot
	if t.req.Contents == ContentsData {
		if err := t.copyRows(ctx); err != nil {
			return nil, err
		}
		if err := readCounters(ctx, s.readers[0], s.database, &s.structure.schema); err != nil {
			return nil, err
		}
	}
	m := t.manifest()
	var err error
	if m.Settings, err = mysql.Settings(ctx, s.group.First()); err != nil {
		return nil, err
	}
	if err := t.writeStructure(m); err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		m.Size += f.Size
	}
	m.Duration = time.Since(t.start).Round(time.Millisecond)
	if m.Checksum, err = m.seal(); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the manifest of the checkpoint `%s`: %w", m.Name, err)
	}
	if err := writeFile(filepath.Join(t.directory, manifestFile), append(text, '\n')); err != nil {
		return nil, fmt.Errorf("write the manifest of the checkpoint `%s`: %w", m.Name, err)
	}
	return m, nil
}

// copyRows writes the rows of all tables, over all readers.
func (t *taking) copyRows(ctx context.Context) error {
	s := t.snapshot
	jobs, err := planJobs(ctx, s.readers[0], s.info, s.database, s.structure.tables, t.req.sizes.part)
	if err != nil {
		return err
	}
	packet, err := value.Packet(ctx, s.readers[0])
	if err != nil {
		return err
	}
	var bytes, rows int64
	for _, j := range jobs {
		bytes += j.size
	}
	for _, table := range s.structure.tables {
		if !table.remote() {
			rows += table.rows
		}
	}
	p := newProgress(t.req.Progress, bytes, rows)
	g, gctx := errgroup.WithContext(ctx)
	free := make(chan job, len(jobs))
	var locked []job
	for _, j := range jobs {
		if j.locked && s.keeper != nil {
			locked = append(locked, j)
			continue
		}
		free <- j
	}
	close(free)
	for _, x := range s.readers {
		g.Go(func() error { return t.work(gctx, x, packet, p, free) })
	}
	if s.keeper != nil {
		g.Go(func() error {
			return t.copyLocked(gctx, packet, p, locked)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.finish()
	return nil
}

// copyLocked writes the rows of the tables without transactions and lets them go.
func (t *taking) copyLocked(ctx context.Context, packet int64, p *progress, jobs []job) error {
	work := make(chan job, len(jobs))
	for _, j := range jobs {
		work <- j
	}
	close(work)
	if err := t.work(ctx, t.snapshot.keeper, packet, p, work); err != nil {
		return err
	}
	if _, err := t.snapshot.keeper.Exec(ctx, "UNLOCK TABLES"); err != nil {
		return fmt.Errorf("unlock the tables of `%s`: %w", t.snapshot.database, err)
	}
	return nil
}

// work is what one session does.
func (t *taking) work(ctx context.Context, x *mysql.Session, packet int64, p *progress, jobs <-chan job) error {
	if err := value.PrepareRead(ctx, x); err != nil {
		return err
	}
	w, err := newFileWriter(t.directory)
	if err != nil {
		return err
	}
	defer w.close()
	d := &dumper{
		x: x, database: t.snapshot.database, size: int(min(statementSize, packet/4)), packet: packet,
		fileSize: t.req.sizes.file, writer: w, progress: &tally{to: p},
	}
	for j := range jobs {
		files, sum, err := d.run(ctx, &j)
		if err != nil {
			return err
		}
		d.progress.pass()
		t.note(j.table, files, sum)
	}
	return nil
}

func (t *taking) note(table string, files []File, sum tableSum) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.files = append(t.files, files...)
	whole := t.sums[table]
	whole.sum.Merge(sum.sum)
	whole.bytes += sum.bytes
	if whole.largest == nil || sum.largest != nil && sum.largest.Bytes > whole.largest.Bytes {
		whole.largest = sum.largest
	}
	t.sums[table] = whole
}

// manifest fills in what is known before the files of the structure.
func (t *taking) manifest() *Manifest {
	s, r := t.snapshot, t.req
	m := newManifest(s.info, r.Database, s.structure)
	m.Name, m.Contents, m.Partial = r.Name, r.Contents, len(r.Tables) > 0
	m.TakenAt = s.at
	m.Labels, m.Template, m.Customizations = r.Labels, r.Template, r.Customizations
	if r.Contents == ContentsSchema {
		return m
	}
	if s.noPosition != "" {
		m.NoPosition = s.noPosition
	} else {
		m.Position = &s.position
	}
	for _, info := range s.structure.tables {
		sum := t.sums[info.name]
		m.Tables = append(m.Tables, Table{
			Name: info.name, Rows: sum.sum.Rows, Bytes: sum.bytes, Checksum: sum.sum.String(), NoRows: info.remote(), Largest: sum.largest,
		})
		m.Rows += sum.sum.Rows
		m.Bytes += sum.bytes
		switch {
		case info.remote():
			m.Notes = append(m.Notes, fmt.Sprintf("The rows of `%s` are not copied: its engine (%s) keeps them elsewhere.", info.name, info.engine))
		case info.versioned:
			m.Notes = append(m.Notes, fmt.Sprintf("Of `%s` the current rows are copied; their history is not.", info.name))
		}
	}
	return m
}

// newManifest fills in what every manifest says.
func newManifest(info mysql.Info, database string, s *structure) *Manifest {
	m := &Manifest{
		Format: formatVersion, Database: database, Fingerprint: s.fingerprint,
		Product: info.Product, Version: info.Version, ServerUUID: info.UUID, Host: info.Host, Tables: []Table{},
	}
	for _, view := range s.schema.Broken {
		m.Notes = append(m.Notes, fmt.Sprintf("The view `%s` did not work when it was copied: it reads something that is not there.", view))
	}
	return m
}

// writeStructure writes the files of the structure, and brings all files into
// the order in which they are loaded.
func (t *taking) writeStructure(m *Manifest) error {
	schema := &t.snapshot.structure.schema
	w, err := newFileWriter(t.directory)
	if err != nil {
		return err
	}
	defer w.close()
	m.Files = t.files
	for name, text := range map[string]string{tablesFile: schema.TableScript(), programsFile: schema.ProgramScript()} {
		f, err := w.writeScript(name, text)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	f, err := writeSchema(t.directory, schema)
	if err != nil {
		return err
	}
	m.Files = append(m.Files, f)
	slices.SortFunc(m.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}
