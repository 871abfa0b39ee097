package dashboard_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// counting counts how often the estate and its health are read.
type counting struct {
	dashboard.Engine

	estates, healths *atomic.Int64
}

func (c counting) Overview(ctx context.Context) (*overview.Estate, error) {
	c.estates.Add(1)
	return c.Engine.Overview(ctx)
}

func (c counting) Health(ctx context.Context, filter health.Filter) (*health.Report, error) {
	c.healths.Add(1)
	return c.Engine.Health(ctx, filter)
}

func (c counting) SampleHealth(ctx context.Context, filter health.Filter, retention time.Duration) (*health.Report, error) {
	c.healths.Add(1)
	return c.Engine.SampleHealth(ctx, filter, retention)
}

// load is what visitors of a large estate found.
type load struct {
	requests         int
	median, p95, max time.Duration // until the first byte
	estates, healths int64         // reads
	statements       int           // of the page
	memory           int64         // bytes: the most that the process had resident, 0 where nobody tells
}

// visit lets visitors look at the estate for a while, each at a page a second.
func visit(t *testing.T, w *world, tenants, visitors int, refresh, spent time.Duration) load {
	t.Helper()
	registerMany(t, w, tenants)
	recording := w.server.Record(t)
	progress := &dashboard.Progress{}
	cfg := w.config(t, progress)
	cfg.Main.Username, cfg.Main.Password = recording.Username, recording.Password
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	var estates, healths atomic.Int64
	page, err := dashboard.New(dashboard.Options{Listen: "127.0.0.1:0", Refresh: refresh}, func() dashboard.Engine { return counting{e.NewRun(), &estates, &healths} }, progress)
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(page)
	t.Cleanup(served.Close)
	w.page, w.url = page, served.URL
	people := make([]*visitor, visitors)
	for i := range people {
		people[i] = w.operator(t) // each has a session of its own
	}
	people[0].wants("/", fmt.Sprint(tenants)+" tenants")
	debug.FreeOSMemory()
	peakBegins()
	var mu sync.Mutex
	var times []time.Duration
	var all sync.WaitGroup
	before, end := estates.Load(), time.Now().Add(spent)
	for i, v := range people {
		all.Go(func() {
			time.Sleep(time.Duration(i) * time.Second / time.Duration(visitors))
			for n := 0; time.Now().Before(end); n++ {
				began := time.Now()
				took := v.firstByte([]string{"/", "/?page=" + strconv.Itoa(1+n%90), "/?q=shop-0" + strconv.Itoa(i), "/?sort=-name", "/?state=in_sync&sort=template", "/backups", "/templates"}[(i+n)%7])
				mu.Lock()
				times = append(times, took)
				mu.Unlock()
				time.Sleep(time.Second - time.Since(began))
			}
		})
	}
	all.Wait()
	slices.Sort(times)
	return load{
		requests: len(times), median: times[len(times)/2], p95: times[len(times)*95/100], max: times[len(times)-1],
		estates: estates.Load() - before, healths: healths.Load(), statements: recording.Count(t), memory: peak(),
	}
}

// firstByte asks for a page and says how long its first byte took.
func (v *visitor) firstByte(path string) time.Duration {
	began := time.Now()
	var took time.Duration
	ctx := httptrace.WithClientTrace(v.t.Context(), &httptrace.ClientTrace{GotFirstResponseByte: func() { took = time.Since(began) }})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+path, nil)
	if err != nil {
		v.t.Error(err)
		return 0
	}
	resp, err := v.client.Do(r)
	if status, body := v.read(resp, err); status != http.StatusOK || !strings.Contains(body, "</html>") {
		v.t.Errorf("%s: %d\n%s", path, status, body)
	}
	return took
}

