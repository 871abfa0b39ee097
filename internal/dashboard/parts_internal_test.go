package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// estateOf makes an estate of tenants that a function describes.
func estateOf(n int, describe func(i int, t *overview.Tenant)) *overview.Estate {
	e := &overview.Estate{}
	for i := range n {
		t := overview.Tenant{Tenant: landlord.Tenant{Slug: fmt.Sprintf("t%04d", i), Name: fmt.Sprintf("Tenant %d", i), Template: "shop@1.0.0", Registered: true,
			Status: landlord.StatusActive, UpdateStatus: landlord.UpdateCurrent, SchemaFingerprint: "f:1", BaseFingerprint: "f:1"}}
		if describe != nil {
			describe(i, &t)
		}
		e.Tenants = append(e.Tenants, t)
	}
	return e
}

func slugs(lines []tenantLine) string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Slug)
	}
	return strings.Join(out, " ")
}

// TestListEstate chooses, sorts and pages.
func TestListEstate(t *testing.T) {
	t.Parallel()
	estate := estateOf(5, func(i int, x *overview.Tenant) {
		switch i {
		case 1:
			x.SchemaFingerprint = "f:2"
		case 2:
			x.UpdateStatus, x.Wanted, x.Fleet = landlord.UpdateHeld, "shop@2.0.0", "shops"
		case 3:
			x.DatabaseMissing, x.Server, x.Name = true, "eu", "aardvark"
		case 4:
			x.Metadata, x.Status = map[string]string{"tier": "Gold"}, landlord.StatusSuspended
		}
	})
	cases := map[string]string{
		"":                 "t0000 t0001 t0002 t0003 t0004",
		"q=T0003":          "t0003",
		"q=AARD":           "t0003",
		"q=tier%3Dgold":    "t0004",
		"q=tier%3Dsilver":  "",
		"state=drifted":    "t0001",
		"state=held":       "t0002",
		"state=missing":    "t0003",
		"state=in_sync":    "t0000 t0004",
		"fleet=shops":      "t0002",
		"server=eu":        "t0003",
		"server=main":      "t0000 t0001 t0002 t0004",
		"status=suspended": "t0004",
		"template=other@1": "",
		"class=shop%401.0.0%7Cf%3A2&state=drifted": "t0001",
		"sort=-slug":       "t0004 t0003 t0002 t0001 t0000",
		"sort=name":        "t0003 t0000 t0001 t0002 t0004",
		"sort=state":       "t0001 t0002 t0000 t0004 t0003",
		"sort=health":      "t0001 t0002 t0000 t0003 t0004",
		"sort=-size":       "t0002 t0000 t0001 t0003 t0004",
		"health=unhealthy": "t0001",
		"sort=nonsense":    "t0000 t0001 t0002 t0003 t0004",
	}
	for query, want := range cases {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := slugs(listEstate(estate, &healthIndex{"t0001": {Score: 20, Level: health.Unhealthy}, "t0002": {Score: 90, Level: health.Healthy, Size: &health.Size{Bytes: 7}}}, parseEstateQuery(values)).Lines); got != want {
			t.Errorf("%q lists %s, not %s", query, got, want)
		}
	}
}

// TestListEstate_pages finds each tenant on exactly one page.
func TestListEstate_pages(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, rowsPerPage, rowsPerPage + 1, 5*rowsPerPage - 1} {
		estate, seen := estateOf(n, nil), map[string]int{}
		pages := listEstate(estate, nil, estateQuery{Page: 1}).Pages
		for page := 1; page <= pages; page++ {
			p := listEstate(estate, nil, estateQuery{Page: page})
			if n > 0 && p.To-p.From+1 != len(p.Lines) {
				t.Errorf("%d tenants, page %d: %d to %d are %d lines", n, page, p.From, p.To, len(p.Lines))
			}
			for _, l := range p.Lines {
				seen[l.Slug]++
			}
		}
		if len(seen) != n {
			t.Errorf("%d tenants: %d are on a page", n, len(seen))
		}
		if last := listEstate(estate, nil, estateQuery{Page: pages + 7}); last.Query.Page != pages {
			t.Errorf("a page behind the last is page %d, not %d", last.Query.Page, pages)
		}
	}
}

// TestClassesOf counts each schema, the largest first.
func TestClassesOf(t *testing.T) {
	t.Parallel()
	estate := estateOf(40, func(i int, x *overview.Tenant) {
		if i >= 20 {
			x.SchemaFingerprint = fmt.Sprintf("f:%d", i)
		}
		x.DatabaseMissing = i == 39
	})
	list, more := classesOf(estate)
	if len(list) != shownClasses || more != 20-shownClasses || list[0].Count != 20 || list[0].Share != 100 || list[1].Count != 1 || list[1].Share != 5 {
		t.Errorf("%d classes and %d more: %+v", len(list), more, list[:2])
	}
	if list, more := classesOf(estateOf(0, nil)); len(list) != 0 || more != 0 {
		t.Errorf("an empty estate has %d classes and %d more", len(list), more)
	}
}

// TestQuery_address keeps what was chosen, and begins at the first page again.
func TestQuery_address(t *testing.T) {
	t.Parallel()
	q := estateQuery{Search: "a&b", Sort: "name", Page: 3}
	for got, want := range map[string]string{
		q.Address("state", "held"):     "/?q=a%26b&sort=name&state=held",
		q.SortAddress("name"):          "/?q=a%26b&sort=-name",
		q.SortAddress("slug"):          "/?q=a%26b&sort=slug",
		q.PageAddress(4):               "/?page=4&q=a%26b&sort=name",
		estateQuery{}.Address("q", ""): "/",
	} {
		if got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// TestSideBySide pairs lines.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	kinds := func(rows []diffRow) string {
		var out []string
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%s %d:%s|%d:%s", r.Kind, r.LeftNo, r.Left, r.RightNo, r.Right))
		}
		return strings.Join(out, "\n")
	}
	cases := []struct{ left, right, want string }{
		{"", "", ""},
		{"a", "a", "same 1:a|1:a"},
		{"", "a\nb", "added 0:|1:a\nadded 0:|2:b"},
		{"a", "", "removed 1:a|0:"},
		{"a\nb\nc", "a\nx\nc", "same 1:a|1:a\nchanged 2:b|2:x\nsame 3:c|3:c"},
		{"a\nb\nc", "a\nx\ny\nc", "same 1:a|1:a\nchanged 2:b|2:x\nadded 0:|3:y\nsame 3:c|4:c"},
	}
	for _, c := range cases {
		if got := kinds(sideBySide(c.left, c.right)); got != c.want {
			t.Errorf("%q and %q:\n%s\nwant\n%s", c.left, c.right, got, c.want)
		}
	}
}

// FuzzSideBySide finds both texts whole in what is shown of them.
func FuzzSideBySide(f *testing.F) {
	f.Add("a\nb", "a\nc")
	f.Add("", "x")
	f.Add("\n\n", "\n")
	f.Fuzz(func(t *testing.T, left, right string) {
		var l, r strings.Builder
		for _, row := range sideBySide(left, right) {
			if row.HasLeft {
				l.WriteString(row.Left + "\n")
			}
			if row.HasRight {
				r.WriteString(row.Right + "\n")
			}
		}
		if l.String() != ended(left) || r.String() != ended(right) {
			t.Errorf("%q and %q are shown as %q and %q", left, right, l.String(), r.String())
		}
	})
}

func table(name string, refers ...string) drift.SnapshotTable {
	x := drift.SnapshotTable{TableInfo: ddl.TableInfo{Name: name, Columns: []ddl.ColumnInfo{{Name: "id", Type: "int"}}}}
	for _, other := range refers {
		x.ForeignKeys = append(x.ForeignKeys, ddl.ForeignKeyInfo{Table: other})
	}
	return x
}