// registerMany makes tenants until there are so many: rows as those of the tenants
// that are there, and databases with the same tables as the first of them has. No
// engine runs for them: what is measured is reading them.
func registerMany(t *testing.T, w *world, tenants int) {
	t.Helper()
	table := "`" + w.server.LandlordDatabase + "`.tenants"
	columns := w.server.QueryRows(t, "SELECT GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = ? AND table_name = 'tenants' AND column_name NOT IN ('id', 'slug', 'name', 'database_name') AND extra NOT LIKE '%GENERATED%'", w.server.LandlordDatabase)[0][0]
	source := slugOf(4)
	have, err := strconv.Atoi(w.server.QueryRows(t, "SELECT COUNT(*) FROM "+table)[0][0])
	if err != nil {
		t.Fatal(err)
	}
	creates := w.server.QueryRows(t, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name", w.server.Prefix+strings.ReplaceAll(source, "-", "_"))
	var all sync.WaitGroup
	var last atomic.Int64
	for range 4 {
		all.Go(func() {
			for i := last.Add(1) - 1; i < int64(tenants-have); i = last.Add(1) - 1 {
				slug := fmt.Sprintf("shop-%05d", i)
				database := w.server.Prefix + strings.ReplaceAll(slug, "-", "_")
				w.server.Exec(t, "INSERT INTO "+table+" (slug, name, database_name, "+columns+") SELECT '"+slug+"', 'Shop "+slug+"', '"+database+"', "+columns+" FROM "+table+" WHERE slug = '"+source+"'")
				w.server.Exec(t, "CREATE DATABASE `"+database+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
				for _, c := range creates {
					w.server.Exec(t, "CREATE TABLE `"+database+"`.`"+c[0]+"` LIKE `"+w.server.Prefix+strings.ReplaceAll(source, "-", "_")+"`.`"+c[0]+"`")
				}
			}
		})
	}
	all.Wait()
}

// peakBegins forgets how much memory the process has had, where the system can.
func peakBegins() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) }

var resident = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process has had since, in bytes; 0 where nobody
// tells.
func peak() int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil || runtime.GOOS != "linux" {
		return 0
	}
	found := resident.FindSubmatch(raw)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return n << 10
}

// TestVisitors is the everyday form of TestSoakVisitors.
func TestVisitors(t *testing.T) {
	t.Parallel()
	const refresh, spent = 2 * time.Second, 6 * time.Second
	w := newWorld(t, 5, dashboard.Options{})
	got := visit(t, w, 60, 10, refresh, spent)
	t.Logf("%+v", got)
	if most := int64(spent/refresh) + 2; got.estates > most {
		t.Errorf("the estate was read %d times in %s, at most %d are allowed", got.estates, spent, most)
	}
	if got.requests < 20 {
		t.Errorf("%d pages were read", got.requests)
	}
}

// TestSoakVisitors lets 50 visitors look at an estate of 5,000 tenants. Most of
// them were registered and made by SQL: they are rows and databases as others, of
// which no engine was asked. The memory is that of this process, in which the
// visitors are, too.
func TestSoakVisitors(t *testing.T) {
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("LANDLORD_SOAK is not set")
	}
	const refresh, spent = 5 * time.Second, 30 * time.Second
	tenants := 5000
	if n, err := strconv.Atoi(os.Getenv("LANDLORD_TEST_TENANTS")); err == nil {
		tenants = n
	}
	w := newWorld(t, 200, dashboard.Options{})
	got := visit(t, w, tenants, 50, refresh, spent)
	t.Logf("%d tenants: %+v", tenants, got)
	if most := int64(spent/refresh) + 2; got.estates > most {
		t.Errorf("the estate was read %d times in %s, at most %d are allowed", got.estates, spent, most)
	}
	if got.p95 > 100*time.Millisecond {
		t.Errorf("of 20 pages one takes %s to its first byte, more than 100 ms", got.p95)
	}
	if got.memory > 200<<20 {
		t.Errorf("the page takes %d MiB, more than 200", got.memory>>20)
	}
}