// TestDiagram places what refers right of what is referred to, circles too.
func TestDiagram(t *testing.T) {
	t.Parallel()
	if drawDiagram(nil) != nil {
		t.Error("no tables have a diagram")
	}
	d := drawDiagram([]drift.SnapshotTable{table("lines", "orders", "ORDERS"), table("orders", "customers"), table("customers"), table("a", "b"), table("b", "a"), table("tree", "tree"), table("odd", "elsewhere")})
	at := map[string]box{}
	for _, b := range d.Boxes {
		at[b.Name] = b
	}
	if len(at) != 7 || !(at["customers"].X < at["orders"].X && at["orders"].X < at["lines"].X) {
		t.Errorf("customers, orders, lines are at %d, %d, %d", at["customers"].X, at["orders"].X, at["lines"].X)
	}
	var arrows []string
	for _, a := range d.Arrows {
		arrows = append(arrows, a.From+">"+a.To)
	}
	if diff := cmp.Diff([]string{"a>b", "b>a", "lines>orders", "orders>customers", "tree>tree"}, arrows); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
	for i, b := range d.Boxes {
		if b.X+b.Width > d.Width || b.Y+b.Height > d.Height {
			t.Errorf("%s is outside of the diagram", b.Name)
		}
		for _, other := range d.Boxes[:i] {
			if b.X == other.X && b.Y < other.Y+other.Height && other.Y < b.Y+b.Height {
				t.Errorf("%s is over %s", b.Name, other.Name)
			}
		}
	}
}

// TestReadUsers takes a file, and names the line that it cannot take.
func TestReadUsers(t *testing.T) {
	t.Parallel()
	line, err := NewUserLine("vera", Viewer, "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	users, err := ReadUsers(strings.NewReader("# people\n\n" + line + "\n"))
	if err != nil || users["vera"].Role != Viewer {
		t.Fatalf("%v, %v", users, err)
	}
	if _, ok := check(users, "vera", "correct horse battery"); !ok {
		t.Error("the right password is refused")
	}
	for name, password := range map[string]string{"vera": "correct horse batterY", "nobody": "correct horse battery"} {
		if _, ok := check(users, name, password); ok {
			t.Errorf("%s comes in with another password", name)
		}
	}
	wrong := map[string]string{
		"":                  "the file of users names nobody",
		"vera":              "line 1 of the users is not `name:role:bcrypt hash`",
		"ve ra:viewer:x":    "line 1 of the users is not `name:role:bcrypt hash`",
		"vera:king:x":       "line 1 of the users: the role `king` is none of viewer, approver and operator",
		"vera:viewer:plain": "line 1 of the users has no bcrypt hash of cost 10 or more",
		line + "\n" + line:  "line 2 of the users names `vera` once more",
	}
	for text, want := range wrong {
		if _, err := ReadUsers(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
	if _, err := NewUserLine("vera", Viewer, "short"); err == nil || err.Error() != "a password has 12 to 72 bytes" {
		t.Errorf("a short password: %v", err)
	}
	if _, err := NewUserLine("a:b", Viewer, "correct horse battery"); err == nil {
		t.Error("a name with a colon is taken")
	}
}

// TestSessions end by themselves.
func TestSessions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newSessions(func() time.Time { return now })
	request := func(id string) *http.Request {
		return &http.Request{Header: http.Header{"Cookie": {sessionCookie + "=" + id}}}
	}
	id := s.begin("vera", Viewer)
	for range 20 { // used all the time
		now = now.Add(sessionIdle / 2)
		if x := s.of(request(id)); (x != nil) != (now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) <= sessionLife) {
			t.Errorf("after %s the session is %v", now.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), x)
		}
	}
	id = s.begin("vera", Viewer)
	now = now.Add(sessionIdle + time.Second)
	if s.of(request(id)) != nil {
		t.Error("an idle session goes on")
	}
	if s.of(request("guess")) != nil || s.of(&http.Request{}) != nil {
		t.Error("somebody is in without a session")
	}
	for i := range freeTries {
		if !s.mayTry("vera") {
			t.Errorf("try %d must wait", i+1)
		}
	}
	if s.mayTry("vera") || !s.mayTry("anna") {
		t.Error("after wrong passwords a name waits, and only that one")
	}
	now = now.Add(2 * time.Second)
	if !s.mayTry("vera") {
		t.Error("the wait does not end")
	}
	for range 30 {
		if now = now.Add(longestWait); !s.mayTry("vera") {
			t.Fatal("the wait is longer than the longest")
		}
	}
	s.right("vera")
	for range 2 {
		if !s.mayTry("vera") {
			t.Error("after the right password a name waits")
		}
	}
}

// TestCheckReach refuses a page that anybody can reach.
func TestCheckReach(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:1": "", "localhost:1": "", "[::1]:1": "",
		"0.0.0.0:1": "the address `0.0.0.0:1` can be reached from other machines: give a certificate (--tls-cert, --tls-key) and a file of users (--users), or listen on 127.0.0.1",
		":8459":     "the address `:8459` can be reached from other machines: give a certificate (--tls-cert, --tls-key) and a file of users (--users), or listen on 127.0.0.1",
		"nothing":   "the address `nothing` is not host:port: address nothing: missing port in address",
	} {
		err := checkReach(Options{Listen: listen})
		if text := fmt.Sprint(err); (err == nil) != (want == "") || err != nil && text != want {
			t.Errorf("%s: %v, not %q", listen, err, want)
		}
	}
}

// TestShared reads once for all who ask at the same time, and shows what it
// had when the server is gone.
func TestShared(t *testing.T) {
	t.Parallel()
	var reads atomic.Int64
	var fail, hold atomic.Bool
	var clock atomic.Int64 // seconds
	begun, gone, held := time.Now(), errors.New("gone"), make(chan struct{})
	now := func() time.Time { return begun.Add(time.Duration(clock.Load()) * time.Second) }
	e := &shared[overview.Estate]{every: time.Second, now: now, read: func(context.Context) (*overview.Estate, error) {
		reads.Add(1)
		if hold.Load() {
			<-held
		}
		if fail.Load() {
			return nil, gone
		}
		return estateOf(1, nil), nil
	}}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if estate, err := e.current(t.Context()); estate == nil || err != nil {
				t.Errorf("%v, %v", estate, err)
			}
		})
	}
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("the estate was read %d times, not once", n)
	}

	// What is a little old is shown, and read anew behind the visitor.
	hold.Store(true)
	clock.Add(2)
	for range 3 {
		if estate, err := e.current(t.Context()); estate == nil || err != nil {
			t.Errorf("a visitor waits for a read, or has %v, %v", estate, err)
		}
	}
	for range 1000 {
		if reads.Load() == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	// What was changed is waited for, by a read that began after the change.
	e.forget()
	hold.Store(false)
	seen, err := e.current(t.Context())
	if seen == nil || err != nil || reads.Load() != 3 {
		t.Errorf("after a change: %v, %v, read %d times, not 3", seen, err, reads.Load())
	}
	close(held)
	for range 100 { // the read that was under way ends, and does not take its place
		if last, _, fresh := e.known(); last != seen || !fresh {
			t.Fatal("a read that began before a change is taken for one of after it")
		}
		time.Sleep(time.Millisecond)
	}

	// What is old is waited for, and a failure comes with what was known.
	fail.Store(true)
	clock.Add(3600)
	if estate, err := e.current(t.Context()); estate != seen || !errors.Is(err, gone) {
		t.Errorf("%v, %v", estate, err)
	}
	if n := reads.Load(); n != 4 {
		t.Errorf("the estate was read %d times, not 4", n)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	e.forget()
	if _, err := e.current(ended); err == nil {
		t.Error("a visitor who has gone waits")
	}
}

// TestJobs refuses a second one on a tenant, and forgets old ones.
func TestJobs(t *testing.T) {
	t.Parallel()
	progress := &Progress{}
	j := newJobs(progress, time.Now)
	hold := make(chan struct{})
	work := func(context.Context) (string, error) { <-hold; return "made", nil }
	if err := j.start(t.Context(), "Checkpoint a", "acme", "olaf", "why", work); err != nil {
		t.Fatal(err)
	}
	if err := j.start(t.Context(), "Checkpoint b", "acme", "olaf", "why", work); !errors.Is(err, errBusy) {
		t.Errorf("a second job on the tenant: %v", err)
	}
	progress.Report(t.Context(), landlord.Event{Tenant: "acme", Rows: 1, TotalRows: 4})
	if x := j.snapshot()[0]; !x.Running || x.Percent() != 25 {
		t.Errorf("%+v at %d %%", x, x.Percent())
	}
	close(hold)
	j.all.Wait()
	if x := j.snapshot()[0]; x.Running || x.Result != "made" || x.Fault != "" {
		t.Errorf("%+v", x)
	}
	for i := range keptJobs + 10 {
		err := j.start(t.Context(), "x", fmt.Sprint(i), "olaf", "why", func(context.Context) (string, error) { return "", errors.New("broken") })
		if err != nil {
			t.Fatal(err)
		}
		j.all.Wait()
	}
	if list := j.snapshot(); len(list) != keptJobs || list[0].Fault != "broken" {
		t.Errorf("%d jobs are remembered, the newest with %q", len(list), list[0].Fault)
	}
}

// TestViewRollout tells rate and time left.
func TestViewRollout(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := overview.Rollout{Status: statusRunning, StartedAt: begun, Waves: []overview.Wave{{Total: 10, Done: 10}, {Total: 90, Done: 10}}}
	v := viewRollout(o, begun.Add(2*time.Minute))
	if v.PerMinute != 10 || v.Left != 8*time.Minute {
		t.Errorf("%.1f a minute, %s left", v.PerMinute, v.Left)
	}
	o.Status, o.FinishedAt = "halted", begun.Add(time.Minute)
	if v := viewRollout(o, begun.Add(time.Hour)); v.PerMinute != 20 || v.Left != 0 {
		t.Errorf("%.1f a minute, %s left", v.PerMinute, v.Left)
	}
}

// TestListBackups puts what is most at risk on top.
func TestListBackups(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	estate := estateOf(3, nil)
	check := func(tenant, name string, d int, size int64, contents landlord.CheckpointContents) landlord.Checkpoint {
		return landlord.Checkpoint{Tenant: tenant, Name: name, Contents: contents, Status: landlord.CheckpointReady, CreatedAt: day(d), SizeBytes: size}
	}
	estate.Checkpoints = []landlord.Checkpoint{
		check("t0001", "new", 9, 5, landlord.CheckpointData), check("t0000", "only", 8, 7, landlord.CheckpointData), check("t0002", "schema", 7, 1, landlord.CheckpointSchema), check("t0001", "old", 2, 3, landlord.CheckpointData),
	}
	p := listBackups(estate)
	if p.Bare != 1 || strings.Join(p.Without, " ") != "t0002" || p.Bytes != 15 {
		t.Errorf("%d without: %v, %d bytes", p.Bare, p.Without, p.Bytes)
	}
	if len(p.Lines) != 2 || p.Lines[0].Slug != "t0000" || p.Lines[1].Count != 2 || p.Lines[1].Newest.Name != "new" || p.Lines[1].Oldest.Name != "old" {
		t.Errorf("%+v", p.Lines)
	}
}

// TestWords writes times and sizes as people read them.
func TestWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	for want, got := range map[string]string{
		"never": ago(now, time.Time{}), "just now": ago(now, now.Add(-30*time.Second)), "1 minute ago": ago(now, now.Add(-90*time.Second)),
		"47 hours ago": ago(now, now.Add(-47*time.Hour)), "2 days ago": ago(now, now.Add(-49*time.Hour)),
		"0 B": landlord.ByteSize(0), "1023 B": landlord.ByteSize(1023), "1.5 KiB": landlord.ByteSize(1536), "2.0 TiB": landlord.ByteSize(2 << 40), "2048.0 TiB": landlord.ByteSize(2 << 50),
		"abc": shortID("v1:abc"), "0123456789": shortID("0123456789abc"),
	} {
		if got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
